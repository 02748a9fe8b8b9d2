//! Keys and mouse, and what this program is made of.

use egui::{Align2, Context, Grid, Id, Label, RichText, Window, vec2};

use super::context::Cx;
use super::theme::semibold;

/// Windows that stand over everything and are opened from several places.
#[derive(Default)]
pub(super) struct Overlays {
    pub(super) keys: bool,
    pub(super) about: bool,
    pub(super) notices: bool,
}

impl Overlays {
    /// Closes what is open; `false` when nothing was.
    pub(super) fn close(&mut self) -> bool {
        let any = self.keys || self.about || self.notices;
        *self = Self::default();
        any
    }
}

/// (what to press, catalogue key of what it does); what starts with "ui-" is itself looked up.
const KEYS: [(&str, &str); 16] = [
    ("ui-mouse-left", "ui-does-select"),
    ("ui-mouse-drag", "ui-does-pan"),
    ("ui-mouse-right-drag", "ui-does-orbit"),
    ("ui-mouse-wheel", "ui-does-zoom"),
    ("ui-mouse-double", "ui-does-fly"),
    ("ui-key-arrows", "ui-does-move"),
    ("F", "ui-view-frame-all"),
    ("N", "ui-view-north"),
    ("1 2 3 4", "ui-does-tools"),
    ("X", "ui-tool-xray"),
    ("Esc", "ui-does-escape"),
    ("Ctrl+O", "ui-file-open"),
    ("Ctrl+I", "ui-file-import"),
    ("Ctrl+S", "ui-file-save"),
    ("Ctrl+Z  Ctrl+Y", "ui-does-undo"),
    ("?", "ui-help-keys"),
];

pub(super) fn show(ctx: &Context, cx: &Cx<'_>, overlays: &mut Overlays) {
    window(ctx, cx, "ui-help-keys", &mut overlays.keys, |ui| {
        Grid::new("keys").num_columns(2).spacing(vec2(24.0, 8.0)).show(ui, |ui| {
            for (press, does) in KEYS {
                let press = if press.starts_with("ui-") { cx.tr(press) } else { press.to_owned() };
                ui.label(RichText::new(press).font(semibold(13.5)).color(cx.palette.accent));
                ui.label(cx.tr(does));
                ui.end_row();
            }
        });
    });
    window(ctx, cx, "ui-help-about", &mut overlays.about, |ui| {
        ui.set_width(460.0);
        ui.label(RichText::new(cx.tr("ui-app-name")).font(semibold(20.0)));
        ui.label(cx.weak(format!("{} {}", cx.tr("ui-about-version"), env!("CARGO_PKG_VERSION"))));
        ui.add_space(6.0);
        for key in ["ui-about-what", "ui-about-generated", "ui-about-osm", "ui-about-fonts", "ui-about-licence"] {
            ui.add(Label::new(cx.tr(key)).wrap());
            ui.add_space(4.0);
        }
    });
}

fn window(ctx: &Context, cx: &Cx<'_>, title: &str, open: &mut bool, contents: impl FnOnce(&mut egui::Ui)) {
    if *open {
        Window::new(cx.tr(title))
            .id(Id::new(title))
            .open(open)
            .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
            .collapsible(false)
            .resizable(false)
            .show(ctx, contents);
    }
}
