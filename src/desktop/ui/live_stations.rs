//! The stations by kind, the one that was clicked with all it measures, and what lies between stations.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Button, ComboBox, Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::live_words::{clock, flag_names, kind_key, offset, state_color, state_icon, state_key, value_of};
use super::ramp::ramp;
use super::widgets::{card, icon_button};
use crate::base::fold::fold_accents;
use crate::base::message::Message;
use crate::desktop::station_sign::kind_icon;
use crate::live::board::StreamState;
use crate::model::norm::PropertyTable;
use crate::model::sensor::{StationKind, StreamKey};
use crate::session::command::Command;
use crate::session::live::LiveCommand;
use crate::session::live_place::Placing;

const MOST: usize = 60;
/// Quantities of which a field between stations means something.
const FIELDS: [&str; 9] = ["pm25", "pm10", "no2", "so2", "co", "o3", "noise", "temperature", "humidity"];
/// A camera that looks less far is shown as a cone alone: the terrain's cells are too coarse for it.
const FAR_M: f64 = 500.0;

#[derive(Default)]
pub(super) struct StationList {
    search: String,
    kind: Option<StationKind>,
    state: Option<StreamState>,
    /// Kind of the station that is placed next.
    placing_as: Option<StationKind>,
}

struct Row {
    id: String,
    title: String,
    kind: StationKind,
    state: StreamState,
    value: String,
}

impl StationList {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        if let Some(id) = cx.session.live().picked.clone() {
            station(ui, cx, &id);
            ui.add_space(6.0);
        }
        field(ui, cx);
        ui.add_space(6.0);
        self.filters(ui, cx);
        let rows = self.rows(cx);
        ui.label(cx.weak(cx.say(&Message::new("ui-live-stations").with("count", rows.len()))));
        for row in rows.iter().take(MOST) {
            ui.horizontal(|ui| {
                let sign = RichText::new(state_icon(row.state)).color(state_color(row.state));
                ui.label(sign).on_hover_text(cx.tr(&state_key(row.state)));
                ui.label(cx.weak(kind_icon(row.kind)));
                let on = cx.session.live().picked.as_ref() == Some(&row.id);
                let button = ui.add(Button::selectable(on, RichText::new(&row.title).size(13.0)).truncate());
                if button.on_hover_text(&row.value).clicked() {
                    cx.push(Command::Live(LiveCommand::Pick(Some(row.id.clone()))));
                }
            });
        }
        if rows.len() > MOST {
            let more = Message::new("ui-legend-more").with("count", rows.len() - MOST);
            ui.label(cx.weak(cx.say(&more)));
        }
        self.unplaced(ui, cx);
    }

    /// Lists the stations with streams in a state.
    pub(super) fn only(&mut self, state: StreamState) {
        *self = Self { state: Some(state), ..Self::default() };
    }

    fn filters(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        ui.horizontal_wrapped(|ui| {
            let hint = cx.tr("ui-live-search");
            ui.add(TextEdit::singleline(&mut self.search).hint_text(hint).desired_width(110.0));
            let every = cx.tr("ui-live-every");
            let kind = self.kind.map_or_else(|| every.clone(), |k| cx.tr(&kind_key(k)));
            ComboBox::from_id_salt("live-kind").width(100.0).selected_text(kind).show_ui(ui, |ui| {
                ui.selectable_value(&mut self.kind, None, &every);
                for kind in StationKind::ALL {
                    ui.selectable_value(&mut self.kind, Some(kind), cx.tr(&kind_key(kind)));
                }
            });
            let state = self.state.map_or_else(|| every.clone(), |s| cx.tr(&state_key(s)));
            ComboBox::from_id_salt("live-state").width(90.0).selected_text(state).show_ui(ui, |ui| {
                ui.selectable_value(&mut self.state, None, &every);
                for state in StreamState::ALL {
                    ui.selectable_value(&mut self.state, Some(state), cx.tr(&state_key(state)));
                }
            });
        });
    }

    /// The worst first, else in the order of the file.
    fn rows(&self, cx: &Cx<'_>) -> Vec<Row> {
        let wanted = fold_accents(&self.search);
        let live = cx.session.live();
        // Any of a station's streams: one that is silent is not hidden by another one's alarm.
        let mut found: BTreeSet<&str> = BTreeSet::new();
        if let Some(state) = self.state {
            let streams = live.network().streams().iter().enumerate();
            let in_it = streams.filter(|(i, _)| live.stream_now(StreamKey(*i as u32)).state == state);
            found.extend(in_it.map(|(_, s)| s.station.as_str()));
        }
        let mut rows: Vec<Row> = cx
            .session
            .live()
            .stations()
            .into_iter()
            .filter(|s| self.kind.is_none_or(|k| k == s.station.kind))
            .filter(|s| self.state.is_none() || found.contains(s.station.id.as_str()))
            .map(|s| {
                let value = s.main.as_ref().and_then(|(key, _, now)| now.latest.map(|(_, v)| value_of(cx, *key, v)));
                Row {
                    id: s.station.id.clone(),
                    title: format!("{} · {}", s.station.id, cx.title(&s.station.title)),
                    kind: s.station.kind,
                    state: s.state,
                    value: value.unwrap_or_default(),
                }
            })
            .filter(|row| wanted.is_empty() || fold_accents(&row.title).contains(&wanted))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.state.rank()));
        rows
    }

    /// Stations that nobody has placed on the map, as a source brought them, with what they send.
    fn unplaced(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let live = cx.session.live();
        let network = live.network();
        let wanted = fold_accents(&self.search);
        let mut found: BTreeMap<String, Vec<StreamKey>> = BTreeMap::new();
        for (i, stream) in network.streams().iter().enumerate().filter(|(_, s)| network.station(&s.station).is_none()) {
            if wanted.is_empty() || fold_accents(&stream.name()).contains(&wanted) {
                found.entry(stream.station.clone()).or_default().push(StreamKey(i as u32));
            }
        }
        if found.is_empty() {
            return;
        }
        ui.add_space(6.0);
        let count = Message::new("ui-live-unplaced").with("count", found.len());
        ui.label(cx.strong(cx.say(&count)));
        for (station, streams) in found.into_iter().take(MOST) {
            self.place(ui, cx, &station, &streams);
            for key in streams {
                stream(ui, cx, key);
            }
        }
    }

    /// The way to give a station its place: of which kind it is, then a click on the ground.
    fn place(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, station: &str, streams: &[StreamKey]) {
        let placing = cx.session.live().placing.clone().filter(|p| p.station == station);
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            ui.label(cx.strong(station));
            if let Some(placing) = placing {
                let hint = Message::new("ui-live-place-click").with("kind", cx.tr(&kind_key(placing.kind)));
                ui.label(RichText::new(cx.say(&hint)).size(12.5).color(cx.palette.accent));
                if ui.button(cx.tr("ui-live-back")).clicked() {
                    cx.push(Command::Live(LiveCommand::Place(None)));
                }
                return;
            }
            let network = cx.session.live().network();
            let properties: Vec<&str> =
                streams.iter().filter_map(|k| network.stream(*k)).map(|s| s.property.as_str()).collect();
            let likely = StationKind::likely(&properties);
            let mut kind = self.placing_as.unwrap_or(likely);
            ComboBox::from_id_salt(("live-place", station)).width(100.0).selected_text(cx.tr(&kind_key(kind))).show_ui(
                ui,
                |ui| {
                    for each in StationKind::ALL {
                        if ui.selectable_value(&mut kind, each, cx.tr(&kind_key(each))).clicked() {
                            self.placing_as = Some(each);
                        }
                    }
                },
            );
            if ui.button(format!("{}  {}", icon::MAP_PIN_PLUS, cx.tr("ui-live-place"))).clicked() {
                let placing = Placing { station: station.to_owned(), kind };
                self.placing_as = None;
                cx.push(Command::Live(LiveCommand::Place(Some(placing))));
            }
        });
    }
}

/// One station: its index, its values, which of them are in the chart.
fn station(ui: &mut Ui, cx: &mut Cx<'_>, id: &str) {
    let live = cx.session.live();
    let Some(station) = live.network().station(id).cloned() else { return };
    let streams: Vec<StreamKey> = live.streams_of(id).into_iter().map(|(key, _)| key).collect();
    let aqi = live.board().aqi.get(id).cloned().filter(|_| !live.is_past());
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.label(RichText::new(kind_icon(station.kind)).size(16.0).color(cx.palette.accent));
            let title = cx.strong(format!("{} · {}", station.id, cx.title(&station.title)));
            // The buttons first: the title takes what they leave.
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button(ui, icon::X, &cx.tr("ui-live-close-station"), false).clicked() {
                    cx.push(Command::Live(LiveCommand::Pick(None)));
                }
                if icon_button(ui, icon::MAP_PIN, &cx.tr("ui-live-fly"), false).clicked() {
                    cx.push(Command::Live(LiveCommand::FlyTo { station: id.to_owned() }));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(Label::new(title).truncate());
                });
            });
        });
        for (key, aqi) in aqi.iter().flat_map(|a| [("ui-live-aqi-hour", &a.hourly), ("ui-live-aqi-day", &a.daily)]) {
            let text = match aqi {
                Some(aqi) => {
                    let level = cx.tr(&format!("ui-live-aqi-{}", format!("{:?}", aqi.level).to_lowercase()));
                    cx.say(&Message::new(key).with("index", aqi.index.to_string()).with("level", level))
                }
                None => cx.say(&Message::new("ui-live-aqi-none").with("which", cx.tr(&format!("{key}-name")))),
            };
            ui.add(Label::new(RichText::new(text).size(13.0)).wrap());
        }
        for key in streams {
            stream(ui, cx, key);
        }
        if let Some(cone) = station.cone {
            seen(ui, cx, id, cone.range_m);
        }
    });
}

fn stream(ui: &mut Ui, cx: &mut Cx<'_>, key: StreamKey) {
    let live = cx.session.live();
    let now = live.stream_now(key);
    let on = live.chart.chosen.contains(&key);
    let Some(stream) = live.network().stream(key) else { return };
    let title = stream.property().map_or(stream.property.clone(), |p| cx.title(&p.title).to_owned());
    ui.horizontal_wrapped(|ui| {
        let sign = RichText::new(state_icon(now.state)).color(state_color(now.state));
        ui.label(sign).on_hover_text(cx.tr(&state_key(now.state)));
        if ui.add(Button::selectable(on, RichText::new(title).size(13.0))).clicked() {
            cx.push(Command::Live(LiveCommand::Choose(key)));
        }
        if let Some((time_ms, value)) = now.latest {
            ui.label(RichText::new(value_of(cx, key, value)).size(13.0));
            ui.label(cx.weak(clock(time_ms, offset(cx))));
        }
        if now.flags.is_unreliable() {
            ui.label(RichText::new(flag_names(cx, now.flags)).size(12.5).color(cx.palette.warn));
        }
    });
}

fn seen(ui: &mut Ui, cx: &mut Cx<'_>, id: &str, range_m: f64) {
    if range_m < FAR_M {
        return;
    }
    let on = cx.session.live().seen_of.as_deref() == Some(id);
    if ui.add(Button::selectable(on, format!("{}  {}", icon::EYE, cx.tr("ui-live-seen")))).clicked() {
        cx.push(Command::Live(LiveCommand::ShowSeen((!on).then(|| id.to_owned()))));
    }
    if let Some(seen) = cx.session.live().seen.as_ref().filter(|s| s.station == id) {
        let message = Message::new("ui-live-seen-share")
            .with("share", cx.number(seen.share * 100.0, 0, "%"))
            .with("range", cx.number(range_m / 1000.0, 1, "km"))
            .with("eye", cx.number(crate::session::live_seen::EYE_M, 0, "m"))
            .with("target", cx.number(crate::session::live_seen::TARGET_M, 0, "m"));
        ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
    }
}

/// What lies between the stations, and how far it is to be believed.
fn field(ui: &mut Ui, cx: &mut Cx<'_>) {
    let chosen = cx.session.live().field_of.clone();
    let name = |code: &str| {
        PropertyTable::standard().get(code).map_or_else(|| code.to_owned(), |p| cx.title(&p.title).to_owned())
    };
    let mut wanted = chosen.clone();
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr("ui-live-field")));
        let text = chosen.as_deref().map_or_else(|| cx.tr("ui-live-field-none"), name);
        ComboBox::from_id_salt("live-field").width(150.0).selected_text(text).show_ui(ui, |ui| {
            ui.selectable_value(&mut wanted, None, cx.tr("ui-live-field-none"));
            for code in FIELDS {
                ui.selectable_value(&mut wanted, Some(code.to_owned()), name(code));
            }
        });
    });
    if wanted != chosen {
        cx.push(Command::Live(LiveCommand::ShowField(wanted)));
    }
    let Some(field) = &cx.session.live().field else {
        if chosen.is_some() {
            let key = if cx.session.live().is_reading() { "ui-live-field-wait" } else { "ui-live-field-few" };
            ui.add(Label::new(cx.weak(cx.tr(key))).wrap());
        }
        return;
    };
    ramp(ui, cx, &field.view().shade, None);
    let (decimals, unit) = (field.property.decimals, field.property.unit.as_str());
    let message = Message::new("ui-live-field-error")
        .with("stations", field.stations)
        .with("error", cx.number(field.error, decimals.max(1), unit));
    ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
    let Some(project) = cx.session.project() else { return };
    if let Some([east, north, _]) = cx.session.view.cursor
        && let Some((value, deviation)) = field.at(project.frame.crs_from_site([east, north]))
    {
        let silent = deviation > f64::from(field.silent_from);
        let key = if silent { "ui-live-field-silent" } else { "ui-live-field-here" };
        let message = Message::new(key)
            .with("value", cx.number(value, decimals, unit))
            .with("deviation", cx.number(1.645 * deviation, decimals.max(1), unit));
        ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
    }
}
