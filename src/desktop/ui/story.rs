//! The story on screen: nothing but the island, large letters, and what turns the pages.

use egui::{Align, Align2, Area, Context, Frame, Id, Key, Label, Layout, Margin, Modifiers, Order, RichText, Ui, vec2};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::theme::semibold;
use super::widgets::{icon_button_sized, origin_chip};
use crate::model::layer::Origin;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::story::{PAGE, StoryCommand};

/// Whether a story is being told.
pub(super) fn show(ctx: &Context, cx: &mut Cx<'_>) -> bool {
    let Some(story) = cx.session.plan().story.clone() else { return false };
    let Some((scenario, page)) = cx.session.story_page() else { return false };
    let (title, text) = (cx.title(&scenario.name).to_owned(), page.map(|p| cx.title(&p.text).to_owned()));
    if story.auto {
        ctx.request_repaint_after(PAGE / 8);
    }
    keys(ctx, cx);
    let screen = ctx.content_rect();
    let width = (screen.width() * 0.78).min(1500.0);
    // Letters for a wall: a thirtieth of the picture's height.
    let size = (screen.height() / 30.0).clamp(20.0, 64.0);
    Area::new(Id::new("story")).order(Order::Middle).anchor(Align2::CENTER_BOTTOM, vec2(0.0, -28.0)).show(ctx, |ui| {
        Frame::new().fill(cx.palette.panel.gamma_multiply(0.94)).corner_radius(14).inner_margin(Margin::same(22)).show(
            ui,
            |ui| {
                ui.set_width(width);
                ui.label(RichText::new(title).font(semibold(size * 0.8)).color(cx.palette.accent));
                ui.add_space(size * 0.2);
                match text {
                    Some(text) => {
                        ui.add(Label::new(RichText::new(text).size(size).color(cx.palette.text)).wrap());
                    }
                    None => figures(ui, cx, size),
                }
                ui.add_space(size * 0.3);
                buttons(ui, cx, story.page, story.auto, size);
            },
        );
    });
    true
}

fn push(cx: &mut Cx<'_>, command: StoryCommand) {
    cx.push(Command::Plan(PlanCommand::Story(command)));
}

fn keys(ctx: &Context, cx: &mut Cx<'_>) {
    let key = |key: Key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    // What a presenter's clicker sends, too.
    if key(Key::ArrowRight) || key(Key::PageDown) || key(Key::Space) || key(Key::Enter) {
        push(cx, StoryCommand::Next);
    }
    if key(Key::ArrowLeft) || key(Key::PageUp) || key(Key::Backspace) {
        push(cx, StoryCommand::Previous);
    }
    if key(Key::F11) {
        cx.push(Command::SetFullScreen(!cx.session.view.full_screen));
    }
    if key(Key::Escape) {
        push(cx, StoryCommand::End);
        cx.push(Command::SetFullScreen(false));
    }
}

fn buttons(ui: &mut Ui, cx: &mut Cx<'_>, page: usize, auto: bool, size: f32) {
    let pages = cx.session.story_pages();
    ui.horizontal(|ui| {
        if icon_button_sized(ui, icon::CARET_LEFT, &cx.tr("whatif-story-previous"), false, size).clicked() {
            push(cx, StoryCommand::Previous);
        }
        for i in 0..pages {
            let sign = if i == page { icon::RADIO_BUTTON } else { icon::CIRCLE };
            let name = cx.say(&crate::base::message::Message::new("whatif-story-page").with("page", i + 1));
            if icon_button_sized(ui, sign, &name, i == page, size * 0.7).clicked() {
                push(cx, StoryCommand::Go(i));
            }
        }
        if icon_button_sized(ui, icon::CARET_RIGHT, &cx.tr("whatif-story-next"), false, size).clicked() {
            push(cx, StoryCommand::Next);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button_sized(ui, icon::X, &cx.tr("whatif-story-end"), false, size).clicked() {
                push(cx, StoryCommand::End);
                cx.push(Command::SetFullScreen(false));
            }
            let full = cx.session.view.full_screen;
            let sign = if full { icon::CORNERS_IN } else { icon::CORNERS_OUT };
            if icon_button_sized(ui, sign, &cx.tr("whatif-story-full-screen"), full, size).clicked() {
                cx.push(Command::SetFullScreen(!full));
            }
            let (sign, key) =
                if auto { (icon::PAUSE, "whatif-story-pause") } else { (icon::PLAY, "whatif-story-play") };
            if icon_button_sized(ui, sign, &cx.tr(key), auto, size).clicked() {
                push(cx, StoryCommand::SetAuto(!auto));
            }
        });
    });
}

/// The figures that matter, of the last comparison.
fn figures(ui: &mut Ui, cx: &Cx<'_>, size: f32) {
    let Some(outcome) = &cx.session.plan().outcome else { return };
    let names = outcome.names.each_ref().map(|id| cx.plan_name(id.as_ref()));
    origin_chip(ui, cx, Origin::Simulated);
    egui::Grid::new("story-figures").num_columns(4).striped(true).spacing([size, size * 0.25]).show(ui, |ui| {
        for head in ["", &names[0], &names[1], "B – A"] {
            ui.label(RichText::new(head).font(semibold(size * 0.55)).color(cx.palette.weak));
        }
        ui.end_row();
        for row in outcome.comparison.key_rows() {
            let Some(f) = row.figure() else { continue };
            let cell =
                |ui: &mut Ui, text: String| ui.label(RichText::new(text).size(size * 0.62).color(cx.palette.text));
            cell(ui, format!("{} ({})", cx.say(&f.name()), cx.tr(&f.unit)));
            let value = |v: Option<f64>, sure: Option<f64>| {
                v.map_or_else(|| "–".to_owned(), |v| cx.catalog.estimate(v, sure, f.decimals))
            };
            cell(ui, value(row.first.as_ref().map(|f| f.value), row.first.as_ref().and_then(|f| f.plus_minus)));
            cell(ui, value(row.second.as_ref().map(|f| f.value), row.second.as_ref().and_then(|f| f.plus_minus)));
            cell(ui, value(row.change, row.plus_minus));
            ui.end_row();
        }
    });
}
