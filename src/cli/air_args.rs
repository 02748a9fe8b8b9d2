//! What `island-twin air` takes.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum AirAction {
    Point {
        #[arg(long = "in")]
        input: PathBuf,
        #[arg(long)]
        out: PathBuf,
    },
    FindSource(FindSourceArgs),
    Forecast(ForecastArgs),
}

#[derive(Debug, Clone, Default, clap::Args)]
pub struct FindSourceArgs {
    #[arg(long)]
    pub stations: PathBuf,
    #[arg(long)]
    pub wind: PathBuf,
    /// The squares with their probability; the ending says the format.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Of the source, metres.
    #[arg(long, default_value_t = 2.0)]
    pub height: f64,
    /// Of a reading, as a share.
    #[arg(long, default_value_t = 0.2)]
    pub error: f64,
    /// West, south, east, north in the stations' own coordinates.
    #[arg(long, value_delimiter = ',', num_args = 4, allow_hyphen_values = true)]
    pub bounds: Option<Vec<f64>>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Default, clap::Args)]
pub struct ForecastArgs {
    /// Hourly readings so far.
    #[arg(long)]
    pub history: PathBuf,
    /// Hours to come; the last day's wind again when left out.
    #[arg(long)]
    pub wind: Option<PathBuf>,
    #[arg(long, default_value = "pm25")]
    pub pollutant: String,
    #[arg(long, default_value_t = 24)]
    pub hours: usize,
    #[arg(long)]
    pub out: PathBuf,
    /// Where its stations stand and who lives there: the coming day by commune.
    #[arg(long, requires = "communes")]
    pub scene: Option<PathBuf>,
    #[arg(long, requires = "scene")]
    pub communes: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}
