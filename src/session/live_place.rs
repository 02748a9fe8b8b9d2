//! What the user says about stations: where one stands that a source brought and nobody has placed. Kept in the sensor
//! file beside the project, which Save takes along.

use std::path::{Path, PathBuf};

use super::apply::Session;
use super::error::SessionError;
use super::live::LiveMode;
use super::live_start::beside_any;
use super::notice::Level;
use super::place::lon_lat_from_site;
use super::view_state::Tool;
use crate::base::message::{Message, ToMessage};
use crate::live::config;
use crate::live::history::place::is_server;
use crate::model::sensor::{Station, StationKind};
use crate::model::style::Text2;

/// The next click on the ground says where this station stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    pub station: String,
    pub kind: StationKind,
}

impl Session {
    pub(super) fn begin_placing(&mut self, placing: Option<Placing>) {
        let known = placing.filter(|p| self.live.network.streams().iter().any(|s| s.station == p.station));
        self.view.tool = if known.is_some() { Tool::PlaceStation } else { Tool::Inspect };
        self.live.placing = known;
    }

    /// A click of the tool on the ground, site metres.
    ///
    /// # Errors
    /// When there is no project, or its system is none that this program turns into degrees.
    pub(super) fn click_for_station(&mut self, point: [f64; 3]) -> Result<(), SessionError> {
        self.view.tool = Tool::Inspect;
        let Some(Placing { station, kind }) = self.live.placing.take() else { return Ok(()) };
        let project = self.project().ok_or(SessionError::NoProject)?;
        let at = lon_lat_from_site(&project.frame, [point[0], point[1]]).ok_or(SessionError::NoProject)?;
        let Some(running) = &mut self.live.running else { return Ok(()) };
        let placed = Station { id: station.clone(), title: Text2::default(), kind, at, cone: None };
        let mut network = running.network.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        // What it sends belongs into the file too, or it would be known again only when the next reading comes.
        let (usual, _) = kind.usual();
        let streams = network.streams().iter().filter(|s| s.station == station);
        let beyond: Vec<_> = streams.filter(|s| !usual.contains(&s.property.as_str())).cloned().collect();
        network.place(placed.clone());
        self.live.network = std::sync::Arc::new(network.clone());
        drop(network);
        let config = &mut running.config;
        config.stations.retain(|s| s.id != station);
        config.stations.push(placed);
        config.streams.retain(|s| s.station != station);
        config.streams.extend(beyond);
        running.changed = true;
        self.live.picked = Some(station);
        self.keep_sensors();
        Ok(())
    }

    /// Puts what was changed into the sensor file at once where edits of the project go into its file at once, too.
    fn keep_sensors(&mut self) {
        if let Some(path) = self.path.clone().filter(|_| self.holds_file()) {
            self.save_sensors(&path, false);
        }
    }

    /// Whether there is something about stations that only Save keeps.
    pub(super) fn sensors_changed(&self) -> bool {
        self.live.running.as_ref().is_some_and(|r| r.changed)
    }

    /// Save takes the sensors along: the file beside the project, and the history that was kept for it.
    pub(super) fn save_sensors(&mut self, path: &Path, elsewhere: bool) {
        let Some(running) = &mut self.live.running else { return };
        let Some(file) = beside_any(path).filter(|_| running.changed || running.other_source || elsewhere) else {
            return;
        };
        match config::write(&running.config, &file) {
            Ok(()) => (running.changed, running.other_source) = (false, false),
            Err(error) => {
                self.notices.push(Level::Error, error.to_message(), None, Some(file));
                return;
            }
        }
        let kept = running.history.clone().filter(|place| elsewhere && !is_server(place));
        if let (Some(place), LiveMode::Kept(_)) = (kept, &self.live.mode) {
            // Histories are known by the sensor file they belong to.
            let (name, place) = (whole(&file), PathBuf::from(place));
            self.settings.change(|s| {
                s.histories.insert(name, place);
            });
        }
        self.notices.push(Level::Info, Message::new("session-live-sensors-saved"), None, Some(file));
    }
}

/// A path as histories are known by.
pub(super) fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
