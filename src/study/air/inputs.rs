//! What an air study is asked: which substance, in which air, from which sources.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::release::Fate;
use crate::sim::air::source::Source;
use crate::sim::air::station_wind::StationWind;

/// Everything that decides the result, with the project and the emission table. Coordinates are (east, north) in the
/// site's CRS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AirInputs {
    /// When the first hour begins: seconds since 1970 (UTC).
    pub start_unix_s: i64,
    /// Code of the substance: "no2".
    pub pollutant: String,
    /// One entry an hour.
    pub hours: Vec<Meteorology>,
    /// Winds at several stations, an entry an hour; none where one wind blows everywhere. Air that changes by the hour
    /// follows them, plumes blow with `hours`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stations: Vec<Arc<Vec<StationWind>>>,
    /// Whether calm hours are taken: plumes need a wind, air that changes by the hour does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_calm: bool,
    /// Sources besides the roads.
    pub sources: Vec<Source>,
    /// Whether the project's roads emit, and how much more or less than the table says.
    pub traffic: Option<f64>,
    /// Roads as a traffic study loaded them; they go before the table's volumes.
    #[serde(default)]
    pub roads: Option<RoadLoad>,
    /// What comes from elsewhere, µg/m3.
    pub background_ug_m3: f64,
    pub fate: Fate,
    pub cell_m: f64,
    /// Of the air that people breathe, metres.
    pub height_m: f64,
    /// Whether hills stand in the way of raised plumes.
    pub relief: bool,
    /// Whether the wind of air that changes by the hour blows as if there were no buildings.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_buildings: bool,
    /// 0: as many as the machine has. Does not change the result.
    pub threads: usize,
}

/// Roads as sources, and how each emits through the day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RoadLoad {
    /// At the day's mean.
    pub sources: Vec<Source>,
    /// Of each source: times its mean in each local hour.
    pub hours: Vec<Vec<f64>>,
}

impl AirInputs {
    /// Roads as the table says, nothing else, nothing from outside, 100 m cells.
    #[must_use]
    pub fn new(start_unix_s: i64, pollutant: &str, hours: Vec<Meteorology>) -> Self {
        Self {
            start_unix_s,
            pollutant: pollutant.to_ascii_lowercase(),
            hours,
            stations: Vec::new(),
            takes_calm: false,
            sources: Vec::new(),
            traffic: Some(1.0),
            roads: None,
            background_ug_m3: 0.0,
            fate: Fate::default(),
            cell_m: 100.0,
            height_m: 1.5,
            relief: true,
            no_buildings: false,
            threads: 0,
        }
    }
}
