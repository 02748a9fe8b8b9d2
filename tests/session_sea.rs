//! The sea study through commands: outfalls by click, a day by the clock, beaches, an outfall on land, cancelled, forgotten.

mod common;

use std::sync::Arc;

use common::town::shore;
use common::{FakeIo, ORIGIN, finish_jobs, listed};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::error::SessionError;
use island_twin::session::sea::{SeaCommand, SeaForm};
use island_twin::session::settings::SettingsStore;
use island_twin::session::view_state::Tool;

fn sea(session: &mut Session, command: SeaCommand) {
    session.apply(Command::Sea(command)).unwrap();
}

fn opened() -> Session {
    let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
    session.install(shore(), None);
    sea(&mut session, SeaCommand::SetOpen(true));
    assert_eq!(session.view.tool, Tool::SeaOutfall);
    session
}

/// Metres from the place where land and sea meet.
fn click(session: &mut Session, x: f64, y: f64) {
    let [east, north] = session.project().unwrap().frame.site_from_crs([ORIGIN[0] + x, ORIGIN[1] + y]);
    session.apply(Command::ToolClick([east, north, 0.0])).unwrap();
}

fn clock(session: &mut Session, hour: i64) {
    let project = session.project().unwrap();
    let local = (project.time.as_second() as f64 + project.utc_offset_hours * 3600.0) as i64;
    let time = project.time + jiff::SignedDuration::from_secs(hour * 3600 - local.rem_euclid(86_400));
    session.apply(Command::SetTime(time)).unwrap();
}

#[test]
fn an_outfall_is_set_its_day_is_run_and_the_beach_is_told() {
    let mut session = opened();
    click(&mut session, -600.0, 0.0);
    sea(&mut session, SeaCommand::Start);
    finish_jobs(&mut session);
    let outcome = session.sea().outcome.as_ref().expect("a day of the sea");
    let beach = &outcome.result.beaches[0];
    assert_eq!(beach.name, "Bãi Thử");
    assert!(beach.highest_mean > 1.0, "{}", beach.highest_mean);
    assert!(outcome.result.snapshots.len() >= 24);

    clock(&mut session, 2);
    let early = session.field_view(false).expect("the sea at two").values;
    clock(&mut session, 20);
    let late = session.field_view(false).expect("the sea at eight").values;
    assert_ne!(early.cells, late.cells);
    let outcome = session.sea().outcome.as_ref().unwrap();
    let [east, north] = outcome.current(20.0 * 3600.0).expect("a current");
    assert!(east.cells.iter().chain(&north.cells).any(|v| v.abs() > 1e-4));
    sea(&mut session, SeaCommand::ShowHighest(true));
    let highest = session.field_view(false).unwrap().values;
    assert!(highest.cells.iter().zip(&late.cells).all(|(most, then)| most.is_nan() || *most >= *then));
    let folder = tempfile::tempdir().unwrap();
    sea(&mut session, SeaCommand::Save(folder.path().to_owned()));
    finish_jobs(&mut session);
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("session-sea-written"));
    let files = listed(folder.path());
    for name in ["beaches.csv", "concentration_max.tif", "concentration_24h00.tif", "sea.nc", "report.json"] {
        assert!(files.iter().any(|f| f == name), "{name} in {files:?}");
    }
    sea(&mut session, SeaCommand::Forget);
    assert!(session.field_view(false).is_none());
    let nothing = session.apply(Command::Sea(SeaCommand::Save("nowhere".into()))).unwrap_err();
    assert_eq!(nothing, SessionError::NoSea);
}

#[test]
fn an_outfall_on_land_is_told_and_a_run_can_be_cancelled() {
    let mut session = opened();
    click(&mut session, 3000.0, 0.0);
    sea(&mut session, SeaCommand::Start);
    finish_jobs(&mut session);
    assert!(session.sea().outcome.is_none());
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("water-on-land"));

    let form = SeaForm { outfalls: Vec::new(), fine: true, ..session.sea().form.clone() };
    sea(&mut session, SeaCommand::SetForm(Box::new(form)));
    click(&mut session, -600.0, 0.0);
    sea(&mut session, SeaCommand::Start);
    session.apply(Command::CancelJobs).unwrap();
    finish_jobs(&mut session);
    assert!(session.sea().outcome.is_none());
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("session-job-cancelled"));
    sea(&mut session, SeaCommand::SetOpen(false));
    assert_eq!(session.view.tool, Tool::Inspect);
}

/// Oil on the water drifts, evaporates and strands; debris does not evaporate.
#[test]
fn what_floats_is_followed_through_the_day() {
    use island_twin::sim::transport::particles::State;
    use island_twin::sim::water::sea::{Floating, OIL_AFLOAT, OIL_EVAPORATED, OIL_STRANDED};
    let mut session = opened();
    session.apply(Command::SetTool(Tool::SeaSpill)).unwrap();
    click(&mut session, -500.0, 100.0);
    assert!(session.sea().form.outfalls.is_empty());
    let form = SeaForm { wind_mps: 6.0, wind_from_deg: 270.0, ..session.sea().form.clone() };
    let spilt = form.spill.expect("a place");
    sea(&mut session, SeaCommand::SetForm(Box::new(form)));
    sea(&mut session, SeaCommand::Start);
    finish_jobs(&mut session);
    let outcome = session.sea().outcome.as_ref().expect("a day of the sea");
    let mean_east = |hour: f64| {
        let seen = outcome.adrift(hour * 3600.0).expect("particles");
        let east: Vec<f64> =
            seen.particles.iter().filter(|p| p.1 != State::Gone).map(|p| f64::from(p.0[0]) - spilt[0]).collect();
        east.iter().sum::<f64>() / east.len().max(1) as f64
    };
    assert!(mean_east(3.0) > 50.0, "the wind drives it east: {}", mean_east(3.0));
    let share = |hour: f64, name: &str| outcome.at(hour * 3600.0).unwrap().scalars[name];
    assert!(share(20.0, OIL_EVAPORATED) > share(2.0, OIL_EVAPORATED) && share(20.0, OIL_EVAPORATED) < 0.9);
    assert!(share(20.0, OIL_AFLOAT) + share(20.0, OIL_STRANDED) + share(20.0, OIL_EVAPORATED) <= 1.0 + 1e-9);
    assert!(share(20.0, OIL_STRANDED) > 0.1, "the shore is near: {}", share(20.0, OIL_STRANDED));

    let form = SeaForm { floating: Floating::Debris, ..session.sea().form.clone() };
    sea(&mut session, SeaCommand::SetForm(Box::new(form)));
    sea(&mut session, SeaCommand::Start);
    finish_jobs(&mut session);
    let outcome = session.sea().outcome.as_ref().unwrap();
    assert_eq!(outcome.at(20.0 * 3600.0).unwrap().scalars[OIL_EVAPORATED], 0.0);
}
