//! What is shown while nothing is open.

use egui::{Align2, Button, Context, Label, Rect, RichText, vec2};
use egui_phosphor::regular as icon;

use super::card;
use super::context::Cx;
use super::files::FileDialogs;
use super::theme::semibold;
use super::widgets::primary_button;

pub(super) fn show(ctx: &Context, cx: &mut Cx<'_>, files: &mut FileDialogs, free: Rect) {
    if cx.session.project().is_some() || !cx.session.jobs().is_empty() {
        return;
    }
    let palette = cx.palette;
    card::show(ctx, &palette, "welcome", free, (Align2::CENTER_CENTER, vec2(0.0, 0.0)), |ui| {
        ui.set_width(420.0);
        ui.add_space(8.0);
        ui.vertical_centered(|ui| {
            ui.label(RichText::new(icon::ISLAND).size(48.0).color(palette.accent));
            ui.label(RichText::new(cx.tr("ui-app-name")).font(semibold(24.0)));
            ui.add(Label::new(cx.weak(cx.tr("ui-welcome"))).wrap());
            ui.add_space(12.0);
            let demo = format!("{}  {}", icon::ISLAND, cx.tr("ui-file-open-demo"));
            if primary_button(ui, &palette, demo).clicked() {
                files.request_open(cx, FileDialogs::demo_scene());
            }
            ui.add_space(4.0);
            if ui.button(format!("{}  {}", icon::FOLDER_OPEN, cx.tr("ui-file-open"))).clicked() {
                files.open(cx);
            }
        });
        let recent = cx.session.settings().recent.clone();
        if !recent.is_empty() {
            ui.add_space(12.0);
            ui.separator();
            ui.label(cx.weak(cx.tr("ui-file-recent")));
        }
        for path in recent.into_iter().take(5) {
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let button = Button::new(format!("{}  {name}", icon::CLOCK)).frame(false).truncate();
            if ui.add(button).on_hover_text(path.display().to_string()).clicked() {
                files.request_open(cx, path);
            }
        }
        ui.add_space(8.0);
        ui.vertical_centered(|ui| ui.label(cx.weak(cx.tr("ui-welcome-drop"))));
    });
}
