//! What will the communes breathe tomorrow? Foretold from the live stations, with how sure that is.

use egui::{ComboBox, Grid, Label, RichText, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::{FileDialogs, Pick};
use super::ramp::ramp;
use super::study;
use super::widgets::{aqi_chip, bullet, card, chip, icon_button, origin_chip};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::model::norm::PropertyTable;
use crate::session::air::AirCommand;
use crate::session::air_coming::{AheadOutcome, FORETOLD};
use crate::session::command::Command;
use crate::session::jobs::JobKind;
use crate::study::air::coming::{CommuneAhead, LimitAhead};
use crate::study::air::coming_words::WARN;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(cx.strong(format!("{}  {}", icon::CALENDAR_BLANK, cx.tr("ui-ahead-title"))));
        ui.push_id("coming-day", |ui| {
            form(ui, cx, files);
            run(ui, cx);
            if let Some(outcome) = &cx.session.air().ahead.outcome {
                ui.separator();
                answer(ui, cx, outcome);
            }
        });
    });
}

fn form(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    let before = cx.session.air().ahead.form.clone();
    let mut form = before.clone();
    let title = |code: &str| {
        let property = PropertyTable::standard().get(code);
        property.map_or_else(|| code.to_owned(), |p| cx.title(&p.title).to_owned())
    };
    ComboBox::from_id_salt("substance").width(140.0).selected_text(title(form.property)).show_ui(ui, |ui| {
        for code in FORETOLD {
            ui.selectable_value(&mut form.property, code, title(code));
        }
    });
    ui.horizontal_wrapped(|ui| {
        let from_file = format!("{}  {}", icon::FOLDER_OPEN, cx.tr("ui-ahead-wind"));
        if ui.button(from_file).on_hover_text(cx.tr("ui-ahead-wind-hint")).clicked() {
            let pick = Pick::open("ui-dialog-weather", "ui-filter-tables", &["csv", "txt"], |path| {
                Command::Air(AirCommand::ReadWindAhead(path))
            });
            files.pick(cx, pick);
        }
        match &before.wind {
            Some(wind) => {
                ui.label(cx.weak(&wind.name));
                if icon_button(ui, icon::X, &cx.tr("ui-ahead-wind-forget"), false).clicked() {
                    form.wind = None;
                }
            }
            None => {
                ui.label(cx.weak(cx.tr("ui-ahead-wind-none")));
            }
        }
    });
    if form != before {
        cx.push(Command::Air(AirCommand::SetAhead(form)));
    }
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    if study::running(ui, cx, JobKind::AirAhead) {
        return;
    }
    let stations = cx.session.stations_with(cx.session.air().ahead.form.property);
    ui.horizontal(|ui| {
        let button = ui.add_enabled(stations > 0, egui::Button::new(cx.tr("ui-ahead-run")));
        if button.on_disabled_hover_text(cx.tr("ui-ahead-no-station")).clicked() {
            cx.push(Command::Air(AirCommand::LookAhead));
        }
        if cx.session.air().ahead.outcome.is_some() && ui.button(cx.tr("ui-fire-forget")).clicked() {
            cx.push(Command::Air(AirCommand::ForgetAhead));
        }
    });
    ui.add(Label::new(cx.weak(cx.say(&Message::new("ui-ahead-stations").with("stations", stations)))).wrap());
}

fn answer(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &AheadOutcome) {
    ui.horizontal(|ui| {
        let palette = cx.palette;
        chip(ui, &cx.tr("ui-ahead-forecast"), palette.text, palette.accent_soft);
        if outcome.generated {
            origin_chip(ui, cx, Origin::Generated);
        }
    });
    if outcome.form != cx.session.air().ahead.form {
        let color = cx.palette.warn;
        ui.add(Label::new(RichText::new(cx.tr("ui-fire-stale")).size(12.5).color(color)).wrap());
    }
    for message in &outcome.sentences {
        bullet(ui, cx, message, cx.palette.text);
    }
    if outcome.map.is_some() {
        let shown = cx.session.air().ahead.shown;
        if ui.add(egui::Button::selectable(shown, cx.tr("ui-find-on-map"))).clicked() {
            cx.push(Command::Air(AirCommand::ShowAhead(!shown)));
        }
        if let Some(view) = cx.session.air().ahead.field_view() {
            ui.add(Label::new(cx.weak(cx.tr(view.shade.title))).wrap());
            ramp(ui, cx, &view.shade, outcome.limit_ug_m3().map(|l| l as f32));
        }
    }
    communes(ui, cx, outcome);
    ui.collapsing(cx.tr("ui-air-assumptions"), |ui| {
        for message in &outcome.assumptions {
            bullet(ui, cx, message, cx.palette.text);
        }
    });
}

fn chance(commune: &CommuneAhead) -> Option<f64> {
    commune.limits.iter().map(|l| l.chance).reduce(f64::max)
}

/// The communes, the likeliest above a limit first.
fn communes(ui: &mut Ui, cx: &Cx<'_>, outcome: &AheadOutcome) {
    let mut order: Vec<&CommuneAhead> = outcome.ahead.communes.iter().collect();
    order.sort_by(|a, b| {
        let by_chance = chance(b).unwrap_or(0.0).total_cmp(&chance(a).unwrap_or(0.0));
        by_chance.then(b.mean_ug_m3[1].total_cmp(&a.mean_ug_m3[1])).then_with(|| a.name.cmp(&b.name))
    });
    let number = |v: f64| cx.number(v, usize::from(v < 10.0), "");
    Grid::new("communes-of-the-coming-day").num_columns(4).striped(true).spacing([8.0, 5.0]).show(ui, |ui| {
        for key in ["ui-air-day-commune", "ui-air-day-mean-short", "ui-air-day-aqi", "ui-ahead-chance"] {
            ui.label(cx.strong(cx.tr(key)));
        }
        ui.end_row();
        for commune in order {
            let residents = Message::new("ui-ahead-residents").with("residents", commune.residents as f64);
            ui.label(RichText::new(&commune.name).size(12.5)).on_hover_text(cx.say(&residents));
            let [low, middle, high] = commune.mean_ug_m3;
            ui.label(format!("{} ({}–{})", number(middle), number(low), number(high)));
            match (commune.vn_aqi, commune.level) {
                (Some([low, middle, high]), Some(level)) => {
                    aqi_chip(ui, cx, &format!("{middle} ({low}–{high})"), level);
                }
                _ => {
                    ui.label("–");
                }
            }
            let Some(chance) = chance(commune) else {
                ui.label("–");
                ui.end_row();
                continue;
            };
            let color = if chance > WARN { cx.palette.bad } else { cx.palette.text };
            ui.label(RichText::new(cx.number(100.0 * chance, 0, "%")).color(color)).on_hover_text(above(cx, commune));
            ui.end_row();
        }
    });
    ui.add(Label::new(cx.weak(cx.tr("ui-ahead-table-hint"))).wrap());
}

/// A line for each limit: its chance, and for how many.
fn above(cx: &Cx<'_>, commune: &CommuneAhead) -> String {
    let line = |limit: &LimitAhead| {
        let [low, _, high] = limit.residents_above;
        let told = Message::new(if limit.verify { "ui-ahead-limit-verify" } else { "ui-ahead-limit" })
            .with("hours", limit.averaging_h)
            .with("limit", limit.limit_ug_m3)
            .with("document", limit.document.as_str())
            .with("percent", (100.0 * limit.chance).round())
            .with("residents", limit.residents_expected.round());
        cx.say(&told.with("low", low as f64).with("high", high as f64))
    };
    commune.limits.iter().map(line).collect::<Vec<_>>().join("\n")
}
