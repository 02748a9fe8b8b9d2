//! The look: calm greys, one sea-teal accent, an 8-pixel grid, light and dark.

use egui::epaint::Shadow;
use egui::style::{HandleShape, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Theme, Visuals, vec2,
};

use super::fonts::SEMIBOLD;

/// The colours of a theme by what they are for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) panel: Color32,
    pub(super) card: Color32,
    pub(super) hover: Color32,
    pub(super) border: Color32,
    pub(super) text: Color32,
    pub(super) weak: Color32,
    pub(super) accent: Color32,
    /// Behind accented text.
    pub(super) accent_soft: Color32,
    pub(super) on_accent: Color32,
    pub(super) good: Color32,
    pub(super) warn: Color32,
    pub(super) warn_soft: Color32,
    pub(super) bad: Color32,
    shadow: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const LIGHT: Palette = Palette {
    panel: rgb(0x00f5_f8f9),
    card: rgb(0x00ff_ffff),
    hover: rgb(0x00e8_eff1),
    border: rgb(0x00d5_dfe3),
    text: rgb(0x0017_262e),
    weak: rgb(0x0056_6872),
    accent: rgb(0x000b_7a75),
    accent_soft: rgb(0x00d6_f0ed),
    on_accent: rgb(0x00ff_ffff),
    good: rgb(0x0016_7c3c),
    warn: rgb(0x009a_5b00),
    warn_soft: rgb(0x00fd_f0d5),
    bad: rgb(0x00b4_2318),
    shadow: Color32::from_black_alpha(40),
};

const DARK: Palette = Palette {
    panel: rgb(0x0014_1e26),
    card: rgb(0x001c_2933),
    hover: rgb(0x0026_3641),
    border: rgb(0x002f_414d),
    text: rgb(0x00e6_eef2),
    weak: rgb(0x009d_b0bb),
    accent: rgb(0x0035_c9bd),
    accent_soft: rgb(0x0012_4a49),
    on_accent: rgb(0x0006_2321),
    good: rgb(0x0055_d07e),
    warn: rgb(0x00f2_b24a),
    warn_soft: rgb(0x0045_3417),
    bad: rgb(0x00ff_8a7d),
    shadow: Color32::from_black_alpha(110),
};

impl Palette {
    pub(super) const fn of(dark: bool) -> Self {
        if dark { DARK } else { LIGHT }
    }
}

/// Rounding of cards and windows, and of what stands in them.
pub(super) const CARD_RADIUS: u8 = 10;
pub(super) const WIDGET_RADIUS: u8 = 6;

pub(super) fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

pub(super) fn apply(ctx: &Context, dark: bool) {
    let theme = if dark { Theme::Dark } else { Theme::Light };
    ctx.set_theme(theme);
    ctx.set_style_of(theme, style(dark));
}

fn style(dark: bool) -> Style {
    let palette = Palette::of(dark);
    let mut style = Style { visuals: visuals(&palette, dark), animation_time: 0.1, ..Style::default() };
    let regular = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (TextStyle::Small, regular(12.0)),
        (TextStyle::Body, regular(14.0)),
        (TextStyle::Button, regular(14.0)),
        (TextStyle::Monospace, regular(13.0)),
        (TextStyle::Heading, semibold(16.0)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(8.0, 4.0);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(16);
    spacing.interact_size = vec2(28.0, 28.0);
    spacing.icon_width = 16.0;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 120.0;
    spacing.tooltip_width = 360.0;
    spacing.scroll.bar_width = 6.0;
    style.url_in_tooltip = true;
    style
}

fn visuals(palette: &Palette, dark: bool) -> Visuals {
    let base = if dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(WIDGET_RADIUS);
    let widget = |fill: Color32, line: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Visuals {
        widgets: Widgets {
            noninteractive: widget(palette.card, palette.border, palette.text),
            inactive: widget(palette.hover, palette.border, palette.text),
            hovered: widget(palette.hover, palette.accent, palette.text),
            active: widget(palette.accent_soft, palette.accent, palette.text),
            open: widget(palette.hover, palette.border, palette.text),
        },
        selection: Selection { bg_fill: palette.accent_soft, stroke: Stroke::new(1.0, palette.accent) },
        weak_text_color: Some(palette.weak),
        hyperlink_color: palette.accent,
        faint_bg_color: palette.hover,
        extreme_bg_color: palette.card,
        code_bg_color: palette.hover,
        warn_fg_color: palette.warn,
        error_fg_color: palette.bad,
        window_corner_radius: CornerRadius::same(CARD_RADIUS),
        window_shadow: Shadow { offset: [0, 4], blur: 20, spread: 0, color: palette.shadow },
        window_fill: palette.card,
        window_stroke: Stroke::new(1.0, palette.border),
        menu_corner_radius: CornerRadius::same(CARD_RADIUS),
        panel_fill: palette.panel,
        popup_shadow: Shadow { offset: [0, 2], blur: 12, spread: 0, color: palette.shadow },
        slider_trailing_fill: true,
        handle_shape: HandleShape::Circle,
        ..base
    }
}
