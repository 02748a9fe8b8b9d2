//! What the command line takes. The help texts are in the catalogues: `cli-help-<subcommand>-<argument>`.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use super::air_args::AirAction;
use super::ensemble_args::EnsembleArgs;
use super::sensors_args::SensorsAction;
use super::simulate_args::SimulateAction;
use super::traffic_args::TrafficAction;
use super::whatif_args::{CompareArgs, ReportArgs, ScenarioAction};
use crate::text::{Catalog, Language};

#[derive(Debug, Parser)]
#[command(name = "island-twin", version, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Action>,
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    Vi,
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Vi => Self::Vi,
            Lang::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Action {
    #[cfg(feature = "desktop")]
    Open {
        path: Option<PathBuf>,
        #[arg(long)]
        history: Option<String>,
        /// A scenario whose story is told at once, full screen, page after page.
        #[arg(long)]
        kiosk: Option<String>,
    },
    #[cfg(feature = "desktop")]
    Render(Box<RenderArgs>),
    #[cfg(feature = "desktop")]
    Story(StoryArgs),
    Info {
        path: PathBuf,
        #[arg(long)]
        json: bool,
    },
    Import(ImportArgs),
    Inspect {
        path: PathBuf,
        #[arg(long)]
        layer: Option<String>,
        #[arg(long)]
        json: bool,
    },
    Export(ExportArgs),
    Query(QueryArgs),
    DemoData {
        #[arg(long, default_value = "data/phu-quoc")]
        out: PathBuf,
    },
    #[command(subcommand)]
    Air(AirAction),
    #[command(subcommand)]
    Fire(FireAction),
    #[command(subcommand)]
    Simulate(SimulateAction),
    #[command(subcommand)]
    Traffic(TrafficAction),
    #[command(subcommand)]
    Sensors(SensorsAction),
    #[command(subcommand)]
    Scenario(ScenarioAction),
    Compare(Box<CompareArgs>),
    Report(Box<ReportArgs>),
    Ensemble(Box<EnsembleArgs>),
    #[command(hide = true)]
    ImportWorker,
}

#[derive(Debug, Subcommand)]
pub enum FireAction {
    Point {
        #[arg(long = "in")]
        input: PathBuf,
        #[arg(long)]
        out: PathBuf,
        /// Own fuel models.
        #[arg(long)]
        fuel_models: Option<PathBuf>,
    },
    Danger {
        #[arg(long)]
        weather: PathBuf,
        #[arg(long)]
        out: PathBuf,
        /// The index before the first day.
        #[arg(long, default_value_t = 0.0)]
        before: f64,
        #[arg(long, value_delimiter = ',', num_args = 4, default_values_t = [5000.0, 10_000.0, 15_000.0, 20_000.0])]
        classes: Vec<f64>,
        /// Millimetres.
        #[arg(long, default_value_t = 5.0)]
        reset_rain: f64,
    },
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[arg(required = true)]
    pub sources: Vec<PathBuf>,
    #[arg(long)]
    pub project: PathBuf,
    #[arg(long)]
    pub layer: Option<String>,
    #[arg(long)]
    pub crs: Option<String>,
    #[arg(long)]
    pub swap_xy: bool,
    #[arg(long)]
    pub encoding: Option<String>,
    #[arg(long)]
    pub template: Option<PathBuf>,
    #[arg(long)]
    pub repair: bool,
    #[arg(long)]
    pub report: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    pub project: PathBuf,
    pub layer: String,
    pub out: PathBuf,
    #[arg(long)]
    pub crs: Option<String>,
    #[arg(long)]
    pub format: Option<String>,
    /// West, south, east, north in the project's system.
    #[arg(long, value_parser = parse_extent, allow_hyphen_values = true)]
    pub extent: Option<[f64; 4]>,
    #[arg(long)]
    pub encoding: Option<String>,
    #[arg(long)]
    pub personal: bool,
}

#[derive(Debug, clap::Args)]
pub struct QueryArgs {
    pub project: PathBuf,
    pub expression: String,
    #[arg(long)]
    pub layer: Option<String>,
    #[arg(long)]
    pub near: Option<String>,
    /// Metres.
    #[arg(long, default_value_t = 0.0, requires = "near")]
    pub distance: f64,
    #[arg(long)]
    pub stats: Option<String>,
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
    #[arg(long)]
    pub out: Option<PathBuf>,
    #[arg(long)]
    pub personal: bool,
}

#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, clap::Args)]
pub struct RenderArgs {
    pub path: PathBuf,
    #[arg(long)]
    pub out: PathBuf,
    /// Width and height, pixels.
    #[arg(long, default_value = "1600x900", value_parser = parse_size)]
    pub size: [u32; 2],
    #[arg(long, conflicts_with_all = ["eye", "look"])]
    pub camera: Option<String>,
    /// Longitude, latitude, height above the sea in metres.
    #[arg(long, value_parser = parse_place, requires = "look", allow_hyphen_values = true)]
    pub eye: Option<[f64; 3]>,
    #[arg(long, value_parser = parse_place, requires = "eye", allow_hyphen_values = true)]
    pub look: Option<[f64; 3]>,
    #[arg(long, value_parser = parse_time)]
    pub time: Option<jiff::Timestamp>,
    #[arg(long, value_delimiter = ',')]
    pub layers: Option<Vec<String>>,
    #[arg(long)]
    pub ui: bool,
    #[arg(long)]
    pub xray: bool,
    /// Shows a scenario, with the plans' panel where there are panels.
    #[arg(long)]
    pub scenario: Option<String>,
    /// Another scenario on the right side; "today" is what is there.
    #[arg(long)]
    pub beside: Option<String>,
    /// Where the line between them stands, 0 to 1.
    #[arg(long, default_value_t = 0.5)]
    pub split: f32,
    #[arg(long)]
    pub live: bool,
    #[arg(long, requires = "live")]
    pub station: Option<String>,
    #[arg(long, requires = "live")]
    pub field: Option<String>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct StoryArgs {
    pub path: PathBuf,
    #[arg(long)]
    pub scenario: String,
    /// Folder of the pictures.
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long, default_value = "1920x1080", value_parser = parse_size)]
    pub size: [u32; 2],
    /// Frames a second of the film; 0 makes none.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60))]
    pub fps: u32,
    /// How long the film stays on a page.
    #[arg(long, default_value_t = 8.0)]
    pub seconds: f64,
}

/// Largest side of a picture: what every driver can draw.
const MAX_SIDE: u32 = 8192;

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let (width, height) = text.split_once(['x', 'X', '×']).ok_or("1600x900")?;
    let side = |t: &str| t.trim().parse::<u32>().ok().filter(|s| (16..=MAX_SIDE).contains(s));
    Ok([side(width).ok_or("16 … 8192")?, side(height).ok_or("16 … 8192")?])
}

fn parse_extent(text: &str) -> Result<[f64; 4], String> {
    let numbers: Vec<f64> = text.split(',').map_while(|t| t.trim().parse().ok()).collect();
    match numbers[..] {
        [w, s, e, n] if w < e && s < n && numbers.iter().all(|v| v.is_finite()) => Ok([w, s, e, n]),
        _ => Err("W,S,E,N: 440000,1128000,443000,1131000".to_owned()),
    }
}

fn parse_place(text: &str) -> Result<[f64; 3], String> {
    let numbers: Vec<f64> = text.split(',').map_while(|t| t.trim().parse().ok()).collect();
    match numbers[..] {
        [lon, lat, h] if lon.abs() <= 180.0 && lat.abs() <= 90.0 && h.is_finite() => Ok([lon, lat, h]),
        _ => Err("LON,LAT,H: 103.97,10.2,1500".to_owned()),
    }
}

/// With a zone ("2026-03-20T09:30:00+07:00", "…Z") or without, then Vietnam's time.
pub(super) fn parse_time(text: &str) -> Result<jiff::Timestamp, String> {
    text.parse().or_else(|_| format!("{text}+07:00").parse()).map_err(|_| "2026-03-20T09:30:00+07:00".to_owned())
}

/// Reads the command line; help and complaints come in the user's language as far as they are ours.
///
/// # Errors
/// clap's own error, which prints itself and knows its exit code (2 for wrong usage, 0 for `--help`).
pub fn parse(arguments: &[std::ffi::OsString], language: Language) -> Result<Args, clap::Error> {
    let catalog = Catalog::load(language);
    let mut command = Args::command().about(catalog.get("cli-help"));
    command = with_help(command, "cli-help", &catalog);
    let matches = command.try_get_matches_from(arguments)?;
    Args::from_arg_matches(&matches)
}

fn with_help(command: clap::Command, key: &str, catalog: &Catalog) -> clap::Command {
    let names: Vec<String> = command.get_subcommands().map(|s| s.get_name().to_owned()).collect();
    let mut command = command.mut_args(|arg| {
        let own = format!("{key}-{}", arg.get_id());
        let text = if catalog.has(&own) { catalog.get(&own) } else { String::new() };
        if text.is_empty() { arg } else { arg.help(text).long_help(None) }
    });
    for name in names.iter().filter(|n| *n != "help") {
        let own = format!("{key}-{name}");
        command = command.mut_subcommand(name, |sub| {
            let sub = if catalog.has(&own) { sub.about(catalog.get(&own)) } else { sub };
            with_help(sub, &own, catalog)
        });
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn places_sizes_and_times_are_checked() {
        assert_eq!(parse_size("640x360"), Ok([640, 360]));
        assert!(parse_size("640").is_err() && parse_size("0x10").is_err() && parse_size("99999x10").is_err());
        assert_eq!(parse_place("103.97, 10.2,-5"), Ok([103.97, 10.2, -5.0]));
        assert!(parse_place("200,10,5").is_err() && parse_place("1,2").is_err() && parse_place("NaN,1,1").is_err());
        assert_eq!(parse_time("2026-03-20T09:30:00"), parse_time("2026-03-20T02:30:00Z"));
        assert!(parse_time("yesterday").is_err());
    }

    /// Every visible argument of ours has a sentence in both languages.
    #[test]
    fn every_argument_is_explained() {
        for language in Language::ALL {
            let catalog = Catalog::load(language);
            check(&Args::command(), "cli-help", &catalog);
        }
    }

    fn check(command: &clap::Command, key: &str, catalog: &Catalog) {
        assert!(catalog.has(key), "{key}");
        for arg in command.get_arguments().filter(|a| !a.is_global_set()) {
            let own = format!("{key}-{}", arg.get_id());
            assert!(catalog.has(&own), "{own}");
        }
        for sub in command.get_subcommands().filter(|s| !s.is_hide_set()) {
            check(sub, &format!("{key}-{}", sub.get_name()), catalog);
        }
    }
}
