//! What came of a traffic study: in sentences, by hour, by colour and width, and for a clicked road.

use egui::{Align2, ComboBox, FontId, Label, Pos2, Rect, RichText, Sense, Stroke, Ui, vec2};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::FileDialogs;
use super::ramp::ramp;
use super::study;
use super::widgets::{bullet, card, icon_button, pair, usage_bar};
use super::{traffic_leave, traffic_moving, traffic_odd};
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::session::traffic::{PickedLink, TrafficCommand, TrafficOutcome};
use crate::session::traffic_ribbons::{PER_POINT, RibbonColor, shade};
use crate::study::traffic::case::Hour;
use crate::study::traffic::links::LinkState;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs, outcome: &TrafficOutcome) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        if study::result_head(ui, cx, JobKind::TrafficExport, "ui-traffic-export") {
            let chosen = |folder| Command::Traffic(TrafficCommand::Export(folder));
            files.pick_folder(cx, "ui-dialog-traffic-folder", chosen);
        }
        for message in &outcome.result.headlines {
            bullet(ui, cx, message, cx.palette.text);
        }
        ui.separator();
        hours(ui, cx, outcome);
        colors(ui, cx, outcome);
        ui.separator();
        traffic_moving::show(ui, cx);
        ui.separator();
        totals(ui, cx, outcome);
        ui.separator();
        road(ui, cx, outcome);
    });
    ui.add_space(6.0);
    traffic_leave::show(ui, cx);
    traffic_odd::show(ui, cx, outcome);
    let heading = cx.strong(cx.tr("ui-air-assumptions"));
    egui::CollapsingHeader::new(heading).id_salt("assumptions-of-traffic").default_open(true).show(ui, |ui| {
        for message in &outcome.result.assumptions {
            bullet(ui, cx, message, cx.palette.text);
        }
    });
}

fn clock(hour: &Hour) -> String {
    format!("{:02}:00", hour.hour)
}

/// The hours to choose from.
fn hours(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &TrafficOutcome) {
    let shown = cx.session.traffic().shown;
    let hours = outcome.result.shown().1;
    ui.horizontal_wrapped(|ui| {
        for (i, hour) in hours.iter().enumerate() {
            if ui.add(egui::Button::selectable(i == shown, RichText::new(clock(hour)).size(13.0))).clicked() {
                cx.push(Command::Traffic(TrafficCommand::ShowHour(hour.hour)));
            }
        }
    });
}

/// The whole island in the hour that is shown.
fn totals(ui: &mut Ui, cx: &Cx<'_>, outcome: &TrafficOutcome) {
    let Some(totals) = outcome.result.totals.get(cx.session.traffic().shown) else { return };
    pair(ui, cx, &cx.tr("ui-traffic-vehicles"), cx.number(totals.vehicles, 0, &cx.tr("session-traffic-vehicles-h")));
    pair(ui, cx, &cx.tr("ui-traffic-mean-speed"), cx.number(totals.mean_speed_kmh(), 1, "km/h"));
    pair(ui, cx, &cx.tr("ui-traffic-delay"), cx.number(totals.delay_h, 0, "h"));
    pair(ui, cx, &cx.tr("ui-traffic-full-km"), cx.number(totals.full_km, 1, "km"));
}

/// What colours and widths mean.
fn colors(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &TrafficOutcome) {
    let now = cx.session.traffic().color;
    let mut chosen = now;
    let name = |color| cx.tr(shade(color).title);
    let width = ui.available_width() - 16.0;
    ComboBox::from_id_salt("colour-of-traffic").width(width).truncate().selected_text(name(now)).show_ui(ui, |ui| {
        for color in [RibbonColor::Full, RibbonColor::Speed, RibbonColor::Change] {
            let ready = color != RibbonColor::Change || outcome.result.plan.is_some();
            let choice = ui.add_enabled(ready, egui::Button::selectable(color == chosen, name(color)));
            if choice.on_disabled_hover_text(cx.tr("ui-traffic-no-change")).clicked() {
                chosen = color;
            }
        }
    });
    if chosen != now {
        cx.push(Command::Traffic(TrafficCommand::ShowColor(chosen)));
    }
    ramp(ui, cx, &shade(now), None);
    widths(ui, cx);
}

/// Three ribbons as wide as on the map.
fn widths(ui: &mut Ui, cx: &Cx<'_>) {
    ui.horizontal(|ui| {
        for vehicles in [600.0, 2400.0, 6000.0] {
            let (rect, _) = ui.allocate_exact_size(vec2(22.0, 14.0), Sense::hover());
            let stroke = Stroke::new((vehicles / PER_POINT) as f32, cx.palette.weak);
            ui.painter().line_segment([rect.left_center(), rect.right_center()], stroke);
            ui.label(cx.weak(cx.number(vehicles, 0, "")));
        }
        ui.label(cx.weak(cx.tr("session-traffic-vehicles-h")));
    });
}

/// The clicked road and its hours.
fn road(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &TrafficOutcome) {
    let Some(picked) = cx.session.traffic().picked else {
        ui.add(Label::new(cx.weak(cx.tr("ui-traffic-pick-hint"))).wrap());
        return;
    };
    let (case, hours) = outcome.result.shown();
    let link = &case.network.links[picked.link];
    ui.horizontal(|ui| {
        let name = if link.name.is_empty() { cx.tr("ui-traffic-nameless") } else { link.name.clone() };
        ui.label(cx.strong(name));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("ui-traffic-forget-road"), false).clicked() {
                cx.push(Command::Traffic(TrafficCommand::ForgetLink));
            }
        });
    });
    let Some(hour) = hours.get(cx.session.traffic().shown) else { return };
    for l in std::iter::once(picked.link).chain(picked.opposite) {
        let direction = cx.tr(heading_key(&case.network.links[l].line));
        ui.label(cx.weak(cx.say(&Message::new("ui-traffic-toward").with("direction", direction.as_str()))));
        figures(ui, cx, &hour.links[l]);
        change(ui, cx, outcome, l);
    }
    by_hour(ui, cx, hours, picked);
}

fn figures(ui: &mut Ui, cx: &Cx<'_>, s: &LinkState) {
    let v = &s.vehicles;
    pair(ui, cx, &cx.tr("ui-traffic-volume"), cx.number(v.sum(), 0, &cx.tr("session-traffic-vehicles-h")));
    let kinds = Message::new("ui-traffic-kinds")
        .with("motorbikes", v.motorbikes.round())
        .with("cars", (v.cars + v.taxis).round())
        .with("trucks", v.trucks.round());
    ui.add(Label::new(cx.weak(cx.say(&kinds))).wrap());
    let full = format!("{} ({})", cx.number(s.volume_to_capacity * 100.0, 0, "%"), s.level_of_service());
    pair(ui, cx, &cx.tr("session-traffic-full"), full);
    usage_bar(ui, &cx.palette, s.volume_to_capacity);
    let speed = cx.number(s.speed_kmh, 0, "km/h");
    pair(ui, cx, &cx.tr("ui-traffic-speed"), format!("{speed} · +{}", cx.number(s.delay_s, 0, "s")));
}

/// Vehicles more or fewer than without the plan.
fn change(ui: &mut Ui, cx: &Cx<'_>, outcome: &TrafficOutcome, link: usize) {
    let Some((_, _, hours)) = &outcome.result.plan else { return };
    let shown = cx.session.traffic().shown;
    let before =
        outcome.result.link_before(link).map_or(0.0, |b| outcome.result.base.hours[shown].links[b].vehicles.sum());
    let more = hours[shown].links[link].vehicles.sum() - before;
    let sign = if more > 0.0 { "+" } else { "" };
    let text = format!("{sign}{}", cx.number(more, 0, &cx.tr("session-traffic-vehicles-h")));
    pair(ui, cx, &cx.tr("session-traffic-change"), text);
}

/// A bar an hour, both directions together.
fn by_hour(ui: &mut Ui, cx: &Cx<'_>, hours: &[Hour], picked: PickedLink) {
    if hours.len() < 2 {
        return;
    }
    let of = |h: &Hour| {
        let other = picked.opposite.map_or(0.0, |o| h.links[o].vehicles.sum());
        h.links[picked.link].vehicles.sum() + other
    };
    let most = hours.iter().map(of).fold(1.0, f64::max);
    ui.label(cx.weak(cx.tr("ui-traffic-by-hour")));
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 64.0), Sense::hover());
    let step = rect.width() / hours.len() as f32;
    let painter = ui.painter();
    for (i, hour) in hours.iter().enumerate() {
        let height = (of(hour) / most) as f32 * 40.0;
        let left = rect.left() + i as f32 * step;
        let bar = Rect::from_min_max(
            Pos2::new(left + 2.0, rect.bottom() - 12.0 - height),
            Pos2::new(left + step - 2.0, rect.bottom() - 12.0),
        );
        let shown = i == cx.session.traffic().shown;
        painter.rect_filled(bar, 2.0, if shown { cx.palette.accent } else { cx.palette.accent_soft });
        let font = FontId::proportional(10.5);
        if hours.len() <= 12 || i % 3 == 0 {
            let text = format!("{}", hour.hour);
            painter.text(
                Pos2::new(bar.center().x, rect.bottom()),
                Align2::CENTER_BOTTOM,
                text,
                font.clone(),
                cx.palette.weak,
            );
        }
        if hours.len() <= 8 {
            let text = cx.number(of(hour), 0, "");
            painter.text(bar.center_top(), Align2::CENTER_BOTTOM, text, font, cx.palette.weak);
        }
    }
}

/// Catalogue key of the direction that a line leads in.
fn heading_key(line: &[[f64; 2]]) -> &'static str {
    let (Some(a), Some(b)) = (line.first(), line.last()) else { return super::wind_dial::compass_key(0.0) };
    let degrees = (b[0] - a[0]).atan2(b[1] - a[1]).to_degrees().rem_euclid(360.0);
    super::wind_dial::compass_key(degrees)
}
