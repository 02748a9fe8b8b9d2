//! Changing the scenario that is shown: what is drawn, with which figures, and what the norms say of it.

use std::ops::RangeInclusive;

use egui::{Button, ComboBox, DragValue, Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::plan_pick;
use super::widgets::{card, origin_chip, pair, primary_button};
use crate::base::message::Message;
use crate::model::change::ZoneRule;
use crate::model::landuse::land_use;
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::plan_draw::{Draft, Drawing, PlanForm};
use crate::study::effects::table::EffectTable;
use crate::study::fire::impact::FOREST_CODES;
use crate::study::zoning::check::Kind;
use crate::study::zoning::proposal::Proposal;

/// Signs of the drawing tools.
const SIGNS: [(Draft, &str); 9] = [
    (Draft::Zone, icon::POLYGON),
    (Draft::Road, icon::ROAD_HORIZON),
    (Draft::FuelBreak, icon::TREE),
    (Draft::Emitter, icon::FACTORY),
    (Draft::Outlet, icon::DROP),
    (Draft::Hydrant, icon::FIRE_EXTINGUISHER),
    (Draft::Sensor, icon::BROADCAST),
    (Draft::Lasso, icon::LASSO),
    (Draft::Split, icon::SCISSORS),
];
/// What a stack may give off.
const SUBSTANCES: [&str; 6] = ["pm25", "pm10", "no2", "nox", "so2", "co"];

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let plan = cx.session.plan();
    let (active, drawing) = (plan.active.is_some(), plan.drawing.clone());
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(cx.strong(cx.tr("whatif-draw-title")));
        if !active {
            ui.add(Label::new(cx.weak(cx.tr("whatif-draw-no-scenario"))).wrap());
            return;
        }
        tools(ui, cx, drawing.as_ref());
        let mut form = cx.session.plan().form.clone();
        match &drawing {
            Some(drawing) => {
                ui.add(Label::new(cx.weak(cx.tr(&format!("whatif-draw-hint-{}", drawing.what.code())))).wrap());
                fields(ui, cx, drawing.what, &mut form);
                judged(ui, cx);
                buttons(ui, cx, drawing);
            }
            None => plan_pick::show(ui, cx, &mut form),
        }
        if form != cx.session.plan().form {
            cx.push(Command::Plan(PlanCommand::SetForm(Box::new(form))));
        }
    });
}

fn tools(ui: &mut Ui, cx: &mut Cx<'_>, drawing: Option<&Drawing>) {
    ui.horizontal_wrapped(|ui| {
        for (what, sign) in SIGNS {
            let on = drawing.is_some_and(|d| d.what == what);
            // Only a zone that is being drawn can be parted.
            let ready = what != Draft::Split || on || drawing.is_some_and(|d| d.what == Draft::Zone);
            let name = cx.tr(&format!("whatif-draw-{}", what.code()));
            let word = format!("{sign} {}", cx.tr(&format!("whatif-tool-{}", what.code())));
            let button = ui.add_enabled(ready, Button::new(RichText::new(word).size(13.0)).selected(on));
            if button.on_hover_text(&name).on_disabled_hover_text(&name).clicked() {
                cx.push(Command::Plan(PlanCommand::Draw((!on).then_some(what))));
            }
        }
    });
}

/// A number with its unit and its name.
fn number(ui: &mut Ui, cx: &Cx<'_>, key: &str, value: &mut f64, range: RangeInclusive<f64>, unit: &str) {
    ui.horizontal(|ui| {
        ui.allocate_ui(egui::vec2(170.0, 18.0), |ui| {
            ui.set_width(170.0);
            ui.label(cx.weak(cx.tr(key)));
        });
        drag(ui, cx, value, range, unit);
    });
}

fn drag(ui: &mut Ui, cx: &Cx<'_>, value: &mut f64, range: RangeInclusive<f64>, unit: &str) {
    let decimals = if *range.end() > 100.0 { 0 } else { 2 };
    let speed = (range.end() - range.start()) / 400.0;
    ui.add(DragValue::new(value).range(range).speed(speed).suffix(unit).custom_formatter(cx.formatter(decimals)));
}

/// A number that may be left to the land use.
fn maybe(
    ui: &mut Ui,
    cx: &Cx<'_>,
    key: &str,
    value: &mut Option<f64>,
    usual: f64,
    range: RangeInclusive<f64>,
    unit: &str,
) {
    ui.horizontal(|ui| {
        ui.allocate_ui(egui::vec2(170.0, 18.0), |ui| {
            ui.set_width(170.0);
            let mut on = value.is_some();
            if ui.checkbox(&mut on, cx.weak(cx.tr(key))).changed() {
                *value = on.then_some(usual);
            }
        });
        match value {
            Some(value) => drag(ui, cx, value, range, unit),
            None => {
                ui.label(cx.weak(cx.tr("whatif-draw-by-use")));
            }
        }
    });
}

pub(super) fn rule_fields(ui: &mut Ui, cx: &Cx<'_>, rule: &mut ZoneRule) {
    let name_of =
        |code: &str| land_use(code).map_or_else(|| code.to_owned(), |l| format!("{code} · {}", cx.title(&l.name)));
    ComboBox::from_id_salt("plan-use").width(300.0).selected_text(name_of(&rule.land_use)).show_ui(ui, |ui| {
        for known in EffectTable::shipped().map(|t| t.uses).unwrap_or_default() {
            let name = name_of(&known.code);
            ui.selectable_value(&mut rule.land_use, known.code, name);
        }
    });
    maybe(ui, cx, "ui-rights-plot-ratio", &mut rule.plot_ratio, 1.0, 0.0..=15.0, "");
    let mut percent = rule.coverage.map(|c| c * 100.0);
    maybe(ui, cx, "ui-rights-coverage", &mut percent, 25.0, 0.0..=100.0, " %");
    rule.coverage = percent.map(|p| p / 100.0);
    maybe(ui, cx, "ui-rights-height", &mut rule.max_height_m, 20.0, 0.0..=300.0, " m");
    maybe(ui, cx, "whatif-draw-setback", &mut rule.setback_m, 3.0, 0.0..=60.0, " m");
    maybe(
        ui,
        cx,
        "whatif-draw-residents",
        &mut rule.residents_per_ha,
        100.0,
        0.0..=3000.0,
        cx.tr("whatif-draw-per-ha").as_str(),
    );
    maybe(ui, cx, "whatif-draw-jobs", &mut rule.jobs_per_ha, 50.0, 0.0..=3000.0, cx.tr("whatif-draw-per-ha").as_str());
}

pub(super) fn road_fields(ui: &mut Ui, cx: &Cx<'_>, form: &mut PlanForm) {
    number(ui, cx, "whatif-draw-width", &mut form.width_m, 3.0..=120.0, " m");
    let mut lanes = f64::from(form.lanes);
    number(ui, cx, "whatif-draw-lanes", &mut lanes, 1.0..=16.0, "");
    form.lanes = lanes.round() as u8;
    number(ui, cx, "whatif-draw-speed", &mut form.speed_kmh, 10.0..=120.0, " km/h");
}

fn sensor_fields(ui: &mut Ui, cx: &Cx<'_>, form: &mut PlanForm) {
    let layers: Vec<_> = cx.session.sensor_layers().map(|l| (l.id.0.clone(), cx.title(&l.title).to_owned())).collect();
    if layers.iter().all(|(id, _)| *id != form.sensors) {
        form.sensors = layers.first().map_or_else(String::new, |l| l.0.clone());
    }
    let name = layers.iter().find(|(id, _)| *id == form.sensors).map_or("", |l| &l.1);
    ComboBox::from_id_salt("plan-sensors").width(300.0).selected_text(name).show_ui(ui, |ui| {
        for (id, name) in &layers {
            ui.selectable_value(&mut form.sensors, id.clone(), name);
        }
    });
}

fn fields(ui: &mut Ui, cx: &Cx<'_>, what: Draft, form: &mut PlanForm) {
    if !matches!(what, Draft::FuelBreak | Draft::Hydrant | Draft::Lasso | Draft::Split) {
        ui.add(TextEdit::singleline(&mut form.name).hint_text(cx.tr("whatif-draw-name")).desired_width(300.0));
    }
    match what {
        Draft::Zone => rule_fields(ui, cx, &mut form.rule),
        Draft::Road => road_fields(ui, cx, form),
        Draft::FuelBreak => number(ui, cx, "whatif-draw-width", &mut form.width_m, 3.0..=300.0, " m"),
        Draft::Emitter => {
            number(ui, cx, "whatif-draw-stack", &mut form.height_m, 0.0..=300.0, " m");
            ComboBox::from_id_salt("plan-substance").selected_text(form.substance.to_uppercase()).show_ui(ui, |ui| {
                for substance in SUBSTANCES {
                    ui.selectable_value(&mut form.substance, substance.to_owned(), substance.to_uppercase());
                }
            });
            number(ui, cx, "whatif-draw-rate", &mut form.rate_g_s, 0.0..=1000.0, " g/s");
        }
        Draft::Outlet => {
            number(
                ui,
                cx,
                "whatif-draw-flow",
                &mut form.flow_m3_day,
                0.0..=200_000.0,
                cx.tr("whatif-draw-m3-day").as_str(),
            );
            let mut logarithm = form.cfu_per_100ml.max(1.0).log10();
            number(ui, cx, "whatif-draw-coliform", &mut logarithm, 0.0..=9.0, "");
            form.cfu_per_100ml = 10_f64.powf(logarithm);
        }
        Draft::Sensor => sensor_fields(ui, cx, form),
        Draft::Hydrant | Draft::Lasso | Draft::Split => {}
    }
}

/// What a zone would bring, take and break.
fn judged(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(found) = &cx.session.plan().proposal else { return };
    ui.separator();
    ui.horizontal(|ui| {
        ui.label(cx.strong(cx.tr("whatif-draw-brings")));
        origin_chip(ui, cx, Origin::Assumed);
    });
    brings(ui, cx, found);
    if found.violations.is_empty() {
        let text = RichText::new(format!("{}  {}", icon::CHECK_CIRCLE, cx.tr("whatif-draw-allowed")));
        ui.add(Label::new(text.size(13.0).color(cx.palette.good)).wrap());
    }
    for violation in &found.violations {
        let number = |v: f64| match violation.kind {
            Kind::Coverage => cx.number(v * 100.0, 0, "%"),
            Kind::PlotRatio => cx.number(v, 2, ""),
            Kind::Height | Kind::Setback => cx.number(v, 1, "m"),
        };
        let key = if violation.kind == Kind::Setback { "whatif-draw-breach-least" } else { "whatif-draw-breach" };
        let message = Message::new(key)
            .with("kind", Message::new(violation.kind.key()))
            .with("found", number(violation.found))
            .with("most", number(violation.most))
            .with("clause", violation.clause.as_str());
        let verify = if violation.verify { format!(" ({})", cx.tr("sensor-verify")) } else { String::new() };
        let text = format!("{}  {}{verify}", icon::WARNING, cx.say(&message));
        ui.add(Label::new(RichText::new(text).size(13.0).color(cx.palette.bad)).wrap());
    }
    for (code, area_m2) in found.takes.iter().take(4) {
        let name = land_use(code).map_or_else(|| code.clone(), |l| cx.title(&l.name).to_owned());
        let part = 100.0 * area_m2 / found.area_m2.max(1e-9);
        let value = format!("{} ({})", cx.number(area_m2 / 1e4, 2, "ha"), cx.number(part, 0, "%"));
        // Forest that the law protects: taking it needs a decision of its own.
        let color = if FOREST_CODES[..2].contains(&code.as_str()) { cx.palette.warn } else { cx.palette.text };
        pair(ui, cx, &cx.say(&Message::new("whatif-draw-takes").with("use", name)), RichText::new(value).color(color));
    }
}

fn brings(ui: &mut Ui, cx: &Cx<'_>, found: &Proposal) {
    let yields = &found.yields;
    for (key, value, decimals, unit) in [
        ("whatif-draw-area", found.area_m2 / 1e4, 2, "ha"),
        ("whatif-draw-setback", found.setback_m, 1, "m"),
        ("whatif-draw-floor", yields.floor_m2, 0, "m²"),
        ("whatif-draw-people", yields.residents, 0, ""),
        ("whatif-draw-work", yields.jobs, 0, ""),
        ("whatif-draw-trips", yields.trips_a_day, 0, ""),
        ("whatif-draw-water", yields.water_m3_a_day, 0, "m³"),
        ("whatif-draw-power", yields.power_kw, 0, "kW"),
        ("whatif-draw-parcels", found.parcels as f64, 0, ""),
    ] {
        if value > 0.0 {
            pair(ui, cx, &cx.tr(key), cx.number(value, decimals, unit));
        }
    }
}

fn buttons(ui: &mut Ui, cx: &mut Cx<'_>, drawing: &Drawing) {
    let ready = drawing.points.len() >= drawing.what.least();
    let palette = cx.palette;
    ui.horizontal_wrapped(|ui| {
        if drawing.what.least() > 1 || drawing.replaces.is_some() {
            let text = cx.tr(if drawing.replaces.is_some() { "whatif-draw-change" } else { "whatif-draw-finish" });
            if ui.add_enabled_ui(ready, |ui| primary_button(ui, &palette, text)).inner.clicked() {
                cx.push(Command::Plan(PlanCommand::Finish));
            }
            let back = Button::new(cx.tr("whatif-draw-back"));
            if ui.add_enabled(!drawing.points.is_empty(), back).clicked() {
                cx.push(Command::Plan(PlanCommand::TakePointBack));
            }
        }
        if ui.button(cx.tr("whatif-draw-drop")).clicked() {
            cx.push(Command::Plan(PlanCommand::Draw(None)));
        }
    });
}
