//! Everybody leaves a commune: asked for in the traffic panel, told with what it assumes, and as a curve.

use egui::{Checkbox, ComboBox, Label, Ui};
use egui_plot::{Line, Plot, PlotPoints};

use super::context::Cx;
use super::study;
use super::widgets::bullet;
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::traffic::TrafficCommand;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let heading = cx.strong(cx.tr("ui-traffic-leave"));
    egui::CollapsingHeader::new(heading).id_salt("everybody-leaves").show(ui, |ui| {
        let before = cx.session.traffic().leave.form.clone();
        let mut form = before.clone();
        let name =
            |commune: &str| if commune.is_empty() { cx.tr("ui-traffic-leave-largest") } else { commune.to_owned() };
        ComboBox::from_id_salt("commune-to-leave").width(220.0).selected_text(name(&form.commune)).show_ui(ui, |ui| {
            for commune in std::iter::once(String::new()).chain(cx.session.communes()) {
                let text = name(&commune);
                ui.selectable_value(&mut form.commune, commune, text);
            }
        });
        let fire = cx.session.has_fire();
        ui.add_enabled(fire, Checkbox::new(&mut form.fire, cx.tr("ui-traffic-leave-fire")))
            .on_disabled_hover_text(cx.tr("ui-traffic-leave-no-fire"));
        if form != before {
            cx.push(Command::Traffic(TrafficCommand::SetLeave(form)));
        }
        if study::running(ui, cx, JobKind::TrafficLeave) {
            return;
        }
        ui.horizontal(|ui| {
            if ui.button(cx.tr("ui-traffic-leave-run")).clicked() {
                cx.push(Command::Traffic(TrafficCommand::Leave));
            }
            if cx.session.traffic().leave.outcome.is_some() && ui.button(cx.tr("ui-fire-forget")).clicked() {
                cx.push(Command::Traffic(TrafficCommand::ForgetLeave));
            }
        });
        let Some(outcome) = &cx.session.traffic().leave.outcome else { return };
        if outcome.form != before {
            let stale = egui::RichText::new(cx.tr("ui-fire-stale")).size(12.5).color(cx.palette.warn);
            ui.add(Label::new(stale).wrap());
        }
        for message in &outcome.sentences {
            bullet(ui, cx, message, cx.palette.text);
        }
        let points: PlotPoints<'_> = outcome.out.iter().map(|[t, share]| [*t, 100.0 * share]).collect();
        Plot::new("who-is-out")
            .height(120.0)
            .include_y(0.0)
            .include_y(100.0)
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .x_axis_label(cx.tr("ui-traffic-leave-minutes"))
            .y_axis_label(cx.tr("ui-traffic-leave-share"))
            .show(ui, |plot| plot.line(Line::new("out", points).color(cx.palette.accent).width(2.0)));
    });
}
