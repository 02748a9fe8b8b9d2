//! Where a file lies: the system it says, where else it might fall, X and Y.

use egui::{Checkbox, ComboBox, Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::super::context::{Cx, color32};
use super::super::widgets::{card, swatch};
use crate::analysis::zone::{Verdict, ZoneGuess, vietnamese_systems};
use crate::geo::crs::Crs;
use crate::session::command::Command;
use crate::session::import::desk::ImportCommand;
use crate::session::import::review::{Review, ReviewState};
use crate::session::marks::READING_COLORS;

#[derive(Default)]
pub(super) struct PlaceTab {
    /// A system that was typed.
    typed: String,
}

impl PlaceTab {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, file: usize, review: &Review) {
        let told = match &review.state {
            ReviewState::Ready(imported) => format!("{} ({})", imported.crs.label(), imported.crs),
            _ => cx.tr("gis-place-none"),
        };
        let key = if review.spec.crs.is_some() { "gis-place-chosen" } else { "gis-place-told" };
        ui.add(Label::new(cx.strong(cx.tr(key))).wrap());
        ui.add(Label::new(told).wrap());
        if let Some(suspicion) = &review.suspicion {
            let (key, color) = match suspicion.verdict {
                Verdict::Fits => ("gis-place-fits", cx.palette.good),
                Verdict::Missing => ("gis-place-missing", cx.palette.warn),
                Verdict::Disagrees => ("gis-place-disagrees", cx.palette.bad),
                Verdict::Elsewhere => ("gis-place-elsewhere", cx.palette.warn),
            };
            ui.add(Label::new(RichText::new(cx.tr(key)).color(color)).wrap());
        }
        ui.add_space(6.0);
        let in_force = review.reading_in_force();
        for (i, guess) in review.readings().into_iter().enumerate() {
            reading(ui, cx, file, (i, guess), in_force == Some(i));
            ui.add_space(4.0);
        }
        ui.separator();
        ui.label(cx.strong(cx.tr("gis-place-other")));
        self.other(ui, cx, file, review);
    }

    fn other(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, file: usize, review: &Review) {
        let present = match &review.state {
            ReviewState::Ready(imported) => Some(imported.crs.clone()),
            _ => None,
        };
        let mut chosen = None;
        let label = |crs: &Crs| format!("{} ({crs})", crs.label());
        ComboBox::from_id_salt("crs")
            .width(ui.available_width() - 12.0)
            .height(320.0)
            .selected_text(present.as_ref().map_or_else(|| cx.tr("gis-place-choose"), label))
            .show_ui(ui, |ui| {
                for crs in vietnamese_systems() {
                    if ui.selectable_label(present.as_ref() == Some(&crs), label(&crs)).clicked() {
                        chosen = Some(crs);
                    }
                }
            });
        ui.horizontal(|ui| {
            let hint = cx.tr("gis-place-typed-hint");
            ui.add(TextEdit::singleline(&mut self.typed).hint_text(hint).desired_width(ui.available_width() - 140.0));
            let able = !self.typed.trim().is_empty();
            if ui.add_enabled(able, egui::Button::new(cx.tr("gis-place-use"))).clicked() {
                chosen = self.typed.parse().ok();
            }
        });
        let mut swap_xy = review.spec.swap_xy;
        let swap = ui.add(Checkbox::new(&mut swap_xy, cx.tr("gis-place-swap")));
        let swapped = swap.on_hover_text(cx.tr("gis-place-swap-hint")).changed();
        let crs = chosen.or_else(|| present.filter(|_| swapped));
        if let Some(crs) = crs {
            cx.push(Command::Importing(ImportCommand::SetSystem { file, crs, swap_xy }));
        }
    }
}

fn reading(ui: &mut Ui, cx: &mut Cx<'_>, file: usize, (i, guess): (usize, &ZoneGuess), used: bool) {
    card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            swatch(ui, color32(READING_COLORS[i % READING_COLORS.len()]), cx.palette.border);
            let mut name = guess.crs.label();
            if guess.swapped {
                name = format!("{name} · {}", cx.tr("gis-place-swapped"));
            }
            ui.add(Label::new(cx.strong(name)).wrap());
        });
        ui.add(Label::new(cx.say(&guess.reason)).wrap());
        ui.horizontal(|ui| {
            if ui.button(format!("{}  {}", icon::CROSSHAIR, cx.tr("gis-place-show"))).clicked() {
                cx.push(Command::Importing(ImportCommand::ZoomTo { file, reading: i }));
            }
            if used {
                let text = format!("{}  {}", icon::CHECK, cx.tr("gis-place-in-use"));
                ui.label(RichText::new(text).color(cx.palette.good));
            } else if ui.button(cx.tr("gis-place-use")).clicked() {
                let (crs, swap_xy) = (guess.crs.clone(), guess.swapped);
                cx.push(Command::Importing(ImportCommand::SetSystem { file, crs, swap_xy }));
            }
        });
    });
}
