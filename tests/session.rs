//! The session from outside: commands in, effects and state out.

mod common;

use std::path::PathBuf;
use std::sync::Arc;

use common::{click_on_parcel, empty_session, finish_jobs, session};
use island_twin::base::message::Message;
use island_twin::model::layer::LayerId;
use island_twin::model::table::Value;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::error::SessionError;
use island_twin::session::inspect::{FeatureTitle, Geometry};
use island_twin::session::notice::Level;
use island_twin::session::rights::Verdict;
use island_twin::session::search::search;
use island_twin::session::selection::{Hit, Selection};
use island_twin::session::view_state::{CameraPose, CameraRequest, Tool};
use island_twin::text::Language;

fn hide(layer: &str) -> Command {
    Command::SetVisible { layers: vec![LayerId::new(layer)], visible: false }
}

fn opacity(layer: &str, opacity: f32) -> Command {
    Command::SetOpacity { layer: LayerId::new(layer), opacity }
}

fn is_visible(session: &Session, layer: &str) -> bool {
    session.project().unwrap().layer(&LayerId::new(layer)).unwrap().visible
}

fn opacity_of(session: &Session, layer: &str) -> f32 {
    session.project().unwrap().layer(&LayerId::new(layer)).unwrap().style.opacity
}

#[test]
fn undo_takes_back_one_step_and_redo_brings_it_again() {
    let mut session = session();
    let effects = session.apply(hide("parcels")).unwrap();
    assert_eq!(effects.layers.iter().map(|l| l.0.as_str()).collect::<Vec<_>>(), ["parcels"]);
    assert!(!is_visible(&session, "parcels") && session.is_modified());
    assert_eq!(session.undo_label().unwrap().key, "session-undo-hide");
    let effects = session.apply(Command::Undo).unwrap();
    assert!(effects.layers.contains(&LayerId::new("parcels")));
    assert!(is_visible(&session, "parcels") && !session.is_modified());
    assert!(session.undo_label().is_none());
    session.apply(Command::Redo).unwrap();
    assert!(!is_visible(&session, "parcels"));
    session.apply(Command::Undo).unwrap();
    session.apply(hide("plan")).unwrap();
    assert!(session.redo_label().is_none(), "a new step forgets what could be redone");
}

#[test]
fn a_drag_of_the_opacity_is_one_step() {
    let mut session = session();
    for i in 1..=9 {
        session.apply(opacity("parcels", 1.0 - 0.1 * i as f32)).unwrap();
    }
    session.apply(opacity("plan", 0.5)).unwrap();
    session.apply(Command::Undo).unwrap();
    assert_eq!(opacity_of(&session, "plan"), 1.0);
    assert!((opacity_of(&session, "parcels") - 0.1).abs() < 1e-6);
    session.apply(Command::Undo).unwrap();
    assert_eq!(opacity_of(&session, "parcels"), 1.0);
    assert!(session.undo_label().is_none());
}

#[test]
fn another_command_in_between_begins_a_new_step() {
    let mut session = session();
    session.apply(opacity("parcels", 0.8)).unwrap();
    session.apply(Command::SetTool(Tool::MeasureArea)).unwrap();
    session.apply(opacity("parcels", 0.4)).unwrap();
    session.apply(Command::Undo).unwrap();
    assert!((opacity_of(&session, "parcels") - 0.8).abs() < 1e-6);
}

#[test]
fn opacity_stays_between_nothing_and_all() {
    let mut session = session();
    session.apply(opacity("parcels", 7.0)).unwrap();
    assert_eq!(opacity_of(&session, "parcels"), 1.0);
    session.apply(opacity("parcels", f32::NAN)).unwrap();
    assert_eq!(opacity_of(&session, "parcels"), 1.0);
}

#[test]
fn the_clock_is_not_undone() {
    let mut session = session();
    session.apply(hide("parcels")).unwrap();
    let noon = "2026-06-21T12:00:00+07:00".parse().unwrap();
    assert!(session.apply(Command::SetTime(noon)).unwrap().time);
    session.apply(Command::Undo).unwrap();
    assert_eq!(session.project().unwrap().time, noon);
}

#[test]
fn layers_are_moved_renamed_and_removed() {
    let mut session = session();
    let order = |s: &Session| s.project().unwrap().layers.iter().map(|l| l.id.0.clone()).collect::<Vec<_>>();
    assert!(session.apply(Command::MoveLayer { layer: LayerId::new("plan"), to: 99 }).unwrap().order);
    assert_eq!(order(&session), ["parcels", "streets", "buildings", "plan"]);
    session.apply(Command::RenameLayer { layer: LayerId::new("plan"), title: " Quy hoạch ".to_owned() }).unwrap();
    assert_eq!(session.project().unwrap().layers[3].title.vi, "Quy hoạch");
    session.apply(Command::Select(Some(click_on_parcel(1)))).unwrap();
    let effects = session.apply(Command::RemoveLayer(LayerId::new("parcels"))).unwrap();
    assert!(effects.layers.contains(&LayerId::new("parcels")) && effects.selection);
    assert_eq!(session.selection().unwrap().hits.len(), 1, "the hit in the removed layer is gone");
    for _ in 0..3 {
        session.apply(Command::Undo).unwrap();
    }
    assert_eq!(order(&session), ["plan", "parcels", "streets", "buildings"]);
}

#[test]
fn commands_about_things_that_are_not_there_change_nothing() {
    let mut session = session();
    let before = session.project().cloned().unwrap();
    let nowhere = LayerId::new("nowhere");
    assert_eq!(session.apply(hide("nowhere")), Err(SessionError::NoLayer(nowhere.clone())));
    assert_eq!(session.apply(Command::ZoomToLayer(nowhere.clone())), Err(SessionError::NoLayer(nowhere)));
    assert!(session.apply(Command::GoToBookmark { id: "x".to_owned() }).is_err());
    assert!(session.apply(Command::RemoveBookmark { id: "x".to_owned() }).is_err());
    assert!(Arc::ptr_eq(&before, session.project().unwrap()));
    assert_eq!(empty_session().apply(hide("parcels")), Err(SessionError::NoProject));
    session.perform(hide("nowhere"));
    assert_eq!(session.notices().last().unwrap().level, Level::Error);
}

#[test]
fn a_cell_is_edited_in_its_own_kind() {
    let mut session = session();
    let set = |field: &str, text: &str| Command::SetCell {
        layer: LayerId::new("parcels"),
        feature: 2,
        field: field.to_owned(),
        text: text.to_owned(),
    };
    let cell = |s: &Session, field: &str| {
        let project = s.project().unwrap().clone();
        let table = project.layers[1].content.features().unwrap().clone();
        match table.value(1, field) {
            Value::Null => "null".to_owned(),
            other => other.to_string(),
        }
    };
    session.apply(set("DIENTICH", "1.234,5")).unwrap();
    assert_eq!(cell(&session, "DIENTICH"), "1234.5");
    session.apply(set("SOTO", "13")).unwrap();
    session.apply(set("MALOAIDAT", "Đất ở")).unwrap();
    assert_eq!((cell(&session, "SOTO"), cell(&session, "MALOAIDAT")), ("13".to_owned(), "Đất ở".to_owned()));
    session.apply(set("SOTO", "")).unwrap();
    assert_eq!(cell(&session, "SOTO"), "null");
    assert!(matches!(session.apply(set("SOTO", "12,5")), Err(SessionError::NotANumber { .. })));
    assert!(matches!(session.apply(set("DIENTICH", "rộng")), Err(SessionError::NotANumber { .. })));
    assert!(matches!(session.apply(set("NOFIELD", "1")), Err(SessionError::NoField { .. })));
    for _ in 0..4 {
        session.apply(Command::Undo).unwrap();
    }
    assert_eq!((cell(&session, "SOTO"), cell(&session, "DIENTICH")), ("12".to_owned(), "null".to_owned()));
}

#[test]
fn opening_replaces_the_project_and_tells_what_was_wrong() {
    let mut session = session();
    session.apply(hide("parcels")).unwrap();
    session.apply(Command::Open(PathBuf::from("/data/other.scene.ron"))).unwrap();
    let effects = finish_jobs(&mut session);
    assert!(effects.project_replaced);
    assert!(is_visible(&session, "parcels") && !session.is_modified() && session.undo_label().is_none());
    let notice = session.notices().last().unwrap();
    assert_eq!(
        (notice.level, notice.path.as_deref()),
        (Level::Warning, Some("/data/other.scene.ron/roads.shp".as_ref()))
    );
    assert_eq!(session.settings().recent, [PathBuf::from("/data/other.scene.ron")]);
}

#[test]
fn a_file_that_cannot_be_opened_leaves_the_open_project_alone() {
    for name in ["broken.gpkg", "panic.gpkg"] {
        let mut session = session();
        let before = session.project().cloned().unwrap();
        session.apply(Command::Open(PathBuf::from(name))).unwrap();
        let effects = finish_jobs(&mut session);
        assert!(!effects.project_replaced);
        assert!(Arc::ptr_eq(&before, session.project().unwrap()));
        let notice = session.notices().last().unwrap();
        assert_eq!((notice.level, notice.path.as_deref()), (Level::Error, Some(name.as_ref())));
        assert!(session.settings().recent.is_empty());
    }
}

#[test]
fn a_panic_becomes_a_notice_with_its_words() {
    let mut session = session();
    session.apply(Command::SaveAs(PathBuf::from("panic.gpkg"))).unwrap();
    finish_jobs(&mut session);
    let notice = session.notices().last().unwrap();
    assert_eq!(notice.message, Message::new("session-job-panicked"));
    assert!(notice.detail.as_ref().unwrap().contains("asked to panic"));
}

#[test]
fn cancelling_ends_a_job_soon() {
    let mut session = session();
    session.apply(Command::Open(PathBuf::from("endless.gpkg"))).unwrap();
    assert_eq!(session.jobs().len(), 1);
    session.apply(Command::CancelJobs).unwrap();
    let start = std::time::Instant::now();
    finish_jobs(&mut session);
    assert!(start.elapsed().as_secs() < 5);
    assert_eq!(session.notices().last().unwrap().message.key, "session-job-cancelled");
}

#[test]
fn opening_twice_keeps_the_second() {
    let mut session = session();
    session.apply(Command::Open(PathBuf::from("endless.gpkg"))).unwrap();
    session.apply(Command::Open(PathBuf::from("second.gpkg"))).unwrap();
    finish_jobs(&mut session);
    assert_eq!(session.path(), Some("second.gpkg".as_ref()));
}

#[test]
fn saving_clears_the_mark_only_for_what_was_saved() {
    let mut session = session();
    session.apply(hide("parcels")).unwrap();
    session.apply(Command::SaveAs(PathBuf::from("/data/mine.gpkg"))).unwrap();
    session.apply(hide("plan")).unwrap();
    finish_jobs(&mut session);
    assert!(session.is_modified(), "the second step is not in the file");
    session.apply(Command::Undo).unwrap();
    assert!(!session.is_modified());
    session.apply(Command::Undo).unwrap();
    assert!(session.is_modified());
    assert_eq!(session.path(), Some("/data/mine.gpkg".as_ref()));
}

#[test]
fn a_bookmark_comes_back_to_the_same_place() {
    let mut session = session();
    let pose = CameraPose { eye: [1500.0, -800.0, 650.0], look: [10.0, 20.0, 5.0] };
    session.view.camera = pose;
    session.apply(Command::AddBookmark { title: "Cảng An Thới".to_owned() }).unwrap();
    session.apply(Command::AddBookmark { title: "Cảng An Thới".to_owned() }).unwrap();
    let ids: Vec<_> = session.project().unwrap().bookmarks.iter().map(|b| b.id.clone()).collect();
    assert_eq!(ids, ["duong-dong", "cang-an-thoi", "cang-an-thoi-2"]);
    session.apply(Command::GoToBookmark { id: "cang-an-thoi".to_owned() }).unwrap();
    let Some(CameraRequest::Pose(back)) = session.view.camera_request else { panic!("no request") };
    let error = (0..3).map(|i| (back.eye[i] - pose.eye[i]).abs().max((back.look[i] - pose.look[i]).abs()));
    assert!(error.fold(0.0, f64::max) < 0.01, "{back:?}");
}

#[test]
fn the_inspector_tells_what_may_be_built() {
    let mut session = session();
    session.apply(Command::Select(Some(click_on_parcel(1)))).unwrap();
    let seen = session.inspection().unwrap();
    assert_eq!(seen.title, FeatureTitle::Parcel { sheet: "12".to_owned(), parcel: "345".to_owned() });
    assert!(matches!(seen.geometry, Geometry::Polygon { area_m2 } if (area_m2 - 400.0).abs() < 1e-6));
    let area = seen.rows.iter().find(|r| r.field == "DIENTICH").unwrap();
    assert_eq!((area.label_key.as_deref(), area.unit), (Some("model-field-dientich"), Some("m²")));
    let unknown = seen.rows.iter().find(|r| r.field == "OBJECTID").unwrap();
    assert_eq!((unknown.label_key.as_deref(), unknown.unit), (None, None));
    let land = seen.rows.iter().find(|r| r.field == "MALOAIDAT").unwrap();
    assert_eq!(land.meaning.as_ref().unwrap().0.vi, "Đất ở tại đô thị");

    let rights = seen.rights.as_ref().unwrap();
    assert!(rights.area_is_registered);
    assert_eq!(rights.holder.as_deref(), Some("GDC"));
    let plan = rights.plan.as_ref().unwrap();
    assert_eq!((plan.rule.plot_ratio, plan.rule.coverage, plan.zones), (Some(2.0), Some(0.6), 1));
    assert_eq!(plan.allowance.footprint_m2, Some(240.0));
    assert_eq!(plan.allowance.floor_area_m2, Some(800.0));
    let built = &rights.built;
    assert_eq!((built.count, built.most_storeys, built.tallest_m), (1, Some(2), Some(7.0)));
    assert!((built.footprint_m2 - 100.0).abs() < 1e-6 && (built.floor_area_m2 - 200.0).abs() < 1e-6);
    assert_eq!(rights.verdict, Verdict::MayBuild);
}

#[test]
fn an_empty_parcel_has_its_area_from_the_map() {
    let mut session = session();
    session.apply(Command::Select(Some(click_on_parcel(2)))).unwrap();
    let rights = session.inspection().unwrap().rights.clone().unwrap();
    assert!(!rights.area_is_registered && (rights.area_m2 - 400.0).abs() < 1e-6);
    assert_eq!(rights.built.count, 0);
}

#[test]
fn a_changed_plan_changes_the_answer() {
    let mut session = session();
    session.apply(Command::Select(Some(click_on_parcel(1)))).unwrap();
    let set = |text: &str| Command::SetCell {
        layer: LayerId::new("plan"),
        feature: 1,
        field: "MATDOXD".to_owned(),
        text: text.to_owned(),
    };
    let verdict = |s: &Session| s.inspection().unwrap().rights.as_ref().unwrap().verdict;
    session.apply(set("20")).unwrap();
    assert_eq!(verdict(&session), Verdict::Exceeded, "100 m² stand where 80 m² are allowed");
    session.apply(set("25")).unwrap();
    assert_eq!(verdict(&session), Verdict::Full);
    session.apply(set("0")).unwrap();
    assert_eq!(verdict(&session), Verdict::Exceeded, "a building stands where none is allowed");
    session.apply(Command::Select(Some(click_on_parcel(2)))).unwrap();
    assert_eq!(verdict(&session), Verdict::NoBuilding);
    session.apply(Command::RemoveLayer(LayerId::new("plan"))).unwrap();
    assert_eq!(verdict(&session), Verdict::NoPlan);
}

#[test]
fn hits_are_switched_and_selections_of_nothing_are_none() {
    let mut session = session();
    session.apply(Command::Select(Some(click_on_parcel(1)))).unwrap();
    assert!(session.apply(Command::ActivateHit(1)).unwrap().selection);
    assert_eq!(session.inspection().unwrap().hit.layer, LayerId::new("plan"));
    session.apply(Command::ActivateHit(9)).unwrap();
    assert_eq!(session.selection().unwrap().active, 1);
    let stale = Selection {
        hits: vec![Hit { layer: LayerId::new("parcels"), feature: 99 }],
        active: 0,
        at: [0.0; 3],
        beside: false,
    };
    session.apply(Command::Select(Some(stale))).unwrap();
    assert!(session.selection().is_none() && session.inspection().is_none());
}

#[test]
fn measuring_starts_anew_with_another_tool_and_after_two_heights() {
    let mut session = session();
    session.apply(Command::ToolClick([0.0; 3])).unwrap();
    assert!(session.view.measure.is_empty(), "the inspecting tool measures nothing");
    session.apply(Command::SetTool(Tool::MeasureHeight)).unwrap();
    for i in 0..3 {
        session.apply(Command::ToolClick([f64::from(i), 0.0, 0.0])).unwrap();
    }
    assert_eq!(session.view.measure, [[2.0, 0.0, 0.0]]);
    session.apply(Command::SetTool(Tool::MeasureArea)).unwrap();
    assert!(session.view.measure.is_empty());
}

#[test]
fn search_finds_without_accents_and_by_sheet_and_number() {
    let session = session();
    let project = session.project().unwrap();
    let find = |query: &str| search(project, query, Language::Vi, 20);
    let streets = find("tran hung");
    assert_eq!(streets.len(), 1);
    assert_eq!(streets[0].feature.as_ref().unwrap().title, FeatureTitle::Named("Trần Hưng Đạo".to_owned()));
    let chosen = streets[0].selection(project).unwrap();
    assert_eq!(chosen.hits[0], Hit { layer: LayerId::new("streets"), feature: 1 });
    for query in ["tờ 12 thửa 346", "to 12 thua 346", "thửa 346 tờ 12", "12/346", "sheet 12 parcel 346"] {
        let found = find(query);
        let ids: Vec<_> = found.iter().filter_map(|f| f.feature.as_ref().map(|f| f.id)).collect();
        assert_eq!(ids, [2], "{query}");
    }
    assert_eq!(find("tờ 12").len(), 2);
    assert_eq!(find("quy hoach")[0].layer, LayerId::new("plan"));
    assert!(find("quy hoach")[0].feature.is_none());
    assert!(find("x").is_empty() && find("zzzz").is_empty());
    assert_eq!(search(project, "tờ 12", Language::Vi, 1).len(), 1);
}

#[test]
fn language_is_a_setting() {
    let mut session = session();
    assert_eq!(session.language(), Language::Vi);
    assert!(session.apply(Command::SetLanguage(Language::En)).unwrap().language);
    assert_eq!(session.language(), Language::En);
}
