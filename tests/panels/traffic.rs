//! The traffic panel: what it asks, what it tells, and that it fits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::settings::SettingsStore;
use island_twin::session::traffic::{TrafficCommand, TrafficForm};
use island_twin::session::traffic_ribbons::RibbonColor;
use island_twin::text::Language;

use super::common::FakeIo;
use super::common::town::{at, town};
use super::{App, click, nothing_sticks_out, open};

fn session(language: Language) -> Session {
    let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
    session.install(town(false), None);
    session.perform(Command::SetLanguage(language));
    session.perform(Command::Traffic(TrafficCommand::SetOpen(true)));
    let form = TrafficForm { from: 16, to: 19, plan: None };
    session.perform(Command::Traffic(TrafficCommand::SetForm(form)));
    session
}

/// Presses what may lie below the edge of what scrolls.
fn press(harness: &mut Harness<'static, App>, label: &str) {
    harness.get_by_label(label).click_accesskit();
    harness.run_steps(4);
}

fn wait(harness: &mut Harness<'static, App>) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while harness.state().session.is_working() {
        harness.state_mut().session.poll_jobs();
        assert!(Instant::now() < deadline, "the job does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.run_steps(4);
}

#[test]
fn a_run_its_hours_and_a_road_are_told() {
    let mut harness = open(session(Language::En));
    click(&mut harness, "Run the simulation");
    assert_eq!(harness.state().pushed.last(), Some(&Command::Traffic(TrafficCommand::Start)));
    wait(&mut harness);
    assert!(harness.query_by_label_contains("vehicles set out").is_some());
    assert!(harness.query_by_label_contains("Trips are assumed, not counted").is_some());
    click(&mut harness, "18:00");
    assert_eq!(harness.state().pushed.last(), Some(&Command::Traffic(TrafficCommand::ShowHour(18))));
    // Without a plan there is no change to show.
    harness.get_by_value("Volume to capacity").click();
    harness.run_steps(4);
    let before = harness.state().pushed.len();
    press(&mut harness, "Change by the plan");
    assert_eq!(harness.state().pushed.len(), before);
    press(&mut harness, "Speed against that on the empty road");
    let color = Command::Traffic(TrafficCommand::ShowColor(RibbonColor::Speed));
    assert_eq!(harness.state().pushed.last(), Some(&color));
    let [east, north] = harness.state().session.project().unwrap().frame.site_from_crs(at(2500.0, 310.0));
    harness.state_mut().session.perform(Command::ToolClick([east, north, 0.0]));
    harness.run_steps(3);
    assert!(harness.query_by_label("Quốc lộ").is_some());
    assert!(harness.query_all_by_label_contains("motorbikes,").count() == 2, "each direction by itself");
    press(&mut harness, "Let the road go");
    assert!(harness.query_by_label_contains("Click a road").is_some());
    click(&mut harness, "Close the traffic study");
    assert!(!harness.state().session.traffic().open);
}

#[test]
fn nothing_of_a_result_sticks_out_in_either_language() {
    for language in Language::ALL {
        let mut session = session(language);
        let form = TrafficForm { from: 6, to: 9, plan: Some("lrt-18km".to_owned()) };
        session.perform(Command::Traffic(TrafficCommand::SetForm(form)));
        session.perform(Command::Traffic(TrafficCommand::Start));
        let mut harness = open(session);
        wait(&mut harness);
        let [east, north] = harness.state().session.project().unwrap().frame.site_from_crs(at(2500.0, 310.0));
        harness.state_mut().session.perform(Command::ToolClick([east, north, 0.0]));
        harness.run_steps(4);
        assert!(harness.state().session.traffic().picked.is_some());
        nothing_sticks_out(&harness, language);
    }
}

#[test]
fn vehicles_are_counted_and_minutes_are_explained() {
    let mut harness = open(session(Language::En));
    click(&mut harness, "Run the simulation");
    wait(&mut harness);
    for (label, command) in [
        ("Vehicles on the road", TrafficCommand::ShowVehicles(true)),
        ("How far one gets", TrafficCommand::AskHowFar(true)),
    ] {
        harness.get_by_label_contains(label).click_accesskit();
        harness.run_steps(4);
        assert_eq!(harness.state().pushed.last(), Some(&Command::Traffic(command)));
        wait(&mut harness);
    }
    assert!(harness.query_by_label_contains("On the road now").is_some());
    assert!(harness.query_by_label_contains("motorbikes").is_some());
    assert!(harness.query_by_label_contains("Click a place on the map").is_some());
    let [east, north] = harness.state().session.project().unwrap().frame.site_from_crs(at(150.0, 10.0));
    harness.state_mut().session.perform(Command::ToolClick([east, north, 0.0]));
    wait(&mut harness);
    assert!(harness.query_by_label_contains("then on foot").is_some());
}
