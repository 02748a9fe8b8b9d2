//! What `island-twin scenario`, `simulate all`, `compare` and `report` take.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub enum ScenarioAction {
    List {
        path: PathBuf,
        #[arg(long)]
        json: bool,
    },
    Add {
        /// A saved project.
        project: PathBuf,
        #[arg(long)]
        name: String,
        #[arg(long)]
        base: Option<String>,
        /// RON: a list of edits.
        #[arg(long)]
        edits: Option<PathBuf>,
    },
    Diff {
        path: PathBuf,
        /// `today` stands for what is there.
        first: String,
        second: String,
        #[arg(long)]
        json: bool,
    },
    Merge {
        path: PathBuf,
        into: String,
        from: String,
        #[arg(long, value_enum, default_value_t)]
        prefer: PreferArg,
        /// Keeps the result as a scenario of the project.
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        json: bool,
    },
    Check {
        path: PathBuf,
        #[command(flatten)]
        by: ByNorms,
    },
    Allowance {
        path: PathBuf,
        /// `lon,lat`.
        #[arg(allow_hyphen_values = true)]
        place: String,
        #[command(flatten)]
        by: ByNorms,
    },
}

/// What is judged, by which norms.
#[derive(Debug, Args)]
pub struct ByNorms {
    #[arg(long)]
    pub scenario: Option<String>,
    #[arg(long)]
    pub norms: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PreferArg {
    #[default]
    Ours,
    Theirs,
}

/// What the runs of a scenario are made with.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct RunArgs {
    /// RON: day, weather, sizes.
    #[arg(long)]
    pub settings: Option<PathBuf>,
    #[arg(long)]
    pub effects: Option<PathBuf>,
    #[arg(long)]
    pub norms: Option<PathBuf>,
    /// Folder where results are kept by digest.
    #[arg(long)]
    pub cache: Option<PathBuf>,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

#[derive(Debug, Clone, clap::Args)]
pub struct SimulateAllArgs {
    #[arg(long)]
    pub scene: PathBuf,
    #[arg(long)]
    pub scenario: Option<String>,
    #[arg(long)]
    pub out: PathBuf,
    #[command(flatten)]
    pub run: RunArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct ReportArgs {
    pub scene: PathBuf,
    /// Two; `today` stands for what is there.
    #[arg(long, value_delimiter = ',', required = true)]
    pub scenarios: Vec<String>,
    #[arg(long)]
    pub out: PathBuf,
    #[command(flatten)]
    pub run: RunArgs,
}

#[derive(Debug, Clone, clap::Args)]
pub struct CompareArgs {
    /// `today` stands for what is there.
    pub first: String,
    pub second: String,
    #[arg(long)]
    pub scene: PathBuf,
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    #[arg(long)]
    pub csv: bool,
    /// Folder for the difference maps.
    #[arg(long)]
    pub gpkg: Option<PathBuf>,
    /// The way from each figure back to the edits.
    #[arg(long)]
    pub why: bool,
    #[command(flatten)]
    pub run: RunArgs,
}
