//! `island-twin story`: a scenario's story as a picture a page, and as a film.

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::StoryArgs;
use super::files::Files;
use super::render::loaded;
use super::run::{complain, say};
use crate::base::message::{Message, ToMessage};
use crate::desktop::off_screen::{OffScreen, TooSlow};
use crate::desktop::shot::{Picture, ShotError, Timings};
use crate::desktop::view::camera::Orbit;
use crate::model::scenario::ScenarioId;
use crate::session::Session;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;
use crate::session::settings::SettingsStore;
use crate::session::story::StoryCommand;
use crate::session::view_state::{CameraPose, CameraRequest};
use crate::text::{Catalog, Language};

/// How long one picture may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long the flight from page to page takes in a film, seconds.
const FLIGHT_S: f64 = 2.0;

/// # Errors
/// A sentence that says what to do; pictures that are finished by then stay.
pub fn story(args: &StoryArgs, language: Language) -> Result<(), Message> {
    let files = Files::new()?;
    let project = loaded(&files, &args.path, language)?;
    let told: Vec<&str> = project.scenarios.iter().filter(|s| !s.story.is_empty()).map(|s| s.id.0.as_str()).collect();
    if !told.contains(&args.scenario.as_str()) {
        let known = told.join(", ");
        return Err(Message::new("cli-no-such-story").with("story", args.scenario.as_str()).with("known", known));
    }
    let mut session = Session::new(Arc::new(files), SettingsStore::in_memory());
    session.perform(Command::SetLanguage(language));
    session.install(project, Some(args.path.clone()));
    let start = StoryCommand::Start(ScenarioId(args.scenario.clone()));
    session.apply(Command::Plan(PlanCommand::Story(start))).map_err(|e| e.to_message())?;
    let pages = session.story_pages();
    std::fs::create_dir_all(&args.out).map_err(|e| not_written(&args.out, &e))?;
    let no_renderer = |_| ShotError::NoRenderer.to_message();
    let mut film = Film {
        stage: OffScreen::new(session, args.size, true).map_err(no_renderer)?,
        size: args.size,
        folder: args.out.clone(),
        frames: 0,
    };
    let mut before: Option<CameraPose> = None;
    for page in 0..pages {
        if page > 0 {
            film.stage.push(Command::Plan(PlanCommand::Story(StoryCommand::Go(page))));
        }
        let still = film.picture()?;
        let name = format!("page-{:02}.png", page + 1);
        still.save(&args.out.join(&name)).map_err(|e| e.to_message())?;
        say(&args.out.join(name).display().to_string());
        if args.fps > 0 {
            let there = film.stage.session().view.camera;
            film.fly(before, there, args.fps)?;
            film.hold(&still, (args.seconds * f64::from(args.fps)).round() as usize)?;
            before = Some(there);
        }
    }
    if args.fps > 0 { make_video(&args.out, args.fps, language) } else { Ok(()) }
}

/// Numbered frames in a folder.
struct Film {
    stage: OffScreen,
    size: [u32; 2],
    folder: PathBuf,
    frames: usize,
}

impl Film {
    fn picture(&mut self) -> Result<Picture, Message> {
        let deadline = Instant::now() + PATIENCE;
        let too_slow = |_: TooSlow| ShotError::TooSlow(PATIENCE.as_secs()).to_message();
        self.stage.settle(deadline).map_err(too_slow)?;
        let rgba = self.stage.capture(deadline).map_err(too_slow)?;
        let [width, height] = self.size;
        Ok(Picture { width, height, rgba, timings: Timings::default() })
    }

    fn next(&mut self) -> PathBuf {
        self.frames += 1;
        self.folder.join(format!("frame-{:05}.png", self.frames))
    }

    fn fly(&mut self, from: Option<CameraPose>, to: CameraPose, fps: u32) -> Result<(), Message> {
        let Some(from) = from.filter(|f| *f != to) else { return Ok(()) };
        let (from, end) = (Orbit::from_pose(&from), Orbit::from_pose(&to));
        let frames = (FLIGHT_S * f64::from(fps)).round() as usize;
        for i in 1..frames {
            let t = i as f64 / frames as f64;
            let eased = t * t * 2.0_f64.mul_add(-t, 3.0);
            let pose = from.toward(&end, eased).pose();
            self.stage.push(Command::MoveCamera(CameraRequest::Pose(pose)));
            let picture = self.picture()?;
            let path = self.next();
            picture.save(&path).map_err(|e| e.to_message())?;
        }
        self.stage.push(Command::MoveCamera(CameraRequest::Pose(to)));
        Ok(())
    }

    fn hold(&mut self, still: &Picture, frames: usize) -> Result<(), Message> {
        let first = self.next();
        still.save(&first).map_err(|e| e.to_message())?;
        for _ in 1..frames.max(1) {
            let path = self.next();
            std::fs::copy(&first, &path).map_err(|e| not_written(&path, &e))?;
        }
        Ok(())
    }
}

fn not_written(path: &Path, error: &std::io::Error) -> Message {
    ShotError::Write { path: path.to_owned(), reason: error.to_string() }.to_message()
}

/// With ffmpeg where there is one; else the frames are there for any program that makes films.
fn make_video(folder: &Path, fps: u32, language: Language) -> Result<(), Message> {
    let (frames, out) = (folder.join("frame-%05d.png"), folder.join("story.mp4"));
    let mut ffmpeg = Process::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-y", "-framerate", &fps.to_string(), "-i"]).arg(&frames);
    // The usual form of colours takes even sizes only.
    ffmpeg.args(["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"]);
    let made = ffmpeg.arg(&out).status();
    match made {
        Ok(status) if status.success() => say(&out.display().to_string()),
        Ok(_) => return Err(Message::new("cli-story-no-video").with("path", out.as_path())),
        Err(_) => complain(
            &Catalog::load(language),
            std::iter::once(&Message::new("cli-story-no-ffmpeg").with("path", frames.as_path())),
        ),
    }
    Ok(())
}
