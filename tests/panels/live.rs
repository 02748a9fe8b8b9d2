//! The live room: alarms, stations, sources.

use super::{App, click, open};
use crate::common::live_session;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use island_twin::model::sensor::SourceConfig;
use island_twin::session::command::Command;
use island_twin::session::live::LiveCommand;
use island_twin::text::Language;

const SIMULATED: &str = "Simulated((seed: 1))";

/// The room, opened by its button.
fn room(sources: &str) -> (Harness<'static, App>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = open(live_session(folder.path(), sources));
    harness.get_by_label_contains("Trạm trực tuyến: 1 cảnh báo").click();
    harness.run_steps(4);
    assert_eq!(harness.state().pushed, [Command::Live(LiveCommand::SetOpen(true))]);
    harness.state_mut().pushed.clear();
    (harness, folder)
}

fn shows(harness: &Harness<'static, App>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).count() > 0
}

#[test]
fn an_alarm_is_acknowledged_with_a_name_and_a_note() {
    let (mut harness, _folder) = room(SIMULATED);
    assert!(shows(&harness, "1 trong 1 cảnh báo") && shows(&harness, "đã báo cấp trên"));
    harness.get_by_label_contains("Xác nhận").click();
    harness.run_steps(4);
    // A name is needed; a note is welcome.
    click(&mut harness, "Xác nhận đã biết");
    assert!(harness.state().pushed.is_empty());
    let fields = harness.query_all_by_role(egui::accesskit::Role::TextInput).count();
    for (back, words) in [(2, "Lan"), (1, "đã gọi trạm")] {
        harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(fields - back).unwrap().focus();
        harness.run_steps(2);
        harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(fields - back).unwrap().type_text(words);
        harness.run_steps(3);
    }
    click(&mut harness, "Xác nhận đã biết");
    let wanted = LiveCommand::Acknowledge {
        stream: "NB-01/ph".into(),
        rule: "QCVN 10:2023/BTNMT".into(),
        who: "Lan".into(),
        note: "đã gọi trạm".into(),
    };
    assert_eq!(harness.state().pushed, [Command::Live(wanted)]);
}

#[test]
fn the_list_of_alarms_is_filtered_without_accents_and_flies_there() {
    let (mut harness, _folder) = room(SIMULATED);
    // The filter is the first field of the room; the search of layers comes before it.
    let field = 1;
    harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(field).unwrap().focus();
    harness.run_steps(2);
    harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(field).unwrap().type_text("khong co");
    harness.run_steps(3);
    assert!(shows(&harness, "0 trong 1 cảnh báo"));
    for _ in 0..8 {
        harness.key_press(egui::Key::Backspace);
        harness.run_steps(1);
    }
    harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(field).unwrap().type_text("nb-01");
    harness.run_steps(3);
    assert!(shows(&harness, "1 trong 1 cảnh báo"));
    harness.get_by_label_contains("Tới chỗ đó").click();
    harness.run_steps(3);
    assert_eq!(harness.state().pushed, [Command::Live(LiveCommand::FlyTo { station: "NB-01".into() })]);
}

#[test]
fn a_station_is_found_and_its_chart_comes_with_the_forecast() {
    let (mut harness, _folder) = room(SIMULATED);
    click(&mut harness, "Trạm");
    assert!(shows(&harness, "7 trạm") && shows(&harness, "KK-01 · Trạm không khí chợ"));
    click(&mut harness, "KK-01 · Trạm không khí chợ");
    assert_eq!(harness.state().pushed, [Command::Live(LiveCommand::Pick(Some("KK-01".into())))]);
    harness.state_mut().session.wait_for_reading(std::time::Duration::from_secs(20));
    harness.run_steps(4);
    for text in ["VN_AQI giờ:", "VN_AQI ngày hôm qua:", "Dự báo", "sai số thường gặp", "µg/m³"] {
        assert!(shows(&harness, text), "{text}");
    }
}

#[test]
fn a_source_on_the_network_is_contacted_only_when_the_button_is_pressed() {
    let (mut harness, _folder) = room(SIMULATED);
    click(&mut harness, "Nguồn");
    click(&mut harness, "MQTT");
    click(&mut harness, "Kết nối");
    assert!(harness.state().pushed.is_empty(), "{:?}", harness.state().pushed);
    harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(1).unwrap().focus();
    harness.run_steps(2);
    let address = "mqtt://127.0.0.1:9";
    harness.query_all_by_role(egui::accesskit::Role::TextInput).nth(1).unwrap().type_text(address);
    harness.run_steps(3);
    assert!(harness.state().pushed.is_empty(), "{:?}", harness.state().pushed);
    click(&mut harness, "Kết nối");
    let [Command::Live(LiveCommand::UseSource { source, password: None, remember: false })] =
        harness.state().pushed.as_slice()
    else {
        panic!("{:?}", harness.state().pushed)
    };
    assert_eq!(source.contacts(), Some(address));
}

#[test]
fn a_project_that_would_contact_somebody_asks_first() {
    let mqtt = r#"Simulated((seed: 1)), Mqtt((url: "mqtt://broker.invalid:1883", topics: []))"#;
    let (mut harness, _folder) = room(mqtt);
    assert!(shows(&harness, "mqtt://broker.invalid:1883") && shows(&harness, "Chương trình chưa kết nối"));
    assert!(harness.state().session.live().held_back() == ["mqtt://broker.invalid:1883"]);
    click(&mut harness, "Cho phép kết nối");
    assert!(matches!(
        harness.state().pushed.as_slice(),
        [Command::Live(LiveCommand::Connect { password: None, remember: false })]
    ));
    assert!(harness.state().session.live().sources().iter().any(|s| matches!(s, SourceConfig::Mqtt(_))));
}

#[test]
fn the_room_speaks_english_too() {
    let (mut harness, _folder) = room(SIMULATED);
    harness.state_mut().session.perform(Command::SetLanguage(Language::En));
    harness.run_steps(4);
    for text in ["Live stations", "1 of 1 alarms", "passed on", "May pass its limit"] {
        assert!(shows(&harness, text), "{text}");
    }
    // Nothing lacks its words: a missing one would show its key.
    assert!(!shows(&harness, "ui-live-") && !shows(&harness, "sensor-"));
}

#[test]
fn a_past_moment_stays_until_somebody_moves_it() {
    let (mut harness, _folder) = room(SIMULATED);
    let past = jiff::Timestamp::now().as_millisecond() - 50 * 3_600_000 - 7000;
    harness.state_mut().session.perform(Command::Live(LiveCommand::ShowAt(Some(past))));
    harness.run_steps(6);
    assert_eq!(harness.state().pushed, [], "the slider moves by itself");
    assert!(shows(&harness, "Bản đồ đang hiện quá khứ"));
    click(&mut harness, "Hiện tại");
    assert_eq!(harness.state().pushed, [Command::Live(LiveCommand::ShowAt(None))]);
}
