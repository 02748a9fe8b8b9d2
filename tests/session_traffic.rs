//! The traffic study through commands: asked, run, shown by hour and colour, compared with a plan, cancelled, forgotten.

mod common;

use std::sync::Arc;

use common::town::{at, town};
use common::{FakeIo, finish_jobs};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::settings::SettingsStore;
use island_twin::session::traffic::{TrafficCommand, TrafficForm};
use island_twin::session::traffic_ribbons::RibbonColor;
use island_twin::session::view_state::Tool;

fn session() -> Session {
    let mut session = Session::new(Arc::new(FakeIo), SettingsStore::in_memory());
    session.install(town(false), None);
    session
}

fn traffic(session: &mut Session, command: TrafficCommand) {
    session.apply(Command::Traffic(command)).unwrap();
}

fn run() -> Session {
    let mut session = session();
    traffic(&mut session, TrafficCommand::SetOpen(true));
    traffic(&mut session, TrafficCommand::SetForm(TrafficForm { from: 16, to: 19, plan: None }));
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    assert!(session.notices().is_empty(), "{:?}", session.notices());
    session
}

/// Site metres of a place of the town.
fn click(session: &mut Session, [x, y]: [f64; 2]) {
    let [east, north] = session.project().unwrap().frame.site_from_crs(at(x, y));
    session.apply(Command::ToolClick([east, north, 0.0])).unwrap();
}

#[test]
fn hours_are_solved_shown_and_asked_road_by_road() {
    let mut session = run();
    assert_eq!(session.view.tool, Tool::TrafficProbe);
    let outcome = session.traffic().outcome.as_ref().expect("there is a result");
    assert_eq!((outcome.result.totals.len(), outcome.result.snapshots.len()), (3, 3));
    assert_eq!(outcome.result.snapshots[2].time_s, 7200.0);
    assert!(outcome.result.headlines.len() >= 3 && outcome.result.assumptions.len() >= 3);
    let spread = outcome.result.spread.expect("how far the demand moves it");
    assert!(spread.fewer.delay_h < spread.more.delay_h);
    // The busiest hour is the one that is shown first.
    let shown = session.traffic().shown;
    let most = outcome.result.totals.iter().map(|t| t.vehicles).fold(0.0, f64::max);
    assert_eq!(outcome.result.totals[shown].vehicles, most);
    let first = session.traffic().ribbons().expect("ribbons on the map").clone();
    let widths: Vec<f32> = first.ribbons.iter().map(|r| r.width).collect();
    assert!(widths.len() > 3 && widths.is_sorted(), "{widths:?}");

    traffic(&mut session, TrafficCommand::ShowHour(18));
    assert_eq!(session.traffic().shown, 2);
    assert_ne!(session.traffic().ribbons(), Some(&first));
    let local = |session: &Session| (session.project().unwrap().time.as_second() + 7 * 3600).rem_euclid(86_400) / 3600;
    assert_eq!(local(&session), 18, "the clock goes along");
    traffic(&mut session, TrafficCommand::ShowHour(3));
    assert_eq!(session.traffic().shown, 2, "an hour that was not asked for is not shown");
    // 16:30 on the island's clock.
    let noon = session.project().unwrap().time;
    let local = (noon.as_second() + 7 * 3600).rem_euclid(86_400);
    let half_past_four = noon + jiff::SignedDuration::from_secs(16 * 3600 + 1800 - local);
    session.apply(Command::SetTime(half_past_four)).unwrap();
    assert_eq!(session.traffic().shown, 0);

    // Beside the highway: its busier direction, and the other.
    click(&mut session, [2500.0, 340.0]);
    let picked = session.traffic().picked.expect("the highway");
    let (case, hours) = session.traffic().outcome.as_ref().unwrap().result.shown();
    assert_eq!(case.network.links[picked.link].name, "Quốc lộ");
    let of = |l: usize| hours[0].links[l].vehicles.sum();
    assert!(of(picked.link) >= of(picked.opposite.expect("two ways")));
    click(&mut session, [2500.0, 9000.0]);
    assert_eq!(session.traffic().picked, None, "nothing is near");
    traffic(&mut session, TrafficCommand::Forget);
    assert!(session.traffic().ribbons().is_none() && session.traffic().outcome.is_none());
}

#[test]
fn a_plan_is_compared_with_the_roads_as_they_are() {
    let mut session = run();
    let base = session.traffic().outcome.as_ref().unwrap().result.base.clone();
    traffic(&mut session, TrafficCommand::ShowColor(RibbonColor::Change));
    assert_eq!(session.traffic().color, RibbonColor::Full, "there is nothing to compare with yet");
    // The railway of the demonstration island is far away: nothing changes, and that is said.
    let form = TrafficForm { plan: Some("lrt-18km".to_owned()), ..session.traffic().form.clone() };
    traffic(&mut session, TrafficCommand::SetForm(form));
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    let result = &session.traffic().outcome.as_ref().unwrap().result;
    assert!(Arc::ptr_eq(&base, &result.base), "the roads as they are are not solved again");
    assert!(result.headlines.iter().any(|m| m.key == "traffic-headline-plan-same"), "{:?}", result.headlines);
    traffic(&mut session, TrafficCommand::ShowColor(RibbonColor::Change));
    assert!(session.traffic().ribbons().unwrap().ribbons.is_empty());

    // A road that the town does not have cannot be widened: told, and the last result stays.
    let form = TrafficForm { plan: Some("dt975-10-lanes".to_owned()), ..session.traffic().form.clone() };
    traffic(&mut session, TrafficCommand::SetForm(form));
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    assert_eq!(session.notices().len(), 1);
    assert!(session.traffic().outcome.is_some());
}

#[test]
fn a_run_is_cancelled_and_an_empty_project_says_why_not() {
    let mut session = session();
    traffic(&mut session, TrafficCommand::Start);
    session.apply(Command::CancelJobs).unwrap();
    finish_jobs(&mut session);
    assert!(session.traffic().outcome.is_none());
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("session-job-cancelled"));
    let mut bare = common::project();
    bare.layers.clear();
    session.install(bare, None);
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("traffic-no-links"));
}

#[test]
fn one_study_is_open_at_a_time_and_hours_stay_in_the_day() {
    use island_twin::session::air::AirCommand;
    let mut session = session();
    session.apply(Command::Air(AirCommand::SetOpen(true))).unwrap();
    traffic(&mut session, TrafficCommand::SetOpen(true));
    assert!(!session.air().open && session.traffic().open);
    session.apply(Command::Air(AirCommand::SetOpen(true))).unwrap();
    assert!(session.air().open && !session.traffic().open);
    traffic(&mut session, TrafficCommand::SetForm(TrafficForm { from: 40, to: 2, plan: None }));
    assert_eq!((session.traffic().form.from, session.traffic().form.to), (23, 24));
}

#[test]
fn ribbons_give_way_to_another_study_and_come_back() {
    use island_twin::session::air::AirCommand;
    let mut session = run();
    assert!(session.traffic().ribbons().is_some());
    session.apply(Command::Air(AirCommand::SetOpen(true))).unwrap();
    assert!(session.traffic().ribbons().is_none());
    traffic(&mut session, TrafficCommand::SetOpen(true));
    assert!(session.traffic().ribbons().is_some());
}

#[test]
fn what_is_shown_is_written_with_every_hour() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session();
    assert!(session.apply(Command::Traffic(TrafficCommand::Export(folder.path().to_owned()))).is_err());
    session = run();
    traffic(&mut session, TrafficCommand::Export(folder.path().to_owned()));
    finish_jobs(&mut session);
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("session-traffic-written"));
    let links = std::fs::read_to_string(folder.path().join("links.csv")).unwrap();
    assert!(["16:00,", "17:00,", "18:00,"].iter().all(|h| links.lines().any(|l| l.starts_with(h))));
    assert!(folder.path().join("traffic.gpkg").metadata().unwrap().len() > 0);
}

fn clock(session: &mut Session, hour: f64) {
    let project = session.project().unwrap();
    let local = (project.time.as_second() as f64 + project.utc_offset_hours * 3600.0).rem_euclid(86_400.0);
    let time = project.time + jiff::SignedDuration::from_secs((hour * 3600.0 - local) as i64);
    session.apply(Command::SetTime(time)).unwrap();
}

#[test]
fn every_vehicle_of_the_hours_is_somewhere_on_its_way() {
    let mut session = run();
    assert!(session.moving_vehicles().is_none(), "nobody asked for them");
    traffic(&mut session, TrafficCommand::ShowVehicles(true));
    finish_jobs(&mut session);
    clock(&mut session, 17.5);
    let (tracks, second) = session.moving_vehicles().expect("they drive");
    assert_eq!((tracks.hours.clone(), second), (15..19, 17.5 * 3600.0), "an hour before fills the roads");
    let on_the_road: Vec<u32> = tracks.at(second).map(|s| s.vehicle).collect();
    let links = session.traffic().outcome.as_ref().unwrap().result.shown().0.network.links.len();
    assert!(!on_the_road.is_empty() && tracks.at(second).all(|s| (s.link as usize) < links));
    let mut once = on_the_road.clone();
    once.dedup();
    assert_eq!(once, on_the_road, "nobody is in two places");
    // Little's law: those on the road are those that set out in an hour times the time that they take.
    let mean = (0..60).map(|m| tracks.at(17.0 * 3600.0 + f64::from(m) * 60.0).count() as f64).sum::<f64>() / 60.0;
    let outcome = session.traffic().outcome.as_ref().unwrap();
    let at_five = &outcome.result.shown().1[1];
    let hours: f64 = at_five.links.iter().map(|l| l.vehicles.sum() * l.time_s / 3600.0).sum();
    assert!((mean / hours - 1.0).abs() < 0.35, "{mean} on the road, {hours} by the equilibrium");

    // Another study has the map; a new result has other vehicles.
    traffic(&mut session, TrafficCommand::SetForm(TrafficForm { from: 6, to: 7, plan: None }));
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    assert_eq!(session.moving_vehicles().expect("found anew by itself").0.hours, 5..7);
    traffic(&mut session, TrafficCommand::ShowVehicles(false));
    assert!(session.moving_vehicles().is_none());
    traffic(&mut session, TrafficCommand::ShowVehicles(true));
    traffic(&mut session, TrafficCommand::Forget);
    assert!(session.moving_vehicles().is_none());
}

#[test]
fn how_far_one_gets_from_a_clicked_place() {
    let mut session = run();
    traffic(&mut session, TrafficCommand::AskHowFar(true));
    assert!(session.field_view(false).is_none());
    click(&mut session, [150.0, 10.0]);
    finish_jobs(&mut session);
    assert_eq!(session.traffic().picked, None, "the click asked for something else");
    let minutes = session.field_view(false).expect("minutes over the ground").values;
    let to = |x: f64, y: f64| minutes.at(at(x, y)).unwrap();
    assert!(
        to(160.0, 10.0) < 5.0 && to(4300.0, 10.0) > to(900.0, 10.0) + 1.0,
        "{} {}",
        to(160.0, 10.0),
        to(4300.0, 10.0)
    );
    click(&mut session, [150.0, 30_000.0]);
    finish_jobs(&mut session);
    assert!(session.field_view(false).is_none());
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("session-traffic-no-road-near"));
    traffic(&mut session, TrafficCommand::AskHowFar(false));
    click(&mut session, [2500.0, 340.0]);
    assert!(session.traffic().picked.is_some());
}

/// Who drives through the town's streets in ten minutes of the evening is driven there one by one; nobody is lost.
#[test]
fn a_close_look_drives_every_vehicle_that_the_day_hands_over() {
    let mut session = run();
    traffic(&mut session, TrafficCommand::LookClosely);
    assert!(session.jobs().is_empty(), "there are no vehicles yet");
    traffic(&mut session, TrafficCommand::ShowVehicles(true));
    finish_jobs(&mut session);
    clock(&mut session, 17.5);
    let frame = session.project().unwrap().frame.clone();
    let middle = frame.site_from_crs(at(450.0, 450.0));
    session.view.camera.look = [middle[0], middle[1], 0.0];
    traffic(&mut session, TrafficCommand::LookClosely);
    finish_jobs(&mut session);
    let close = session.close_look().expect("a close look").clone();
    let counts = close.counts;
    assert!(close.came > 20 && close.inside.iter().any(|i| *i) && close.inside.iter().any(|i| !*i));
    assert_eq!(counts.removed, 0);
    assert_eq!(close.came as u64, counts.arrived + counts.on_the_way + counts.waiting, "{counts:?}");
    assert_eq!(close.collisions, 0);
    let begin = 17.5 * 3600.0;
    let (before, after, share) = close.at(begin + 300.25).expect("five minutes on");
    assert!(!before.is_empty() && !after.is_empty() && (share - 0.25).abs() < 1e-6);
    assert!(before.id.windows(2).all(|w| w[0] <= w[1]));
    // Within the window, and its streets' far ends.
    let [west, south, east, north] = close.look.bounds;
    for [x, y] in &before.at {
        assert!((west - 400.0..east + 3600.0).contains(x) && (south - 400.0..north + 1200.0).contains(y), "{x} {y}");
    }
    assert!(close.at(begin - 1.0).is_none() && close.at(begin + 601.0).is_none());

    // Out at sea nobody drives: told, and the earlier look stays.
    session.view.camera.look = [middle[0], middle[1] - 20_000.0, 0.0];
    traffic(&mut session, TrafficCommand::LookClosely);
    finish_jobs(&mut session);
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("traffic-close-nobody"));
    assert!(session.close_look().is_some());
    // It belongs to its vehicles.
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    assert!(session.close_look().is_none());
}

/// Vehicles that were asked for again while older ones were being found.
#[test]
fn vehicles_come_though_they_were_put_away_and_asked_for_again() {
    let mut session = run();
    for wanted in [true, false, true] {
        traffic(&mut session, TrafficCommand::ShowVehicles(wanted));
    }
    finish_jobs(&mut session);
    assert!(session.moving_vehicles().is_some());
}

/// The western town leaves by an airport behind the eastern one; without a way out that is told.
#[test]
fn everybody_leaves_a_commune_and_the_share_who_are_out_grows() {
    use island_twin::model::layer::LayerRole;
    use island_twin::model::table::{FeatureTable, FieldKind, Value};
    use island_twin::session::traffic_leave::LeaveForm;
    let mut project = common::town::town(false);
    let mut communes = FeatureTable::with_fields(&[("MAXA", FieldKind::Text), ("TENXA", FieldKind::Text)]);
    let ring = [at(-300.0, -300.0), at(1500.0, -300.0), at(1500.0, 1500.0), at(-300.0, 1500.0), at(-300.0, -300.0)];
    communes.geometry.push_polygon(&[&ring]);
    communes.push_row(&[Value::Text("00123"), Value::Text("Xã Tây")]);
    let mut places = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    places.geometry.push_point(at(4400.0, 310.0));
    places.push_row(&[Value::Text("Sân bay Thử")]);
    for (id, role, table) in [("communes", LayerRole::Communes, communes), ("places", LayerRole::Plain, places)] {
        project.layers.push(std::sync::Arc::new(common::layer(id, id, role, table)));
    }
    let mut session = session();
    session.install(project, None);
    traffic(&mut session, TrafficCommand::SetForm(TrafficForm { from: 16, to: 17, plan: None }));
    traffic(&mut session, TrafficCommand::Leave);
    assert!(session.jobs().is_empty(), "there are no roads yet");
    traffic(&mut session, TrafficCommand::Start);
    finish_jobs(&mut session);
    assert_eq!((session.communes(), session.has_fire()), (vec!["Xã Tây".to_owned()], false));
    traffic(&mut session, TrafficCommand::Leave);
    finish_jobs(&mut session);
    let left = session.traffic().leave.outcome.as_ref().expect("an answer");
    assert_eq!((left.exits.len(), left.closed.len()), (1, 0));
    assert!(left.out.windows(2).all(|w| w[0][1] <= w[1][1]) && left.out[0][1] < 0.01);
    assert!((left.out.last().unwrap()[1] - 1.0).abs() < 1e-6, "{:?}", left.out.last());
    assert_eq!(left.sentences[0].key, "evacuation-who");

    let form = LeaveForm { commune: "Xã Đông".into(), fire: false };
    traffic(&mut session, TrafficCommand::SetLeave(form));
    traffic(&mut session, TrafficCommand::Leave);
    finish_jobs(&mut session);
    assert_eq!(session.notices().last().map(|n| n.message.key.as_str()), Some("evacuation-no-exit"));
    traffic(&mut session, TrafficCommand::ForgetLeave);
    assert!(session.traffic().leave.outcome.is_none());
}
