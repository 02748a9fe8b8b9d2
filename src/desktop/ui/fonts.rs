//! The shipped fonts: egui's own lack most Vietnamese letters.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

/// The family of the heavier weight.
pub(super) const SEMIBOLD: &str = "semibold";

/// Gives a context the shipped fonts; they count from its next frame on.
pub fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &'static [u8]); 3] = [
        ("noto", include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf")),
        ("noto-semibold", include_bytes!("../../../assets/fonts/NotoSans-SemiBold.ttf")),
        ("icons", egui_phosphor::Variant::Regular.font_bytes()),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let families = [
        (FontFamily::Proportional, "noto"),
        (FontFamily::Monospace, "noto"),
        (FontFamily::Name(SEMIBOLD.into()), "noto-semibold"),
    ];
    for (family, face) in families {
        fonts.families.insert(family, vec![face.to_owned(), "icons".to_owned()]);
    }
    ctx.set_fonts(fonts);
}

/// Whether the fonts are there: egui takes in new ones between two frames, and stops at a family it does not know.
pub(super) fn are_ready(ctx: &Context) -> bool {
    ctx.fonts(|fonts| fonts.definitions().families.contains_key(&FontFamily::Name(SEMIBOLD.into())))
}
