//! What all runs of a comparison have in common: weather, sizes, seeds.

use serde::{Deserialize, Serialize};

use crate::geo::crs::Crs;
use crate::geo::sun::sun_position;
use crate::geo::transform::Transform;
use crate::model::project::Project;
use crate::sim::air::error::AirError;
use crate::sim::air::meteorology::Meteorology;
use crate::sim::air::stability::{Sky, Stability, turner};

/// The day and the weather that scenarios are compared on. All of it is assumed unless somebody gives other figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Relative gap of the traffic's equilibrium.
    pub traffic_gap: f64,
    /// First and last hour of the traffic, 0 to 24.
    pub traffic_hours: (usize, usize),
    /// Trips and trucks are this many times what the table says.
    pub traffic_demand: f64,
    /// The first one's exposure is the one that is told.
    pub pollutants: Vec<String>,
    pub air_cell_m: f64,
    pub wind_mps: f64,
    pub wind_from_deg: f64,
    pub cloud: f64,
    /// Of each substance, from elsewhere, µg/m3.
    pub background_ug_m3: f64,
    pub fire_hours: f64,
    pub fire_cell_m: f64,
    /// Fires from so many places, the same ones in every scenario.
    pub fire_ignitions: u32,
    /// Which of the endless row of places is the first one.
    pub fire_first: u64,
    /// Fires start here (longitude, latitude) and not at places drawn by chance.
    pub fire_places: Vec<[f64; 2]>,
    pub fire_wind_mps: f64,
    /// Moisture of dead fuel is this many times what is usual in the dry season.
    pub fire_moisture: f64,
    pub water_hours: f64,
    pub water_cell_m: f64,
    /// Seconds until nine tenths of the bacteria are dead.
    pub water_t90_s: f64,
    pub seed: u64,
    /// Does not change any result.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            traffic_gap: 1e-4,
            traffic_hours: (0, 24),
            traffic_demand: 1.0,
            pollutants: vec!["pm25".to_owned(), "no2".to_owned()],
            air_cell_m: 400.0,
            wind_mps: 3.0,
            wind_from_deg: 45.0,
            cloud: 0.4,
            background_ug_m3: 0.0,
            fire_hours: 12.0,
            fire_cell_m: 30.0,
            fire_ignitions: 100,
            fire_first: 0,
            fire_places: Vec::new(),
            fire_wind_mps: 5.0,
            fire_moisture: 1.0,
            water_hours: 24.0,
            water_cell_m: 300.0,
            water_t90_s: 6.0 * 3600.0,
            seed: 1,
            threads: 0,
        }
    }
}

impl Settings {
    /// The same results, whatever the threads: what digests are made of.
    #[must_use]
    pub fn without_threads(&self) -> Self {
        Self { threads: 0, ..self.clone() }
    }

    /// Local midnight of the project's day, seconds since 1970.
    #[must_use]
    pub fn midnight(&self, project: &Project) -> i64 {
        let offset = (project.utc_offset_hours * 3600.0) as i64;
        let local = project.time.as_second() + offset;
        local - local.rem_euclid(86_400) - offset
    }

    /// 24 hours of the same wind, stable or not by sun and cloud.
    ///
    /// # Errors
    /// A wind or cloud that cannot be.
    pub fn air(&self, project: &Project) -> Result<Vec<Meteorology>, AirError> {
        let lon_lat = Transform::between(&project.frame.crs, &Crs::WGS84)
            .map_or([104.0, 10.2], |t| t.apply(project.frame.origin));
        let midnight = self.midnight(project);
        let of = |hour: i64| {
            let time = jiff::Timestamp::from_second(midnight + hour * 3600 + 1800).unwrap_or(project.time);
            let sun_elevation_rad = sun_position(time, lon_lat[0], lon_lat[1]).map_or(0.0, |s| s.elevation);
            let sky = Sky { sun_elevation_rad, cloud: self.cloud, ceiling_m: f64::INFINITY };
            let class = turner(sky, self.wind_mps)?;
            Ok(Meteorology::new(self.wind_mps, self.wind_from_deg.to_radians(), Stability::from(class)))
        };
        (0..24).map(of).collect()
    }
}
