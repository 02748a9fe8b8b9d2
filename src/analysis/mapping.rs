//! Finding out which field of an office's table is which of ours: by its name as ViLIS, FAMIS, TMV.LIS and VBDLIS
//! write it, and by what stands in it.

use serde::{Deserialize, Serialize};

use crate::geo::measure::area;
use crate::geo::shape::ShapeKind;
use crate::model::landuse::land_use;
use crate::model::mapping::{FieldPair, MappingTemplate, TEMPLATE_VERSION, is_personal, plain_name};
use crate::model::table::{Column, FeatureTable, FieldKind, Value};

/// Our field, and the names under which offices have it, the more usual first.
const NAMES: [(&str, &[&str]); 11] = [
    ("MATHUA", &["mathua", "thuaid", "mathuadat", "idthua", "maso"]),
    ("MAXA", &["maxa", "xaid", "madvhc", "maxaphuong", "madonvihanhchinh", "maphuongxa", "maphuong"]),
    ("SOTO", &["soto", "shbando", "sohieutobando", "sotobando", "tobando", "shto", "sohieuto", "toso", "sheet"]),
    ("SOTHUA", &["sothua", "shthua", "sothututhua", "sohieuthua", "sothuadat", "thuaso", "thuadat", "parcel"]),
    ("DIENTICH", &["dientich", "dtich", "dientichthua", "dientichpl", "dientichphaply", "dtpl", "dt", "area"]),
    (
        "MALOAIDAT",
        &[
            "maloaidat",
            "khloaidat",
            "kh2003",
            "loaidat",
            "mdsd2003",
            "mdsd",
            "mucdichsudung",
            "kyhieuloaidat",
            "mdsddat",
        ],
    ),
    ("TENCHU", &["tenchu", "tenchusd", "tenchusudung", "chusudung", "hoten", "nguoisudung", "owner"]),
    ("DIACHI", &["diachi", "diachichu", "dcchu", "diachichusd", "address"]),
    ("XUDONG", &["xudong", "diachithua", "diachithuadat", "khuvuc"]),
    ("LOAICHU", &["loaichu", "doituong", "doituongsd", "doituongsudung", "madoituong"]),
    ("NAMXD", &["namxd", "namxaydung"]),
];

/// The fields of ours that a file's may be.
pub fn targets() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(target, _)| *target)
}

/// Why a field was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Evidence {
    /// Its name says it, and nothing in it speaks against it.
    Name,
    /// What stands in it says it.
    Content,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    pub source: String,
    pub target: String,
    pub evidence: Evidence,
    /// Share of the filled cells that are what the target holds, 0 to 1; `None` where any text will do.
    pub fits: Option<f64>,
    /// Names and addresses are hidden by default.
    pub personal: bool,
}

/// Rows that are looked at, spread over the table.
const SAMPLE: usize = 500;

/// Share of the cells that must be what the field is to hold.
const ENOUGH: f64 = 0.8;

/// One suggestion a field of ours at most, in our order.
#[must_use]
pub fn suggest(table: &FeatureTable) -> Vec<Suggestion> {
    let step = table.len().div_ceil(SAMPLE).max(1);
    let rows: Vec<usize> = (0..table.len()).step_by(step).collect();
    let plain: Vec<String> = table.schema.iter().map(|f| plain_name(&f.name)).collect();
    let mut taken = vec![false; table.schema.len()];
    let mut found = Vec::new();
    for (target, names) in NAMES {
        let named = names.iter().filter_map(|name| plain.iter().position(|p| p == name)).filter(|&i| !taken[i]);
        let fitting = |&i: &usize| fit(target, table, i, &rows).is_none_or(|share| share >= ENOUGH);
        let by_name = named.clone().find(fitting).map(|i| (i, Evidence::Name));
        let choice = by_name.or_else(|| {
            let speaks = |i: &usize| !taken[*i] && speaks_for(target, table, *i, &rows);
            (0..table.schema.len()).find(speaks).map(|i| (i, Evidence::Content))
        });
        if let Some((i, evidence)) = choice {
            taken[i] = true;
            found.push(Suggestion {
                source: table.schema[i].name.clone(),
                target: target.to_owned(),
                evidence,
                fits: fit(target, table, i, &rows),
                personal: is_personal(target) || is_personal(&table.schema[i].name),
            });
        }
    }
    found
}

/// A template of what was suggested, for the user to change and keep.
#[must_use]
pub fn template(name: &str, suggestions: &[Suggestion]) -> MappingTemplate {
    let pair = |s: &Suggestion| FieldPair { source: s.source.clone(), target: s.target.clone() };
    MappingTemplate { version: TEMPLATE_VERSION, name: name.to_owned(), fields: suggestions.iter().map(pair).collect() }
}

/// How well a column's values fit the target; `None` where any will do or none is filled.
fn fit(target: &str, table: &FeatureTable, column: usize, rows: &[usize]) -> Option<f64> {
    let cells = &table.columns[column];
    match target {
        "MALOAIDAT" => share(cells, rows, |_, v| matches!(v, Value::Text(code) if land_use(code.trim()).is_some())),
        "SOTO" | "SOTHUA" => share(cells, rows, |_, v| v.as_f64().is_some_and(|n| n >= 1.0 && n.fract() == 0.0)),
        "DIENTICH" => share(cells, rows, |_, v| v.as_f64().is_some_and(|a| a > 0.0)),
        _ => None,
    }
}

/// Whether a column of any name can only be this.
fn speaks_for(target: &str, table: &FeatureTable, column: usize, rows: &[usize]) -> bool {
    let cells = &table.columns[column];
    let enough = |share: Option<f64>| share.is_some_and(|s| s >= ENOUGH);
    match (target, cells.kind()) {
        ("MALOAIDAT", FieldKind::Text) => enough(fit(target, table, column, rows)),
        ("TENCHU", FieldKind::Text) => {
            enough(share(cells, rows, |_, v| matches!(v, Value::Text(t) if names_a_person(t))))
        }
        // A real number as large as the polygon beside it.
        ("DIENTICH", FieldKind::Real) => enough(share(cells, rows, |row, v| {
            let shape = table.geometry.get(row);
            let measured = area(shape);
            shape.kind() == ShapeKind::Polygon
                && v.as_f64().is_some_and(|a| (a - measured).abs() <= (0.05 * measured).max(0.5))
        })),
        _ => false,
    }
}

fn share(cells: &Column, rows: &[usize], is: impl Fn(usize, Value<'_>) -> bool) -> Option<f64> {
    let filled = |v: &Value<'_>| !matches!(v, Value::Null) && !matches!(v, Value::Text(t) if t.trim().is_empty());
    let known: Vec<usize> = rows.iter().copied().filter(|&row| filled(&cells.get(row))).collect();
    if known.is_empty() {
        return None;
    }
    Some(known.iter().filter(|&&row| is(row, cells.get(row))).count() as f64 / known.len() as f64)
}

/// Forms of address and the commonest family names (nine of ten Vietnamese bear one of them).
fn names_a_person(text: &str) -> bool {
    const FIRST: [&str; 22] = [
        "ong", "ba", "ho", "nguyen", "tran", "le", "pham", "huynh", "hoang", "phan", "vu", "vo", "dang", "bui", "do",
        "ngo", "duong", "ly", "truong", "dinh", "mai", "lam",
    ];
    let folded = crate::base::fold::fold_accents(text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    (2..=7).contains(&words.len())
        && words.first().is_some_and(|first| FIRST.contains(first))
        && words.iter().all(|w| w.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '.' | ',' | ':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ViLIS exports a sheet: the land-use code stands under KHLOAIDAT, MALOAIDAT is a number.
    fn vilis() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[
            ("THUAID", FieldKind::Integer),
            ("XAID", FieldKind::Integer),
            ("SHBANDO", FieldKind::Integer),
            ("SHTHUA", FieldKind::Integer),
            ("DIENTICH", FieldKind::Real),
            ("MALOAIDAT", FieldKind::Integer),
            ("KHLOAIDAT", FieldKind::Text),
            ("TENCHU", FieldKind::Text),
            ("DIACHI", FieldKind::Text),
        ]);
        for i in 0..20_i64 {
            let x = i as f64 * 20.0;
            table.geometry.push_polygon(&[&[[x, 0.0], [x + 20.0, 0.0], [x + 20.0, 20.0], [x, 20.0], [x, 0.0]]]);
            table.push_row(&[
                Value::Integer(1000 + i),
                Value::Integer(31_087),
                Value::Integer(12),
                Value::Integer(i + 1),
                Value::Real(400.0),
                Value::Integer(5),
                Value::Text(["ODT", "CLN"][i as usize % 2]),
                Value::Text("Nguyễn Văn An"),
                Value::Text("khu phố 3"),
            ]);
        }
        table
    }

    fn pairs(table: &FeatureTable) -> Vec<(String, String)> {
        suggest(table).into_iter().map(|s| (s.source, s.target)).collect()
    }

    #[test]
    fn an_offices_fields_are_known_by_name_and_judged_by_content() {
        let found = suggest(&vilis());
        let of = |target: &str| found.iter().find(|s| s.target == target).unwrap();
        assert_eq!(of("SOTO").source, "SHBANDO");
        assert_eq!(of("SOTHUA").source, "SHTHUA");
        assert_eq!(of("MAXA").source, "XAID");
        assert_eq!(of("MALOAIDAT").source, "KHLOAIDAT");
        assert!(of("TENCHU").personal && of("DIACHI").personal && !of("SOTO").personal);
    }

    #[test]
    fn fields_without_telling_names_are_known_by_content() {
        let mut table = vilis();
        for (i, field) in table.schema.iter_mut().enumerate() {
            field.name = format!("F{i}");
        }
        let found = suggest(&table);
        let of = |target: &str| found.iter().find(|s| s.target == target).map(|s| s.source.as_str());
        assert_eq!((of("DIENTICH"), of("MALOAIDAT"), of("TENCHU")), (Some("F4"), Some("F6"), Some("F7")));
        assert!(found.iter().all(|s| s.evidence == Evidence::Content));
        assert!(found.iter().any(|s| s.target == "TENCHU" && s.personal));
    }

    #[test]
    fn a_template_of_the_suggestions_maps_the_table() {
        let mapped = template("ViLIS", &suggest(&vilis())).apply(&vilis());
        assert_eq!(mapped.value(3, "SOTHUA"), Value::Integer(4));
        assert_eq!(mapped.value(3, "MALOAIDAT"), Value::Text("CLN"));
        assert_eq!(mapped.value(3, "MALOAIDAT_1"), Value::Integer(5));
        assert!(pairs(&mapped).contains(&("SOTHUA".into(), "SOTHUA".into())));
    }
}
