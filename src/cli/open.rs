//! `island-twin open`: the window.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::files::Files;
use crate::base::message::Message;
use crate::desktop::app::{self, NoPicture};
use crate::model::scenario::ScenarioId;
use crate::session::Session;
use crate::session::command::Command;
use crate::session::live::LiveMode;
use crate::session::settings::SettingsStore;
use crate::text::Language;

/// # Errors
/// Without a display or a graphics driver there is no window; the message says how to get a picture instead.
pub fn open(
    path: Option<PathBuf>,
    history: Option<String>,
    kiosk: Option<String>,
    language: Option<Language>,
) -> Result<ExitCode, Message> {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|v| std::env::var_os(v).is_some_and(|d| !d.is_empty()));
    if cfg!(target_os = "linux") && !display {
        return Err(Message::new("cli-no-display"));
    }
    let mut session = Session::new(Arc::new(Files::new()?), SettingsStore::for_user());
    session.enable_live(live_mode(history));
    if let Some(language) = language {
        session.perform(Command::SetLanguage(language));
    }
    session.show_at_once(kiosk.map(ScenarioId));
    match app::run(session, path) {
        Ok(exit) if exit.is_success() => Ok(ExitCode::SUCCESS),
        Ok(_) => Ok(ExitCode::FAILURE),
        Err(NoPicture::NoRenderer) => Err(Message::new("view-no-renderer")),
        Err(NoPicture::NoDisplay) => Err(Message::new("cli-no-display")),
    }
}

/// Histories lie where the desktop keeps a program's data, unless somebody names another place.
fn live_mode(history: Option<String>) -> LiveMode {
    if let Some(place) = history {
        return LiveMode::At(place);
    }
    directories::ProjectDirs::from("", "", "island-twin")
        .map_or(LiveMode::WithoutHistory, |dirs| LiveMode::Kept(dirs.data_dir().join("history")))
}
