//! Which of a file's fields is which of ours, kept as a template; and which fields are about people.

use serde::{Deserialize, Serialize};

use super::table::FeatureTable;
use crate::base::fold::fold_accents;

/// The newest template version that this program reads.
pub const TEMPLATE_VERSION: u32 = 1;

/// Pairs of a file's field and the program's name for it; fields that are not named keep theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingTemplate {
    pub version: u32,
    /// As the office calls it: "ViLIS 2.0".
    pub name: String,
    pub fields: Vec<FieldPair>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldPair {
    pub source: String,
    pub target: String,
}

impl MappingTemplate {
    /// The table with the fields renamed. Another field that has the name already gets a number behind its own.
    #[must_use]
    pub fn apply(&self, table: &FeatureTable) -> FeatureTable {
        let mut mapped = table.clone();
        for pair in &self.fields {
            let Some(at) = mapped.field_index(&pair.source) else { continue };
            if let Some(other) = mapped.field_index(&pair.target).filter(|other| *other != at) {
                let free = (1..=mapped.schema.len())
                    .map(|n| format!("{}_{n}", pair.target))
                    .find(|name| mapped.field_index(name).is_none());
                mapped.schema[other].name = free.unwrap_or_default();
            }
            mapped.schema[at].name.clone_from(&pair.target);
        }
        mapped
    }
}

/// A field's name as it is compared: small letters without accents and separators.
#[must_use]
pub fn plain_name(name: &str) -> String {
    fold_accents(name).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Fields about people, after [`plain_name`]: names, addresses, papers, telephones (Decree 13/2023/ND-CP, article 2).
const PERSONAL: [&str; 33] = [
    "tenchu",
    "tenchusd",
    "tenchusudung",
    "chusudung",
    "chusd",
    "tenchuho",
    "chuho",
    "hoten",
    "hovaten",
    "nguoisudung",
    "nguoisd",
    "tennguoi",
    "tennguoisudung",
    "owner",
    "ownername",
    "diachi",
    "diachichu",
    "dcchu",
    "diachichusd",
    "diachichusudung",
    "address",
    "cmnd",
    "socmnd",
    "cccd",
    "socccd",
    "sogiayto",
    "sodinhdanh",
    "dienthoai",
    "sdt",
    "sodienthoai",
    "phone",
    "email",
    "namsinh",
];

/// Whether a field is about people: hidden until asked for, and left out of exports.
#[must_use]
pub fn is_personal(field: &str) -> bool {
    PERSONAL.contains(&plain_name(field).as_str())
}

/// The table without its fields about people.
#[must_use]
pub fn without_personal(table: &FeatureTable) -> FeatureTable {
    let keep: Vec<usize> = (0..table.schema.len()).filter(|&i| !is_personal(&table.schema[i].name)).collect();
    FeatureTable {
        schema: keep.iter().map(|&i| table.schema[i].clone()).collect(),
        columns: keep.iter().map(|&i| table.columns[i].clone()).collect(),
        ids: table.ids.clone(),
        geometry: table.geometry.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::{FieldKind, Value};

    fn table() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[
            ("SHTHUA", FieldKind::Integer),
            ("TENCHU", FieldKind::Text),
            ("Địa chỉ chủ", FieldKind::Text),
            ("SOTO", FieldKind::Integer),
        ]);
        table.geometry.push_empty();
        table.push_row(&[Value::Integer(345), Value::Text("Nguyễn Văn A"), Value::Text("ấp 1"), Value::Integer(12)]);
        table
    }

    #[test]
    fn fields_are_renamed_once() {
        let pair = |source: &str, target: &str| FieldPair { source: source.into(), target: target.into() };
        let fields = vec![pair("shthua", "SOTHUA"), pair("KHONGCO", "MAXA"), pair("Địa chỉ chủ", "TENCHU")];
        let template = MappingTemplate { version: TEMPLATE_VERSION, name: "ViLIS".into(), fields };
        let mapped = template.apply(&table());
        let names: Vec<&str> = mapped.schema.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["SOTHUA", "TENCHU_1", "TENCHU", "SOTO"]);
        assert_eq!(mapped.value(0, "SOTHUA"), Value::Integer(345));
        assert_eq!(template.apply(&mapped), mapped);
    }

    #[test]
    fn people_are_left_out() {
        let public = without_personal(&table());
        let names: Vec<&str> = public.schema.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["SHTHUA", "SOTO"]);
        assert_eq!((public.len(), public.value(0, "SOTO")), (1, Value::Integer(12)));
    }
}
