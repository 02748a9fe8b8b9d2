//! `island-twin render`: a picture of a scene without a window.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::RenderArgs;
use super::files::Files;
use super::run::{complain, say};
use super::whatif::named;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::desktop::shot::{Shot, Timings, take};
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::session::Session;
use crate::session::command::Command;
use crate::session::io::{IoFailure, SessionIo};
use crate::session::live::{LiveCommand, LiveMode};
use crate::session::place::site_from_lon_lat;
use crate::session::plan::PlanCommand;
use crate::session::plan_beside::BesideWish;
use crate::session::settings::SettingsStore;
use crate::session::view_state::{CameraPose, CameraRequest};
use crate::text::{Catalog, Language};

/// A scenario; none is what is there.
type Plan = Option<ScenarioId>;

/// How long a picture waits for its stations.
const LIVE_PATIENCE: Duration = Duration::from_mins(1);

/// # Errors
/// A sentence that says what to do; no picture is written then.
pub fn render(args: &RenderArgs, language: Language) -> Result<(), Message> {
    let started = Instant::now();
    let files = Files::new()?;
    let mut project = loaded(&files, &args.path, language)?;
    if let Some(time) = args.time {
        project.time = time;
    }
    if let Some(wanted) = &args.layers {
        show_only(&mut project, wanted)?;
    }
    let camera = camera(args, &project)?;
    let id = |name: &Option<String>| name.as_ref().map(|n| named(&project, n, &args.path)).transpose();
    let (scenario, beside) = (id(&args.scenario)?, id(&args.beside)?);
    let mut session = Session::new(Arc::new(files), SettingsStore::in_memory());
    session.perform(Command::SetLanguage(language));
    // A history that lasts as long as the picture takes, so that the chart has something to show.
    let history = if args.live { tempfile::tempdir().ok() } else { None };
    if let Some(folder) = &history {
        session.enable_live(LiveMode::Kept(folder.path().to_owned()));
    }
    session.install(project, Some(args.path.clone()));
    if args.live {
        show_live(&mut session, args);
    }
    show_plans(&mut session, scenario, beside, args.split)?;
    session.perform(Command::SetXray(args.xray));
    let loading = started.elapsed();
    let shot = Shot { size: args.size, camera, ui: args.ui, patience: Duration::from_mins(5) };
    let picture = take(session, &shot).map_err(|e| e.to_message())?;
    picture.save(&args.out).map_err(|e| e.to_message())?;
    if args.json {
        say(&report(args, loading, &picture.timings, started.elapsed()));
    }
    Ok(())
}

/// A project for the window's own parts, with what did not open told.
pub(super) fn loaded(files: &Files, path: &Path, language: Language) -> Result<Project, Message> {
    let (project, warnings) =
        files.load(path, &Progress::new(), &CancelToken::new()).map_err(|failure| match failure {
            IoFailure::Failed { message, .. } => message,
            IoFailure::Cancelled => Message::new("session-job-cancelled"),
        })?;
    complain(&Catalog::load(language), warnings.iter().map(|(message, _)| message));
    Ok(project)
}

/// A scenario and the one beside it, each only where it was asked for.
fn show_plans(session: &mut Session, scenario: Option<Plan>, beside: Option<Plan>, split: f32) -> Result<(), Message> {
    let mut commands = Vec::new();
    if scenario.is_some() || beside.is_some() {
        commands.push(PlanCommand::SetOpen(true));
    }
    commands.extend(scenario.map(PlanCommand::Activate));
    if let Some(beside) = beside {
        commands.extend([PlanCommand::Beside(BesideWish::Plan(beside)), PlanCommand::SetSplit(split)]);
    }
    for command in commands {
        session.apply(Command::Plan(command)).map_err(|e| e.to_message())?;
    }
    Ok(())
}

/// Stations with what they say now: the one that was asked for is looked at, else what is in alarm.
fn show_live(session: &mut Session, args: &RenderArgs) {
    session.perform(Command::Live(LiveCommand::SetOpen(true)));
    session.wait_for_live(LIVE_PATIENCE);
    if let Some(station) = &args.station {
        session.perform(Command::Live(LiveCommand::Pick(Some(station.clone()))));
    } else if let Some(alarm) = session.live().board().alarms.first().map(|a| a.stream) {
        session.perform(Command::Live(LiveCommand::Choose(alarm)));
    }
    if let Some(property) = &args.field {
        session.perform(Command::Live(LiveCommand::ShowField(Some(property.clone()))));
    }
    session.wait_for_reading(LIVE_PATIENCE);
}

fn report(args: &RenderArgs, loading: Duration, timings: &Timings, total: Duration) -> String {
    serde_json::json!({
        "picture": args.out,
        "width_px": args.size[0],
        "height_px": args.size[1],
        "loading_s": loading.as_secs_f64(),
        "renderer_s": timings.renderer.as_secs_f64(),
        "scene_s": timings.scene.as_secs_f64(),
        "drawing_s": timings.drawing.as_secs_f64(),
        "total_s": total.as_secs_f64(),
    })
    .to_string()
}

/// Hides all layers but those named; the terrain stays, or there would be nothing to stand on.
fn show_only(project: &mut Project, wanted: &[String]) -> Result<(), Message> {
    let known: BTreeSet<&str> = project.layers.iter().map(|l| l.id.0.as_str()).collect();
    if let Some(unknown) = wanted.iter().find(|w| !known.contains(w.as_str())) {
        let list = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Message::new("cli-no-such-layer").with("layer", unknown.as_str()).with("known", list));
    }
    for layer in &mut project.layers {
        let visible = wanted.contains(&layer.id.0);
        if layer.visible != visible {
            Arc::make_mut(layer).visible = visible;
        }
    }
    Ok(())
}

fn camera(args: &RenderArgs, project: &Project) -> Result<CameraRequest, Message> {
    let site = |[lon, lat, up]: [f64; 3]| {
        site_from_lon_lat(&project.frame, [lon, lat])
            .map(|[east, north]| [east, north, up])
            .ok_or_else(|| Message::new("cli-no-lon-lat").with("crs", project.frame.crs.to_string()))
    };
    if let (Some(eye), Some(look)) = (args.eye, args.look) {
        return Ok(CameraRequest::Pose(CameraPose { eye: site(eye)?, look: site(look)? }));
    }
    let Some(name) = &args.camera else {
        let Some(first) = project.bookmarks.first() else { return Ok(CameraRequest::FrameAll) };
        return Ok(CameraRequest::Pose(CameraPose { eye: site(first.eye)?, look: site(first.look)? }));
    };
    let Some(bookmark) = project.bookmarks.iter().find(|b| b.id == *name) else {
        let list = project.bookmarks.iter().map(|b| b.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Message::new("cli-no-such-camera").with("camera", name.as_str()).with("known", list));
    };
    Ok(CameraRequest::Pose(CameraPose { eye: site(bookmark.eye)?, look: site(bookmark.look)? }))
}
