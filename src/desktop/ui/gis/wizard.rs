//! The import: which files, where they lie, how their letters are read, what their fields are.

use egui::{Checkbox, Color32, Label, RichText, ScrollArea, Sense, Spinner, Ui, vec2};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::files::FileDialogs;
use super::super::widgets::{icon_button, primary_button};
use super::{fields, letters, place};
use crate::base::message::Message;
use crate::model::layer::LayerContent;
use crate::session::command::Command;
use crate::session::import::desk::ImportCommand;
use crate::session::import::review::{Review, ReviewState};
use crate::session::jobs::JobKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Tab {
    #[default]
    Place,
    Letters,
    Fields,
    Notes,
}

#[derive(Default)]
pub(super) struct Wizard {
    tab: Tab,
    place: place::PlaceTab,
}

impl Wizard {
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(icon::FILE_PLUS).size(18.0).color(cx.palette.accent));
            ui.label(cx.heading(cx.tr("gis-import-title")));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button(ui, icon::X, &cx.tr("gis-import-close"), false).clicked() {
                    cx.push(Command::Importing(ImportCommand::Close));
                }
            });
        });
        ui.add(Label::new(cx.weak(cx.tr("gis-import-hint"))).wrap());
        ui.add_space(4.0);
        list(ui, cx);
        ui.separator();
        // The button stays in sight however long the tab is.
        egui::Panel::bottom("import-footer").frame(egui::Frame::NONE).show(ui, |ui| {
            ui.add_space(6.0);
            footer(ui, cx);
        });
        let desk = cx.session.importing();
        let file = desk.active;
        let Some(review) = desk.current() else { return };
        ui.horizontal_wrapped(|ui| {
            for (tab, key) in [
                (Tab::Place, "gis-import-tab-place"),
                (Tab::Letters, "gis-import-tab-letters"),
                (Tab::Fields, "gis-import-tab-fields"),
                (Tab::Notes, "gis-import-tab-notes"),
            ] {
                let mut text = cx.tr(key);
                if tab == Tab::Place && review.is_doubtful() {
                    text = format!("{text}  {}", icon::WARNING);
                }
                if ui.selectable_label(self.tab == tab, text).clicked() {
                    self.tab = tab;
                }
            }
        });
        ui.add_space(4.0);
        ScrollArea::vertical().id_salt(("import-tab", file)).auto_shrink(false).show(ui, |ui| match &review.state {
            ReviewState::Reading => {
                ui.add_space(12.0);
                ui.horizontal(|ui| {
                    ui.add(Spinner::new());
                    ui.label(cx.tr("gis-import-reading"));
                });
                ui.ctx().request_repaint_after_secs(0.2);
            }
            ReviewState::Failed(reason) => {
                ui.add_space(8.0);
                ui.add(Label::new(RichText::new(cx.say(reason)).color(cx.palette.bad)).wrap());
            }
            ReviewState::NoSystem(_) | ReviewState::Ready(_) => match self.tab {
                Tab::Place => self.place.show(ui, cx, file, review),
                Tab::Letters => letters::show(ui, cx, file, review),
                Tab::Fields => fields::show(ui, cx, files, file, review),
                Tab::Notes => notes(ui, cx, file, review),
            },
        });
    }
}

/// At most so much of the panel is the list of files.
const LIST_HEIGHT: f32 = 190.0;

fn list(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.importing();
    let mut pushed = Vec::new();
    ScrollArea::vertical().id_salt("import-files").max_height(LIST_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        for (file, review) in desk.reviews.iter().enumerate() {
            ui.horizontal(|ui| {
                let name = file_name(review);
                let mut wanted = review.wanted;
                let able = !matches!(review.state, ReviewState::Failed(_));
                let label = cx.say(&Message::new("gis-import-want").with("file", name.as_str()));
                let tick = ui.add_enabled(able, Checkbox::without_text(&mut wanted)).on_hover_text(&label);
                tick.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Checkbox, able, wanted, &label));
                if tick.changed() {
                    pushed.push(ImportCommand::SetWanted { file, wanted });
                }
                status(ui, cx, review);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(cx.weak(summary(cx, review)));
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        let text = RichText::new(&name).color(cx.palette.text);
                        let text = if file == desk.active { text.strong().color(cx.palette.accent) } else { text };
                        let label = ui.add(Label::new(text).truncate().sense(Sense::click()));
                        if label.on_hover_text(review.spec.path.display().to_string()).clicked() {
                            pushed.push(ImportCommand::Activate(file));
                        }
                    });
                });
            });
        }
    });
    cx.commands.extend(pushed.into_iter().map(Command::Importing));
}

fn file_name(review: &Review) -> String {
    let name = review.spec.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    review.spec.sublayer.as_ref().map_or(name.clone(), |layer| format!("{name} · {layer}"))
}

fn status(ui: &mut Ui, cx: &Cx<'_>, review: &Review) {
    let (sign, color, key): (&str, Color32, &str) = match &review.state {
        ReviewState::Reading => {
            ui.add_sized(vec2(18.0, 18.0), Spinner::new().size(14.0));
            return;
        }
        ReviewState::Failed(_) => (icon::X_CIRCLE, cx.palette.bad, "gis-import-status-failed"),
        ReviewState::NoSystem(_) => (icon::QUESTION, cx.palette.warn, "gis-import-status-no-system"),
        ReviewState::Ready(_) if review.is_doubtful() => (icon::WARNING, cx.palette.warn, "gis-import-status-doubtful"),
        ReviewState::Ready(_) => (icon::CHECK_CIRCLE, cx.palette.good, "gis-import-status-ready"),
    };
    ui.label(RichText::new(sign).size(16.0).color(color)).on_hover_text(cx.tr(key));
}

fn summary(cx: &Cx<'_>, review: &Review) -> String {
    let Some(imported) = review.imported() else { return String::new() };
    let system = if review.is_ready() { imported.crs.label() } else { cx.tr("gis-import-no-system") };
    match &imported.content {
        LayerContent::Features(table) => format!("{} · {system}", cx.number(table.len() as f64, 0, "")),
        LayerContent::Raster(_) | LayerContent::Classes(_) => format!("{} · {system}", cx.tr("ui-layer-raster")),
    }
}

fn footer(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.importing();
    let ready = desk.ready();
    let checking = cx.session.jobs().iter().any(|j| j.kind == JobKind::Check);
    let waiting = desk.reviews.iter().filter(|r| r.wanted && matches!(r.state, ReviewState::NoSystem(_))).count();
    let doubtful = desk.reviews.iter().filter(|r| r.wanted && r.is_ready() && r.is_doubtful()).count();
    for (count, key) in [(waiting, "gis-import-waiting"), (doubtful, "gis-import-doubtful")] {
        if count > 0 {
            let text = cx.say(&Message::new(key).with("count", count));
            ui.add(Label::new(RichText::new(format!("{}  {text}", icon::WARNING)).color(cx.palette.warn)).wrap());
        }
    }
    ui.horizontal(|ui| {
        let text = cx.say(&Message::new("gis-import-accept").with("count", ready));
        let palette = cx.palette;
        let able = ready > 0 && !checking;
        if ui.add_enabled_ui(able, |ui| primary_button(ui, &palette, text)).inner.clicked() {
            cx.push(Command::Importing(ImportCommand::Accept));
        }
        if ui.button(cx.tr("ui-cancel")).clicked() {
            cx.push(Command::Importing(ImportCommand::Close));
        }
        if checking {
            ui.add(Spinner::new());
        }
    });
}

fn notes(ui: &mut Ui, cx: &mut Cx<'_>, file: usize, review: &Review) {
    let Some(imported) = review.imported() else { return };
    let report = &imported.report;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let counts = Message::new("gis-import-counts")
        .with("read", count(report.read))
        .with("kept", count(report.kept))
        .with("refused", count(report.refused));
    ui.add(Label::new(cx.say(&counts)).wrap());
    if report.sublayers.len() > 1 {
        let on_desk = cx.session.importing().reviews.iter().filter(|r| r.spec.path == review.spec.path).count();
        let text = Message::new("gis-import-sublayers").with("count", report.sublayers.len());
        ui.add(Label::new(cx.say(&text)).wrap());
        ui.add(Label::new(cx.weak(report.sublayers.join(", "))).wrap());
        let more = on_desk < report.sublayers.len();
        if ui.add_enabled(more, egui::Button::new(cx.tr("gis-import-add-sublayers"))).clicked() {
            cx.push(Command::Importing(ImportCommand::AddSublayers(file)));
        }
    }
    ui.add_space(6.0);
    if report.problems.is_empty() {
        ui.label(cx.weak(cx.tr("gis-import-no-problems")));
    }
    for problem in &report.problems {
        ui.horizontal_top(|ui| {
            let row = problem.row.map_or_else(|| "–".to_owned(), |r| cx.number(r as f64, 0, ""));
            ui.add_sized(vec2(64.0, 18.0), Label::new(cx.weak(row)));
            ui.add(Label::new(cx.say(&problem.message)).wrap());
        });
    }
}
