//! The panels without a window: what a click pushes, and that nothing sticks out.
#![cfg(feature = "panel-tests")]

#[path = "panels/air.rs"]
mod air;
mod common;
#[path = "panels/gis.rs"]
mod gis;
#[path = "panels/gis_pictures.rs"]
mod gis_pictures;
#[path = "panels/live.rs"]
mod live;
#[path = "panels/picture.rs"]
mod picture;
#[path = "panels/plans.rs"]
mod plans;
#[path = "panels/sea.rs"]
mod sea;
#[path = "panels/traffic.rs"]
mod traffic;

use common::{click_on_parcel, empty_session, session};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use island_twin::desktop::ui::Shell;
use island_twin::model::layer::LayerId;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::view_state::Tool;
use island_twin::text::Language;

struct App {
    shell: Option<Shell>,
    session: Session,
    pushed: Vec<Command>,
    free: egui::Rect,
}

fn open(session: Session) -> Harness<'static, App> {
    let app = App { shell: None, session, pushed: Vec::new(), free: egui::Rect::NOTHING };
    let mut harness = Harness::builder().with_size(egui::vec2(1280.0, 720.0)).build_ui_state(
        |ui, app: &mut App| {
            let ctx = ui.ctx().clone();
            let shell = app.shell.get_or_insert_with(|| Shell::new(&ctx));
            let mut commands = Vec::new();
            app.free = shell.show(&ctx, &app.session, &mut commands);
            for command in commands {
                app.pushed.push(command.clone());
                app.session.perform(command);
            }
        },
        app,
    );
    harness.run_steps(3);
    harness
}

/// What scrolls may reach below the screen, never beyond its sides.
fn nothing_sticks_out(harness: &Harness<'static, App>, language: Language) {
    for node in harness.root().children_recursive() {
        let Some(label) = node.accesskit_node().label() else { continue };
        let rect = node.rect();
        assert!(rect.left() >= -1.0 && rect.right() <= 1281.0, "{language:?}: {label} at {rect:?}");
    }
}

fn click(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(4);
}

#[test]
fn the_eye_hides_a_layer_and_a_group() {
    let mut harness = open(session());
    click(&mut harness, "Ẩn hoặc hiện lớp Thửa đất");
    let hide = Command::SetVisible { layers: vec![LayerId::new("parcels")], visible: false };
    assert_eq!(harness.state().pushed, [hide]);
    click(&mut harness, "Ẩn hoặc hiện nhóm Đất đai");
    assert!(
        matches!(&harness.state().pushed[1], Command::SetVisible { layers, visible: false } if layers.len() == 3),
        "{:?}",
        harness.state().pushed
    );
}

#[test]
fn the_slider_sets_the_opacity() {
    let mut harness = open(session());
    click(&mut harness, "Chi tiết lớp Thửa đất");
    // The other slider is the sun's.
    let slider = harness.query_all_by_role(egui::accesskit::Role::Slider).next().unwrap().rect();
    harness.drag_at(slider.left_center() + egui::vec2(slider.width() * 0.5, 0.0));
    harness.run_steps(2);
    harness.drop_at(slider.left_center() + egui::vec2(slider.width() * 0.5, 0.0));
    harness.run_steps(2);
    let Some(Command::SetOpacity { layer, opacity }) = harness.state().pushed.last() else {
        panic!("{:?}", harness.state().pushed)
    };
    assert_eq!(layer, &LayerId::new("parcels"));
    assert!((0.2..0.9).contains(opacity), "{opacity}");
}

#[test]
fn the_language_switches_while_running() {
    let mut harness = open(session());
    assert!(harness.query_by_label("Tệp").is_some());
    click(&mut harness, "EN");
    assert_eq!(harness.state().pushed, [Command::SetLanguage(Language::En)]);
    assert!(harness.query_by_label("File").is_some() && harness.query_by_label("Tệp").is_none());
}

#[test]
fn undo_names_its_step_and_is_dead_without_one() {
    let mut harness = open(session());
    click(&mut harness, "Sửa");
    let dead = harness.get_by_label_contains("Hoàn tác");
    assert!(dead.accesskit_node().is_disabled());
    let mut session = session();
    session.perform(Command::SetVisible { layers: vec![LayerId::new("parcels")], visible: false });
    let mut harness = open(session);
    click(&mut harness, "Sửa");
    let alive = harness.get_by_label_contains("Hoàn tác: ẩn lớp “Thửa đất”");
    assert!(!alive.accesskit_node().is_disabled());
    alive.click();
    harness.run_steps(3);
    assert_eq!(harness.state().pushed, [Command::Undo]);
}

#[test]
fn the_inspector_shows_what_may_be_built() {
    let mut session = session();
    session.perform(Command::Select(Some(click_on_parcel(1))));
    let harness = open(session);
    for text in ["Tờ 12, thửa 345", "400,0\u{a0}m²", "60\u{a0}%", "240\u{a0}m²", "800\u{a0}m²", "Hộ gia đình, cá nhân"]
    {
        assert!(harness.query_all_by_label_contains(text).count() > 0, "{text}");
    }
}

#[test]
fn search_finds_without_accents() {
    let mut harness = open(session());
    let field = harness.get_by_role(egui::accesskit::Role::TextInput);
    field.focus();
    harness.run_steps(2);
    harness.get_by_role(egui::accesskit::Role::TextInput).type_text("tran hung");
    harness.run_steps(30);
    assert!(harness.query_all_by_label_contains("Trần Hưng Đạo").count() > 0);
    assert!(harness.query_all_by_label_contains("Hùng Vương").count() == 0);
}

#[test]
fn keys_choose_tools_but_not_while_typing() {
    let mut harness = open(session());
    harness.key_press(egui::Key::Num3);
    harness.run_steps(3);
    assert_eq!(harness.state().pushed, [Command::SetTool(Tool::MeasureArea)]);
    harness.get_by_role(egui::accesskit::Role::TextInput).focus();
    harness.run_steps(2);
    harness.key_press(egui::Key::Num2);
    harness.run_steps(3);
    assert_eq!(harness.state().pushed.len(), 1);
}

#[test]
fn the_free_map_is_not_the_panels() {
    let mut harness = open(session());
    let free = harness.state().free;
    assert!(free.width() > 600.0 && free.height() > 500.0, "{free:?}");
    for (at, claimed) in [
        (free.center(), false),
        (free.left_bottom() + egui::vec2(8.0, -100.0), false),
        (free.left_top() + egui::vec2(40.0, 40.0), true),
        (egui::pos2(60.0, 300.0), true),
        (egui::pos2(640.0, 10.0), true),
    ] {
        harness.hover_at(at);
        harness.run_steps(2);
        let shell = harness.state().shell.as_ref().unwrap();
        assert_eq!(shell.claims_pointer(&harness.ctx, at), claimed, "{at:?}");
    }
}

#[test]
fn nothing_sticks_out_of_the_screen_in_either_language() {
    for language in Language::ALL {
        for (with_project, dark) in [(true, false), (true, true), (false, false)] {
            let mut session = if with_project { session() } else { empty_session() };
            session.perform(Command::SetLanguage(language));
            session.perform(Command::SetDarkTheme(dark));
            session.perform(Command::Select(Some(click_on_parcel(1))));
            session.perform(Command::SetTool(Tool::MeasureDistance));
            session.view.cursor = Some([377.8, -129.7, 12.3]);
            let harness = open(session);
            let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 720.0)).expand(1.0);
            for node in harness.root().children_recursive() {
                let Some(label) = node.accesskit_node().label() else { continue };
                let rect = node.rect();
                // What scrolls may reach below the screen, never beyond its sides.
                let inside = rect.left() >= screen.left() && rect.right() <= screen.right() && rect.top() >= -1.0;
                assert!(inside, "{language:?}: {label} at {rect:?}");
            }
        }
    }
}
