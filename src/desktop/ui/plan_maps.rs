//! Which map of the two plans is shown, and what its colours mean.

use egui::{Button, Label, RichText, Ui};

use super::context::Cx;
use super::ramp::ramp;
use super::widgets::origin_chip;
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::plan::{PlanCommand, PlanOutcome};
use crate::session::plan_beside::BesideWish;
use crate::session::plan_maps::{FIRE_FROM_HOUR, MapView, Moment, PlanMap};
use crate::study::whatif::run::Model;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &PlanOutcome) {
    let plan = cx.session.plan();
    let (now, view) = (plan.map, plan.map_view);
    ui.horizontal(|ui| {
        ui.label(cx.strong(cx.tr("ui-fire-on-map")));
        origin_chip(ui, cx, Origin::Simulated);
    });
    ui.horizontal_wrapped(|ui| {
        for (number, map) in outcome.maps.iter().enumerate() {
            let text = RichText::new(cx.say(&map.name)).size(13.0);
            if ui.add(Button::selectable(now == Some(number), text)).clicked() {
                cx.push(Command::Plan(PlanCommand::ShowMap((now != Some(number)).then_some(number))));
            }
        }
    });
    let Some(map) = now.and_then(|n| outcome.maps.get(n)) else { return };
    how(ui, cx, map, view);
    if map.is_empty(view) {
        ui.add(Label::new(cx.weak(cx.tr("whatif-map-nothing"))).wrap());
        return;
    }
    if let Some(Moment::Hour(hour)) = cx.session.plan_map_moment() {
        ui.add(Label::new(RichText::new(cx.say(&at(map, hour))).size(13.0)).wrap());
    }
    ramp(ui, cx, map.shade(view), None);
    let meaning = match (view.own, map.model) {
        (false, _) => "whatif-map-colours",
        (true, Model::Traffic) => "whatif-map-full",
        (true, _) => map.shade(view).title,
    };
    ui.add(Label::new(cx.weak(cx.tr(meaning))).wrap());
    let text = cx.tr("whatif-map-put-beside");
    if view.own && !both_are_seen(cx, outcome) && ui.push_id("put-beside", |ui| ui.button(text)).inner.clicked() {
        let [first, second] = outcome.names.clone();
        cx.push(Command::Plan(PlanCommand::Activate(first)));
        cx.push(Command::Plan(PlanCommand::Beside(BesideWish::Plan(second))));
    }
}

/// Of both plans the difference, or each on its side; of the day, or as the clock goes.
fn how(ui: &mut Ui, cx: &mut Cx<'_>, map: &PlanMap, view: MapView) {
    let mut wanted = view;
    let mut choice = |ui: &mut Ui, key: &str, chosen: bool, wish: MapView| {
        if ui.add(Button::selectable(chosen, RichText::new(cx.tr(key)).size(13.0))).clicked() {
            wanted = wish;
        }
    };
    ui.horizontal_wrapped(|ui| {
        choice(ui, "whatif-map-difference", !view.own, MapView { own: false, ..view });
        choice(ui, "whatif-map-own", view.own, MapView { own: true, ..view });
    });
    if map.by_hour {
        ui.horizontal_wrapped(|ui| {
            choice(ui, "whatif-map-day", !view.by_clock, MapView { by_clock: false, ..view });
            choice(ui, "whatif-map-clock", view.by_clock, MapView { by_clock: true, ..view });
        });
    }
    if wanted != view {
        cx.push(Command::Plan(PlanCommand::SetMapView(wanted)));
    }
}

/// Which hour the map shows.
fn at(map: &PlanMap, hour: usize) -> Message {
    let clock = |hour: usize| format!("{hour:02}:00");
    match (map.model, hour.checked_sub(FIRE_FROM_HOUR).map(|since| since + 1)) {
        (Model::Fire, None) => Message::new("whatif-map-before-fire").with("clock", clock(FIRE_FROM_HOUR)),
        (Model::Fire, Some(hours)) => {
            Message::new("whatif-map-after-fire").with("clock", clock(FIRE_FROM_HOUR)).with("hours", hours)
        }
        _ => Message::new("whatif-map-at").with("from", clock(hour)).with("to", clock(hour + 1)),
    }
}

fn both_are_seen(cx: &Cx<'_>, outcome: &PlanOutcome) -> bool {
    let plan = cx.session.plan();
    let beside = plan.beside.as_ref().map(|b| &b.scenario);
    let [a, b] = &outcome.names;
    (&plan.active, beside) == (a, Some(b)) || (&plan.active, beside) == (b, Some(a))
}
