//! What is remembered between two starts of the program: language, theme, recent files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::live_notify::NotifySettings;
use crate::text::Language;

const MOST_RECENT: usize = 10;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub language: Language,
    pub dark_theme: bool,
    /// How large everything is drawn; 1 is the system's own size.
    pub scale: f32,
    /// The last one first.
    pub recent: Vec<PathBuf>,
    /// Who is told of alarms.
    pub notify: NotifySettings,
    /// Projects that were saved under another name, with the file of their history.
    pub histories: BTreeMap<PathBuf, PathBuf>,
}

/// Text stays readable at the least, and panels fit a screen at the most.
pub const SCALES: std::ops::RangeInclusive<f32> = 0.75..=3.0;

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            dark_theme: false,
            scale: 1.0,
            recent: Vec::new(),
            notify: NotifySettings::default(),
            histories: BTreeMap::new(),
        }
    }
}

/// Settings and where they are kept. A place that cannot be read or written is no reason to stop anybody's work:
/// then the settings last as long as the program runs.
#[derive(Debug, Default)]
pub struct SettingsStore {
    file: Option<PathBuf>,
    settings: Settings,
}

impl SettingsStore {
    /// The user's own place for settings, e.g. `~/.config/island-twin/settings.ron`.
    #[must_use]
    pub fn for_user() -> Self {
        directories::ProjectDirs::from("", "", "island-twin")
            .map(|dirs| Self::at(dirs.config_dir().join("settings.ron")))
            .unwrap_or_default()
    }

    #[must_use]
    pub fn at(file: PathBuf) -> Self {
        let settings =
            std::fs::read_to_string(&file).ok().and_then(|text| ron::from_str(&text).ok()).unwrap_or_default();
        Self { file: Some(file), settings }
    }

    /// Nothing is read or kept: for tests and for pictures.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn get(&self) -> &Settings {
        &self.settings
    }

    pub fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        let before = self.settings.clone();
        change(&mut self.settings);
        if self.settings != before
            && let Some(file) = &self.file
            && let Err(error) = write(file, &self.settings)
        {
            tracing::warn!("settings were not kept: {error}: {}", file.display());
        }
    }

    /// Puts a file first in the list of recent files.
    pub fn remember(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.change(|s| {
            s.recent.retain(|p| *p != path);
            s.recent.insert(0, path);
            s.recent.truncate(MOST_RECENT);
        });
    }
}

fn write(file: &Path, settings: &Settings) -> std::io::Result<()> {
    let text =
        ron::ser::to_string_pretty(settings, ron::ser::PrettyConfig::default()).map_err(std::io::Error::other)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Whole or not at all: a crash in between leaves the old settings.
    let temporary = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(temporary.path(), text)?;
    temporary.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_files_come_back_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config/settings.ron");
        let mut store = SettingsStore::at(file.clone());
        for i in 0..12 {
            store.remember(Path::new(&format!("/data/{i}.gpkg")));
        }
        store.remember(Path::new("/data/5.gpkg"));
        let again = SettingsStore::at(file);
        assert_eq!(again.get(), store.get());
        assert_eq!(again.get().recent.len(), MOST_RECENT);
        assert_eq!(again.get().recent[0], Path::new("/data/5.gpkg"));
        assert_eq!(again.get().recent[1], Path::new("/data/11.gpkg"));
    }

    #[test]
    fn a_place_that_cannot_be_written_costs_nothing_but_memory() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("a-file");
        std::fs::write(&blocked, "not a folder").unwrap();
        let mut store = SettingsStore::at(blocked.join("settings.ron"));
        store.remember(Path::new("/data/1.gpkg"));
        assert_eq!(store.get().recent.len(), 1);
    }

    #[test]
    fn a_spoilt_file_gives_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.ron");
        std::fs::write(&file, "(language: Klingon").unwrap();
        assert_eq!(SettingsStore::at(file).get(), &Settings::default());
    }
}
