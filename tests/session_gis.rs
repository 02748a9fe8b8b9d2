//! A technician's day through commands: files are looked at and imported, checked, repaired, asked, styled, exported.

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{ORIGIN, click_on_parcel, finish_jobs, session, text};
use island_twin::analysis::check::IssueKind;
use island_twin::analysis::classify::{Method, Palette};
use island_twin::analysis::trace::Direction;
use island_twin::analysis::zone::Verdict;
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::io::encoding::TextEncoding;
use island_twin::model::layer::{LayerContent, LayerId, LayerRole};
use island_twin::model::style::{ColorRule, Style, Symbol};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use island_twin::session::Session;
use island_twin::session::ask::answer::Finding;
use island_twin::session::ask::desk::AskCommand;
use island_twin::session::ask::form::{AskForm, Question};
use island_twin::session::checks::CheckCommand;
use island_twin::session::command::Command;
use island_twin::session::export::ExportWish;
use island_twin::session::import::accept::LetterCase;
use island_twin::session::import::desk::ImportCommand;
use island_twin::session::import::review::ReviewState;
use island_twin::session::notice::Level;
use island_twin::session::styling::{Recipe, StyleCommand};
use island_twin::session::table::{TableCommand, TableWish};
use island_twin::session::view_state::CameraRequest;

fn import(session: &mut Session, command: ImportCommand) {
    session.apply(Command::Importing(command)).unwrap();
}

fn desk(files: &[&str]) -> Session {
    let mut session = session();
    session.apply(Command::Import(files.iter().map(PathBuf::from).collect())).unwrap();
    finish_jobs(&mut session);
    session
}

fn parcels() -> LayerId {
    LayerId::new("parcels")
}

fn table_of<'a>(session: &'a Session, id: &str) -> &'a Arc<FeatureTable> {
    session.project().unwrap().layer(&LayerId::new(id)).unwrap().content.features().unwrap()
}

#[test]
fn files_lie_on_the_desk_until_they_are_accepted() {
    let mut session = desk(&["roads.shp", "broken.shp", "sheet.shp"]);
    assert_eq!(session.project().unwrap().layers.len(), 4, "nothing is imported yet");
    assert!(!session.is_modified());
    let reviews = &session.importing().reviews;
    assert!(reviews[0].is_ready() && matches!(reviews[1].state, ReviewState::Failed(_)));
    assert_eq!(session.importing().ready(), 2);
    import(&mut session, ImportCommand::SetWanted { file: 0, wanted: false });
    import(&mut session, ImportCommand::Accept);
    finish_jobs(&mut session);
    let ids: Vec<_> = session.project().unwrap().layers.iter().map(|l| l.id.0.clone()).collect();
    assert_eq!(ids, ["plan", "parcels", "streets", "buildings", "sheet"]);
    assert!(!session.importing().is_open());
    // The file that failed stands in the report too.
    let reports = &session.checks().reports;
    assert_eq!(reports.len(), 2);
    assert!(reports[0].layer.as_deref() == Some("sheet") && reports[1].error.is_some());
    session.apply(Command::Undo).unwrap();
    assert_eq!(session.project().unwrap().layers.len(), 4);
}

#[test]
fn a_file_without_a_system_is_shown_where_it_may_lie_and_read_as_chosen() {
    let mut session = desk(&["lost-sheet.shp"]);
    let review = &session.importing().reviews[0];
    assert!(matches!(review.state, ReviewState::NoSystem(_)), "{:?}", review.state);
    assert_eq!(review.suspicion.as_ref().unwrap().verdict, Verdict::Missing);
    let best = review.readings()[0].clone();
    assert_eq!((best.crs.clone(), best.swapped), (Crs::Epsg(9208), false), "{}", best.reason.key);
    assert_eq!((review.marks.len(), session.marks().len()), (review.readings().len(), review.readings().len()));
    // Its outlines lie where that reading puts them: beside the fixture's parcels.
    let [x, y] = review.marks[0].lines[0][0];
    assert!((x - ORIGIN[0] - 200.0).abs() < 0.01 && (y - ORIGIN[1]).abs() < 0.01, "{x} {y}");
    assert_eq!(session.importing().ready(), 0, "it cannot be imported before somebody chooses");

    import(&mut session, ImportCommand::ZoomTo { file: 0, reading: 0 });
    assert!(matches!(session.view.camera_request, Some(CameraRequest::Frame(_))));
    import(&mut session, ImportCommand::SetSystem { file: 0, crs: best.crs, swap_xy: best.swapped });
    finish_jobs(&mut session);
    let review = &session.importing().reviews[0];
    assert!(review.is_ready() && !review.is_doubtful());
    assert_eq!(review.reading_in_force(), Some(0));
    import(&mut session, ImportCommand::Accept);
    finish_jobs(&mut session);
    let bounds = table_of(&session, "lost-sheet").geometry.bounds().unwrap();
    assert!((bounds[0] - ORIGIN[0] - 200.0).abs() < 0.01, "{bounds:?}");
}

#[test]
fn fields_and_letters_are_as_the_technician_says() {
    let mut session = desk(&["sheet.shp"]);
    let review = &session.importing().reviews[0];
    assert!(review.mapped, "a cadastral sheet is mapped by itself");
    assert_eq!((review.target_of("SHBANDO"), review.target_of("KHLOAIDAT")), ("SOTO", "MALOAIDAT"));
    assert!(review.is_personal("TENCHU"));
    let field = || "TENCHU".to_owned();
    import(&mut session, ImportCommand::SetCase { file: 0, field: field(), case: LetterCase::Title });
    let encoding = Some(TextEncoding::VniWindows);
    import(&mut session, ImportCommand::SetEncoding { file: 0, field: Some(field()), encoding });
    finish_jobs(&mut session);
    let review = &session.importing().reviews[0];
    assert_eq!(review.imported().unwrap().report.previews[0].encoding, TextEncoding::VniWindows);
    assert_eq!(review.case_of("TENCHU"), LetterCase::Title, "what was chosen before stays");
    // A field of ours comes from one field of the file.
    let (source, target) = ("SHTHUA".to_owned(), "SOTO".to_owned());
    import(&mut session, ImportCommand::SetTarget { file: 0, source, target });
    assert_eq!(session.importing().reviews[0].target_of("SHBANDO"), "");
    let (source, target) = ("SHBANDO".to_owned(), "SOTO".to_owned());
    import(&mut session, ImportCommand::SetTarget { file: 0, source, target });
    let (source, target) = ("SHTHUA".to_owned(), "SOTHUA".to_owned());
    import(&mut session, ImportCommand::SetTarget { file: 0, source, target });
    import(&mut session, ImportCommand::Accept);
    finish_jobs(&mut session);
    let table = table_of(&session, "sheet");
    assert_eq!(table.value(0, "TENCHU"), Value::Text("Nguyễn Văn An"));
    assert_eq!((table.value(0, "SOTO"), table.value(3, "SOTHUA")), (Value::Integer(7), Value::Integer(4)));
}

#[test]
fn a_template_is_kept_and_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vilis.json");
    let mut session = desk(&["sheet.shp"]);
    let (source, target) = ("SHBANDO".to_owned(), "MAXA".to_owned());
    import(&mut session, ImportCommand::SetTarget { file: 0, source, target });
    import(&mut session, ImportCommand::SaveTemplate { file: 0, path: path.clone() });
    let mut other = desk(&["sheet.shp"]);
    import(&mut other, ImportCommand::LoadTemplate { file: 0, path });
    assert_eq!(other.importing().reviews[0].target_of("SHBANDO"), "MAXA");
    import(&mut other, ImportCommand::LoadTemplate { file: 0, path: folder.path().join("none.json") });
    assert_eq!(other.notices().last().unwrap().level, Level::Error);
    assert_eq!(other.importing().reviews[0].target_of("SHBANDO"), "MAXA");
}

#[test]
fn putting_the_files_away_stops_the_reading_and_changes_nothing() {
    let mut session = session();
    session.apply(Command::Import(vec!["endless.shp".into()])).unwrap();
    import(&mut session, ImportCommand::Close);
    finish_jobs(&mut session);
    assert!(!session.importing().is_open() && !session.is_modified());
}

fn imported_sheet() -> Session {
    let mut session = desk(&["sheet.shp"]);
    import(&mut session, ImportCommand::Accept);
    finish_jobs(&mut session);
    session
}

fn check(session: &mut Session, command: CheckCommand) {
    session.apply(Command::Check(command)).unwrap();
    finish_jobs(session);
}

#[test]
fn faults_are_gone_to_and_repaired_and_the_repair_is_taken_back() {
    let mut session = imported_sheet();
    let found = session.checks().current().unwrap().check.clone().unwrap();
    assert_eq!(found.count(IssueKind::DuplicateVertex), 1);
    assert_eq!(found.count(IssueKind::DuplicateParcel), 1);
    let at = found.issues.iter().position(|i| i.kind == IssueKind::DuplicateVertex).unwrap();
    check(&mut session, CheckCommand::GoTo(at));
    assert_eq!(session.selection().unwrap().hits[0].feature, found.issues[at].id);
    assert!(session.view.camera_request.is_some() && !session.marks().is_empty());

    let before = table_of(&session, "sheet").clone();
    check(&mut session, CheckCommand::Repair(None));
    let report = session.checks().current().unwrap();
    assert_eq!((report.repaired, report.check.as_ref().unwrap().count(IssueKind::DuplicateVertex)), (1, 0));
    assert_eq!(report.check.as_ref().unwrap().count(IssueKind::DuplicateParcel), 1, "that one needs a person");
    session.apply(Command::Undo).unwrap();
    assert!(Arc::ptr_eq(table_of(&session, "sheet"), &before), "the original is kept");
    assert!(session.checks().is_stale(session.project().unwrap()));
    check(&mut session, CheckCommand::Check(LayerId::new("sheet")));
    assert!(!session.checks().is_stale(session.project().unwrap()));
}

#[test]
fn the_report_is_saved_for_people_and_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = imported_sheet();
    for (name, words) in [("r.html", "<h1>"), ("r.json", "\"duplicate-vertex\"")] {
        let path = folder.path().join(name);
        check(&mut session, CheckCommand::Save(path.clone()));
        assert!(std::fs::read_to_string(&path).unwrap().contains(words), "{name}");
    }
}

fn table(session: &mut Session, command: TableCommand) {
    session.apply(Command::Table(command)).unwrap();
    finish_jobs(session);
}

#[test]
fn the_table_is_filtered_sorted_and_follows_what_is_edited() {
    let mut session = imported_sheet();
    table(&mut session, TableCommand::Open(Some(LayerId::new("sheet"))));
    assert_eq!(*session.table().rows, [0, 1, 2, 3, 4]);
    let sort = Some(("SOTHUA".to_owned(), true));
    let wish = TableWish { filter: "MALOAIDAT = 'ODT'".to_owned(), sort, marked_only: false };
    table(&mut session, TableCommand::Arrange(wish.clone()));
    assert_eq!(*session.table().rows, [2, 0, 4]);
    let wrong = TableWish { filter: "MALOAIDAT = = 1".to_owned(), ..wish };
    table(&mut session, TableCommand::Arrange(wrong));
    assert!(session.table().error.is_some());
    assert_eq!(*session.table().rows, [2, 0, 4], "the rows stay as they were");
    table(&mut session, TableCommand::Arrange(TableWish::default()));
    assert!(session.table().error.is_none());

    table(&mut session, TableCommand::Statistics(Some("DIENTICH".to_owned())));
    assert_eq!(session.table().statistics.as_ref().unwrap().1.numbers.unwrap().sum, 2000.0);
    let (layer, feature) = (LayerId::new("sheet"), 2);
    let (field, text) = ("DIENTICH".to_owned(), "450".to_owned());
    session.apply(Command::SetCell { layer, feature, field, text }).unwrap();
    finish_jobs(&mut session);
    assert!(session.table().is_current(table_of(&session, "sheet")));
    assert_eq!(session.table().rows.len(), 5);
    session.apply(Command::RemoveLayer(LayerId::new("sheet"))).unwrap();
    assert_eq!(session.table().layer, None);
}

#[test]
fn rows_are_marked_and_the_table_narrows_to_them() {
    let mut session = imported_sheet();
    table(&mut session, TableCommand::Open(Some(LayerId::new("sheet"))));
    let filter = "SOTHUA >= 3".to_owned();
    table(&mut session, TableCommand::Arrange(TableWish { filter, ..TableWish::default() }));
    table(&mut session, TableCommand::MarkShown);
    assert_eq!(**session.marked().unwrap().ids, [3, 4]);
    assert_eq!(session.marks().len(), 1);
    table(&mut session, TableCommand::Arrange(TableWish { marked_only: true, ..TableWish::default() }));
    assert_eq!(*session.table().rows, [2, 3]);
    session.apply(Command::Mark { layer: LayerId::new("sheet"), ids: vec![5] }).unwrap();
    finish_jobs(&mut session);
    assert_eq!(*session.table().rows, [4]);
}

#[test]
fn a_column_is_computed_and_taken_back() {
    let mut session = session();
    let add = |name: &str, expression: &str| Command::AddColumn {
        layer: parcels(),
        name: name.to_owned(),
        expression: expression.to_owned(),
    };
    session.apply(add("DT_DO", "round(area(), 1)")).unwrap();
    assert_eq!(table_of(&session, "parcels").value(1, "DT_DO"), Value::Integer(400));
    session.apply(add("DT_DO", "area() / 3")).unwrap();
    assert_eq!(table_of(&session, "parcels").schema.len(), 7, "a field of the same name is computed anew");
    assert!(session.apply(add("X", "khong_co + 1")).is_err());
    assert!(session.apply(add("  ", "1")).is_err());
    session.apply(Command::Undo).unwrap();
    session.apply(Command::Undo).unwrap();
    assert_eq!(table_of(&session, "parcels").schema.len(), 6);
}

#[test]
fn people_are_hidden_until_somebody_asks() {
    let mut session = imported_sheet();
    let hit = |s: &mut Session| {
        let hits = vec![island_twin::session::selection::Hit { layer: LayerId::new("sheet"), feature: 1 }];
        let selection = island_twin::session::selection::Selection { hits, active: 0, at: [0.0; 3], beside: false };
        s.apply(Command::Select(Some(selection))).unwrap();
    };
    hit(&mut session);
    let names = |s: &Session| s.inspection().unwrap().rows.iter().map(|r| r.field.clone()).collect::<Vec<_>>();
    assert!(!names(&session).contains(&"TENCHU".to_owned()));
    assert_eq!(session.inspection().unwrap().hidden, 1);
    session.apply(Command::ShowPersonal(true)).unwrap();
    assert!(names(&session).contains(&"TENCHU".to_owned()));
    let found = island_twin::session::search::search(
        session.project().unwrap(),
        "nguyen van an",
        island_twin::text::Language::Vi,
        20,
    );
    assert!(found.is_empty(), "nobody is found by their name");
}

#[test]
fn styles_are_set_classified_and_loaded() {
    let mut session = session();
    let style = |s: &mut Session, command| s.apply(Command::Style(command)).map(|_| ());
    let rule = |s: &Session| match &s.project().unwrap().layer(&parcels()).unwrap().style.symbol {
        Symbol::Fill { color, .. } => color.clone(),
        other => panic!("{other:?}"),
    };
    let recipe =
        Recipe::Graduated { field: "SOTHUA".to_owned(), method: Method::Equal, classes: 2, palette: Palette::Cividis };
    style(&mut session, StyleCommand::Color { layer: parcels(), recipe }).unwrap();
    assert!(matches!(rule(&session), ColorRule::Ramp { ref stops, .. } if stops.len() == 4));
    // A whole drag is one step.
    let before = session.project().unwrap().layer(&parcels()).unwrap().style.clone();
    for opacity in [0.3, 0.4, 0.5] {
        let style_now = Box::new(Style { opacity, ..before.clone() });
        style(&mut session, StyleCommand::Set { layer: parcels(), style: style_now, live: true }).unwrap();
    }
    session.apply(Command::Undo).unwrap();
    assert_eq!(session.project().unwrap().layer(&parcels()).unwrap().style, before);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mau.qml");
    let qml = r#"<qgis><renderer-v2 type="singleSymbol"><symbols><symbol name="0" type="fill" alpha="1"><layer>
        <prop k="color" v="12,34,56,255"/></layer></symbol></symbols></renderer-v2></qgis>"#;
    std::fs::write(&path, qml).unwrap();
    style(&mut session, StyleCommand::Load { layer: parcels(), path: path.clone() }).unwrap();
    assert!(matches!(rule(&session), ColorRule::Single(c) if (c.0, c.1, c.2) == (12, 34, 56)), "{:?}", rule(&session));
    std::fs::write(&path, "<html/>").unwrap();
    style(&mut session, StyleCommand::Load { layer: parcels(), path }).unwrap();
    assert_eq!(session.notices().last().unwrap().level, Level::Error);
}

fn ask(session: &mut Session, form: AskForm) -> Finding {
    session.apply(Command::Ask(AskCommand::SetForm(Box::new(form)))).unwrap();
    session.apply(Command::Ask(AskCommand::Run)).unwrap();
    finish_jobs(session);
    let told: Vec<_> = session.notices().iter().map(|n| n.message.key.clone()).collect();
    session.ask().finding.clone().unwrap_or_else(|| panic!("no answer: {told:?}"))
}

#[test]
fn questions_about_what_is_near_and_what_lies_where() {
    let mut session = session();
    session.apply(Command::Ask(AskCommand::SetOpen(true))).unwrap();
    session.apply(Command::Ask(AskCommand::Turn(Question::Shares))).unwrap();
    let form = session.ask().form.clone();
    assert_eq!((form.layer.clone(), form.other.clone()), (Some(parcels()), Some(LayerId::new("plan"))));
    // Nothing is chosen yet.
    assert!(session.apply(Command::Ask(AskCommand::Run)).is_err());
    session.apply(Command::Select(Some(click_on_parcel(2)))).unwrap();
    let Finding::Shares(shares) = ask(&mut session, form.clone()) else { panic!() };
    assert_eq!((shares.lines.len(), shares.lines[0].id, shares.lines[0].zone.as_str()), (1, 2, "ODT"));
    assert!((shares.lines[0].area_m2 - 400.0).abs() < 1e-6 && (shares.lines[0].percent - 100.0).abs() < 1e-6);
    let Finding::Shares(all) = ask(&mut session, AskForm { chosen_only: false, ..form }) else { panic!() };
    assert_eq!((all.lines.len(), all.totals.clone()), (2, vec![("ODT".to_owned(), 800.0)]));

    let near = |question, distance_m| AskForm {
        question,
        layer: Some(parcels()),
        other: Some(LayerId::new("buildings")),
        distance_m,
        ..AskForm::default()
    };
    // The house stands 5 m from the border of the second parcel.
    let ids = |found: Finding| match found {
        Finding::Features { ids, .. } => ids,
        other => panic!("{other:?}"),
    };
    assert_eq!(ids(ask(&mut session, near(Question::Within, 4.9))), [1]);
    assert_eq!(ids(ask(&mut session, near(Question::Within, 5.1))), [1, 2]);
    assert_eq!(ids(ask(&mut session, near(Question::Intersects, 0.0))), [1]);
    assert_eq!(**session.marked().unwrap().ids, [1], "what was found is marked on the map");
    let Finding::Nearest { lines, links } = ask(&mut session, near(Question::Nearest, 0.0)) else { panic!() };
    assert_eq!((lines.len(), lines[0].id, lines[0].distance_m, links.len()), (2, 2, 5.0, 2));
    session.apply(Command::Ask(AskCommand::Forget)).unwrap();
    assert!(session.marked().is_none() && session.marks().is_empty());
}

#[test]
fn pipes_are_traced_to_the_valves() {
    let mut project = common::project();
    let mut pipes = FeatureTable::with_fields(&[("MA", FieldKind::Text)]);
    let at = |i: i32| [ORIGIN[0] + f64::from(i) * 10.0, ORIGIN[1]];
    for i in 0..4 {
        pipes.geometry.push_line(&[at(i), at(i + 1)]);
        pipes.push_row(&[Value::Text("ống")]);
    }
    let mut valves = FeatureTable::with_fields(&[("MA", FieldKind::Text)]);
    valves.geometry.push_point(at(3));
    valves.push_row(&[Value::Text("van")]);
    project.layers.push(Arc::new(common::layer("pipes", "Ống", LayerRole::WaterMains, pipes)));
    project.layers.push(Arc::new(common::layer("valves", "Van", LayerRole::Plain, valves)));
    let mut session = common::empty_session();
    session.install(project, None);
    let mut form = AskForm {
        question: Question::Trace,
        layer: Some(LayerId::new("pipes")),
        direction: Direction::Downstream,
        ..AskForm::default()
    };
    session.apply(Command::Ask(AskCommand::SetForm(Box::new(form.clone())))).unwrap();
    assert!(session.apply(Command::Ask(AskCommand::Run)).is_err(), "no pipe is chosen");
    let hits = vec![island_twin::session::selection::Hit { layer: LayerId::new("pipes"), feature: 2 }];
    let selection = island_twin::session::selection::Selection { hits, active: 0, at: [0.0; 3], beside: false };
    session.apply(Command::Select(Some(selection))).unwrap();
    let traced = |found: Finding| match found {
        Finding::Trace { ids, length_m, stopped_at, .. } => (ids, length_m, stopped_at.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(traced(ask(&mut session, form.clone())), (vec![2, 3, 4], 30.0, 0));
    form.stops = Some(LayerId::new("valves"));
    assert_eq!(traced(ask(&mut session, form)), (vec![2, 3], 20.0, 1));
}

#[test]
fn what_a_camera_cannot_see_becomes_a_layer() {
    let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, ORIGIN[0], ORIGIN[1] + 50.0, 10.0, 60, 10);
    let mut terrain = Grid::filled(spec, 2.0_f32);
    // A ridge across the middle.
    for row in 0..10 {
        terrain.set(30, row, 60.0);
    }
    let mut project = common::project();
    let mut ground = common::layer("terrain", "Địa hình", LayerRole::Terrain, FeatureTable::default());
    ground.content = LayerContent::Raster(Arc::new(terrain));
    let mut cameras = FeatureTable::with_fields(&[("MA", FieldKind::Text)]);
    cameras.geometry.push_point([ORIGIN[0] + 5.0, ORIGIN[1] + 5.0]);
    cameras.push_row(&[Value::Text("CAM-01")]);
    project.layers.push(Arc::new(ground));
    project.layers.push(Arc::new(common::layer("cameras", "Camera", LayerRole::Plain, cameras)));
    let mut session = common::empty_session();
    session.install(project, None);
    session.apply(Command::Ask(AskCommand::Turn(Question::Unseen))).unwrap();
    let form = AskForm { height_m: 10.0, target_m: 0.0, ..session.ask().form.clone() };
    let Finding::Unseen(unseen) = ask(&mut session, form.clone()) else { panic!() };
    // 29 columns lie behind the ridge.
    assert_eq!((unseen.observers, unseen.land_m2), (1, 60_000.0));
    assert!((unseen.hidden_m2 - 29_000.0).abs() <= 1000.0, "{}", unseen.hidden_m2);
    let count = session.project().unwrap().layers.len();
    let layer = session.project().unwrap().layer(&LayerId::new("hidden-cameras")).unwrap();
    assert_eq!(layer.title, text("Vùng khuất của Camera", "Hidden from cameras"));
    ask(&mut session, form);
    assert_eq!(session.project().unwrap().layers.len(), count, "an answer replaces the one before it");
    session.apply(Command::Undo).unwrap();
    session.apply(Command::Undo).unwrap();
    assert!(session.project().unwrap().layer(&LayerId::new("hidden-cameras")).is_none());
}

#[test]
fn a_selection_is_exported_without_the_people() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = imported_sheet();
    let sheet = LayerId::new("sheet");
    session.apply(Command::Mark { layer: sheet.clone(), ids: vec![2, 4] }).unwrap();
    let wish = |name: &str, personal: bool| ExportWish {
        layer: sheet.clone(),
        marked_only: true,
        path: folder.path().join(name),
        crs: Some(Crs::WGS84),
        encoding: TextEncoding::Utf8,
        personal,
    };
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    for (name, personal) in [("a.geojson", false), ("b.geojson", true)] {
        session.apply(Command::Export(Box::new(wish(name, personal)))).unwrap();
        finish_jobs(&mut session);
        let text = read(&folder.path().join(name));
        assert_eq!(text.matches("\"Feature\"").count(), 2, "{text}");
        assert_eq!(text.contains("nguyễn văn an"), personal, "{name}");
    }
    session.apply(Command::Export(Box::new(wish("c.docx", false)))).unwrap();
    finish_jobs(&mut session);
    assert_eq!(session.notices().last().unwrap().level, Level::Error);
}

#[test]
fn the_program_does_not_end_over_unsaved_edits() {
    use island_twin::session::view_state::Quit;
    let mut session = session();
    session.apply(Command::SetVisible { layers: vec![parcels()], visible: false }).unwrap();
    session.apply(Command::Quit { sure: false }).unwrap();
    assert_eq!(session.view.quit, Quit::Asking);
    session.apply(Command::StayOpen).unwrap();
    assert_eq!(session.view.quit, Quit::No);
    session.apply(Command::Undo).unwrap();
    session.apply(Command::Quit { sure: false }).unwrap();
    assert_eq!(session.view.quit, Quit::Now, "nothing would be lost");
}
