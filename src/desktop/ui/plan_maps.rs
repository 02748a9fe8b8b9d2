//! Which difference between the two plans lies over the map, and what its colours mean.

use egui::{Label, RichText, Ui};

use super::air_result::ramp;
use super::context::Cx;
use super::widgets::origin_chip;
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::plan::{PlanCommand, PlanOutcome};
use crate::session::plan_maps::Drawn;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &PlanOutcome) {
    let now = cx.session.plan().map;
    ui.horizontal(|ui| {
        ui.label(cx.strong(cx.tr("whatif-map-title")));
        origin_chip(ui, cx, Origin::Simulated);
    });
    ui.horizontal_wrapped(|ui| {
        for (number, map) in outcome.maps.iter().enumerate() {
            let text = RichText::new(cx.say(&map.name)).size(13.0);
            let button = ui.add(egui::Button::selectable(now == Some(number), text));
            if button.clicked() {
                cx.push(Command::Plan(PlanCommand::ShowMap((now != Some(number)).then_some(number))));
            }
        }
    });
    let Some(map) = now.and_then(|n| outcome.maps.get(n)) else { return };
    if matches!(map.drawn, Drawn::Nothing) {
        ui.add(Label::new(cx.weak(cx.tr("whatif-map-nothing"))).wrap());
        return;
    }
    ramp(ui, cx, &map.shade, None);
    ui.add(Label::new(cx.weak(cx.tr("whatif-map-colours"))).wrap());
}
