//! The air study through commands: an hour's plume and whose it is, a day that follows the clock, and its wind.

mod common;

use std::sync::Arc;

use common::town::shore;
use common::{FakeIo, ORIGIN, finish_jobs, listed};
use island_twin::session::Session;
use island_twin::session::air::{AirCommand, AirForm};
use island_twin::session::air_day::HOURS;
use island_twin::session::command::Command;
use island_twin::session::error::SessionError;
use island_twin::session::settings::SettingsStore;
use island_twin::session::view_state::Tool;

fn air(session: &mut Session, command: AirCommand) {
    session.apply(Command::Air(command)).unwrap();
}

/// A stack of 20 m in the middle, under a steady wind from the west, roads left out.
fn opened(form: AirForm) -> Session {
    let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
    session.install(shore(), None);
    air(&mut session, AirCommand::SetOpen(true));
    assert_eq!(session.view.tool, Tool::AirSource);
    click(&mut session, 0.0, 0.0);
    let placed = session.air().form.placed.clone();
    let form = AirForm { placed, traffic: None, wind_from_deg: 270.0, wind_10m_mps: 4.0, pollutant: "so2", ..form };
    air(&mut session, AirCommand::SetForm(Box::new(form)));
    session
}

/// Metres from the middle.
fn click(session: &mut Session, x: f64, y: f64) {
    let [east, north] = session.project().unwrap().frame.site_from_crs([ORIGIN[0] + x, ORIGIN[1] + y]);
    session.apply(Command::ToolClick([east, north, 0.0])).unwrap();
}

fn clock(session: &mut Session, hour: i64) {
    let project = session.project().unwrap();
    let local = (project.time.as_second() as f64 + project.utc_offset_hours * 3600.0) as i64;
    let time = project.time + jiff::SignedDuration::from_secs(hour * 3600 + 60 - local.rem_euclid(86_400));
    session.apply(Command::SetTime(time)).unwrap();
}

#[test]
fn an_hour_s_plume_blows_downwind_and_is_told_source_by_source() {
    let mut session = opened(AirForm::default());
    air(&mut session, AirCommand::Start);
    finish_jobs(&mut session);
    assert_eq!(session.view.tool, Tool::AirProbe);
    click(&mut session, 600.0, 0.0);
    let down = session.air().probe.as_ref().expect("what a place gets").clone();
    click(&mut session, -600.0, 0.0);
    let up = session.air().probe.as_ref().unwrap();
    assert!(down.conc_ug_m3 > 10.0 && up.conc_ug_m3 < 1e-6, "{} {}", down.conc_ug_m3, up.conc_ug_m3);
    assert!((down.shares_ug_m3.iter().sum::<f64>() - down.conc_ug_m3).abs() < 1e-9);
    air(&mut session, AirCommand::ShowSource(Some(0)));
    assert_eq!(session.field_view(false).expect("the stack alone").shade.unit, "µg/m³");
    assert!(session.flow().is_none(), "one hour has no wind field");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("air");
    air(&mut session, AirCommand::Save(out.clone()));
    finish_jobs(&mut session);
    let told = session.notices().last().expect("where it went");
    assert_eq!((told.message.key.as_str(), told.path.as_deref()), ("session-air-written", Some(out.as_path())));
    let files = listed(&out);
    for name in ["concentration.tif", "contours.gpkg", "exposure.csv", "receptors.csv", "report.json"] {
        assert!(files.iter().any(|f| f == name), "{name} in {files:?}");
    }
    assert!(files.iter().any(|f| f.starts_with("contribution_stack-1")), "{files:?}");
    air(&mut session, AirCommand::Forget);
    assert!(session.field_view(false).is_none());
}

#[test]
fn a_day_follows_the_clock_and_its_wind_and_mean_can_be_looked_at() {
    let mut session = opened(AirForm { day: true, ..AirForm::default() });
    air(&mut session, AirCommand::Start);
    finish_jobs(&mut session);
    let day = session.air().day.as_ref().expect("a day");
    assert!(!session.air().is_stale(session.project().unwrap()));
    assert_eq!((day.result.snapshots.len(), day.measured_hours), (HOURS, 0));
    clock(&mut session, 2);
    let (night, [east, north]) = (session.field_view(false).unwrap(), session.flow().expect("a wind").towards);
    let middle = [ORIGIN[0] + 100.0, ORIGIN[1]];
    let wind = [east.at(middle).unwrap(), north.at(middle).unwrap()];
    assert!(wind[0] > 0.5 && wind[1].abs() < 0.3 * wind[0], "from the west: {wind:?}");
    clock(&mut session, 13);
    let noon = session.field_view(false).unwrap();
    assert!(!session.air().is_stale(session.project().unwrap()), "the same day");
    assert_ne!(night.values.cells, noon.values.cells);
    air(&mut session, AirCommand::ShowDayMean(true));
    let mean = session.field_view(false).unwrap();
    assert_ne!(noon.values.cells, mean.values.cells);
    click(&mut session, 700.0, 0.0);
    let day = session.air().day.as_ref().unwrap();
    let course = day.course(session.air().day_probe.expect("a place"));
    assert!(course.len() == HOURS && course.iter().all(|v| v.is_finite()) && course[12] > 0.0, "{course:?}");

    let folder = tempfile::tempdir().unwrap();
    air(&mut session, AirCommand::Save(folder.path().to_owned()));
    finish_jobs(&mut session);
    let files = listed(folder.path());
    for name in ["concentration_24h.tif", "concentration.nc", "communes.csv", "receptors.csv", "report.json"] {
        assert!(files.iter().any(|f| f == name), "{name} in {files:?}");
    }
    // Stopped while it is written: the folder is as it was.
    air(&mut session, AirCommand::Save(folder.path().join("again")));
    session.apply(Command::CancelJobs).unwrap();
    finish_jobs(&mut session);
    let told = session.notices().last().map(|n| n.message.key.clone());
    let there = std::fs::read_dir(folder.path().join("again")).map_or(0, Iterator::count);
    assert_eq!((told.as_deref(), there), (Some("session-job-cancelled"), 0));

    // An hour's plume takes the day's place, and the other way round.
    let form = AirForm { day: false, ..session.air().form.clone() };
    air(&mut session, AirCommand::SetForm(Box::new(form)));
    air(&mut session, AirCommand::Start);
    finish_jobs(&mut session);
    assert!(session.air().day.is_none() && session.air().outcome.is_some());
    let stale = |session: &Session| session.air().is_stale(session.project().unwrap());
    assert!(!stale(&session));
    clock(&mut session, 20);
    assert!(stale(&session), "traffic and sun of another hour");
}

#[test]
fn a_day_is_stopped_and_leaves_nothing() {
    let mut session = opened(AirForm { day: true, fine: true, ..AirForm::default() });
    let nothing = session.apply(Command::Air(AirCommand::Save("nowhere".into()))).unwrap_err();
    assert_eq!(nothing, SessionError::NoAir);
    air(&mut session, AirCommand::Start);
    session.apply(Command::CancelJobs).unwrap();
    finish_jobs(&mut session);
    assert!(session.air().day.is_none() && session.field_view(false).is_none());
}
