//! How the live room says things: states as shape, colour and word; streams, rules and moments.

use egui::Color32;
use egui_phosphor::regular as icon;

use super::context::Cx;
use crate::live::alarm::rule::is_to_verify;
use crate::live::alarm::service;
use crate::live::board::StreamState;
use crate::model::sensor::{Flags, StationKind, StreamKey};

pub(super) fn state_color(state: StreamState) -> Color32 {
    match state {
        StreamState::Ok => Color32::from_rgb(46, 160, 67),
        StreamState::Warning => Color32::from_rgb(215, 140, 10),
        StreamState::Alarm => Color32::from_rgb(215, 38, 56),
        StreamState::Stale => Color32::from_rgb(120, 110, 150),
        StreamState::NoData => Color32::from_rgb(140, 146, 152),
    }
}

/// The shape that says the same as the colour, as on the map.
pub(super) fn state_icon(state: StreamState) -> &'static str {
    match state {
        StreamState::Ok => icon::CIRCLE,
        StreamState::Warning => icon::TRIANGLE,
        StreamState::Alarm => icon::DIAMOND,
        StreamState::Stale => icon::SQUARE,
        StreamState::NoData => icon::X,
    }
}

pub(super) fn state_key(state: StreamState) -> String {
    format!("ui-live-state-{}", state.code())
}

pub(super) fn kind_key(kind: StationKind) -> String {
    format!("sensor-kind-{}", format!("{kind:?}").to_lowercase())
}

/// "PM2.5, KK-01".
pub(super) fn stream_name(cx: &Cx<'_>, key: StreamKey) -> String {
    let network = cx.session.live().network();
    let Some(stream) = network.stream(key) else { return String::new() };
    let what = stream.property().map_or(stream.property.as_str(), |p| cx.title(&p.title));
    format!("{what}, {}", stream.station)
}

/// A rule of ours in words; a norm by its own name, and that it is to be verified where its row says so.
pub(super) fn rule_name(cx: &Cx<'_>, stream: StreamKey, rule: &str) -> String {
    if let Some(message) = service::message(rule) {
        return cx.say(&message);
    }
    let property = cx.session.live().network().stream(stream).map_or("", |s| s.property.as_str());
    let verify = if is_to_verify(property, rule) { format!(" ({})", cx.tr("sensor-verify")) } else { String::new() };
    format!("{rule}{verify}")
}

pub(super) fn flag_names(cx: &Cx<'_>, flags: Flags) -> String {
    let named = Flags::NAMED.iter().filter(|(flag, _)| flags.has(*flag));
    named.map(|(_, name)| cx.tr(&format!("sensor-flag-{name}"))).collect::<Vec<_>>().join(", ")
}

/// A value of a stream with its unit; what is only on or off in words.
pub(super) fn value_of(cx: &Cx<'_>, key: StreamKey, value: f64) -> String {
    let property = cx.session.live().network().stream(key).and_then(crate::model::sensor::Stream::property);
    if property.is_some_and(|p| p.code == "camera") {
        return cx.tr(if value >= 0.5 { "ui-live-picture" } else { "ui-live-no-picture" });
    }
    let (decimals, unit) = property.map_or((1, ""), |p| (p.decimals, p.unit.as_str()));
    cx.number(value, decimals, unit)
}

/// Local day and time.
pub(super) fn clock(time_ms: i64, utc_offset_hours: f64) -> String {
    local(time_ms, utc_offset_hours).strftime("%d/%m %H:%M").to_string()
}

/// "Thứ Ba 25/11 17:00".
pub(super) fn moment(cx: &Cx<'_>, time_ms: i64) -> String {
    let offset = offset(cx);
    let day = (time_ms + (offset * 3_600_000.0) as i64).div_euclid(86_400_000);
    // Day 0 of 1970 was a Thursday; 1 stands for Monday.
    let weekday = (day + 3).rem_euclid(7) + 1;
    format!("{} {}", cx.tr(&format!("ui-live-weekday-{weekday}")), clock(time_ms, offset))
}

pub(super) fn offset(cx: &Cx<'_>) -> f64 {
    cx.session.project().map_or(7.0, |p| p.utc_offset_hours)
}

fn local(time_ms: i64, utc_offset_hours: f64) -> jiff::Timestamp {
    let shifted = time_ms.saturating_add((utc_offset_hours * 3_600_000.0) as i64);
    jiff::Timestamp::from_millisecond(shifted).unwrap_or_default()
}
