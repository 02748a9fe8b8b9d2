//! The sign of a station's kind, the same in the panels and on the map.

use egui_phosphor::regular as icon;

use crate::model::sensor::StationKind;

#[must_use]
pub fn kind_icon(kind: StationKind) -> &'static str {
    match kind {
        StationKind::Air => icon::WIND,
        StationKind::SeaWater => icon::WAVES,
        StationKind::WasteWater => icon::FACTORY,
        StationKind::DrinkingWater => icon::DROP,
        StationKind::Noise => icon::EAR,
        StationKind::StreetLight => icon::LIGHTBULB,
        StationKind::WaterMeter => icon::GAUGE,
        StationKind::Camera => icon::VIDEO_CAMERA,
    }
}
