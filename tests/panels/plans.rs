//! The room of plans: its tree.

use super::{App, click, open};
use crate::common::session;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use island_twin::model::change::Edit;
use island_twin::model::scenario::ScenarioId;
use island_twin::model::scenario_tree::Prefer;
use island_twin::session::command::Command;
use island_twin::session::plan::PlanCommand;

/// Two plans that want different things of one road; the second is shown.
fn room() -> Harness<'static, App> {
    let mut session = session();
    let mut plan = |command: PlanCommand| drop(session.apply(Command::Plan(command)).unwrap());
    let road = || "Hùng Vương".to_owned();
    for (name, id, edit) in [
        ("Đóng đường", "dong-duong", Edit::CloseRoad { name: road() }),
        (
            "Mở rộng",
            "mo-rong",
            Edit::UpgradeRoad { name: road(), lanes: Some(6), speed_kmh: None, width_m: None, class: None },
        ),
    ] {
        plan(PlanCommand::Add { name: name.to_owned(), base: None });
        plan(PlanCommand::AddEdit { scenario: ScenarioId(id.to_owned()), edit: Box::new(edit) });
    }
    plan(PlanCommand::SetOpen(true));
    let mut harness = open(session);
    harness.run_steps(4);
    assert!(harness.state().session.plan().active.is_some(), "{:?}", harness.state().session.notices());
    harness.state_mut().pushed.clear();
    harness
}

#[test]
fn another_scenario_is_brought_in_and_the_clash_is_shown_before() {
    let mut harness = room();
    harness.query_all_by_role(egui::accesskit::Role::ComboBox).next().unwrap().click();
    harness.run_steps(4);
    // In the list that has opened, and as a scenario of the tree before it.
    harness.query_all_by_label("Đóng đường").last().unwrap().click();
    harness.run_steps(4);
    assert!(harness.query_all_by_label_contains("1 chỗ xung đột").count() > 0);
    assert!(harness.query_all_by_label_contains("Xung đột ở Hùng Vương").count() > 0);
    click(&mut harness, "Gộp, lấy bên kia");
    let id = |id: &str| ScenarioId(id.to_owned());
    let merge = PlanCommand::Merge { into: id("mo-rong"), from: id("dong-duong"), prefer: Prefer::Theirs };
    assert_eq!(harness.state().pushed, [Command::Plan(merge)]);
}

#[test]
fn a_scenario_is_given_another_name() {
    let mut harness = room();
    click(&mut harness, "Đổi tên kịch bản");
    harness.query_all_by_value("Mở rộng").next().unwrap().focus();
    harness.run_steps(2);
    harness.query_all_by_value("Mở rộng").next().unwrap().type_text(" Hùng Vương");
    harness.run_steps(3);
    harness.key_press(egui::Key::Enter);
    harness.run_steps(4);
    let [Command::Plan(PlanCommand::Rename { id, name })] = harness.state().pushed.as_slice() else {
        panic!("{:?}", harness.state().pushed)
    };
    assert_eq!((id.0.as_str(), name.contains("Hùng Vương")), ("mo-rong", true));
}
