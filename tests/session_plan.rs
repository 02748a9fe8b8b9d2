//! Changing a scenario on the map, through commands: zones drawn, snapped, reshaped, parted; parcels painted anew.

mod common;

use common::{ORIGIN, click_on_parcel, session};
use island_twin::model::change::Edit;
use island_twin::model::layer::LayerId;
use island_twin::model::scenario::{ScenarioId, Show, StoryPage};
use island_twin::model::scenario_tree::add;
use island_twin::model::style::Text2;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::error::SessionError;
use island_twin::session::plan::PlanCommand;
use island_twin::session::plan_beside::BesideWish;
use island_twin::session::plan_draw::{Draft, DrawFault, PlanForm};
use island_twin::session::plan_pick::Chosen;
use island_twin::session::selection::{Hit, Selection};
use island_twin::session::story::StoryCommand;
use island_twin::session::view_state::{CameraPose, Tool};

fn plan(session: &mut Session, command: PlanCommand) -> Result<(), SessionError> {
    session.apply(Command::Plan(command)).map(|_| ())
}

/// A session with a scenario, seen from 70 m above: points are drawn together within a metre.
fn planner() -> Session {
    let mut session = session();
    session.view.camera = CameraPose { eye: [20.0, 10.0, 70.0], look: [20.0, 10.0, 0.0] };
    plan(&mut session, PlanCommand::SetOpen(true)).unwrap();
    plan(&mut session, PlanCommand::Add { name: "Khu mới".to_owned(), base: None }).unwrap();
    session
}

fn click(session: &mut Session, east: f64, north: f64) {
    session.apply(Command::ToolClick([east, north, 0.0])).unwrap();
}

fn edits(session: &Session) -> Vec<Edit> {
    session.project().unwrap().scenarios[0].edits.clone()
}

fn draw_square(session: &mut Session) {
    plan(session, PlanCommand::Draw(Some(Draft::Zone))).unwrap();
    for (east, north) in [(-10.0, -10.0), (50.0, -10.0), (50.0, 50.0), (-10.0, 50.0)] {
        click(session, east, north);
    }
}

#[test]
fn a_zone_is_drawn_judged_and_undone() {
    let mut session = planner();
    assert_eq!(session.plan().active, Some(ScenarioId("khu-moi".to_owned())), "a new scenario is the one to change");
    draw_square(&mut session);
    assert_eq!(session.view.tool, Tool::PlanDraw);
    let proposal = session.plan().proposal.clone().expect("what it would bring");
    assert!((proposal.area_m2 - 3600.0).abs() < 1.0, "{}", proposal.area_m2);
    assert_eq!((proposal.parcels, proposal.violations.len()), (2, 0));
    // Twice as dense as the norms allow a resort's zone.
    let mut form = session.plan().form.clone();
    form.rule.coverage = Some(0.5);
    plan(&mut session, PlanCommand::SetForm(Box::new(form))).unwrap();
    assert_eq!(session.plan().proposal.as_ref().map(|p| p.violations.len()), Some(1));

    // A click on the first corner ends it.
    click(&mut session, -10.3, -10.2);
    let all = edits(&session);
    let [Edit::Zone { id, ring, .. }] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((id.as_str(), ring.len()), ("zone-1", 4));
    let shown = session.shown().unwrap().layer(&LayerId::new("plan")).unwrap().content.features().unwrap().len();
    let before = session.project().unwrap().layer(&LayerId::new("plan")).unwrap().content.features().unwrap().len();
    assert_eq!(shown, before + 1, "the map shows it at once");
    assert!(session.plan().drawing.as_ref().is_some_and(|d| d.points.is_empty()), "ready for the next");
    session.apply(Command::Undo).unwrap();
    assert!(edits(&session).is_empty());
}

#[test]
fn points_near_a_corner_or_a_border_are_put_onto_it() {
    let session = planner();
    let at = |east: f64, north: f64| {
        let [x, y] = session.snapped([east, north, 0.0], None);
        [((x - ORIGIN[0]) * 1000.0).round() / 1000.0, ((y - ORIGIN[1]) * 1000.0).round() / 1000.0]
    };
    assert_eq!(at(0.4, -0.3), [0.0, 0.0]);
    assert_eq!(at(10.0, 0.5), [10.0, 0.0]);
    assert_eq!(at(10.0, 5.0), [10.0, 5.0]);
}

#[test]
fn a_zone_is_reshaped_and_parted() {
    let mut session = planner();
    draw_square(&mut session);
    plan(&mut session, PlanCommand::Finish).unwrap();
    plan(&mut session, PlanCommand::Reshape(1)).unwrap();
    assert_eq!(session.plan().drawing.as_ref().map(|d| (d.points.len(), d.replaces)), Some((4, Some(1))));
    plan(&mut session, PlanCommand::InsertPoint { index: 4, at: [-30.0, 20.0, 0.0] }).unwrap();
    plan(&mut session, PlanCommand::MovePoint { index: 4, to: [-40.0, 20.0, 0.0] }).unwrap();
    plan(&mut session, PlanCommand::Finish).unwrap();
    let all = edits(&session);
    let [Edit::Zone { id, ring, .. }] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((id.as_str(), ring.len()), ("zone-1", 5), "the same zone in another shape");
    assert_eq!(session.view.tool, Tool::Inspect);

    plan(&mut session, PlanCommand::Reshape(1)).unwrap();
    plan(&mut session, PlanCommand::Draw(Some(Draft::Split))).unwrap();
    click(&mut session, 25.0, -30.0);
    click(&mut session, 25.0, 70.0);
    plan(&mut session, PlanCommand::Finish).unwrap();
    let ids: Vec<String> = edits(&session).iter().filter_map(|e| e.id().map(str::to_owned)).collect();
    assert_eq!(ids, ["zone-1", "zone-2"]);
    session.apply(Command::Undo).unwrap();
    assert_eq!(edits(&session).len(), 1, "one step back makes it whole");
}

#[test]
fn parcels_are_lassoed_and_painted_anew() {
    let mut session = planner();
    plan(&mut session, PlanCommand::Draw(Some(Draft::Lasso))).unwrap();
    for (east, north) in [(-5.0, -5.0), (45.0, -5.0), (45.0, 30.0), (-5.0, 30.0)] {
        click(&mut session, east, north);
    }
    plan(&mut session, PlanCommand::Finish).unwrap();
    let chosen = session.chosen();
    let [Chosen::Areas { ids, .. }] = chosen.as_slice() else { panic!("{chosen:?}") };
    assert_eq!(ids.as_slice(), [1, 2]);
    let mut form = PlanForm::default();
    form.rule.land_use = "DKV".to_owned();
    plan(&mut session, PlanCommand::SetForm(Box::new(form))).unwrap();
    plan(&mut session, PlanCommand::Repaint).unwrap();
    let all = edits(&session);
    let [Edit::Repaint { parcels, rule }] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((parcels.as_slice(), rule.land_use.as_str()), ([1, 2].as_slice(), "DKV"));
}

#[test]
fn the_clicked_parcels_border_can_be_redrawn() {
    let mut session = planner();
    session.apply(Command::Select(Some(click_on_parcel(1)))).unwrap();
    plan(&mut session, PlanCommand::OutlineChosen).unwrap();
    let drawing = session.plan().drawing.clone().unwrap();
    assert_eq!((drawing.what, drawing.replaces), (Draft::Zone, None));
    assert!(drawing.points.len() >= 4 && drawing.points.first() != drawing.points.last());
}

#[test]
fn what_cannot_be_is_told_and_changes_nothing() {
    let mut session = session();
    let draw = |session: &mut Session, what| plan(session, PlanCommand::Draw(Some(what)));
    assert_eq!(draw(&mut session, Draft::Zone), Err(SessionError::Draw(DrawFault::NoScenario)));
    assert_eq!(plan(&mut session, PlanCommand::Repaint), Err(SessionError::Draw(DrawFault::NoScenario)));
    let mut session = planner();
    assert_eq!(plan(&mut session, PlanCommand::Repaint), Err(SessionError::Draw(DrawFault::NothingChosen)));
    assert_eq!(plan(&mut session, PlanCommand::Reshape(7)), Err(SessionError::Draw(DrawFault::NothingChosen)));
    assert_eq!(draw(&mut session, Draft::Split), Err(SessionError::Draw(DrawFault::DoesNotSplit)));
    draw(&mut session, Draft::Zone).unwrap();
    click(&mut session, 0.0, 100.0);
    assert_eq!(plan(&mut session, PlanCommand::Finish), Err(SessionError::Draw(DrawFault::TooFew)));
    // A bow tie.
    for (east, north) in [(60.0, 160.0), (60.0, 100.0), (0.0, 160.0)] {
        click(&mut session, east, north);
    }
    assert_eq!(plan(&mut session, PlanCommand::Finish), Err(SessionError::Draw(DrawFault::CrossesItself)));
    assert!(edits(&session).is_empty());
    plan(&mut session, PlanCommand::TakePointBack).unwrap();
    assert_eq!(session.plan().drawing.as_ref().map(|d| d.points.len()), Some(3), "the drawing is still there");
    session.apply(Command::SetTool(Tool::Inspect)).unwrap();
    assert_eq!(session.plan().drawing, None);
}

#[test]
fn another_plan_stands_beside_the_shown_one_and_follows_its_edits() {
    let mut session = planner();
    draw_square(&mut session);
    plan(&mut session, PlanCommand::Finish).unwrap();
    let id = session.plan().active.clone();
    plan(&mut session, PlanCommand::Activate(None)).unwrap();
    plan(&mut session, PlanCommand::Beside(BesideWish::Plan(id.clone()))).unwrap();
    let zones = |session: &Session| {
        let beside = session.plan().beside.as_ref().expect("a plan beside");
        beside.project.layer(&LayerId::new("plan")).unwrap().content.features().unwrap().len()
    };
    let today = session.shown().unwrap().layer(&LayerId::new("plan")).unwrap().content.features().unwrap().len();
    assert_eq!(zones(&session), today + 1);
    plan(&mut session, PlanCommand::SetSplit(2.0)).unwrap();
    assert_eq!(session.plan().beside.as_ref().map(|b| b.split), Some(0.98), "the line stays on the map");
    session.apply(Command::Undo).unwrap();
    assert_eq!(zones(&session), today);
    plan(&mut session, PlanCommand::Beside(BesideWish::Nothing)).unwrap();
    assert!(session.plan().beside.is_none());
}

#[test]
fn a_story_turns_its_pages_and_leaves_everything_as_it_was() {
    let mut session = session();
    let mut project = island_twin::model::project::Project::clone(session.project().unwrap());
    let page = |text: &str, show, layers: &[&str]| StoryPage {
        text: Text2::same(text),
        bookmark: Some("duong-dong".to_owned()),
        show,
        layers: layers.iter().map(|l| LayerId::new(l)).collect(),
        time: None,
    };
    add(&mut project.scenarios, "Khu mới", None).unwrap();
    let id = project.scenarios[0].id.clone();
    project.scenarios[0].story =
        vec![page("một", Show::This, &[]), page("hai", Show::Today, &["plan"]), page("ba", Show::Beside, &[])];
    session.install(project, None);
    let story = |session: &mut Session, c: StoryCommand| plan(session, PlanCommand::Story(c));
    let visible = |s: &Session| s.shown().unwrap().layers.iter().filter(|l| l.visible).count();
    let all = visible(&session);
    story(&mut session, StoryCommand::Start(id.clone())).unwrap();
    assert_eq!((session.story_pages(), session.plan().active.clone()), (3, Some(id.clone())));
    assert!(session.view.camera_request.is_some(), "it goes to the page's place");
    story(&mut session, StoryCommand::Next).unwrap();
    assert_eq!((session.plan().active.clone(), visible(&session)), (None, 1));
    story(&mut session, StoryCommand::Next).unwrap();
    story(&mut session, StoryCommand::Next).unwrap();
    assert_eq!(session.plan().story.as_ref().map(|s| s.page), Some(2), "after the last page comes none");
    assert_eq!((session.plan().beside.as_ref().map(|b| b.scenario.clone()), visible(&session)), (Some(Some(id)), all));
    story(&mut session, StoryCommand::End).unwrap();
    assert!(session.plan().story.is_none() && session.plan().beside.is_none() && session.plan().active.is_none());
    assert!(!session.is_modified(), "a story is no edit");
    let none = StoryCommand::Start(ScenarioId("none".to_owned()));
    assert!(story(&mut session, none).is_err());
}

fn zone_ids(session: &Session) -> Vec<String> {
    edits(session).iter().filter_map(|e| e.id().map(str::to_owned)).collect()
}

fn select(session: &mut Session, east: f64, north: f64, hits: Vec<Hit>) {
    let selection = Selection { hits, active: 0, at: [east, north, 0.0], beside: false };
    session.apply(Command::Select(Some(selection))).unwrap();
}

#[test]
fn drawn_zones_that_touch_become_one_in_one_step() {
    let mut session = planner();
    for west in [-10.0, 50.0] {
        plan(&mut session, PlanCommand::Draw(Some(Draft::Zone))).unwrap();
        for (east, north) in [(0.0, -10.0), (60.0, -10.0), (60.0, 50.0), (0.0, 50.0)] {
            click(&mut session, west + east, north);
        }
        plan(&mut session, PlanCommand::Finish).unwrap();
    }
    assert_eq!(zone_ids(&session), ["zone-1", "zone-2"]);
    plan(&mut session, PlanCommand::Join(2)).unwrap();
    let all = edits(&session);
    let [Edit::Zone { id, ring, .. }] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(id, "zone-2");
    let east = |p: &[f64; 2]| p[0];
    let width = ring.iter().map(east).fold(f64::MIN, f64::max) - ring.iter().map(east).fold(f64::MAX, f64::min);
    assert!((width * 109_600.0 - 120.0).abs() < 1.0, "{} m", width * 109_600.0);
    assert_eq!(
        plan(&mut session, PlanCommand::Join(1)),
        Err(SessionError::Draw(DrawFault::DoNotTouch)),
        "alone it touches none"
    );
    session.apply(Command::Undo).unwrap();
    assert_eq!(zone_ids(&session), ["zone-1", "zone-2"]);
}

#[test]
fn one_zone_is_drawn_around_parcels_that_touch() {
    let mut session = planner();
    session.apply(Command::Mark { layer: LayerId::new("parcels"), ids: vec![1, 2] }).unwrap();
    plan(&mut session, PlanCommand::OutlineChosen).unwrap();
    let proposal = session.plan().proposal.clone().unwrap();
    assert!((proposal.area_m2 - 800.0).abs() < 1.0, "{}", proposal.area_m2);
}

#[test]
fn a_click_tells_what_the_plan_can_do_there() {
    let mut session = planner();
    draw_square(&mut session);
    plan(&mut session, PlanCommand::Finish).unwrap();
    plan(&mut session, PlanCommand::Draw(None)).unwrap();
    // On the zone that was drawn, on a parcel, and on the street before it.
    let hit = |layer: &str, feature| Hit { layer: LayerId::new(layer), feature };
    select(&mut session, 10.0, 10.0, vec![hit("streets", 1), hit("parcels", 1)]);
    let chosen = session.chosen();
    let [Chosen::Own(1), Chosen::Road(name), Chosen::Areas { ids, .. }] = chosen.as_slice() else {
        panic!("{chosen:?}")
    };
    assert_eq!((name.is_empty(), ids.as_slice()), (false, [1].as_slice()));
    // The zone has a row of its own in the shown plan: the inspector knows it, and it is no zone to be painted anew.
    select(&mut session, 10.0, 10.0, vec![hit("plan", 2)]);
    assert!(session.inspection().is_some());
    assert_eq!(session.chosen(), [Chosen::Own(1)]);
    plan(&mut session, PlanCommand::Activate(None)).unwrap();
    assert!(session.inspection().is_none() && session.chosen().is_empty(), "gone with the scenario");
}

#[test]
fn the_other_side_shows_its_own_features_in_a_half_of_the_map() {
    let mut session = planner();
    draw_square(&mut session);
    plan(&mut session, PlanCommand::Finish).unwrap();
    plan(&mut session, PlanCommand::Beside(BesideWish::Plan(None))).unwrap();
    plan(&mut session, PlanCommand::SetSplit(0.8)).unwrap();
    plan(&mut session, PlanCommand::SetHalves(true)).unwrap();
    assert!((session.plan().beside.as_ref().unwrap().border() - 0.5).abs() < 1e-6);
    let hits = vec![Hit { layer: LayerId::new("plan"), feature: 2 }];
    let of_beside = Selection { hits, active: 0, at: [10.0, 10.0, 0.0], beside: true };
    session.apply(Command::Select(Some(of_beside))).unwrap();
    assert!(session.selection().is_none(), "what is there today has no such zone");
    plan(&mut session, PlanCommand::SetHalves(false)).unwrap();
    assert!((session.plan().beside.as_ref().unwrap().border() - 0.8).abs() < 1e-6);
}
