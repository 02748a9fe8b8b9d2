//! Camera places to come back to.

use egui::{Button, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::icon_button;
use crate::session::command::Command;

#[derive(Default)]
pub(super) struct Bookmarks {
    new_title: String,
}

impl Bookmarks {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Some(project) = cx.session.project().cloned() else { return };
        if project.bookmarks.is_empty() {
            ui.label(cx.weak(cx.tr("ui-bookmarks-none")));
        }
        for bookmark in &project.bookmarks {
            ui.horizontal(|ui| {
                let text = format!("{}  {}", icon::BOOKMARK_SIMPLE, cx.title(&bookmark.title));
                let width = ui.available_width() - 36.0;
                let button = Button::new(text).truncate().frame(false).min_size(egui::vec2(width, 28.0));
                ui.scope(|ui| {
                    ui.set_max_width(width);
                    let go = ui.add(button.right_text("")).on_hover_text(cx.tr("ui-bookmark-go"));
                    if go.clicked() {
                        cx.push(Command::GoToBookmark { id: bookmark.id.clone() });
                    }
                });
                if icon_button(ui, icon::TRASH, &cx.tr("ui-bookmark-remove"), false).clicked() {
                    cx.push(Command::RemoveBookmark { id: bookmark.id.clone() });
                }
            });
        }
        ui.add_space(4.0);
        ui.separator();
        ui.label(cx.weak(cx.tr("ui-bookmark-new-hint")));
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.new_title)
                .hint_text(cx.tr("ui-bookmark-name"))
                .desired_width(ui.available_width() - 44.0);
            let entered = ui.add(edit).lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let ready = !self.new_title.trim().is_empty();
            let clicked = ui
                .add_enabled_ui(ready, |ui| icon_button(ui, icon::PLUS, &cx.tr("ui-bookmark-add"), false).clicked())
                .inner;
            if ready && (entered || clicked) {
                cx.push(Command::AddBookmark { title: std::mem::take(&mut self.new_title) });
            }
        });
    }
}
