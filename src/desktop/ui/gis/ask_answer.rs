//! What came of a question: in a sentence, in a list, and the way to the places.

use egui::{Label, ScrollArea, Sense, Ui};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::files::{FileDialogs, Pick};
use super::super::theme::semibold;
use super::super::widgets::{card, pair};
use crate::base::message::Message;
use crate::base::units::M2_PER_HECTARE;
use crate::model::landuse::land_use;
use crate::model::layer::LayerId;
use crate::session::ask::answer::{Finding, Shares};
use crate::session::ask::desk::AskCommand;
use crate::session::command::Command;
use crate::session::search::selection_of;
use crate::session::table::{TableCommand, TableWish};

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    let Some(finding) = cx.session.ask().finding.clone() else { return };
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        match &finding {
            Finding::Features { layer, ids, asked } => {
                let text = Message::new("gis-answer-features").with("count", ids.len()).with("asked", *asked);
                ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
                to_table(ui, cx, layer);
            }
            Finding::Trace { layer, ids, length_m, stopped_at } => {
                let length = cx.number(*length_m, 0, "m");
                let text = Message::new("gis-answer-trace").with("count", ids.len()).with("length", length);
                ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
                if !stopped_at.is_empty() {
                    let text = Message::new("gis-answer-stopped").with("count", stopped_at.len());
                    ui.add(Label::new(cx.say(&text)).wrap());
                }
                to_table(ui, cx, layer);
            }
            Finding::Shares(shares) => shares_ui(ui, cx, shares),
            Finding::Nearest { lines, .. } => {
                let text = Message::new("gis-answer-nearest").with("count", lines.len());
                ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
                let layer = cx.session.ask().form.layer.clone();
                let texts = lines.iter().map(|l| {
                    let below = format!("→ {} · {}", cx.feature_title(&l.other_title), cx.number(l.distance_m, 1, "m"));
                    (l.id, cx.feature_title(&l.title), below)
                });
                let texts: Vec<_> = texts.take(MOST_SHOWN).collect();
                if let Some(layer) = layer {
                    list(ui, cx, &layer, &texts);
                }
            }
            Finding::Unseen(unseen) => {
                let hectares = |m2: f64| cx.number(m2 / M2_PER_HECTARE, 0, "ha");
                let percent = |part: f64, all: f64| cx.number(100.0 * part / all.max(1.0), 1, "%");
                let text = Message::new("gis-answer-unseen")
                    .with("count", unseen.observers)
                    .with("percent", percent(unseen.hidden_m2, unseen.land_m2))
                    .with("area", hectares(unseen.hidden_m2));
                ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
                for (name, all, hidden) in &unseen.by_cover {
                    let value = format!("{} · {}", percent(*hidden, *all), hectares(*hidden));
                    pair(ui, cx, cx.title(name), egui::RichText::new(value).font(semibold(13.0)));
                }
                ui.add(Label::new(cx.weak(cx.tr("gis-answer-unseen-note"))).wrap());
            }
        }
        if !matches!(finding, Finding::Unseen(_)) {
            ui.add_space(4.0);
            if ui.button(format!("{}  {}", icon::FLOPPY_DISK, cx.tr("gis-answer-save"))).clicked() {
                let then = |path| Command::Ask(AskCommand::Save(path));
                files.pick(cx, Pick::save("gis-answer-save", "answer.csv", "CSV", "csv", then));
            }
        }
    });
}

/// Longer lists are for the file.
const MOST_SHOWN: usize = 2000;

fn to_table(ui: &mut Ui, cx: &mut Cx<'_>, layer: &LayerId) {
    if ui.button(format!("{}  {}", icon::TABLE, cx.tr("gis-answer-table"))).clicked() {
        cx.push(Command::Table(TableCommand::Open(Some(layer.clone()))));
        let wish = TableWish { marked_only: true, ..TableWish::default() };
        cx.push(Command::Table(TableCommand::Arrange(wish)));
    }
}

fn shares_ui(ui: &mut Ui, cx: &mut Cx<'_>, shares: &Shares) {
    let covered: f64 = shares.totals.iter().map(|(_, m2)| m2).sum();
    let text = Message::new("gis-answer-shares")
        .with("area", cx.number(shares.asked_m2, 1, "m²"))
        .with("percent", cx.number(100.0 * covered / shares.asked_m2.max(f64::MIN_POSITIVE), 1, "%"));
    ui.add(Label::new(cx.strong(cx.say(&text))).wrap());
    let zone_text = |zone: &str| match land_use(zone) {
        Some(known) => format!("{zone} · {}", cx.title(&known.name)),
        None => zone.to_owned(),
    };
    for (zone, m2) in shares.totals.iter().take(20) {
        let percent = cx.number(100.0 * m2 / shares.asked_m2.max(f64::MIN_POSITIVE), 1, "%");
        let value = format!("{} · {percent}", cx.number(*m2, 1, "m²"));
        pair(ui, cx, &zone_text(zone), egui::RichText::new(value).font(semibold(13.0)));
    }
    ui.separator();
    let texts: Vec<_> = shares
        .lines
        .iter()
        .take(MOST_SHOWN)
        .map(|l| {
            let below = format!("{} · {} · {}", l.zone, cx.number(l.area_m2, 1, "m²"), cx.number(l.percent, 1, "%"));
            (l.id, cx.feature_title(&l.title), below)
        })
        .collect();
    list(ui, cx, &shares.layer, &texts);
}

const LINE: f32 = 38.0;

fn list(ui: &mut Ui, cx: &mut Cx<'_>, layer: &LayerId, lines: &[(u64, String, String)]) {
    let mut clicked = None;
    let height = (lines.len().min(8) as f32) * (LINE + ui.spacing().item_spacing.y);
    ScrollArea::vertical().id_salt("answer").max_height(height).auto_shrink([false, true]).show_rows(
        ui,
        LINE,
        lines.len(),
        |ui, range| {
            for (id, title, below) in &lines[range] {
                ui.allocate_ui(egui::vec2(ui.available_width(), LINE), |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let head = ui.add(Label::new(title).truncate().sense(Sense::click()));
                    ui.add(Label::new(cx.weak(below)).truncate());
                    if head.clicked() {
                        clicked = Some(*id);
                    }
                });
            }
        },
    );
    if let Some(id) = clicked {
        go_to(cx, layer, id);
    }
}

fn go_to(cx: &mut Cx<'_>, layer: &LayerId, id: u64) {
    let Some(project) = cx.session.project().cloned() else { return };
    let Some(layer) = project.layer(layer) else { return };
    let Some((table, row)) = layer.content.features().and_then(|t| Some((t, t.row_of(id)?))) else { return };
    if let Some(selection) = selection_of(&project, layer, table, row) {
        cx.push(Command::Select(Some(selection)));
    }
    if let Some(bounds) = table.geometry.get(row).bounds() {
        cx.frame(bounds);
    }
}
