//! Odd, malformed and hostile files of the shared corpus, where it is there: whatever they are, the program lives,
//! answers in time and says something.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::io::import::{ImportError, SourceSpec, WorkerProgram, import_isolated};

/// So many files are tried; all of them with ISLAND_TWIN_CORPUS=all.
const SAMPLE: usize = 60;

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn no_file_harms_the_program() {
    let archive =
        Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../shared/oracles/import-corpus.tar.gz");
    if !archive.exists() {
        println!("skipped: no oracle");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(dir.path()).status().unwrap();
    assert!(unpacked.success());
    let mut files = Vec::new();
    files_below(dir.path(), &mut files);
    files.sort();
    let wanted = match std::env::var("ISLAND_TWIN_CORPUS").as_deref() {
        Ok("all") => files.len(),
        Ok(number) => number.parse().unwrap(),
        Err(_) => SAMPLE,
    };
    let step = (files.len() / wanted.max(1)).max(1);
    let frame = SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [440_000.0, 1_130_000.0] };
    let worker = WorkerProgram { seconds: 5, ..WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin"))) };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, PathBuf::new());
    for path in files.iter().step_by(step) {
        let spec = SourceSpec { crs: Some(Crs::WGS84), ..SourceSpec::new(path) };
        let start = Instant::now();
        let mut told = 0;
        import_isolated(&[spec], &frame, &worker, &Progress::new(), &CancelToken::new(), |_, result| {
            told += 1;
            let kind = match &result {
                Ok(imported) if imported.report.refused > 0 => "opened in part",
                Ok(_) => "opened",
                Err(ImportError::WorkerFailed { path, detail }) => {
                    println!("worker failed: {} {detail}", path.display());
                    "worker failed"
                }
                Err(ImportError::TooLong { path, .. }) => {
                    println!("too long: {}", path.display());
                    "too long"
                }
                Err(_) => "refused",
            };
            *counts.entry(kind).or_default() += 1;
        });
        assert_eq!(told, 1, "{}", path.display());
        slowest = slowest.max((start.elapsed(), path.clone()));
    }
    println!("{counts:?}, slowest {:?} {}", slowest.0, slowest.1.display());
    assert!(slowest.0 < Duration::from_secs(45), "{slowest:?}");
    let (mut after, before) = (Vec::new(), files);
    files_below(dir.path(), &mut after);
    after.sort();
    assert_eq!(after, before, "files have appeared or gone");
}
