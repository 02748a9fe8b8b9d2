//! What `island-twin sensors` takes.

use std::path::PathBuf;

use clap::Subcommand;

use crate::live::simulated::FaultKind;

#[derive(Debug, Subcommand)]
pub enum SensorsAction {
    Publish(PublishArgs),
    Watch(WatchArgs),
    Check(CheckArgs),
    Export(ExportReadingsArgs),
}

#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    #[arg(long)]
    pub broker: String,
    #[arg(long)]
    pub config: Option<PathBuf>,
    #[arg(long)]
    pub ca: Option<PathBuf>,
    #[arg(long, default_value = "phuquoc/{station}/{property}")]
    pub topic: String,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub qos: u8,
    /// Messages a second; 0 for the stations' own rhythm.
    #[arg(long, default_value_t = 0)]
    pub rate: u32,
    /// 0 without end.
    #[arg(long, default_value_t = 0)]
    pub count: u64,
    /// 0 without end.
    #[arg(long, default_value_t = 0.0)]
    pub seconds: f64,
    #[arg(long, value_parser = parse_fault)]
    pub fault: Vec<(FaultKind, String)>,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, clap::Args)]
pub struct WatchArgs {
    #[arg(long, conflicts_with = "config")]
    pub broker: Option<String>,
    #[arg(long)]
    pub config: Option<PathBuf>,
    #[arg(long)]
    pub ca: Option<PathBuf>,
    #[arg(long, default_value = "phuquoc/{station}/{property}")]
    pub topic: String,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub qos: u8,
    #[arg(long)]
    pub client_id: Option<String>,
    /// 0 without end.
    #[arg(long, default_value_t = 0)]
    pub count: u64,
    /// 0 without end.
    #[arg(long, default_value_t = 0.0)]
    pub seconds: f64,
    #[arg(long)]
    pub history: Option<String>,
    #[arg(long)]
    pub json: bool,
    #[arg(long)]
    pub quiet: bool,
    /// Hours.
    #[arg(long)]
    pub before: Option<f64>,
    #[arg(long, value_parser = parse_fault)]
    pub fault: Vec<(FaultKind, String)>,
}

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    pub config: Option<PathBuf>,
    /// Messages to try on it.
    #[arg(long, num_args = 1.., requires = "topic")]
    pub payload: Vec<PathBuf>,
    #[arg(long)]
    pub topic: Option<String>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct ExportReadingsArgs {
    #[arg(long)]
    pub history: String,
    #[arg(long)]
    pub stream: Vec<String>,
    #[arg(long, value_parser = super::args::parse_time)]
    pub from: Option<jiff::Timestamp>,
    #[arg(long, value_parser = super::args::parse_time)]
    pub to: Option<jiff::Timestamp>,
    /// *.csv or *.parquet
    pub out: PathBuf,
}

fn parse_fault(text: &str) -> Result<(FaultKind, String), String> {
    let example = || "spike@KK-01/pm25 (gap, drift, stuck, spike, high)".to_owned();
    let (kind, stream) = text.split_once('@').ok_or_else(example)?;
    let (kind, _) = FaultKind::ALL.iter().find(|(_, name)| *name == kind).ok_or_else(example)?;
    Ok((*kind, stream.to_owned()))
}
