//! Which field of a file is which of ours.

use egui::{Checkbox, ComboBox, Label, Ui, vec2};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::files::{FileDialogs, Pick};
use super::super::widgets::chip;
use crate::analysis::mapping::{Evidence, targets};
use crate::model::table::{FeatureTable, Value};
use crate::session::command::Command;
use crate::session::fields::known_field;
use crate::session::import::desk::ImportCommand;
use crate::session::import::review::Review;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs, file: usize, review: &Review) {
    let Some(table) = review.imported().and_then(|i| i.content.features()) else {
        ui.label(cx.weak(cx.tr("gis-fields-none")));
        return;
    };
    let mut mapped = review.mapped;
    if ui.add(Checkbox::new(&mut mapped, cx.tr("gis-fields-map"))).changed() {
        cx.push(Command::Importing(ImportCommand::SetMapped { file, mapped }));
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button(format!("{}  {}", icon::FOLDER_OPEN, cx.tr("gis-fields-load"))).clicked() {
            let then = move |path| Command::Importing(ImportCommand::LoadTemplate { file, path });
            files.pick(cx, Pick::open("gis-fields-load", "gis-filter-template", &["json"], then));
        }
        if ui.button(format!("{}  {}", icon::FLOPPY_DISK, cx.tr("gis-fields-save"))).clicked() {
            let then = move |path| Command::Importing(ImportCommand::SaveTemplate { file, path });
            files.pick(cx, Pick::save("gis-fields-save", "template.json", "JSON", "json", then));
        }
    });
    ui.add_space(4.0);
    // Taken once: a line that needs more must not push the next ones aside.
    let width = ui.available_width();
    for field in &table.schema {
        row(ui, cx, file, review, (table.as_ref(), field.name.as_str()), width);
    }
}

const TARGET_WIDTH: f32 = 200.0;

fn row(ui: &mut Ui, cx: &mut Cx<'_>, file: usize, review: &Review, (table, source): (&FeatureTable, &str), width: f32) {
    let target = if review.mapped { review.target_of(source) } else { "" };
    ui.horizontal(|ui| {
        let left = width - TARGET_WIDTH - 28.0;
        ui.allocate_ui_with_layout(vec2(left, 40.0), egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_width(left);
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal(|ui| {
                ui.label(cx.strong(source));
                if review.is_personal(source) {
                    chip(ui, &cx.tr("gis-personal"), cx.palette.warn, cx.palette.warn_soft)
                        .on_hover_text(cx.tr("gis-personal-hint"));
                }
                let told = review.suggestions.iter().find(|s| s.source == source && s.target == target);
                if let Some(told) = told {
                    let key = match told.evidence {
                        Evidence::Name => "gis-fields-by-name",
                        Evidence::Content => "gis-fields-by-content",
                    };
                    ui.label(cx.weak(cx.tr(key)));
                }
            });
            ui.add(Label::new(cx.weak(sample(table, source, review.is_personal(source)))).truncate());
        });
        let mut chosen = None;
        ComboBox::from_id_salt(("target", source))
            .width(TARGET_WIDTH)
            .truncate()
            .selected_text(if target.is_empty() { cx.tr("gis-fields-keep") } else { target_text(cx, target) })
            .show_ui(ui, |ui| {
                if ui.selectable_label(target.is_empty(), cx.tr("gis-fields-keep")).clicked() {
                    chosen = Some(String::new());
                }
                for other in targets() {
                    if ui.selectable_label(target == other, target_text(cx, other)).clicked() {
                        chosen = Some(other.to_owned());
                    }
                }
            });
        if let Some(target) = chosen {
            let source = source.to_owned();
            cx.push(Command::Importing(ImportCommand::SetTarget { file, source, target }));
        }
    });
    ui.add_space(2.0);
}

fn target_text(cx: &Cx<'_>, target: &str) -> String {
    known_field(target).map_or_else(|| target.to_owned(), |(key, _)| format!("{target} · {}", cx.tr(&key)))
}

/// The first values that are there; of people only that there are some.
fn sample(table: &FeatureTable, field: &str, personal: bool) -> String {
    let Some(column) = table.column(field) else { return String::new() };
    let filled = (0..column.len().min(1000)).map(|row| column.get(row)).filter(|v| *v != Value::Null);
    let shown: Vec<String> = filled.take(3).map(|v| if personal { "•••".to_owned() } else { v.to_string() }).collect();
    shown.join(" · ")
}
