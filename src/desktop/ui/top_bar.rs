//! The bar on top: menus, what is open, language, theme, notices.

use egui::containers::menu::{SubMenuButton, menu_style};
use egui::{Align, Button, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::files::{FileDialogs, Pick};
use super::gis::desk::GisDesk;
use super::help::Overlays;
use super::theme::semibold;
use super::widgets::{chip, icon_button};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::session::air::AirCommand;
use crate::session::ask::desk::AskCommand;
use crate::session::checks::CheckCommand;
use crate::session::command::Command;
use crate::session::fire::FireCommand;
use crate::session::live::LiveCommand;
use crate::session::plan::PlanCommand;
use crate::session::sea::SeaCommand;
use crate::session::traffic::TrafficCommand;
use crate::session::view_state::CameraRequest;
use crate::text::Language;

/// What the bar can switch on beside commands.
pub(super) struct Parts<'a> {
    pub(super) files: &'a mut FileDialogs,
    pub(super) overlays: &'a mut Overlays,
    pub(super) left_open: &'a mut bool,
    pub(super) gis: &'a mut GisDesk,
}

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, parts: &mut Parts<'_>) {
    ui.horizontal_centered(|ui| {
        let side = cx.tr("ui-toggle-side-panel");
        if icon_button(ui, icon::SIDEBAR_SIMPLE, &side, *parts.left_open).clicked() {
            *parts.left_open = !*parts.left_open;
        }
        ui.label(RichText::new(icon::ISLAND).size(20.0).color(cx.palette.accent));
        ui.label(RichText::new(cx.tr("ui-app-name")).font(semibold(16.0)).color(cx.palette.text));
        ui.add_space(4.0);
        ui.scope(|ui| {
            menu_style(ui.style_mut());
            ui.menu_button(cx.tr("ui-menu-file"), |ui| file_menu(ui, cx, parts));
            ui.menu_button(cx.tr("ui-menu-edit"), |ui| edit_menu(ui, cx));
            ui.menu_button(cx.tr("ui-menu-view"), |ui| view_menu(ui, cx));
            ui.menu_button(cx.tr("gis-menu-data"), |ui| data_menu(ui, cx));
            ui.menu_button(cx.tr("ui-menu-simulate"), |ui| simulate_menu(ui, cx));
            ui.menu_button(cx.tr("ui-menu-help"), |ui| help_menu(ui, cx, parts));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            right_side(ui, cx, parts);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| project_title(ui, cx));
        });
    });
}

/// What is open, and, always on screen, that most of it was made up.
fn project_title(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(project) = cx.session.project() else { return };
    ui.add_space(16.0);
    let mut title = cx.title(&project.title).to_owned();
    if cx.session.is_modified() {
        title.push_str(" •");
    }
    let label = ui.add(egui::Label::new(RichText::new(title).font(semibold(14.0)).color(cx.palette.weak)).truncate());
    if let Some(path) = cx.session.path() {
        label.on_hover_text(path.display().to_string());
    }
    if project.layers.iter().any(|l| l.source.origin == Origin::Generated) {
        let text = cx.tr("ui-demo-notice");
        chip(ui, &text, cx.palette.warn, cx.palette.warn_soft).on_hover_text(cx.tr("ui-demo-notice-more"));
    }
}

fn right_side(ui: &mut Ui, cx: &mut Cx<'_>, parts: &mut Parts<'_>) {
    live_button(ui, cx);
    if icon_button(ui, icon::QUESTION, &cx.tr("ui-help-keys"), parts.overlays.keys).clicked() {
        parts.overlays.keys = !parts.overlays.keys;
    }
    let count = cx.session.notices().len();
    let name = cx.say(&Message::new("ui-notices-count").with("count", count));
    let bell = icon_button(ui, icon::BELL, &name, parts.overlays.notices);
    if count > 0 {
        let at = bell.rect.right_top() + egui::vec2(-6.0, 7.0);
        ui.painter().circle_filled(at, 7.5, cx.palette.bad);
        let text = if count > 9 { "9+".to_owned() } else { count.to_string() };
        ui.painter().text(at, egui::Align2::CENTER_CENTER, text, semibold(10.0), cx.palette.card);
    }
    if bell.clicked() {
        parts.overlays.notices = !parts.overlays.notices;
    }
    let dark = cx.session.settings().dark_theme;
    let (sign, name) = if dark { (icon::SUN, "ui-theme-light") } else { (icon::MOON, "ui-theme-dark") };
    if icon_button(ui, sign, &cx.tr(name), false).clicked() {
        cx.push(Command::SetDarkTheme(!dark));
    }
    // Right to left: English is added first.
    for (language, code, name) in
        [(Language::En, "EN", "ui-language-english"), (Language::Vi, "VI", "ui-language-vietnamese")]
    {
        let selected = cx.session.language() == language;
        let text = RichText::new(code).font(semibold(13.0));
        let button = ui.add(Button::selectable(selected, text)).on_hover_text(cx.tr(name));
        if button.clicked() && !selected {
            cx.push(Command::SetLanguage(language));
        }
    }
}

/// Opens the live room; how many alarms nobody has acknowledged stands on it.
fn live_button(ui: &mut Ui, cx: &mut Cx<'_>) {
    let live = cx.session.live();
    if !live.is_running() {
        return;
    }
    let open = live.open;
    let alarms = live.board().alarms.iter().filter(|a| a.acknowledged.is_none()).count();
    let mut name = cx.say(&Message::new("ui-live-button").with("count", alarms));
    let troubles = live.troubles();
    for trouble in &troubles {
        name.push('\n');
        name.push_str(&cx.say(&trouble.message));
    }
    let button = icon_button(ui, icon::BROADCAST, &name, open);
    if !troubles.is_empty() {
        let at = button.rect.right_bottom() + egui::vec2(-6.0, -7.0);
        ui.painter().circle_filled(at, 7.0, cx.palette.warn);
        ui.painter().text(at, egui::Align2::CENTER_CENTER, "!", semibold(11.0), cx.palette.card);
    }
    if alarms > 0 {
        let at = button.rect.right_top() + egui::vec2(-6.0, 7.0);
        ui.painter().circle_filled(at, 7.5, cx.palette.bad);
        let text = if alarms > 9 { "9+".to_owned() } else { alarms.to_string() };
        ui.painter().text(at, egui::Align2::CENTER_CENTER, text, semibold(10.0), cx.palette.card);
    }
    if button.clicked() {
        cx.push(Command::Live(LiveCommand::SetOpen(!open)));
    }
}

fn file_menu(ui: &mut Ui, cx: &mut Cx<'_>, parts: &mut Parts<'_>) {
    let open = cx.session.project().is_some();
    if item(ui, icon::FOLDER_OPEN, &cx.tr("ui-file-open"), "Ctrl+O", true) {
        parts.files.open(cx);
    }
    if item(ui, icon::ISLAND, &cx.tr("ui-file-open-demo"), "", true) {
        parts.files.request_open(cx, FileDialogs::demo_scene());
    }
    if item(ui, icon::FILE_PLUS, &cx.tr("ui-file-import"), "Ctrl+I", open) {
        parts.files.import(cx);
    }
    if item(ui, icon::FOLDER_PLUS, &cx.tr("gis-import-folder"), "", open) {
        parts.files.import_folder(cx);
    }
    if item(ui, icon::HARD_DRIVES, &cx.tr("gis-server-menu"), "", open) {
        parts.gis.name_server();
    }
    if item(ui, icon::FLOPPY_DISK, &cx.tr("ui-file-save"), "Ctrl+S", open) {
        parts.files.save(cx);
    }
    if item(ui, icon::EXPORT, &cx.tr("ui-file-save-as"), "Ctrl+Shift+S", open) {
        parts.files.save_as(cx);
    }
    if item(ui, icon::CUBE, &cx.tr("gis-export-view"), "", open) {
        let name = cx.tr("gis-export-view-name");
        parts.files.pick(cx, Pick::save("gis-export-view-title", &name, "glTF", "glb", Command::ExportView));
    }
    let recent = cx.session.settings().recent.clone();
    let text = format!("{}  {}", icon::CLOCK, cx.tr("ui-file-recent"));
    // egui's own arrow is not in our fonts.
    let button = Button::new(text).right_text(icon::CARET_RIGHT);
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        SubMenuButton::from_button(button).ui(ui, |ui| {
            for path in recent {
                let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    parts.files.request_open(cx, path);
                    ui.close();
                }
            }
        });
    });
}

fn edit_menu(ui: &mut Ui, cx: &mut Cx<'_>) {
    for (label, with, without, sign, keys, command) in [
        (
            cx.session.undo_label(),
            "ui-edit-undo-what",
            "ui-edit-undo",
            icon::ARROW_COUNTER_CLOCKWISE,
            "Ctrl+Z",
            Command::Undo,
        ),
        (cx.session.redo_label(), "ui-edit-redo-what", "ui-edit-redo", icon::ARROW_CLOCKWISE, "Ctrl+Y", Command::Redo),
    ] {
        let text = match label {
            Some(step) => cx.say(&Message::new(with).with("step", step.clone())),
            None => cx.tr(without),
        };
        if item(ui, sign, &text, keys, label.is_some()) {
            cx.push(command);
        }
    }
}

fn view_menu(ui: &mut Ui, cx: &mut Cx<'_>) {
    let open = cx.session.project().is_some();
    if item(ui, icon::CORNERS_OUT, &cx.tr("ui-view-frame-all"), "F", open) {
        cx.push(Command::MoveCamera(CameraRequest::FrameAll));
    }
    if item(ui, icon::NAVIGATION_ARROW, &cx.tr("ui-view-north"), "N", open) {
        cx.push(Command::MoveCamera(CameraRequest::NorthUp));
    }
    let xray = cx.session.view.xray;
    let name = cx.tr(if xray { "ui-view-xray-off" } else { "ui-view-xray-on" });
    if item(ui, icon::SCAN, &name, "X", open) {
        cx.push(Command::SetXray(!xray));
    }
    let scale = format!("{}  {}", icon::MAGNIFYING_GLASS_PLUS, cx.tr("gis-scale"));
    SubMenuButton::new(scale).ui(ui, |ui| scale_menu(ui, cx));
}

fn data_menu(ui: &mut Ui, cx: &mut Cx<'_>) {
    let open = cx.session.project().is_some();
    if item(ui, icon::MAP_PIN_AREA, &cx.tr("gis-ask-menu"), "", open) {
        cx.push(Command::Ask(AskCommand::SetOpen(true)));
    }
    if item(ui, icon::BROADCAST, &cx.tr("ui-live-title"), "", open) {
        cx.push(Command::Live(LiveCommand::SetOpen(true)));
    }
    let reports = open && !cx.session.checks().reports.is_empty();
    if item(ui, icon::CLIPBOARD_TEXT, &cx.tr("gis-report-title"), "", reports) {
        cx.push(Command::Check(CheckCommand::SetOpen(true)));
    }
}

/// How large the panels are: for a wall, or for tired eyes.
fn scale_menu(ui: &mut Ui, cx: &mut Cx<'_>) {
    let present = cx.session.settings().scale;
    for scale in [0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0] {
        let percent = cx.number(f64::from(scale) * 100.0, 0, "%");
        if ui.selectable_label((present - scale).abs() < 0.01, percent).clicked() {
            cx.push(Command::SetScale(scale));
            ui.close();
        }
    }
}

fn simulate_menu(ui: &mut Ui, cx: &mut Cx<'_>) {
    let open = cx.session.project().is_some();
    if item(ui, icon::FIRE, &cx.tr("ui-fire-title"), "", open) {
        cx.push(Command::Fire(FireCommand::SetOpen(true)));
    }
    if item(ui, icon::WIND, &cx.tr("ui-air-title"), "", open) {
        cx.push(Command::Air(AirCommand::SetOpen(true)));
    }
    if item(ui, icon::WAVES, &cx.tr("ui-sea-title"), "", open) {
        cx.push(Command::Sea(SeaCommand::SetOpen(true)));
    }
    if item(ui, icon::TREE_STRUCTURE, &cx.tr("whatif-title"), "", open) {
        cx.push(Command::Plan(PlanCommand::SetOpen(true)));
    }
    if item(ui, icon::TRAFFIC_SIGNAL, &cx.tr("ui-traffic-title"), "", open) {
        cx.push(Command::Traffic(TrafficCommand::SetOpen(true)));
    }
}

fn help_menu(ui: &mut Ui, cx: &Cx<'_>, parts: &mut Parts<'_>) {
    if item(ui, icon::KEYBOARD, &cx.tr("ui-help-keys"), "?", true) {
        parts.overlays.keys = true;
    }
    if item(ui, icon::INFO, &cx.tr("ui-help-about"), "", true) {
        parts.overlays.about = true;
    }
}

fn item(ui: &mut Ui, sign: &str, text: &str, keys: &str, enabled: bool) -> bool {
    let button = Button::new(format!("{sign}  {text}")).shortcut_text(keys);
    let clicked = ui.add_enabled(enabled, button).clicked();
    if clicked {
        ui.close();
    }
    clicked
}
