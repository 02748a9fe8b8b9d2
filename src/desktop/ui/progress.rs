//! What is being loaded, imported or saved, and the way to stop it.

use egui::{Align2, Area, Context, Id, Label, Order, ProgressBar, Rect, vec2};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::floating_card;
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::jobs::JobKind;

pub(super) fn show(ctx: &Context, cx: &mut Cx<'_>, free: Rect) {
    // The panels that asked for these show how far they are.
    let told_elsewhere = |kind| {
        matches!(
            kind,
            JobKind::Air
                | JobKind::AirFind
                | JobKind::AirAhead
                | JobKind::TrafficClose
                | JobKind::TrafficLeave
                | JobKind::Fire
                | JobKind::FireCertainty
                | JobKind::Traffic
                | JobKind::Plan
                | JobKind::Table
                | JobKind::Ask
        )
    };
    if cx.session.jobs().iter().all(|j| told_elsewhere(j.kind)) {
        return;
    }
    // Progress comes from other threads: look again soon.
    ctx.request_repaint_after_secs(0.1);
    let palette = cx.palette;
    Area::new(Id::new("progress"))
        .order(Order::Foreground)
        .anchor(Align2::CENTER_TOP, vec2(0.0, 80.0))
        .constrain_to(free)
        .fade_in(false)
        .show(ctx, |ui| {
            floating_card(ui.style(), &palette).inner_margin(16).show(ui, |ui| {
                ui.set_width(360.0_f32.min(free.width() - 48.0));
                for job in cx.session.jobs() {
                    let key = match job.kind {
                        JobKind::Open => "ui-job-open",
                        JobKind::Read => "gis-job-read",
                        JobKind::Check => "gis-job-check",
                        JobKind::Export => "gis-job-export",
                        JobKind::Save => "ui-job-save",
                        JobKind::FireExport => "ui-job-fire-export",
                        JobKind::TrafficExport => "ui-job-traffic-export",
                        JobKind::Air
                        | JobKind::AirFind
                        | JobKind::AirAhead
                        | JobKind::TrafficClose
                        | JobKind::TrafficLeave
                        | JobKind::Fire
                        | JobKind::FireCertainty
                        | JobKind::Plan
                        | JobKind::Sea
                        | JobKind::Traffic
                        | JobKind::TrafficVehicles
                        | JobKind::TrafficReach
                        | JobKind::Table
                        | JobKind::Ask => {
                            continue;
                        }
                    };
                    let file = job.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                    let title = cx.say(&Message::new(key).with("file", file));
                    ui.add(Label::new(cx.strong(title)).truncate());
                    let state = job.progress();
                    let stage = state.stage.as_ref().map_or_else(|| cx.tr("ui-job-working"), |s| cx.say(s));
                    let stage = if job.is_cancelled() { cx.tr("ui-job-cancelling") } else { stage };
                    ui.add(Label::new(cx.weak(stage)).truncate());
                    match state.fraction() {
                        Some(part) => {
                            let text = cx.number(f64::from(part) * 100.0, 0, "%");
                            ui.add(ProgressBar::new(part).text(text).fill(palette.accent_soft));
                        }
                        None => {
                            ui.add(ProgressBar::new(1.0).animate(true).fill(palette.accent_soft));
                        }
                    }
                }
                ui.add_space(4.0);
                let cancelled = cx.session.jobs().iter().all(crate::session::jobs::Job::is_cancelled);
                let button = egui::Button::new(format!("{}  {}", icon::X_CIRCLE, cx.tr("ui-job-cancel")));
                if ui.add_enabled(!cancelled, button).clicked() {
                    cx.push(Command::CancelJobs);
                }
            });
        });
}
