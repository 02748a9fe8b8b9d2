//! What `island-twin simulate` takes. Places are longitude and latitude in degrees, or with `--xy` coordinates of the
//! raster's (the scene's) own system.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum SimulateAction {
    Fire(Box<SimulateFireArgs>),
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
    #[arg(long, conflicts_with = "weather")]
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
    #[arg(long)]
    pub json: bool,
}
