//! Every parser of our own that reads foreign bytes, by itself: what `fuzz/` and `tests/fuzz.rs` throw bytes at.
//! Each takes anything, and neither panics nor asks for memory that the input's length does not justify.

use super::encoding::{TextEncoding, detect};
use super::import::dgn_text;
use super::shapefile::dbf_read::{self, EncodingHint};
use super::shapefile::shp_read;
use super::{qml, wkb, zip};
use crate::geo::shape::Shapes;
use crate::model::mapping::MappingTemplate;
use crate::model::scene::Scene;

/// `.shp`, and as its index the second half of the input.
pub fn shp(bytes: &[u8]) {
    let _ = shp_read::read(bytes, None);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    if let Ok(table) = shp_read::read(first, Some(second)) {
        debug_assert!(table.shapes.vertex_count() <= bytes.len());
    }
}

pub fn dbf(bytes: &[u8]) {
    if let Ok(table) = dbf_read::read(bytes, EncodingHint::Unknown, &[]) {
        debug_assert!(table.rows <= bytes.len() && table.columns.iter().all(|c| c.len() == table.rows));
    }
}

/// The texts of a drawing.
pub fn dgn(bytes: &[u8]) {
    debug_assert!(dgn_text::texts(bytes).values().all(|text| text.len() <= 255));
}

pub fn encodings(bytes: &[u8]) {
    let _ = detect(&[bytes]);
    for encoding in TextEncoding::ALL {
        let text = encoding.decode(bytes);
        debug_assert!(text.len() <= 4 * bytes.len());
        let _ = encoding.encode(&text);
    }
}

/// Scenes, and the other small texts that people pass on.
pub fn scene(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = ron::from_str::<Scene>(&text);
    let _ = serde_json::from_str::<MappingTemplate>(&text);
    let _ = qml::parse(&text);
}

/// Archives, and the geometry that GDAL hands over.
pub fn zip_and_wkb(bytes: &[u8]) {
    for entry in zip::entries(bytes).unwrap_or_default() {
        // A fuzzer finds the gigabyte that is allowed.
        if entry.size < 1 << 20 {
            let _ = zip::unpack(bytes, &entry);
        }
    }
    let mut shapes = Shapes::new();
    let _ = wkb::read(bytes, wkb::has_z(bytes), &mut shapes);
    debug_assert!(shapes.vertex_count() <= bytes.len());
}
