//! The colours of a fire's fields.

use super::field_view::Shade;
use crate::model::style::Rgba;

pub(super) fn arrival_shade(end_s: f64) -> Shade {
    let end = (end_s / 3600.0) as f32;
    let colors = [Rgba::opaque(255, 236, 140), Rgba::opaque(250, 150, 50), Rgba::opaque(178, 40, 36)];
    let last = Rgba::opaque(66, 22, 40);
    let stops = colors.into_iter().chain([last]).enumerate().map(|(i, c)| (end * i as f32 / 3.0, c)).collect();
    Shade { title: "session-fire-field-arrival", unit: "h", stops }
}

/// Limits of the hauling chart: hand tools, machines, aircraft, nothing (Andrews & Rothermel 1982, INT-131; 4, 8, 11 ft).
pub(super) fn flame_shade() -> Shade {
    Shade {
        title: "session-fire-field-flame",
        unit: "m",
        stops: vec![
            (0.0, Rgba::opaque(255, 245, 190)),
            (1.2, Rgba::opaque(253, 190, 80)),
            (2.4, Rgba::opaque(232, 90, 40)),
            (3.4, Rgba::opaque(160, 20, 60)),
            (6.0, Rgba::opaque(70, 8, 70)),
        ],
    }
}

pub(super) fn probability_shade() -> Shade {
    Shade {
        title: "session-fire-field-probability",
        unit: "%",
        stops: vec![
            (2.5, Rgba::opaque(254, 240, 200)),
            (25.0, Rgba::opaque(252, 180, 110)),
            (50.0, Rgba::opaque(236, 100, 70)),
            (75.0, Rgba::opaque(180, 40, 70)),
            (100.0, Rgba::opaque(90, 10, 70)),
        ],
    }
}

/// By minute, as fire services speak of it.
pub(super) fn rate_shade() -> Shade {
    Shade {
        title: "session-fire-field-rate",
        unit: "m/min",
        stops: vec![
            (0.0, Rgba::opaque(240, 249, 205)),
            (2.0, Rgba::opaque(150, 214, 160)),
            (8.0, Rgba::opaque(45, 160, 175)),
            (20.0, Rgba::opaque(35, 90, 160)),
            (50.0, Rgba::opaque(25, 25, 95)),
        ],
    }
}

/// The hauling chart's limits again, as intensities: 346, 1731 and 3459 kW/m (Andrews & Rothermel 1982).
pub(super) fn intensity_shade() -> Shade {
    Shade {
        title: "session-fire-field-intensity",
        unit: "kW/m",
        stops: vec![
            (0.0, Rgba::opaque(255, 245, 190)),
            (350.0, Rgba::opaque(253, 190, 80)),
            (1700.0, Rgba::opaque(232, 90, 40)),
            (3500.0, Rgba::opaque(160, 20, 60)),
            (10_000.0, Rgba::opaque(70, 8, 70)),
        ],
    }
}

/// Kinds of fire, by the numbers of the field: the catalogue's key and the colour.
pub const KINDS: [(&str, Rgba); 3] = [
    ("session-fire-type-surface", Rgba::opaque(253, 190, 80)),
    ("session-fire-type-passive", Rgba::opaque(232, 90, 40)),
    ("session-fire-type-active", Rgba::opaque(130, 20, 90)),
];

pub(super) fn type_shade() -> Shade {
    let stops = KINDS.iter().enumerate().map(|(i, kind)| (i as f32, kind.1)).collect();
    Shade { title: "session-fire-field-type", unit: "", stops }
}
