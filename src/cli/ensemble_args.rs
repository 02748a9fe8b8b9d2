//! What `island-twin ensemble` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    Slurm,
}

#[derive(Debug, Clone, Args)]
pub struct EnsembleArgs {
    /// RON, version 1.
    pub spec: PathBuf,
    /// Folder of members and results.
    #[arg(long, required_unless_present = "collect")]
    pub out: Option<PathBuf>,
    /// `17`, `0-9`, `3,17`.
    #[arg(long, value_parser = parse_members, conflicts_with_all = ["collect", "emit"])]
    pub member: Option<Members>,
    #[arg(long, conflicts_with_all = ["out", "emit"])]
    pub collect: Option<PathBuf>,
    #[arg(long, value_enum)]
    pub emit: Option<Engine>,
    /// Tasks of the job array at the same time.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub at_once: u32,
    /// Megabytes: of the whole program here, of a task with `--emit`.
    #[arg(long, value_parser = clap::value_parser!(u32).range(64..))]
    pub memory: Option<u32>,
    #[arg(long)]
    pub effects: Option<PathBuf>,
    #[arg(long)]
    pub norms: Option<PathBuf>,
    /// 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long)]
    pub json: bool,
}

/// Numbers of members, each range from its first to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members(pub Vec<(u32, u32)>);

fn parse_members(text: &str) -> Result<Members, String> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (range.0 <= range.1).then_some(range)
    };
    text.split(',').map(range).collect::<Option<_>>().map(Members).ok_or_else(|| "17; 0-9; 3,17,20-29".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_numbers_and_ranges() {
        assert_eq!(parse_members("3,17,20-29"), Ok(Members(vec![(3, 3), (17, 17), (20, 29)])));
        for bad in ["", "a", "-1", "3-", "9-3", "1,,2", "1.5"] {
            assert!(parse_members(bad).is_err(), "{bad}");
        }
    }
}
