//! The live side through session commands: moments of the past, charts, fields between stations, other sources, faults.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{SENSORS, empty_session, finish_jobs, island_now_ms, layer, live_session, project};
use island_twin::demo::smoke::FIRE;
use island_twin::live::board::StreamState;
use island_twin::live::config;
use island_twin::live::simulated::FaultKind;
use island_twin::model::layer::LayerRole;
use island_twin::model::sensor::{FolderSource, SourceConfig, StationKind};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::session::Session;
use island_twin::session::air::AirCommand;
use island_twin::session::air_coming::AheadForm;
use island_twin::session::air_finding::FindForm;
use island_twin::session::command::Command;
use island_twin::session::live::{LiveCommand, LiveMode};
use island_twin::session::live_notify::NotifySettings;
use island_twin::session::live_place::Placing;
use island_twin::session::place::site_from_lon_lat;
use island_twin::session::settings::Settings;
use island_twin::session::view_state::Tool;

const SIMULATED: &str = "Simulated((seed: 1))";
const HOUR_MS: i64 = 3_600_000;

fn perform(session: &mut Session, command: LiveCommand) {
    session.perform(Command::Live(command));
    session.wait_for_reading(Duration::from_secs(30));
}

fn wait_until(session: &mut Session, what: &str, mut done: impl FnMut(&Session) -> bool) {
    let began = Instant::now();
    while !done(session) {
        assert!(began.elapsed() < Duration::from_secs(120), "{what} does not come");
        session.poll_jobs();
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_whole_map_is_shown_as_it_was_and_comes_back_to_the_present() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    let key = session.live().network().find("KK-01/pm25").unwrap();
    let now = session.live().stream_now(key).latest.unwrap();
    let then_ms = (island_now_ms() - 50 * HOUR_MS).div_euclid(600_000) * 600_000;
    perform(&mut session, LiveCommand::ShowAt(Some(then_ms)));
    let then = session.live().stream_now(key).latest.unwrap();
    assert_eq!((then.0, session.project().unwrap().time.as_millisecond()), (then_ms, then_ms));
    assert!(session.live().is_past() && then.1 != now.1);
    // Before anything was kept nothing is shown, rather than the present.
    perform(&mut session, LiveCommand::ShowAt(Some(then_ms - 100 * HOUR_MS)));
    assert_eq!(session.live().stream_now(key).state, StreamState::NoData);
    perform(&mut session, LiveCommand::ShowAt(None));
    assert!(!session.live().is_past() && session.live().stream_now(key).latest.unwrap().0 >= now.0);
}

#[test]
fn a_station_that_is_picked_fills_the_chart_and_zooming_looks_closer() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    perform(&mut session, LiveCommand::Pick(Some("KK-01".into())));
    let chart = &session.live().chart;
    assert!(session.live().open && chart.curves[0].name == "KK-01/pm25", "{:?}", chart.chosen);
    assert!(
        !chart.curves[0].stretches.is_empty()
            && chart.curves[0].thresholds.iter().any(|t| t.name.starts_with("QCVN 05:2023/BTNMT"))
    );
    let outlook = &chart.curves[0].outlook;
    assert!(outlook.len() == 24 && outlook.iter().take(6).all(|o| o.tried > 10), "{outlook:?}");
    let noise = session.live().network().find("ON-01/noise").unwrap();
    perform(&mut session, LiveCommand::Choose(noise));
    perform(&mut session, LiveCommand::SetSpan(72.0));
    assert_eq!(session.live().chart.curves.len(), 2);
    let coarse = session.live().chart.curves[1].stretches[0][0];
    let to_ms = island_now_ms() - 20 * HOUR_MS;
    perform(&mut session, LiveCommand::SetWindow { from_ms: to_ms - 2 * HOUR_MS, to_ms });
    let chart = &session.live().chart;
    let fine = chart.curves[1].stretches[0][0];
    assert!(coarse.count > 1 && fine.count == 1, "{coarse:?} {fine:?}");
    assert!(!chart.follows && chart.curves.iter().all(|c| c.outlook.is_empty()), "no forecast of the past");
    perform(&mut session, LiveCommand::Pick(Some("nobody".into())));
    assert_eq!(session.live().picked, None);
}

#[test]
fn an_alarm_of_the_last_session_is_still_open_and_who_takes_notice_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    let alarm = session.live().board().alarms[0].clone();
    assert!(alarm.name == "NB-01/ph" && alarm.acknowledged.is_none() && alarm.escalated, "{alarm:?}");
    let note = LiveCommand::Acknowledge {
        stream: alarm.name.clone(),
        rule: alarm.rule,
        who: "Lan".into(),
        note: "đã gọi trạm".into(),
    };
    perform(&mut session, note);
    wait_until(&mut session, "the acknowledgement", |s| s.live().board().alarms[0].acknowledged.is_some());
    session.perform(Command::Live(LiveCommand::FlyTo { station: "NB-01".into() }));
    assert!(session.view.camera_request.is_some());
}

#[test]
fn what_lies_between_stations_comes_with_its_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    perform(&mut session, LiveCommand::SetOpen(true));
    perform(&mut session, LiveCommand::ShowField(Some("noise".into())));
    let field = session.live().field.clone().expect("a field of four stations");
    assert!(field.stations == 4 && field.error > 0.0 && field.range.0 < field.range.1);
    assert!(session.field_view(false).is_some() && session.field_doubt().is_some());
    // One station is no field.
    perform(&mut session, LiveCommand::ShowField(Some("pm25".into())));
    assert!(session.live().field.is_none() && session.field_view(false).is_none());
}

#[test]
fn a_table_takes_the_place_of_the_simulation_and_brings_its_own_stations() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    let table = folder.path().join("logger.csv");
    std::fs::write(
        &table,
        "time,station,pm25 [µg/m³]\n2026-11-28T00:00:00Z,XA-9,33.5\n2026-11-28T00:01:00Z,XA-9,-9999\n",
    )
    .unwrap();
    let source = SourceConfig::Folder(FolderSource { path: table, speed: 0.0, unit: None, generated: false });
    perform(&mut session, LiveCommand::UseSource { source: Box::new(source.clone()), password: None, remember: false });
    assert_eq!(session.live().sources(), [source]);
    wait_until(&mut session, "the table's reading", |s| s.live().network().find("XA-9/pm25").is_some());
    wait_until(&mut session, "what was refused", |s| s.live().board().put_aside() > 0);
    assert!(!session.live().is_simulated() && session.live().held_back().is_empty());
    perform(&mut session, LiveCommand::Disconnect);
    wait_until(&mut session, "the end of the source", |s| s.live().board().sources.is_empty());
}

#[test]
fn a_station_that_came_along_gets_a_place_and_saving_takes_stations_source_and_history_along() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.sensors.ron"), SENSORS.replace("SOURCES", SIMULATED)).unwrap();
    let mut session = empty_session();
    session.enable_live(LiveMode::Kept(folder.path().join("histories")));
    session.install(project(), Some(folder.path().join("x.scene.ron")));
    session.wait_for_live(Duration::from_secs(60));
    let table = folder.path().join("logger.csv");
    let rows = "time,station,pm25 [µg/m³],battery\n2026-11-28T00:00:00Z,XA-9,33.5,3.7\n";
    std::fs::write(&table, rows).unwrap();
    let source = SourceConfig::Folder(FolderSource { path: table, speed: 0.0, unit: None, generated: false });
    perform(&mut session, LiveCommand::UseSource { source: Box::new(source.clone()), password: None, remember: false });
    wait_until(&mut session, "the table's station", |s| s.live().network().find("XA-9/pm25").is_some());
    assert!(session.live().network().station("XA-9").is_none() && !session.is_modified());

    let placing = Placing { station: "XA-9".into(), kind: StationKind::Air };
    perform(&mut session, LiveCommand::Place(Some(placing.clone())));
    // Another tool in hand: the click means something else.
    session.perform(Command::SetTool(Tool::Inspect));
    assert_eq!(session.live().placing, None);
    perform(&mut session, LiveCommand::Place(Some(placing)));
    session.perform(Command::ToolClick([120.0, -80.0, 3.0]));
    let placed = session.live().network().station("XA-9").cloned().unwrap();
    assert!((placed.at[0] - 103.96).abs() < 0.02 && placed.kind == StationKind::Air, "{placed:?}");
    assert!(session.live().stations().iter().any(|s| s.station.id == "XA-9" && s.main.is_some()));
    assert!(session.is_modified() && session.view.tool == Tool::Inspect);

    let saved = folder.path().join("y.gpkg");
    session.perform(Command::SaveAs(saved.clone()));
    finish_jobs(&mut session);
    let config = config::load(&folder.path().join("y.sensors.ron")).unwrap();
    assert_eq!((config.sources, session.is_modified()), (vec![source], false));
    assert_eq!(config.stations.iter().find(|s| s.id == "XA-9"), Some(&placed));

    // Opened again under its new name it goes on with what was measured.
    session.install(project(), Some(saved));
    session.wait_for_live(Duration::from_secs(60));
    let key = session.live().network().find("KK-01/pm25").unwrap();
    perform(&mut session, LiveCommand::ShowAt(Some(island_now_ms() - 20 * HOUR_MS)));
    assert!(session.live().stream_now(key).latest.is_some(), "the history went along");
}

#[test]
fn a_fault_is_tried_on_the_simulated_stations_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    perform(&mut session, LiveCommand::TryFault(Some((FaultKind::Gap, "KK-01".into()))));
    assert_eq!(session.live().fault, Some((FaultKind::Gap, "KK-01".to_owned())));
    perform(&mut session, LiveCommand::TryFault(None));
    assert!(session.live().fault.is_none() && session.live().is_simulated());
}

#[test]
fn nobody_is_told_of_alarms_by_default() {
    assert_eq!(Settings::default().notify, NotifySettings::default());
    let NotifySettings { desktop, sound, others, webhook, broker, .. } = NotifySettings::default();
    assert!(!desktop && !sound && !others && webhook.is_empty() && broker.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let mut session = live_session(folder.path(), SIMULATED);
    let bad = NotifySettings { others: true, webhook: "office".into(), ..NotifySettings::default() };
    perform(&mut session, LiveCommand::SetNotify(Box::new(bad)));
    assert!(session.notices().iter().any(|n| n.message.key == "sensor-bad-web-address"));
}

/// A session with the logged morning of smoke, on a map where fifty people live in the town and seven far from it.
fn smoke(folder: &std::path::Path) -> Session {
    let logged = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/phu-quoc/smoke.csv");
    let sensors = include_str!("../scenes/smoke-over-the-town.sensors.ron");
    let here = sensors.replace("../data/phu-quoc/smoke.csv", &logged.display().to_string());
    assert_ne!(here, sensors);
    std::fs::write(folder.join("x.sensors.ron"), here).unwrap();
    let mut project = project();
    let mut homes = FeatureTable::with_fields(&[("SONGUOI", FieldKind::Integer)]);
    for (at, people) in [(FIRE, 50), ([103.86, 10.38], 7)] {
        let site = site_from_lon_lat(&project.frame, at).unwrap();
        homes.geometry.push_point(project.frame.crs_from_site(site));
        homes.push_row(&[Value::Integer(people)]);
    }
    project.layers.retain(|l| l.role != LayerRole::Buildings);
    project.layers.push(Arc::new(layer("homes", "Nhà", LayerRole::Buildings, homes)));
    let mut session = empty_session();
    session.enable_live(LiveMode::Kept(folder.join("histories")));
    session.install(project, Some(folder.join("x.scene.ron")));
    session.wait_for_live(Duration::from_secs(60));
    session.perform(Command::Air(AirCommand::SetOpen(true)));
    session
}

/// Tomorrow of the same morning, for those who live there: with how sure it is, and what it is counted from.
#[test]
fn the_coming_day_is_foretold_for_those_who_live_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = smoke(folder.path());
    session.perform(Command::Air(AirCommand::LookAhead));
    finish_jobs(&mut session);
    let outcome = session.air().ahead.outcome.as_ref().expect("a forecast");
    let all = &outcome.ahead.all;
    assert!(outcome.generated && outcome.ahead.stations == 16 && all.residents == 57);
    let [low, middle, high] = all.mean_ug_m3;
    assert!(0.0 < low && low < middle && middle < high, "{:?}", all.mean_ug_m3);
    let [low, middle, high] = all.vn_aqi.expect("an index");
    assert!(low < middle && middle < high);
    assert_eq!((all.limits.len(), all.limits[0].averaging_h), (1, 24));
    let keys = |lines: &[island_twin::base::message::Message]| lines.iter().map(|m| m.key.clone()).collect::<Vec<_>>();
    assert!(keys(&outcome.sentences).contains(&"air-ahead-exposed".to_owned()));
    assert!(keys(&outcome.assumptions).contains(&"air-forecast-wind-persists".to_owned()));
    let view = session.field_view(false).expect("a map");
    assert_eq!((view.shade.title, view.shade.unit), ("session-ahead-mean", "µg/m³"));

    // A storm to come thins it; the file is named, and a broken one changes nothing.
    let wind = folder.path().join("wind.csv");
    std::fs::write(&wind, format!("wind_m_s\n{}", "12\n".repeat(24))).unwrap();
    let calm = outcome.ahead.all.mean_ug_m3[1];
    session.perform(Command::Air(AirCommand::ReadWindAhead(wind.clone())));
    finish_jobs(&mut session);
    assert_eq!(session.air().ahead.form.wind.as_ref().map(|w| w.name.as_str()), Some("wind.csv"));
    session.perform(Command::Air(AirCommand::LookAhead));
    finish_jobs(&mut session);
    let windy = session.air().ahead.outcome.as_ref().unwrap();
    assert!(windy.ahead.all.mean_ug_m3[1] <= calm, "{} {calm}", windy.ahead.all.mean_ug_m3[1]);
    assert!(!keys(&windy.assumptions).contains(&"air-forecast-wind-persists".to_owned()));
    std::fs::write(&wind, "speed\n3\n").unwrap();
    session.perform(Command::Air(AirCommand::ReadWindAhead(wind)));
    finish_jobs(&mut session);
    assert!(session.notices().iter().any(|n| n.message.key == "air-bad-row"), "{:?}", session.notices());
    assert!(session.air().ahead.form.wind.is_some());

    // What nobody measures cannot be foretold; the map goes when it is forgotten.
    session.perform(Command::Air(AirCommand::SetAhead(AheadForm { property: "o3", wind: None })));
    session.perform(Command::Air(AirCommand::LookAhead));
    finish_jobs(&mut session);
    assert!(session.notices().iter().any(|n| n.message.key == "air-too-few-hours"));
    session.perform(Command::Air(AirCommand::ForgetAhead));
    assert!(session.field_view(false).is_none());
}

/// The demonstration's morning of smoke: its readings come from `src/demo/smoke.rs`, which knows where it burns.
#[test]
fn smoke_that_stations_logged_leads_to_where_it_burns_and_not_to_one_spot_alone() {
    use island_twin::sim::air::finding::Verdict;
    let folder = tempfile::tempdir().unwrap();
    let mut session = smoke(folder.path());
    assert!(session.live().is_generated() && !session.live().is_simulated());
    assert_eq!((session.stations_with("pm25"), session.stations_with("phosphate")), (16, 0));

    session.perform(Command::Air(AirCommand::Find));
    finish_jobs(&mut session);
    let find = &session.air().find;
    let found = find.outcome.as_ref().expect("an answer");
    let project = session.project().unwrap();
    let fire = site_from_lon_lat(&project.frame, FIRE).unwrap();
    let fire = project.frame.crs_from_site(fire);
    assert!(found.finding.credible_holds(fire), "{:?}", found.sentences);
    assert!(found.generated && found.finding.credible > 1 && found.stations.len() == 16);
    assert!(found.finding.area_m2 < 1e6 && found.finding.verdict == Verdict::Found, "{} m2", found.finding.area_m2);
    assert!(found.assumptions.iter().any(|m| m.key == "session-find-usual"), "{:?}", found.assumptions);
    // On the map the fire lies within the area of 90 %.
    let map = session.field_view(false).expect("a map of certainty");
    assert!(map.shade.title == "session-find-field" && map.values.at(fire).is_some_and(|v| v < 0.9));
    session.perform(Command::Air(AirCommand::FlyToFind));
    assert!(session.view.camera_request.is_some());
    session.perform(Command::Air(AirCommand::ShowFind(false)));
    assert!(session.field_view(false).is_none());

    // Nobody logged carbon monoxide: told, and the earlier answer stays.
    session.perform(Command::Air(AirCommand::SetFind(FindForm { property: "co", ..FindForm::default() })));
    session.perform(Command::Air(AirCommand::Find));
    finish_jobs(&mut session);
    assert!(session.notices().iter().any(|n| n.message.key == "air-no-reading-with-wind"));
    assert_eq!(session.air().find.outcome.as_ref().unwrap().form, FindForm::default());
}
