//! Questions about places.

use egui::{Checkbox, ComboBox, DragValue, Label, ProgressBar, RichText, ScrollArea, Ui};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::files::FileDialogs;
use super::super::widgets::{card, icon_button, primary_button};
use super::ask_answer;
use crate::analysis::trace::Direction;
use crate::base::message::Message;
use crate::geo::shape::ShapeKind;
use crate::model::layer::{Layer, LayerId};
use crate::session::ask::desk::AskCommand;
use crate::session::ask::form::{AskForm, Question};
use crate::session::command::Command;
use crate::session::jobs::JobKind;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(icon::MAP_PIN_AREA).size(18.0).color(cx.palette.accent));
        ui.label(cx.heading(cx.tr("gis-ask-title")));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("gis-ask-close"), false).clicked() {
                cx.push(Command::Ask(AskCommand::SetOpen(false)));
            }
        });
    });
    ScrollArea::vertical().id_salt("ask").auto_shrink(false).show(ui, |ui| {
        let before = cx.session.ask().form.clone();
        let question = before.question;
        ComboBox::from_id_salt("question")
            .width(ui.available_width() - 12.0)
            .selected_text(cx.tr(question_key(question)))
            .show_ui(ui, |ui| {
                for other in Question::ALL {
                    if ui.selectable_label(other == question, cx.tr(question_key(other))).clicked() {
                        cx.push(Command::Ask(AskCommand::Turn(other)));
                    }
                }
            });
        ui.add_space(4.0);
        let mut form = before.clone();
        card(&cx.palette).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(Label::new(cx.weak(cx.tr(hint_key(question)))).wrap());
            fill_in(ui, cx, &mut form);
        });
        if form != before {
            cx.push(Command::Ask(AskCommand::SetForm(Box::new(form))));
        }
        ui.add_space(6.0);
        run(ui, cx);
        ui.add_space(6.0);
        ask_answer::show(ui, cx, files);
    });
}

fn question_key(question: Question) -> &'static str {
    match question {
        Question::Within => "gis-ask-within",
        Question::Intersects => "gis-ask-intersects",
        Question::Shares => "gis-ask-shares",
        Question::Nearest => "gis-ask-nearest",
        Question::Trace => "gis-ask-trace",
        Question::Unseen => "gis-ask-unseen",
    }
}

fn hint_key(question: Question) -> &'static str {
    match question {
        Question::Within => "gis-ask-within-hint",
        Question::Intersects => "gis-ask-intersects-hint",
        Question::Shares => "gis-ask-shares-hint",
        Question::Nearest => "gis-ask-nearest-hint",
        Question::Trace => "gis-ask-trace-hint",
        Question::Unseen => "gis-ask-unseen-hint",
    }
}

fn fill_in(ui: &mut Ui, cx: &Cx<'_>, form: &mut AskForm) {
    let question = form.question;
    let kind_for_layer = |kind: ShapeKind| match question {
        Question::Shares => kind == ShapeKind::Polygon,
        Question::Trace => kind == ShapeKind::Line,
        Question::Unseen => kind == ShapeKind::Point,
        _ => true,
    };
    let kind_for_other = |kind: ShapeKind| question != Question::Shares || kind == ShapeKind::Polygon;
    layer_choice(ui, cx, "gis-ask-layer", &mut form.layer, &kind_for_layer, false);
    if question.has_other() {
        layer_choice(ui, cx, "gis-ask-other", &mut form.other, &kind_for_other, false);
    }
    let number = |ui: &mut Ui, key: &str, value: &mut f64, most: f64| {
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr(key)));
            let speed = (*value * 0.01).max(0.5);
            let drag = DragValue::new(value).range(0.0..=most).speed(speed).custom_formatter(cx.formatter(0));
            ui.add(drag.suffix(" m"));
        });
    };
    match question {
        Question::Within => number(ui, "gis-ask-distance", &mut form.distance_m, 50_000.0),
        Question::Trace => {
            ui.horizontal_wrapped(|ui| {
                for (direction, key) in [
                    (Direction::Upstream, "gis-ask-upstream"),
                    (Direction::Downstream, "gis-ask-downstream"),
                    (Direction::Both, "gis-ask-both"),
                ] {
                    ui.selectable_value(&mut form.direction, direction, cx.tr(key));
                }
            });
            layer_choice(ui, cx, "gis-ask-stops", &mut form.stops, &|kind| kind == ShapeKind::Point, true);
        }
        Question::Unseen => {
            number(ui, "gis-ask-height", &mut form.height_m, 500.0);
            number(ui, "gis-ask-target", &mut form.target_m, 500.0);
            number(ui, "gis-ask-reach", &mut form.reach_m, 100_000.0);
        }
        Question::Intersects | Question::Shares | Question::Nearest => {}
    }
    if question != Question::Trace {
        let mut only = form.chosen_only;
        ui.add(Checkbox::new(&mut only, cx.tr("gis-ask-chosen-only")));
        form.chosen_only = only;
    }
    if form.chosen_only || question == Question::Trace {
        ui.add(Label::new(cx.weak(chosen_text(cx, form))).wrap());
    }
}

/// What "the chosen ones" are at this moment.
fn chosen_text(cx: &Cx<'_>, form: &AskForm) -> String {
    let marked = cx.session.marked().filter(|m| form.layer.as_ref() == Some(&m.layer)).map_or(0, |m| m.ids.len());
    if marked > 0 && form.question != Question::Trace {
        return cx.say(&Message::new("gis-ask-chosen-marked").with("count", marked));
    }
    let of_layer = cx.session.selection().is_some_and(|s| s.hits.iter().any(|h| Some(&h.layer) == form.layer.as_ref()));
    match cx.session.inspection().filter(|_| of_layer) {
        Some(seen) if Some(&seen.hit.layer) == form.layer.as_ref() => {
            let name = cx.feature_title(&seen.title);
            cx.say(&Message::new("gis-ask-chosen-one").with("feature", name))
        }
        Some(_) => cx.tr("gis-ask-chosen-under-click"),
        None => cx.tr("gis-ask-chosen-none"),
    }
}

fn layer_choice(
    ui: &mut Ui,
    cx: &Cx<'_>,
    key: &str,
    chosen: &mut Option<LayerId>,
    fits: &dyn Fn(ShapeKind) -> bool,
    optional: bool,
) {
    let Some(project) = cx.session.project() else { return };
    let title = |layer: &Layer| cx.title(&layer.title).to_owned();
    let present = chosen.as_ref().and_then(|id| project.layer(id));
    ui.label(cx.weak(cx.tr(key)));
    ComboBox::from_id_salt(key)
        .width(ui.available_width() - 12.0)
        .height(320.0)
        .selected_text(present.map_or_else(|| cx.tr("gis-ask-no-layer"), |l| title(l)))
        .show_ui(ui, |ui| {
            if optional {
                ui.selectable_value(chosen, None, cx.tr("gis-ask-no-layer"));
            }
            for layer in project.layers.iter().rev() {
                if layer.content.features().is_some_and(|t| fits(t.geometry.main_kind())) {
                    ui.selectable_value(chosen, Some(layer.id.clone()), title(layer));
                }
            }
        });
}

fn run(ui: &mut Ui, cx: &mut Cx<'_>) {
    if let Some(job) = cx.session.jobs().iter().find(|j| j.kind == JobKind::Ask) {
        let state = job.progress();
        let bar = state.fraction().map_or_else(|| ProgressBar::new(0.0).animate(true), ProgressBar::new);
        ui.add(bar);
        if ui.button(cx.tr("ui-cancel")).clicked() {
            cx.push(Command::CancelJobs);
        }
        ui.ctx().request_repaint_after_secs(0.1);
        return;
    }
    ui.horizontal(|ui| {
        let palette = cx.palette;
        let text = format!("{}  {}", icon::PLAY, cx.tr("gis-ask-run"));
        if primary_button(ui, &palette, text).clicked() {
            cx.push(Command::Ask(AskCommand::Run));
        }
        if cx.session.ask().finding.is_some() && ui.button(cx.tr("gis-ask-forget")).clicked() {
            cx.push(Command::Ask(AskCommand::Forget));
        }
    });
}
