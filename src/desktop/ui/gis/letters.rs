//! How a file's text is read: one encoding a field, with what else it might be.

use egui::{ComboBox, Grid, Label, RichText, Ui};

use super::super::context::Cx;
use super::super::widgets::card;
use crate::base::message::Message;
use crate::io::encoding::TextEncoding;
use crate::io::import::EncodingPreview;
use crate::session::command::Command;
use crate::session::import::accept::LetterCase;
use crate::session::import::desk::ImportCommand;
use crate::session::import::review::Review;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, file: usize, review: &Review) {
    let previews = review.imported().map(|i| i.report.previews.as_slice()).unwrap_or_default();
    if previews.is_empty() {
        ui.add(Label::new(cx.weak(cx.tr("gis-letters-none"))).wrap());
        return;
    }
    ui.horizontal(|ui| {
        ui.label(cx.tr("gis-letters-all"));
        let all = review.spec.encoding;
        let chosen = choice(ui, cx, "all", all, &cx.tr("gis-letters-detect"));
        cx.commands.extend(chosen.command(file, None));
    });
    ui.add_space(4.0);
    for preview in previews {
        column(ui, cx, file, review, preview);
        ui.add_space(4.0);
    }
}

/// What was chosen in a list of encodings.
enum Chosen {
    Nothing,
    Detect,
    One(TextEncoding),
}

impl Chosen {
    /// The command, if there is one.
    fn command(self, file: usize, field: Option<String>) -> Option<Command> {
        let encoding = match self {
            Self::Nothing => return None,
            Self::Detect => None,
            Self::One(encoding) => Some(encoding),
        };
        Some(Command::Importing(ImportCommand::SetEncoding { file, field, encoding }))
    }
}

fn choice(ui: &mut Ui, cx: &Cx<'_>, salt: &str, present: Option<TextEncoding>, shown: &str) -> Chosen {
    let mut chosen = Chosen::Nothing;
    let text = present.map_or_else(|| shown.to_owned(), |e| e.name().to_owned());
    ComboBox::from_id_salt(("encoding", salt)).width(150.0).selected_text(text).show_ui(ui, |ui| {
        if ui.selectable_label(present.is_none(), cx.tr("gis-letters-detect")).clicked() {
            chosen = Chosen::Detect;
        }
        for encoding in TextEncoding::ALL {
            if ui.selectable_label(present == Some(encoding), encoding.name()).clicked() {
                chosen = Chosen::One(encoding);
            }
        }
    });
    chosen
}

fn column(ui: &mut Ui, cx: &mut Cx<'_>, file: usize, review: &Review, preview: &EncodingPreview) {
    let field = &preview.field;
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.add(Label::new(cx.strong(field)).truncate());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let own = review.spec.field_encodings.iter().find(|(f, _)| f == field).map(|(_, e)| *e);
                let found = format!("{} ({})", preview.encoding.name(), cx.tr("gis-letters-found"));
                let chosen = choice(ui, cx, field, own, &found);
                cx.commands.extend(chosen.command(file, Some(field.clone())));
            });
        });
        let percent = |score: f64| (100.0 * score.clamp(0.0, 1.0)).round();
        let sure = Message::new("gis-letters-score").with("percent", percent(preview.score));
        ui.add(Label::new(cx.weak(cx.say(&sure))).wrap());
        let case = review.case_of(field);
        // People's names are shown here on purpose: whether the letters are right shows in them; a few are enough.
        Grid::new(("examples", field)).num_columns(2).spacing([12.0, 2.0]).striped(true).show(ui, |ui| {
            ui.label(cx.weak(preview.encoding.name()));
            let other = format!("{} ({} %)", preview.runner_up.name(), percent(preview.runner_up_score));
            ui.label(cx.weak(other));
            ui.end_row();
            for (read, otherwise) in preview.examples.iter().take(4) {
                let width = (ui.available_width() * 0.5).max(120.0);
                ui.scope(|ui| {
                    ui.set_max_width(width);
                    ui.add(Label::new(case.apply(read)).truncate());
                });
                ui.add(Label::new(RichText::new(otherwise).color(cx.palette.weak)).truncate());
                ui.end_row();
            }
        });
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("gis-letters-case")));
            let key = |case: LetterCase| match case {
                LetterCase::AsRead => "gis-letters-case-as-read",
                LetterCase::Title => "gis-letters-case-title",
                LetterCase::Upper => "gis-letters-case-upper",
            };
            ComboBox::from_id_salt(("case", field)).selected_text(cx.tr(key(case))).show_ui(ui, |ui| {
                for other in LetterCase::ALL {
                    if ui.selectable_label(case == other, cx.tr(key(other))).clicked() {
                        let field = field.clone();
                        cx.push(Command::Importing(ImportCommand::SetCase { file, field, case: other }));
                    }
                }
            });
        });
        if preview.encoding == TextEncoding::Tcvn3 {
            ui.add(Label::new(cx.weak(cx.tr("gis-letters-tcvn3"))).wrap());
        }
    });
}
