//! The Fluent files that are built into the program, one pair a room.

use super::Language;

macro_rules! rooms {
    ($($room:literal),+ $(,)?) => {
        const VI: &[(&str, &str)] = &[$(($room, include_str!(concat!("../../assets/lang/vi/", $room, ".ftl")))),+];
        const EN: &[(&str, &str)] = &[$(($room, include_str!(concat!("../../assets/lang/en/", $room, ".ftl")))),+];
    };
}

rooms!(
    "air",
    "analysis",
    "cli",
    "demo",
    "ensemble",
    "gis",
    "io",
    "live",
    "model",
    "report",
    "session",
    "sim",
    "study",
    "traffic",
    "transport",
    "ui",
    "vehicles",
    "view",
    "water",
    "whatif"
);

/// (room, Fluent source) of a language.
pub(super) fn sources(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::Vi => VI,
        Language::En => EN,
    }
}
