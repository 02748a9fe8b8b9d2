//! Office field names that this program knows: what they are called and in which unit they count.

/// (field name in capitals, unit). The label is the catalogue's `model-field-<name in small letters>`.
pub const KNOWN_FIELDS: &[(&str, Option<&str>)] = &[
    ("BERONG", Some("m")),
    ("CAPDUONG", None),
    ("CHIEUCAO", Some("m")),
    ("CHIEUDAI", Some("m")),
    ("CONGSUAT", Some("W")),
    ("CUAXA", None),
    ("DANSO", None),
    ("DIACHI", None),
    ("DIENTICH", Some("m²")),
    ("DIENTICHHA", Some("ha")),
    ("DOITUONG", None),
    ("DOSAU", Some("m")),
    ("DUONGKINH", Some("mm")),
    ("GHICHU", None),
    ("HESOSDD", None),
    ("LOAI", None),
    ("LOAICAY", None),
    ("LOAICHU", None),
    ("MA", None),
    ("MALOAIDAT", None),
    ("MATDOXD", Some("%")),
    ("MATHUA", None),
    ("MAXA", None),
    ("MOTCHIEU", None),
    ("NAMXD", None),
    ("NUTCUOI", None),
    ("NUTDAU", None),
    ("QUOCGIA", None),
    ("SOLAN", None),
    ("SONGUOI", None),
    ("SOTANG", None),
    ("SOTHUA", None),
    ("SOTO", None),
    ("TANGCAO", None),
    ("TEN", None),
    ("TENCHU", None),
    ("TENDUONG", None),
    ("TENXA", None),
    ("TOCDO", Some("km/h")),
    ("TRANGTHAI", None),
    ("VATLIEU", None),
    ("XUDONG", None),
];

/// The catalogue key and the unit of a field, case ignored.
#[must_use]
pub fn known_field(name: &str) -> Option<(String, Option<&'static str>)> {
    let upper = name.to_ascii_uppercase();
    let at = KNOWN_FIELDS.binary_search_by(|(known, _)| (*known).cmp(upper.as_str())).ok()?;
    KNOWN_FIELDS.get(at).map(|(known, unit)| (label_key(known), *unit))
}

fn label_key(known: &str) -> String {
    format!("model-field-{}", known.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Catalog, Language};

    #[test]
    fn known_fields_are_in_order_and_have_labels_in_both_languages() {
        assert!(KNOWN_FIELDS.is_sorted_by(|a, b| a.0 < b.0));
        for language in Language::ALL {
            let catalog = Catalog::load(language);
            for (name, _) in KNOWN_FIELDS {
                assert!(catalog.has(&label_key(name)), "{name} {language:?}");
            }
        }
    }

    #[test]
    fn case_does_not_matter_and_unknown_fields_stay_unknown() {
        assert_eq!(known_field("dientich"), Some(("model-field-dientich".to_owned(), Some("m²"))));
        assert_eq!(known_field("OBJECTID"), None);
    }
}
