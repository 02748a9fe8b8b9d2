//! The keyboard. Keys without Ctrl act only while nobody types.

use egui::{Context, Key, KeyboardShortcut, Modifiers};

use super::context::Cx;
use super::files::FileDialogs;
use super::help::Overlays;
use super::map_tools::TOOLS;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::view_state::{CameraRequest, Tool};

const OPEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);
const IMPORT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::I);
const SAVE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::S);
const SAVE_AS: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S);
const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
const REDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Y);
const REDO_TOO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);

pub(super) fn handle(ctx: &Context, cx: &mut Cx<'_>, files: &mut FileDialogs, overlays: &mut Overlays) {
    if files.is_open() {
        return;
    }
    let pressed = |shortcut: &KeyboardShortcut| ctx.input_mut(|i| i.consume_shortcut(shortcut));
    // The longer combinations first: the shorter ones would take them.
    if pressed(&SAVE_AS) {
        files.save_as(cx);
    }
    if pressed(&REDO_TOO) || pressed(&REDO) {
        cx.push(Command::Redo);
    }
    if pressed(&OPEN) {
        files.open(cx);
    }
    let project = cx.session.project().is_some();
    if pressed(&IMPORT) && project {
        files.import(cx);
    }
    if pressed(&SAVE) && project {
        files.save(cx);
    }
    if ctx.text_edit_focused() {
        return;
    }
    if pressed(&UNDO) {
        cx.push(Command::Undo);
    }
    let key = |key: Key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if ctx.input(|i| i.events.iter().any(|e| matches!(e, egui::Event::Text(t) if t == "?"))) || key(Key::F1) {
        overlays.keys = !overlays.keys;
    }
    if key(Key::Escape) && !overlays.close() {
        escape(cx);
    }
    if !project {
        return;
    }
    for ((tool, ..), number) in TOOLS.into_iter().zip([Key::Num1, Key::Num2, Key::Num3, Key::Num4]) {
        if key(number) {
            cx.push(Command::SetTool(tool));
        }
    }
    if cx.session.plan().drawing.is_some() {
        if key(Key::Enter) {
            cx.push(Command::Plan(PlanCommand::Finish));
        }
        if key(Key::Backspace) || key(Key::Delete) {
            cx.push(Command::Plan(PlanCommand::TakePointBack));
        }
    }
    if key(Key::F) {
        cx.push(Command::MoveCamera(CameraRequest::FrameAll));
    }
    if key(Key::N) {
        cx.push(Command::MoveCamera(CameraRequest::NorthUp));
    }
    if key(Key::X) {
        cx.push(Command::SetXray(!cx.session.view.xray));
    }
}

/// First the measured points, then the tool, then the selection.
fn escape(cx: &mut Cx<'_>) {
    let view = &cx.session.view;
    if !view.measure.is_empty() {
        cx.push(Command::ClearMeasure);
    } else if view.tool != Tool::Inspect {
        cx.push(Command::SetTool(Tool::Inspect));
    } else if cx.session.selection().is_some() {
        cx.push(Command::Select(None));
    }
}
