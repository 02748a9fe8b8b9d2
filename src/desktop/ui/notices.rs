//! Notices: each shown for a while in a corner, all of them in a list that can be opened again.

use egui::{Align2, Area, Color32, Context, Id, Label, Order, Rect, RichText, ScrollArea, Ui, Window, vec2};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::help::Overlays;
use super::widgets::{floating_card, icon_button_sized};
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::notice::{Level, Notice};

/// How long a notice stays in the corner, seconds; errors stay until somebody dismisses them.
const SHOWN_S: f64 = 8.0;
const MOST_SHOWN: usize = 4;

#[derive(Default)]
pub(super) struct Toasts {
    /// (notice, when it was first on screen).
    seen: Vec<(u64, f64)>,
    hidden: Vec<u64>,
}

impl Toasts {
    pub(super) fn show(&mut self, ctx: &Context, cx: &mut Cx<'_>, free: Rect) {
        let now = ctx.input(|i| i.time);
        let notices = cx.session.notices();
        self.seen.retain(|(id, _)| notices.iter().any(|n| n.id == *id));
        self.hidden.retain(|id| notices.iter().any(|n| n.id == *id));
        let mut shown: Vec<&Notice> = Vec::new();
        for notice in notices.iter().rev() {
            let known = self.seen.iter().find(|(id, _)| *id == notice.id).map(|(_, since)| *since);
            let since = known.unwrap_or_else(|| {
                self.seen.push((notice.id, now));
                now
            });
            let stays = notice.level == Level::Error || now - since < SHOWN_S;
            if stays && !self.hidden.contains(&notice.id) && shown.len() < MOST_SHOWN {
                shown.push(notice);
            }
        }
        if shown.is_empty() {
            return;
        }
        ctx.request_repaint_after_secs(0.5);
        let palette = cx.palette;
        Area::new(Id::new("toasts"))
            .order(Order::Foreground)
            .fixed_pos(free.right_top() + vec2(-12.0, 76.0))
            .pivot(Align2::RIGHT_TOP)
            .constrain_to(free)
            .fade_in(false)
            .show(ctx, |ui| {
                ui.set_width(340.0_f32.min(free.width() - 24.0));
                for notice in shown {
                    floating_card(ui.style(), &palette).show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        if entry(ui, cx, notice) {
                            self.hidden.push(notice.id);
                        }
                    });
                    ui.add_space(4.0);
                }
            });
    }
}

pub(super) fn list_window(ctx: &Context, cx: &mut Cx<'_>, overlays: &mut Overlays) {
    if !overlays.notices {
        return;
    }
    let mut open = true;
    Window::new(cx.tr("ui-notices"))
        .id(Id::new("notices"))
        .open(&mut open)
        .default_width(460.0)
        .default_height(320.0)
        .anchor(Align2::RIGHT_TOP, vec2(-16.0, 60.0))
        .collapsible(false)
        .show(ctx, |ui| {
            if cx.session.notices().is_empty() {
                ui.label(cx.weak(cx.tr("ui-notices-none")));
                return;
            }
            if ui.button(format!("{}  {}", icon::TRASH, cx.tr("ui-notices-clear"))).clicked() {
                cx.push(Command::DismissAllNotices);
            }
            ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
                for notice in cx.session.notices().iter().rev() {
                    ui.separator();
                    if entry(ui, cx, notice) {
                        cx.push(Command::DismissNotice(notice.id));
                    }
                }
            });
        });
    overlays.notices = open;
}

/// Whether its cross was clicked.
fn entry(ui: &mut Ui, cx: &Cx<'_>, notice: &Notice) -> bool {
    let (sign, color) = level_look(cx, notice.level);
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(sign).size(18.0).color(color));
        let width = ui.available_width() - 32.0;
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.add(Label::new(RichText::new(cx.say(&notice.message)).color(cx.palette.text)).wrap());
            if let Some(path) = &notice.path {
                ui.add(Label::new(cx.weak(path.display().to_string())).wrap());
            }
            if let Some(detail) = &notice.detail {
                let text = cx.say(&Message::new("ui-notice-detail").with("detail", detail.as_str()));
                ui.add(Label::new(cx.weak(text)).wrap());
            }
        });
        icon_button_sized(ui, icon::X, &cx.tr("ui-notice-dismiss"), false, 22.0).clicked()
    })
    .inner
}

fn level_look(cx: &Cx<'_>, level: Level) -> (&'static str, Color32) {
    match level {
        Level::Info => (icon::INFO, cx.palette.accent),
        Level::Warning => (icon::WARNING, cx.palette.warn),
        Level::Error => (icon::WARNING_CIRCLE, cx.palette.bad),
    }
}
