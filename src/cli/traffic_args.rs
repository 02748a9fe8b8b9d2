//! What `island-twin traffic` takes.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::sim::traffic::noding::NodingOptions;

#[derive(Debug, Subcommand)]
pub enum TrafficAction {
    Assign(Box<AssignArgs>),
    Meso(Box<MesoArgs>),
    Micro(Box<MicroArgs>),
}

/// What the volumes shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Principle {
    /// Nobody gains by changing.
    #[default]
    Ue,
    /// All together pay least.
    So,
    /// Ways by their cost, not only the cheapest.
    Logit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Method {
    #[default]
    B,
    Bfw,
}

/// How links fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DelayCurve {
    #[default]
    Bpr,
    Conical,
}

#[derive(Debug, Clone, clap::Args)]
pub struct AssignArgs {
    #[arg(long)]
    pub net: PathBuf,
    #[arg(long)]
    pub trips: PathBuf,
    #[arg(long, default_value_t = 1e-6)]
    pub gap: f64,
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub toll_weight: f64,
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub distance_weight: f64,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long)]
    pub json: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    pub principle: Principle,
    #[arg(long, value_enum, default_value_t)]
    pub method: Method,
    #[arg(long, value_enum, default_value_t)]
    pub delay: DelayCurve,
    /// Of the conical curve, above 1.
    #[arg(long, default_value_t = 4.0)]
    pub steepness: f64,
    /// Logit's scale, per unit of cost.
    #[arg(long, default_value_t = 1.0)]
    pub theta: f64,
    #[arg(long, default_value_t = 5000)]
    pub iterations: u32,
    /// `init-term`.
    #[arg(long)]
    pub select_link: Option<String>,
    /// Where the selected link's trips go.
    #[arg(long, requires = "select_link")]
    pub select_out: Option<PathBuf>,
    #[arg(long)]
    pub skims: Option<PathBuf>,
}

/// How roads that are only drawn become a network.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct DrawnArgs {
    /// Metres.
    #[arg(long, default_value_t = NodingOptions::default().tolerance_m, value_parser = parse_metres)]
    pub tolerance: f64,
    /// Metres.
    #[arg(long, default_value_t = NodingOptions::default().shortest_m, value_parser = parse_metres)]
    pub shortest: f64,
}

#[derive(Debug, Clone, clap::Args)]
pub struct MesoArgs {
    #[arg(long)]
    pub net: PathBuf,
    #[command(flatten)]
    pub drawn: DrawnArgs,
    #[arg(long)]
    pub trips: PathBuf,
    #[arg(long, default_value_t = 86_400, value_parser = clap::value_parser!(u32).range(1..=864_000))]
    pub seconds: u32,
    #[arg(long)]
    pub json: PathBuf,
    #[arg(long)]
    pub out: Option<PathBuf>,
    #[arg(long)]
    pub passages: Option<PathBuf>,
    /// Seconds.
    #[arg(long, default_value_t = 900.0, value_parser = parse_interval)]
    pub interval: f64,
    /// Days of learning after the first.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=200))]
    pub days: u32,
    /// Drivers hear on the way how long links take, and choose node by node.
    #[arg(long, conflicts_with_all = ["days", "foreseen"])]
    pub guided: bool,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long)]
    pub closures: Option<PathBuf>,
    #[arg(long, requires = "closures")]
    pub foreseen: bool,
    /// Nodes by name.
    #[arg(long, value_delimiter = ',')]
    pub exits: Vec<String>,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

#[derive(Debug, Clone, clap::Args)]
pub struct MicroArgs {
    #[arg(long)]
    pub net: PathBuf,
    #[command(flatten)]
    pub drawn: DrawnArgs,
    #[arg(long)]
    pub trips: PathBuf,
    #[arg(long, default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..=864_000))]
    pub seconds: u32,
    #[arg(long)]
    pub json: PathBuf,
    #[arg(long)]
    pub trajectories: Option<PathBuf>,
    /// Seconds.
    #[arg(long, default_value_t = 1)]
    pub every: u32,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

fn parse_metres(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|m| (0.0..=100.0).contains(m)).ok_or_else(|| "0 … 100".to_owned())
}

fn parse_interval(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|s| (1.0..=86_400.0).contains(s)).ok_or_else(|| "1 … 86400".to_owned())
}
