//! The shipped fonts: egui's own lack most Vietnamese letters.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

/// The family of the heavier weight.
pub(super) const SEMIBOLD: &str = "semibold";

pub(super) fn install(ctx: &Context) {
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
