//! What the panels of studies have alike: their head, and the bar while they run.

use egui::{Align, Color32, Label, Layout, ProgressBar, RichText, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::{icon_button, origin_chip};
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::jobs::{Job, JobKind};

/// Sign, title, where its figures come from; true when it shall be closed.
pub(super) fn head(
    ui: &mut Ui,
    cx: &Cx<'_>,
    (sign, color): (&str, Color32),
    (title, close): (&str, &str),
    origin: Option<Origin>,
) -> bool {
    ui.horizontal(|ui| {
        ui.label(RichText::new(sign).size(18.0).color(color));
        ui.label(cx.heading(cx.tr(title)));
        if let Some(origin) = origin {
            origin_chip(ui, cx, origin);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            icon_button(ui, icon::X, &cx.tr(close), false).clicked()
        })
        .inner
    })
    .inner
}

/// "Result", and the arrow that writes it into a folder; true when it was clicked and nothing is being written.
pub(super) fn result_head(ui: &mut Ui, cx: &Cx<'_>, kind: JobKind, export: &str) -> bool {
    ui.horizontal(|ui| {
        ui.label(cx.heading(cx.tr("ui-fire-result")));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let writing = cx.session.jobs().iter().any(|j| j.kind == kind);
            icon_button(ui, icon::DOWNLOAD_SIMPLE, &cx.tr(export), writing).clicked() && !writing
        })
        .inner
    })
    .inner
}

/// Of a sentence on the limit in a legend: that the line marks it, or that it lies far above all colours; and whether its
/// row of the norms is still to be verified.
pub(super) fn limit_key(plain: &str, marked: bool, verify: bool) -> String {
    format!("{plain}{}{}", if marked { "" } else { "-far" }, if verify { "-verify" } else { "" })
}

/// The bar of a job of this kind, and the button that stops it; false where none runs.
pub(super) fn running(ui: &mut Ui, cx: &mut Cx<'_>, kind: JobKind) -> bool {
    let Some(state) = cx.session.jobs().iter().find(|j| j.kind == kind).map(Job::progress) else { return false };
    ui.ctx().request_repaint_after_secs(0.1);
    if let Some(stage) = &state.stage {
        ui.add(Label::new(cx.weak(cx.say(stage))).truncate());
    }
    let part = state.fraction();
    ui.add(ProgressBar::new(part.unwrap_or(1.0)).animate(part.is_none()).fill(cx.palette.accent_soft));
    if ui.button(format!("{}  {}", icon::X_CIRCLE, cx.tr("ui-job-cancel"))).clicked() {
        cx.push(Command::CancelJobs);
    }
    true
}
