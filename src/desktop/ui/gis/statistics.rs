//! Statistics of one field over the rows that are shown.

use egui::{Label, RichText, ScrollArea, Ui};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::theme::semibold;
use super::super::widgets::{card, icon_button_sized, pair};
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::fields::known_field;
use crate::session::table::TableCommand;
use crate::text::number::format_short;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>) {
    let Some((field, found)) = &cx.session.table().statistics else { return };
    let unit = known_field(field).and_then(|(_, unit)| unit).unwrap_or_default();
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            let title = cx.say(&Message::new("gis-statistics-of").with("field", field.as_str()));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button_sized(ui, icon::X, &cx.tr("gis-statistics-close"), false, 22.0).clicked() {
                    cx.push(Command::Table(TableCommand::Statistics(None)));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(Label::new(cx.strong(title)).truncate());
                });
            });
        });
        ScrollArea::vertical().id_salt("statistics").auto_shrink(false).show(ui, |ui| {
            let value = |text: String| RichText::new(text).font(semibold(13.0));
            let whole = |n: usize| cx.number(n as f64, 0, "");
            pair(ui, cx, &cx.tr("gis-statistics-rows"), value(whole(found.count)));
            pair(ui, cx, &cx.tr("gis-statistics-missing"), value(whole(found.missing)));
            pair(ui, cx, &cx.tr("gis-statistics-distinct"), value(whole(found.distinct)));
            if let Some(n) = &found.numbers {
                let number = |v: f64| {
                    let text = format_short(v, 3, cx.catalog.language());
                    if unit.is_empty() { text } else { format!("{text}\u{a0}{unit}") }
                };
                for (key, v) in [
                    ("gis-statistics-sum", n.sum),
                    ("gis-statistics-mean", n.mean),
                    ("gis-statistics-deviation", n.standard_deviation),
                    ("gis-statistics-min", n.min),
                    ("gis-statistics-lower", n.quartiles[0]),
                    ("gis-statistics-median", n.quartiles[1]),
                    ("gis-statistics-upper", n.quartiles[2]),
                    ("gis-statistics-max", n.max),
                ] {
                    pair(ui, cx, &cx.tr(key), value(number(v)));
                }
            }
            ui.separator();
            ui.label(cx.weak(cx.tr("gis-statistics-common")));
            for (text, count) in &found.common {
                pair(ui, cx, text, value(whole(*count)));
            }
        });
    });
}
