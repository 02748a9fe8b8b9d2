//! Ensembles: members that are the same everywhere, runs that go on after a kill, tables that say what is missing.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::town::burning_town as project;
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::io::store::save_project;
use island_twin::model::change::Edit;
use island_twin::model::project::Project;
use island_twin::model::scenario::ScenarioId;
use island_twin::study::ensemble::digest;
use island_twin::study::ensemble::error::EnsembleError;
use island_twin::study::ensemble::here::{Bounds, Told, run};
use island_twin::study::ensemble::merge::{Merged, Row, merge};
use island_twin::study::ensemble::ready::Ready;
use island_twin::study::ensemble::spec::Spec;
use island_twin::study::whatif::run::Setup;

const GB: u64 = 1 << 30;

const SPEC: &str = r#"(version: 1, scene: "du-an.gpkg", scenarios: ["today", "khong-doi", "bang"], members: 8, seed: 5,
    models: [Layers, Traffic, Fire], settings: (traffic_hours: (7, 8), fire_hours: 3.0, traffic_gap: 1e-3),
    vary: (fire_wind_mps: Some(LogNormal(median: 6.0, sd_log: 0.4)), wind_from_deg: Some(Normal(mean: 90.0, sd: 40.0)),
        traffic_demand: Some(Uniform(low: 0.5, high: 1.5)), ignitions: Anywhere(2)))"#;

fn ready_of(spec: &str, folder: &Path) -> Ready {
    let spec = Spec::parse(spec).unwrap();
    let ids: Vec<_> = spec.scenarios.iter().map(|s| (s != "today").then(|| ScenarioId(s.clone()))).collect();
    Ready::of(spec, &ids, &Arc::new(project()), Setup::shipped().unwrap(), folder).unwrap()
}

fn ready(folder: &Path) -> Ready {
    ready_of(SPEC, folder)
}

fn all(ready: &Ready, threads: usize) -> Result<u32, EnsembleError> {
    run(ready, Bounds { threads, memory: 8 * GB }, &CancelToken::new(), &|_| ())
}

fn table(ready: &Ready) -> Merged {
    merge(&ready.spec, ready.shared_digest(), ready.folder()).unwrap()
}

/// Names and bytes of the members' files.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap())
        .filter(|f| f.file_type().unwrap().is_file())
        .map(|f| (f.file_name().to_string_lossy().into_owned(), std::fs::read(f.path()).unwrap()))
        .collect()
}

fn row<'a>(merged: &'a Merged, key: &str) -> &'a Row {
    merged.rows.iter().find(|r| r.key == format!("whatif-figure-{key}")).unwrap()
}

#[test]
fn members_are_the_same_on_any_number_of_threads_and_alone() {
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    for (folder, threads) in folders.iter().zip([1, 2, 4]) {
        assert_eq!(all(&ready(folder.path()), threads).unwrap(), 8);
    }
    // One by one, the last first.
    let alone = ready(folders[3].path());
    (0..8).rev().for_each(|m| drop(alone.run(m, 1, &Default::default()).unwrap()));
    let first = files(folders[0].path());
    assert_eq!(first.len(), 8);
    for folder in &folders[1..] {
        assert!(files(folder.path()) == first, "other bytes");
    }

    let merged = table(&alone);
    assert_eq!((merged.there, merged.fires, merged.others), (8, 16, 0));
    assert!(merged.missing.is_empty());
    let trips = row(&merged, "trips");
    let today = trips.scenarios[0].unwrap();
    assert!(today.p05 < today.median && today.median < today.p95, "{today:?}");
    // The same draws for all scenarios: without a change of the plan there is no difference at all.
    for row in &merged.rows {
        let same = row.changes[0].unwrap().summary;
        assert_eq!((same.p05, same.p95), (0.0, 0.0), "{}", row.key);
    }
    let burnt = row(&merged, "burnt-median").changes[1].unwrap();
    assert!(burnt.summary.mean < 0.0 && burnt.better > Some(0.0) && burnt.worse == Some(0.0), "{burnt:?}");
    // Burn probability counts every fire: its sum is the mean area.
    let cell_ha = 0.09;
    let sum: f64 = merged.burnt[0].cells.iter().filter(|c| !c.is_nan()).map(|c| f64::from(*c) * cell_ha).sum();
    assert!(sum > 1.0 && merged.burnt.len() == 3, "{sum}");
    // More members of the same begin with these.
    let more = ready_of(&SPEC.replace("members: 8", "members: 10"), folders[0].path());
    assert_eq!(all(&more, 2).unwrap(), 2);
    assert_eq!(table(&more).there, 10);
    // Cells without a fire are NaN, which no comparison holds equal.
    assert!(format!("{:?}", table(&alone)) == format!("{merged:?}"), "another table");
}

#[test]
fn only_what_is_missing_or_damaged_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let ready = ready(folder.path());
    all(&ready, 2).unwrap();
    let whole = files(folder.path());
    std::fs::remove_file(ready.path(2)).unwrap();
    let bytes = std::fs::read(ready.path(5)).unwrap();
    std::fs::write(ready.path(5), &bytes[..bytes.len() / 2]).unwrap();
    let changed = String::from_utf8(bytes).unwrap().replacen("\"value\":", "\"value\":1", 1);
    std::fs::write(ready.path(6), changed).unwrap();
    // What a killed program may leave, and a member of another question.
    std::fs::create_dir(folder.path().join(".island-twin-abc")).unwrap();
    let other = ready_of(&SPEC.replace("seed: 5", "seed: 6"), folder.path());
    other.run(0, 1, &Default::default()).unwrap();

    let merged = table(&ready);
    assert_eq!((merged.there, merged.others), (5, 1));
    assert_eq!((merged.missing.as_slice(), merged.damaged.as_slice()), (&[2, 5, 6][..], &[5, 6][..]));
    assert_eq!(row(&merged, "trips").scenarios[0].unwrap().members, 5);
    assert_eq!(all(&ready, 2).unwrap(), 3);
    std::fs::remove_file(other.path(0)).unwrap();
    assert!(files(folder.path()) == whole);
    assert!(matches!(ready.run(8, 1, &Default::default()), Err(EnsembleError::NoMember { member: 8, last: 7 })));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(merge(&ready.spec, ready.shared_digest(), empty.path()), Err(EnsembleError::Nothing { .. })));
}

#[test]
fn a_cancelled_ensemble_keeps_what_is_done_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let ready = ready(folder.path());
    let cancel = CancelToken::new();
    let tell = |t: Told| {
        assert_eq!(t.of, 8);
        if t.done == 3 {
            cancel.cancel();
        }
    };
    let answer = run(&ready, Bounds { threads: 2, memory: 8 * GB }, &cancel, &tell);
    assert!(matches!(answer, Err(EnsembleError::Cancelled)), "{answer:?}");
    let there = (0..8).filter(|m| ready.has(*m)).count() as u32;
    assert!((3..8).contains(&there), "{there}");
    assert_eq!(all(&ready, 2).unwrap(), 8 - there);
}

#[test]
fn with_little_memory_one_runs_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let ready = ready(folder.path());
    let tell = |t: Told| assert_eq!(t.at_once, 1);
    assert_eq!(run(&ready, Bounds { threads: 4, memory: 1 }, &CancelToken::new(), &tell).unwrap(), 8);
}

#[test]
fn other_inputs_are_other_members() {
    let spec = Spec::parse(SPEC).unwrap();
    let setup = Setup::shipped().unwrap();
    let ids = [None, Some(ScenarioId("khong-doi".into())), Some(ScenarioId("bang".into()))];
    let of = |spec: &Spec, project: &Project| digest::of(spec, &ids, project, &setup).unwrap().value();
    let first = project();
    let mut edited = first.clone();
    edited.scenarios[1].edits.push(Edit::FuelBreak { line: vec![[104.0, 10.2], [104.01, 10.2]], width_m: 20.0 });
    let mut cut = first.clone();
    cut.layers.pop();
    let mut renamed = first.clone();
    renamed.title.vi = "Khác".to_owned();
    let same = of(&spec, &first);
    assert_ne!(same, of(&spec, &edited));
    assert_ne!(same, of(&spec, &cut));
    assert_eq!(same, of(&spec, &renamed), "a title changes no result");
    assert_ne!(same, of(&Spec { seed: 6, ..spec.clone() }, &first));
    assert_eq!(same, of(&Spec { members: 99, scene: "/elsewhere".into(), ..spec }, &first));
}

// ---- the program ----------------------------------------------------------------------------------------------------

struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        save_project(&project(), &folder.path().join("du-an.gpkg"), &Progress::new(), &CancelToken::new()).unwrap();
        std::fs::write(folder.path().join("a.ensemble.ron"), SPEC).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn process(&self, more: &[&str]) -> Process {
        let mut process = Process::new(env!("CARGO_BIN_EXE_island-twin"));
        process.current_dir(self.folder.path()).args(["--lang", "en", "ensemble", "a.ensemble.ron"]).args(more);
        process
    }

    fn run(&self, more: &[&str]) -> (bool, String, String) {
        let Output { status, stdout, stderr } = self.process(more).output().unwrap();
        (status.success(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }
}

#[test]
fn the_program_runs_members_and_tells_the_table() {
    let office = Office::new();
    let (done, text, errors) = office.run(&["--out", "ra", "--member", "0-2,7"]);
    assert!(done && text.lines().count() == 4 && text.contains("Member 7 written"), "{text}{errors}");
    let (done, _, errors) = office.run(&["--collect", "ra"]);
    assert!(done && errors.contains("4 members are missing and not in the table: 3–6"), "{errors}");
    let (done, text, errors) = office.run(&["--out", "ra", "--threads", "2", "--memory", "4000"]);
    assert!(done && errors.contains("4/4 members done"), "{errors}");
    assert!(text.contains("A = today") && text.contains("C–A") && text.contains("Trips a day"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(office.path("ra/ensemble.json")).unwrap()).unwrap();
    assert_eq!((json["members"].as_u64(), json["fires"].as_u64()), (Some(8), Some(16)));
    let csv = std::fs::read_to_string(office.path("ra/ensemble.csv")).unwrap();
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().any(|l| l.starts_with("burnt-median,,ha,Simulated,bang,today,8,")), "{csv}");
    assert!(csv.lines().filter(|l| !l.contains('"')).all(|l| l.split(',').count() == columns), "{csv}");
    for map in ["burn_probability-A.tif", "burn_probability-C.tif", "burn_probability-C-A.tif"] {
        assert!(office.path("ra").join(map).exists(), "{map}");
    }
    // The scripts' own words are in English or Vietnamese; what they call is this program.
    let (done, text, errors) = office.run(&["--out", "ra ngoài", "--emit", "slurm", "--at-once", "3"]);
    assert!(done && text.contains("submit.sh"), "{text}{errors}");
    let script = std::fs::read_to_string(office.path("ra ngoài/members.sbatch")).unwrap();
    assert!(script.contains("#SBATCH --array=0-7%3\n") && script.contains("a.ensemble.ron' --member"), "{script}");
}

#[test]
fn what_is_wrong_is_told_before_anything_is_computed() {
    let office = Office::new();
    std::fs::write(office.path("file"), "x").unwrap();
    std::fs::write(office.path("bad.ron"), SPEC.replace("bang", "bong")).unwrap();
    let told = |more: &[&str], wanted: &str| {
        let (done, text, errors) = office.run(more);
        assert!(!done && text.is_empty() && errors.contains(wanted), "{more:?}: {text}{errors}");
    };
    told(&["--out", "file"], "cannot be written");
    told(&["--out", "ra", "--member", "8"], "There is no member 8; the ensemble has 0 to 7");
    told(&["--collect", "nowhere"], "No member is done yet");
    told(&["--out", "ra", "--member", "x"], "17; 0-9; 3,17,20-29");
    told(&["--out", "ra", "--collect", "ra"], "--collect");
    told(&[], "--out");
    std::fs::write(office.path("a.ensemble.ron"), SPEC.replace("bang", "bong")).unwrap();
    told(&["--out", "ra"], "There is no scenario \"bong\" in ");
    std::fs::write(office.path("a.ensemble.ron"), SPEC.replace("du-an", "khac")).unwrap();
    told(&["--out", "ra"], "khac.gpkg");
    std::fs::write(office.path("a.ensemble.ron"), "(").unwrap();
    told(&["--out", "ra"], "The file is not an ensemble");
    std::fs::remove_file(office.path("a.ensemble.ron")).unwrap();
    told(&["--out", "ra"], "a.ensemble.ron");
}

/// Kills the program at all kinds of moments and lets it go on: in the end there is what there would have been.
fn kill_again_and_again(rounds: u64) {
    let office = Office::new();
    assert!(office.run(&["--out", "whole", "--threads", "2"]).0);
    let mut kills = 0;
    for round in 0..rounds {
        let _ = std::fs::remove_dir_all(office.path("ra"));
        for turn in 0..3 {
            let mut child = office
                .process(&["--out", "ra", "--threads", "2"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(150 + (round * 3 + turn) * 97 % 1500));
            kills += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let (done, _, errors) = office.run(&["--out", "ra", "--threads", "2"]);
        assert!(done, "{errors}");
        assert!(files(&office.path("ra")) == files(&office.path("whole")), "round {round}: other bytes");
    }
    assert!(kills > 0);
    println!("{kills} ensembles killed, each went on to the same bytes");
}

#[test]
fn a_killed_ensemble_goes_on_to_the_same_bytes() {
    kill_again_and_again(1);
}

#[test]
#[ignore = "a soak of some minutes"]
fn soak_killed_ensembles_go_on_to_the_same_bytes() {
    kill_again_and_again(30);
}
