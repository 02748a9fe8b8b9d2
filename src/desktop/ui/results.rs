//! The search box and what it finds.

use egui::{Label, RichText, TextEdit, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::widgets::icon_button;
use crate::model::project::Project;
use crate::session::command::Command;
use crate::session::search::{Found, search};
use std::sync::{Arc, Weak};

const MOST_RESULTS: usize = 40;
/// Search begins when typing rests this long, seconds: going through all tables takes some milliseconds.
const REST_S: f64 = 0.2;

#[derive(Default)]
pub(super) struct Search {
    pub(super) query: String,
    typed_at: f64,
    searched: String,
    project: Weak<Project>,
    found: Vec<Found>,
}

impl Search {
    /// Whether results stand in for the layer list.
    pub(super) fn is_active(&self) -> bool {
        self.query.trim().chars().count() >= 2
    }

    pub(super) fn box_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(icon::MAGNIFYING_GLASS).size(16.0).color(cx.palette.weak));
            let clear_width = if self.query.is_empty() { 0.0 } else { 36.0 };
            let edit = TextEdit::singleline(&mut self.query)
                .hint_text(cx.tr("ui-search-hint"))
                .desired_width(ui.available_width() - clear_width - 8.0)
                .margin(egui::Margin::symmetric(8, 5));
            let response = ui.add(edit);
            if response.changed() {
                self.typed_at = ui.input(|i| i.time);
            }
            if !self.query.is_empty() && icon_button(ui, icon::X, &cx.tr("ui-search-clear"), false).clicked() {
                self.query.clear();
            }
        });
    }

    pub(super) fn results_ui(&mut self, ui: &mut Ui, cx: &mut Cx<'_>) {
        let Some(project) = cx.session.project().cloned() else { return };
        self.refresh(ui, cx, &project);
        if self.found.is_empty() {
            ui.add_space(8.0);
            ui.label(cx.weak(cx.tr("ui-search-nothing")));
        }
        for found in &self.found {
            let (title, below) = match &found.feature {
                None => (cx.title(&found.layer_title).to_owned(), cx.tr("ui-search-layer")),
                Some(feature) => {
                    let title = cx.feature_title(&feature.title);
                    let layer = cx.title(&found.layer_title);
                    let extra = if feature.words.is_empty() || feature.words == title {
                        layer.to_owned()
                    } else {
                        format!("{layer} · {}", feature.words)
                    };
                    (title, extra)
                }
            };
            let sign = if found.feature.is_some() { icon::MAP_PIN } else { icon::STACK };
            let clicked = ui
                .scope(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let head =
                        Label::new(RichText::new(format!("{sign}  {title}"))).truncate().sense(egui::Sense::click());
                    let head = ui.add(head).on_hover_cursor(egui::CursorIcon::PointingHand);
                    let sub = ui.add(Label::new(cx.weak(below)).truncate().sense(egui::Sense::click()));
                    head.clicked() || sub.clicked()
                })
                .inner;
            if clicked {
                go_to(cx, &project, found);
            }
            ui.add_space(2.0);
        }
        if self.found.len() == MOST_RESULTS {
            ui.label(cx.weak(cx.tr("ui-search-more")));
        }
    }

    fn refresh(&mut self, ui: &Ui, cx: &Cx<'_>, project: &Arc<Project>) {
        let same_project = std::ptr::eq(self.project.as_ptr(), Arc::as_ptr(project));
        if self.searched == self.query && same_project {
            return;
        }
        let rested = ui.input(|i| i.time) - self.typed_at;
        if rested < REST_S {
            ui.ctx().request_repaint_after_secs((REST_S - rested) as f32);
            return;
        }
        self.found = search(project, &self.query, cx.catalog.language(), MOST_RESULTS);
        self.searched.clone_from(&self.query);
        self.project = Arc::downgrade(project);
    }
}

fn go_to(cx: &mut Cx<'_>, project: &Project, found: &Found) {
    match (&found.feature, found.selection(project)) {
        (Some(feature), Some(selection)) => {
            cx.push(Command::Select(Some(selection)));
            cx.frame(feature.bounds);
        }
        _ => cx.push(Command::ZoomToLayer(found.layer.clone())),
    }
}
