//! Two plans compared through commands: their maps on each side, their difference, and all of it as the clock goes.

mod common;

use std::sync::Arc;

use common::town::burning_town;
use common::{FakeIo, finish_jobs};
use island_twin::geo::grid::Grid;
use island_twin::model::scenario::ScenarioId;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::plan::PlanCommand;
use island_twin::session::plan_beside::BesideWish;
use island_twin::session::plan_maps::{MapView, Moment};
use island_twin::session::settings::SettingsStore;
use island_twin::study::whatif::run::Model;

fn plan(session: &mut Session, command: PlanCommand) {
    session.apply(Command::Plan(command)).unwrap();
    session.poll_jobs();
}

/// What is there today against a strip without fuel.
fn compared() -> Session {
    let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
    session.install(burning_town(), None);
    plan(&mut session, PlanCommand::SetOpen(true));
    plan(&mut session, PlanCommand::Compare { first: None, second: strip() });
    finish_jobs(&mut session);
    assert!(session.notices().is_empty(), "{:?}", session.notices());
    session
}

fn strip() -> Option<ScenarioId> {
    Some(ScenarioId("bang".to_owned()))
}

fn show(session: &mut Session, model: Model, view: MapView) {
    let maps = &session.plan().outcome.as_ref().unwrap().maps;
    let number = maps.iter().position(|m| m.model == model).unwrap();
    plan(session, PlanCommand::ShowMap(Some(number)));
    plan(session, PlanCommand::SetMapView(view));
}

fn clock(session: &mut Session, hour: i64) {
    let project = session.project().unwrap();
    let local = (project.time.as_second() as f64 + project.utc_offset_hours * 3600.0) as i64;
    let time = project.time + jiff::SignedDuration::from_secs(hour * 3600 + 600 - local.rem_euclid(86_400));
    session.apply(Command::SetTime(time)).unwrap();
    session.poll_jobs();
}

fn field(session: &Session, beside: bool) -> Option<Arc<Grid<f32>>> {
    session.field_view(beside).map(|v| v.values)
}

fn burns(session: &Session, beside: bool) -> Option<usize> {
    field(session, beside).map(|grid| grid.cells.iter().filter(|c| !c.is_nan()).count())
}

#[test]
fn fires_spread_as_the_clock_goes_on_each_plans_side() {
    let mut session = compared();
    plan(&mut session, PlanCommand::Activate(strip()));
    plan(&mut session, PlanCommand::Beside(BesideWish::Plan(None)));
    let own = MapView { own: true, by_clock: true };
    show(&mut session, Model::Fire, own);
    clock(&mut session, 11);
    assert_eq!(session.plan_map_moment(), Some(Moment::Hour(11)));
    assert_eq!((burns(&session, false), burns(&session, true)), (None, None), "they break out at noon");
    let mut spread = Vec::new();
    for hour in [12, 14, 23] {
        clock(&mut session, hour);
        spread.push([burns(&session, false).unwrap(), burns(&session, true).unwrap()]);
    }
    assert!(spread[0][1] > 0 && spread.windows(2).all(|w| w[0][1] < w[1][1]), "{spread:?}");
    let last = [field(&session, false).unwrap(), field(&session, true).unwrap()];
    show(&mut session, Model::Fire, MapView { by_clock: false, ..own });
    // At the end of the day all has burnt that burns at all.
    for (side, by_clock) in [false, true].into_iter().zip(last) {
        let whole = field(&session, side).unwrap();
        assert!(whole.cells.iter().zip(&by_clock.cells).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
    }

    // Where the strip keeps fires out, the difference is below nothing, and it is the same on both sides.
    show(&mut session, Model::Fire, MapView::default());
    let change = field(&session, false).unwrap();
    assert!(Arc::ptr_eq(&change, &field(&session, true).unwrap()));
    assert!(change.cells.iter().any(|c| *c < 0.0));

    // A plan that was not compared has nothing to show of its own.
    show(&mut session, Model::Fire, own);
    plan(&mut session, PlanCommand::Activate(Some(ScenarioId("khong-doi".to_owned()))));
    assert!(field(&session, false).is_none() && field(&session, true).is_some());
    plan(&mut session, PlanCommand::ShowMap(None));
    assert!(field(&session, true).is_none());
}

#[test]
fn traffic_and_its_air_follow_the_same_clock() {
    let mut session = compared();
    let own = MapView { own: true, by_clock: true };
    show(&mut session, Model::Traffic, own);
    let widest = |s: &Session| s.ribbons(false).unwrap().ribbons.iter().map(|r| r.width).fold(0.0, f32::max);
    clock(&mut session, 3);
    let night = session.ribbons(false).unwrap().clone();
    clock(&mut session, 17);
    let evening = session.ribbons(false).unwrap().clone();
    assert!(evening.ribbons.len() > night.ribbons.len() && widest(&session) > 0.8);
    session.poll_jobs();
    assert!(Arc::ptr_eq(&evening, session.ribbons(false).unwrap()), "drawn once an hour");
    // A strip without fuel changes no road.
    assert!(session.plan_map().unwrap().is_empty(MapView { own: false, by_clock: true }));
    assert!(!session.plan_map().unwrap().is_empty(own));

    show(&mut session, Model::Air, own);
    let mean = |s: &Session| {
        let field = field(s, false).unwrap();
        let known: Vec<f32> = field.cells.iter().copied().filter(|c| !c.is_nan()).collect();
        known.iter().sum::<f32>() / field.cells.len() as f32
    };
    let evening = mean(&session);
    clock(&mut session, 3);
    let night = mean(&session);
    assert!(evening > 0.0 && (evening - night).abs() > 0.1 * evening, "{evening} {night}");
    show(&mut session, Model::Air, MapView { by_clock: false, ..own });
    let day = field(&session, false).unwrap();
    clock(&mut session, 9);
    assert!(Arc::ptr_eq(&day, &field(&session, false).unwrap()), "a day's mean stands still");
}
