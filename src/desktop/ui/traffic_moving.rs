//! Vehicles on their way, and how far one gets from a place.

use egui::{Button, Label, Sense, Ui, vec2};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::ramp::ramp;
use super::study;
use super::widgets::pair;
use crate::base::message::Message;
use crate::base::units::hours_minutes;
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::traffic::TrafficCommand;
use crate::sim::traffic::micro::simulation::JAMMED_S;

/// Colours of car, motorbike and truck as on the map, by the catalogue's keys.
const KINDS: [(&str, [u8; 3]); 3] = [
    ("ui-traffic-cars", [200, 204, 210]),
    ("ui-traffic-motorbikes", [214, 60, 70]),
    ("ui-traffic-trucks", [232, 150, 30]),
];

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.traffic();
    let (vehicles, far) = (desk.moving.wanted, desk.how_far.wanted);
    ui.horizontal_wrapped(|ui| {
        let text = format!("{}  {}", icon::CAR, cx.tr("ui-traffic-show-vehicles"));
        if ui.add(Button::new(text).selected(vehicles)).clicked() {
            cx.push(Command::Traffic(TrafficCommand::ShowVehicles(!vehicles)));
        }
        let text = format!("{}  {}", icon::PATH, cx.tr("ui-traffic-how-far"));
        if ui.add(Button::new(text).selected(far)).clicked() {
            cx.push(Command::Traffic(TrafficCommand::AskHowFar(!far)));
        }
    });
    let runs = |kind| cx.session.jobs().iter().any(|j| j.kind == kind);
    if vehicles {
        if runs(JobKind::TrafficVehicles) {
            waiting(ui, &cx.tr("traffic-stage-vehicles"));
        } else {
            on_the_road(ui, cx);
            closely(ui, cx);
        }
    }
    if far {
        match desk.how_far.field_view() {
            _ if runs(JobKind::TrafficReach) => waiting(ui, &cx.tr("ui-traffic-how-far")),
            Some(view) => {
                ramp(ui, cx, &view.shade, None);
                ui.add(Label::new(cx.weak(cx.tr("ui-traffic-how-far-hint"))).wrap());
            }
            None => {
                ui.add(Label::new(cx.weak(cx.tr("ui-traffic-how-far-click"))).wrap());
            }
        }
    }
}

fn waiting(ui: &mut Ui, text: &str) {
    ui.horizontal(|ui| {
        ui.add(egui::Spinner::new().size(14.0));
        ui.add(Label::new(text).wrap());
    });
    ui.ctx().request_repaint_after_secs(0.2);
}

/// The minutes around what is looked at, driven one by one.
fn closely(ui: &mut Ui, cx: &mut Cx<'_>) {
    if study::running(ui, cx, JobKind::TrafficClose) {
        return;
    }
    if cx.session.moving_vehicles().is_none() {
        return;
    }
    let text = format!("{}  {}", icon::MAGNIFYING_GLASS_PLUS, cx.tr("ui-traffic-look"));
    if ui.button(text).on_hover_text(cx.tr("ui-traffic-look-hint")).clicked() {
        cx.push(Command::Traffic(TrafficCommand::LookClosely));
    }
    let Some(close) = cx.session.close_look() else { return };
    let clock = |second: f64| hours_minutes(second.rem_euclid(86_400.0));
    let counts = close.counts;
    let told = Message::new("ui-traffic-look-told")
        .with("from", clock(close.look.from_s))
        .with("to", clock(close.look.from_s + close.look.span_s as f64))
        .with("came", close.came)
        .with("through", counts.arrived as f64)
        .with("speed", cx.number(counts.distance_m / counts.time_s.max(1.0) * 3.6, 0, "km/h"))
        .with("stand", cx.number(counts.longest_stand_s, 0, "s"));
    ui.add(Label::new(cx.say(&told)).wrap());
    if counts.longest_stand_s >= JAMMED_S {
        let jam = egui::RichText::new(cx.tr("ui-traffic-look-jam")).color(cx.palette.bad);
        ui.add(Label::new(jam).wrap());
    }
    ui.add(Label::new(cx.weak(cx.tr("ui-traffic-look-model"))).wrap());
}

/// How many there are at the moment, and what the colours mean.
fn on_the_road(ui: &mut Ui, cx: &Cx<'_>) {
    let Some((tracks, second)) = cx.session.moving_vehicles() else { return };
    let clock = |hour: usize| format!("{hour:02}:00");
    let known = (tracks.hours.start as f64 * 3600.0..tracks.hours.end as f64 * 3600.0).contains(&second);
    if !known {
        let hours = Message::new("ui-traffic-vehicles-known")
            .with("from", clock(tracks.hours.start))
            .with("to", clock(tracks.hours.end));
        ui.add(Label::new(cx.weak(cx.say(&hours))).wrap());
        return;
    }
    let mut by_kind = [0_u32; KINDS.len()];
    for stay in tracks.at(second) {
        if let Some(count) = tracks.kinds.get(stay.vehicle as usize).and_then(|k| by_kind.get_mut(usize::from(*k))) {
            *count += 1;
        }
    }
    let all = f64::from(by_kind.iter().sum::<u32>());
    pair(ui, cx, &cx.tr("ui-traffic-on-the-road"), cx.number(all, 0, &cx.tr("ui-traffic-vehicles-unit")));
    ui.horizontal_wrapped(|ui| {
        for ((key, [r, g, b]), count) in KINDS.into_iter().zip(by_kind) {
            let (rect, _) = ui.allocate_exact_size(vec2(12.0, 8.0), Sense::hover());
            ui.painter().rect_filled(rect, 2.0, egui::Color32::from_rgb(r, g, b));
            ui.label(cx.weak(format!("{} {}", cx.number(f64::from(count), 0, ""), cx.tr(key))));
        }
    });
    ui.add(Label::new(cx.weak(cx.tr("ui-traffic-vehicles-hint"))).wrap());
}
