//! What `island-twin simulate` takes. Places are longitude and latitude in degrees, or with `--xy` coordinates of the
//! raster's (the scene's) own system.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::simulate_air::AirMode;
use super::simulate_transport::SimulateTransportArgs;
use super::simulate_water::SimulateWaterArgs;
use super::whatif_args::SimulateAllArgs;

#[derive(Debug, Subcommand)]
pub enum SimulateAction {
    Air(Box<SimulateAirArgs>),
    Fire(Box<SimulateFireArgs>),
    Traffic(Box<SimulateTrafficArgs>),
    Transport(Box<SimulateTransportArgs>),
    Water(Box<SimulateWaterArgs>),
    All(Box<SimulateAllArgs>),
}

// Switches of a command line are independent of one another.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SimulateFireArgs {
    /// Scene or project; or the rasters below.
    #[arg(long, conflicts_with_all = ["dem", "fuel", "canopy_cover", "canopy_height"])]
    pub scene: Option<PathBuf>,
    #[arg(long, requires = "scene")]
    pub scenario: Option<String>,
    #[arg(long)]
    pub dem: Option<PathBuf>,
    #[arg(long, required_unless_present = "scene")]
    pub fuel: Option<PathBuf>,
    #[arg(long, requires = "canopy_height")]
    pub canopy_cover: Option<PathBuf>,
    #[arg(long, requires = "canopy_cover")]
    pub canopy_height: Option<PathBuf>,
    /// `lon,lat[@time]`; several points after one another, parted by semicolons, are a line; closed, an area.
    #[arg(long, allow_hyphen_values = true)]
    pub ignite: Vec<String>,
    /// Points, lines, or the perimeter of a fire.
    #[arg(long)]
    pub ignite_file: Vec<PathBuf>,
    #[arg(long)]
    pub xy: bool,
    #[arg(long, conflicts_with_all = ["wind_20ft", "weather"], allow_hyphen_values = true)]
    pub wind: Option<String>,
    #[arg(long, conflicts_with = "weather", allow_hyphen_values = true)]
    pub wind_20ft: Option<String>,
    /// With `--weather` it holds where the table has no moisture.
    #[arg(long)]
    pub moisture: Option<String>,
    #[arg(long)]
    pub weather: Option<PathBuf>,
    #[arg(long, default_value_t = 12.0)]
    pub hours: f64,
    #[arg(long)]
    pub out: PathBuf,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// Throws embers, with this seed; the ensemble's seed too.
    #[arg(long)]
    pub seed: Option<u64>,
    #[arg(long)]
    pub spotting: bool,
    #[arg(long)]
    pub limit_wind: bool,
    /// `base=2,density=0.1,foliar=100`.
    #[arg(long)]
    pub crown: Option<String>,
    /// `lon,lat;lon,lat[@width in metres]`.
    #[arg(long, allow_hyphen_values = true)]
    pub break_line: Vec<String>,
    /// `lon,lat;lon,lat@metres per minute[@time]`.
    #[arg(long, allow_hyphen_values = true)]
    pub suppression_line: Vec<String>,
    #[arg(long, default_value_t = 0)]
    pub ensemble: u32,
    /// When the run begins; the scene's own time when left out.
    #[arg(long, value_parser = super::args::parse_time, requires = "scene")]
    pub start: Option<jiff::Timestamp>,
    /// Metres; only with a scene.
    #[arg(long, requires = "scene")]
    pub cell: Option<f64>,
    #[arg(long, requires = "scene")]
    pub fuel_table: Option<PathBuf>,
    /// Own fuel models for the fuel raster.
    #[arg(long, conflicts_with = "scene")]
    pub fuel_models: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

// As above: switches are independent.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SimulateAirArgs {
    #[arg(long)]
    pub scene: PathBuf,
    #[arg(long)]
    pub scenario: Option<String>,
    #[arg(long, value_enum, default_value_t = AirMode::Plume)]
    pub mode: AirMode,
    #[arg(long, default_value = "no2")]
    pub pollutant: String,
    /// m/s at 10 m and degrees from which it blows.
    #[arg(long, conflicts_with = "weather", allow_hyphen_values = true)]
    pub wind: Option<String>,
    /// A row an hour; with the columns `hour` and `lon, lat` (or `x_m, y_m`) a row for each hour and wind station.
    #[arg(long)]
    pub weather: Option<PathBuf>,
    /// A to F; by sun, cloud and wind when left out.
    #[arg(long)]
    pub stability: Option<String>,
    /// Share of the sky, 0 to 1.
    #[arg(long, allow_hyphen_values = true)]
    pub cloud: Option<f64>,
    /// Metres.
    #[arg(long, allow_hyphen_values = true)]
    pub mixing_height: Option<f64>,
    /// Celsius.
    #[arg(long, allow_hyphen_values = true)]
    pub temperature: Option<f64>,
    #[arg(long)]
    pub urban: bool,
    #[arg(long, value_parser = super::args::parse_time)]
    pub start: Option<jiff::Timestamp>,
    #[arg(long, default_value_t = 1)]
    pub hours: usize,
    /// `lon,lat;q=20g/s;h=30m;d=1.2m;v=12m/s;t=450K`.
    #[arg(long, allow_hyphen_values = true)]
    pub source: Vec<String>,
    #[arg(long)]
    pub sources: Option<PathBuf>,
    #[arg(long)]
    pub xy: bool,
    #[arg(long)]
    pub no_roads: bool,
    /// Times the table's traffic.
    #[arg(long, default_value_t = 1.0, allow_hyphen_values = true)]
    pub traffic: f64,
    #[arg(long)]
    pub emission_table: Option<PathBuf>,
    /// µg/m3.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub background: f64,
    /// With its unit: 6h.
    #[arg(long)]
    pub half_life: Option<String>,
    /// m/s.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub deposition: f64,
    /// Metres.
    #[arg(long, default_value_t = 100.0)]
    pub cell: f64,
    #[arg(long)]
    pub receptors: Option<PathBuf>,
    #[arg(long)]
    pub flat: bool,
    /// Mode transient: the wind blows as if there were no buildings.
    #[arg(long)]
    pub no_buildings: bool,
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long)]
    pub json: bool,
}

/// How closely the traffic is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TrafficLevel {
    /// Equilibrium by the hour.
    #[default]
    Ue,
    /// Vehicles on links, the day through.
    Meso,
    /// Vehicles on lanes.
    Micro,
}

#[derive(Debug, Clone, clap::Args)]
pub struct SimulateTrafficArgs {
    #[arg(long)]
    pub scene: PathBuf,
    /// A ready-made plan, or a file of one (*.ron).
    #[arg(long)]
    pub scenario: Option<String>,
    #[arg(long, value_enum, default_value_t)]
    pub level: TrafficLevel,
    #[arg(long, default_value = "06:00")]
    pub from: String,
    #[arg(long, default_value = "10:00")]
    pub to: String,
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long, default_value_t = 1e-6)]
    pub gap: f64,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long)]
    pub roads: Option<PathBuf>,
    #[arg(long)]
    pub demand: Option<PathBuf>,
    /// A matrix by hour or a list of trips (CSV) in place of the demand from buildings.
    #[arg(long)]
    pub od: Option<PathBuf>,
    /// Areas that are reached in so many minutes from here: `lon,lat`. Level ue.
    #[arg(long, allow_hyphen_values = true)]
    pub isochrone: Vec<String>,
    #[arg(long, value_delimiter = ',', default_values_t = [5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0])]
    pub minutes: Vec<f64>,
    /// Only what drives in this window, as the mesoscopic day hands it over: `west,south,east,north`. Level micro.
    #[arg(long, allow_hyphen_values = true)]
    pub window: Option<String>,
    /// Days after the first on which drivers learn. Level meso.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=50))]
    pub days: u32,
    /// Everybody leaves a commune, by name or code.
    #[arg(long, requires = "exit")]
    pub evacuate: Option<String>,
    /// `lon,lat`.
    #[arg(long, allow_hyphen_values = true, requires = "evacuate")]
    pub exit: Vec<String>,
    /// Arrival times of a fire (GeoTIFF of `simulate fire`, seconds).
    #[arg(long, requires = "evacuate")]
    pub fire: Option<PathBuf>,
    /// When the fire begins, minutes before (negative: after) everybody is told to leave.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true, requires = "fire")]
    pub fire_before: f64,
    #[arg(long)]
    pub json: bool,
}
