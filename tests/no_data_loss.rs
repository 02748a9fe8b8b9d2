//! Projects in bad company: killed programs, full disks, folders that cannot be written. What was acknowledged stays, what
//! was not is not half there. The trials in full: `cargo test --test no_data_loss -- --ignored --nocapture soak`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::finish_jobs;
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::cli::files::Files;
use island_twin::io::import::{SourceSpec, WorkerProgram, import_isolated};
use island_twin::io::scene::load_project;
use island_twin::io::store::{Commit, StoreError, commit_project, hold_project, save_project};
use island_twin::model::change::{Edit, SeaOutlet};
use island_twin::model::layer::{LayerContent, LayerId};
use island_twin::model::project::Project;
use island_twin::model::scenario_tree::add;
use island_twin::model::table::{Column, Value};
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::notice::Level;
use island_twin::session::plan::PlanCommand;
use island_twin::session::settings::SettingsStore;

const PROJECT: &str = "ISLAND_TWIN_TEST_PROJECT";
const ROUNDS: &str = "ISLAND_TWIN_TEST_ROUNDS";
const FIELD: &str = "DIENTICH";

/// Parcels alone, and one scenario that edits go into.
fn project() -> Project {
    let mut project = common::project();
    project.layers.retain(|l| l.id == LayerId::new("parcels"));
    add(&mut project.scenarios, "Thử", None).unwrap();
    project
}

fn load(path: &Path) -> Project {
    let worker = WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin")));
    let (project, warnings) = load_project(path, &worker, &Progress::new(), &CancelToken::new()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    project
}

fn save(project: &Project, path: &Path) -> Result<(), StoreError> {
    save_project(project, path, &Progress::new(), &CancelToken::new())
}

/// Edits that a project holds.
fn edits(project: &Project) -> usize {
    project.scenarios[0].edits.len()
}

/// The next edit: an outlet for the scenario, and with every second one a number in a cell of a layer. The edit's text
/// grows now and then, so that pages are added.
fn edited(project: &Project) -> Project {
    let mut next = project.clone();
    let number = edits(project) + 1;
    next.scenarios[0].edits.push(Edit::AddOutlet(SeaOutlet {
        id: format!("o{number}"),
        name: "x".repeat(number * 37 % 900),
        at: [103.95, 10.2],
        flow_m3_day: 10.0,
        cfu_per_100ml: 1e6,
    }));
    if number.is_multiple_of(2) {
        let layer = Arc::make_mut(&mut next.layers[0]);
        let LayerContent::Features(table) = &mut layer.content else { panic!("features") };
        let table = Arc::make_mut(table);
        let field = table.schema.iter().position(|f| f.name == FIELD).unwrap();
        let Column::Real(cells) = &mut table.columns[field] else { panic!("numbers") };
        cells[0] = number as f64;
    }
    next
}

/// A whole file in which scenario and cell tell of the same edit.
fn assert_whole(path: &Path) -> usize {
    let got = load(path);
    let (now, parcels) = (edits(&got), got.layers[0].content.features().unwrap().clone());
    if now >= 2 {
        assert_eq!(parcels.value(0, FIELD), Value::Real((now / 2 * 2) as f64), "scenario and cell of {now} edits");
    }
    let database = rusqlite::Connection::open(path).unwrap();
    let fine: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(fine, "ok");
    now
}

/// This test program once more, for one child of it.
fn child(name: &str) -> Process {
    let mut process = Process::new(std::env::current_exe().unwrap());
    process.args(["--ignored", "--exact", name, "--nocapture"]);
    process
}

// ---- killed ---------------------------------------------------------------------------------------------------------

/// Edits, and saves as a whole now and then, until it is killed; says each edit when it is on the disk.
#[test]
#[ignore = "only as a child"]
fn child_that_edits_and_saves() {
    let Some(path) = std::env::var_os(PROJECT).map(PathBuf::from) else { return };
    let _hold = hold_project(&path).unwrap().unwrap();
    let mut project = load(&path);
    for turn in 0_usize.. {
        let next = edited(&project);
        if turn % 3 == 2 {
            save(&next, &path).unwrap();
        } else {
            assert_eq!(commit_project(&project, &next, &path).unwrap(), Commit::Done);
        }
        project = next;
        println!("edit {}", edits(&project));
    }
}

fn kill_again_and_again(rounds: u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let mut known = 0;
    for round in 0..rounds {
        // A fresh one from time to time: edits are many by then, and each is written with all others.
        if round % 50 == 0 {
            save(&project(), &path).unwrap();
            known = 0;
        }
        let mut killed = child("child_that_edits_and_saves")
            .env(PROJECT, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(killed.stdout.take().unwrap()).lines();
        let number = |line: &str| line.rsplit("edit ").next().and_then(|n| n.trim().parse::<usize>().ok());
        let (wanted, mut seen, mut last) = (round % 5, 0, known);
        while seen < wanted {
            let line = lines.next().expect("the child ended by itself").unwrap();
            if let Some(number) = number(&line) {
                (last, seen) = (number, seen + 1);
            }
        }
        // Into the middle of what comes next, of its start too.
        std::thread::sleep(Duration::from_micros(round * 977 % 20_000));
        killed.kill().unwrap();
        // What it still said before it died was acknowledged too.
        for line in lines.map_while(Result::ok) {
            last = number(&line).unwrap_or(last);
        }
        killed.wait().unwrap();
        let now = assert_whole(&path);
        assert!(now >= last && now <= last + 1, "round {round}: {last} acknowledged, {now} in the file");
        known = now;
    }
    println!("{rounds} programs killed while they edited and saved: 0 damaged files, 0 acknowledged edits lost");
}

/// The moment in which SQLite leaves its log: the first page is written, and its old one lies in a journal beside it.
#[test]
fn a_change_cut_off_in_its_middle_is_taken_back_in_a_project_and_in_a_file_that_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let (path, cut) = (folder.path().join("a.gpkg"), folder.path().join("b.gpkg"));
    let known = edited(&project());
    save(&known, &path).unwrap();
    let database = rusqlite::Connection::open(&path).unwrap();
    // Pages go into the file before the change is complete.
    database
        .execute_batch(
            "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN IMMEDIATE; UPDATE twin_project SET value = 'half';
             CREATE TABLE more AS SELECT a.key, b.value FROM twin_project a, parcels, twin_project b;",
        )
        .unwrap();
    let journal = |of: &Path| PathBuf::from(format!("{}-journal", of.display()));
    let copy = || {
        std::fs::copy(&path, &cut).unwrap();
        std::fs::copy(journal(&path), journal(&cut)).unwrap();
    };
    copy();
    let as_it_lies = rusqlite::Connection::open_with_flags(&cut, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    assert!(
        as_it_lies.query_row("SELECT count(*) FROM twin_project", [], |_| Ok(())).is_err(),
        "half a change lies there"
    );
    drop(as_it_lies);
    let worker = WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin")));
    let source = SourceSpec { sublayer: Some("parcels".to_owned()), ..SourceSpec::new(&cut) };
    let mut read = None;
    let (progress, cancel) = (Progress::new(), CancelToken::new());
    import_isolated(&[source], &known.frame, &worker, &progress, &cancel, |_, result| read = Some(result));
    let read = read.unwrap().unwrap();
    assert_eq!(read.content.features().unwrap().len(), known.layers[0].content.features().unwrap().len());
    assert!(journal(&cut).exists(), "a file of somebody else stays as it is");
    assert_eq!(assert_whole(&cut), edits(&known));
    assert!(!journal(&cut).exists());
}

#[test]
fn a_killed_program_loses_nothing() {
    kill_again_and_again(10);
}

#[test]
#[ignore = "a soak of some minutes"]
fn soak_a_thousand_killed_programs_lose_nothing() {
    kill_again_and_again(1000);
}

// ---- disks and folders ----------------------------------------------------------------------------------------------

/// Runs a child of this program in a small disk of its own (tmpfs in a namespace of its own: no rights are needed for
/// that on most systems). `None` where the system does not give one.
fn on_a_small_disk(name: &str, rounds: u32) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=3m none '{}'", folder.path().display());
    let possible = Process::new("unshare").args(["-rm", "sh", "-c", &mount]).stderr(Stdio::null()).status();
    if !possible.is_ok_and(|s| s.success()) {
        println!("skipped: this system gives no disk to try on (unshare -rm, mount -t tmpfs)");
        return None;
    }
    let program = std::env::current_exe().unwrap();
    let run = format!("{mount} && exec '{}' --ignored --exact {name} --nocapture", program.display());
    let answer = Process::new("unshare")
        .args(["-rm", "sh", "-c", &run])
        .env(PROJECT, folder.path().join("a.gpkg"))
        .env(ROUNDS, rounds.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&answer.stdout).into_owned() + &String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{text}");
    println!("{}", text.lines().filter(|l| l.contains("rounds:")).collect::<Vec<_>>().join("\n"));
    Some(text)
}

fn asked() -> Option<(PathBuf, u64)> {
    let path = std::env::var_os(PROJECT)?.into();
    Some((path, std::env::var(ROUNDS).ok()?.parse().ok()?))
}

/// Fills the disk up to some bytes.
fn fill(path: &Path, leave: u64) {
    let mut file = std::fs::File::create(path).unwrap();
    let block = [7_u8; 4096];
    let mut length = 0;
    while file.write_all(&block).is_ok() {
        length += block.len() as u64;
    }
    file.set_len(length.saturating_sub(leave)).unwrap();
}

/// Edits and saves on a disk that is full at another byte in every round.
#[test]
#[ignore = "only as a child"]
fn child_on_a_full_disk() {
    let Some((path, rounds)) = asked() else { return };
    let filler = path.with_file_name("filler");
    let (mut done, mut refused) = (0_u32, 0_u32);
    let mut known = project();
    save(&known, &path).unwrap();
    for round in 0..rounds {
        if round % 50 == 49 {
            known = project();
            save(&known, &path).unwrap();
        }
        fill(&filler, round * 77_791 % 400_000);
        for turn in 0..4 {
            let next = edited(&known);
            let whole = (round + turn) % 3 == 2;
            let kept = if whole {
                save(&next, &path)
            } else {
                commit_project(&known, &next, &path).map(|c| assert_eq!(c, Commit::Done))
            };
            match kept {
                Ok(()) => {
                    known = next;
                    done += 1;
                }
                Err(StoreError::Write { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(edits(&load(&path)), edits(&known), "round {round}: it can be read where nothing can be written");
        std::fs::remove_file(&filler).unwrap();
        assert_eq!(assert_whole(&path), edits(&known), "round {round}: what was acknowledged, and no more");
        // There is room again: it goes on.
        let next = edited(&known);
        assert_eq!(commit_project(&known, &next, &path).unwrap(), Commit::Done);
        known = next;
        let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(left, ["a.gpkg"], "nothing is left beside the project");
    }
    assert!(done > 0 && refused > 0, "{done} done, {refused} refused");
    println!("{rounds} rounds: full disks, {done} edits kept, {refused} refused, 0 damaged files, 0 edits lost");
}

#[test]
fn a_full_disk_loses_nothing() {
    on_a_small_disk("child_on_a_full_disk", 6);
}

#[test]
#[ignore = "a soak of a minute"]
fn soak_a_hundred_full_disks_lose_nothing() {
    on_a_small_disk("child_on_a_full_disk", 100);
}

fn open(path: &Path) -> Session {
    let files = Files::with_worker(Path::new(env!("CARGO_BIN_EXE_island-twin")));
    let mut session = Session::new(Arc::new(files), SettingsStore::in_memory());
    session.apply(Command::Open(path.to_path_buf())).unwrap();
    finish_jobs(&mut session);
    session
}

fn remount(path: &Path, how: &str) {
    let folder = path.parent().unwrap();
    let done = Process::new("mount").args(["-o", &format!("remount,{how}")]).arg(folder).status().unwrap();
    assert!(done.success(), "remount {how}");
}

/// A folder that cannot be written, clean or as a crash left it.
#[test]
#[ignore = "only as a child"]
fn child_in_a_read_only_folder() {
    let Some((path, rounds)) = asked() else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let (mut with_log, mut told) = (0, 0);
    for round in 0..rounds {
        let beside = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(beside(end));
        }
        let mut known = project();
        save(&known, &path).unwrap();
        let edit = |known: &mut Project, at: &Path| {
            let next = edited(known);
            assert_eq!(commit_project(known, &next, at).unwrap(), Commit::Done);
            *known = next;
        };
        (0..=round % 3).for_each(|_| edit(&mut known, &path));
        if round % 2 == 1 {
            // As a crash leaves it: the last edits are in the log only.
            let crashed = elsewhere.path().join("b.gpkg");
            std::fs::copy(&path, &crashed).unwrap();
            let reader = rusqlite::Connection::open(&crashed).unwrap();
            reader.execute_batch("BEGIN; SELECT count(*) FROM twin_project;").unwrap();
            (0..2).for_each(|_| edit(&mut known, &crashed));
            for end in ["", "-wal", "-shm"] {
                // Whoever copies a project may forget the index of the log.
                if end != "-shm" || round % 4 == 1 {
                    std::fs::copy(format!("{}{end}", crashed.display()), beside(end)).unwrap();
                }
            }
            with_log += 1;
        }
        let bytes = std::fs::read(&path).unwrap();
        remount(&path, "ro");
        let mut session = open(&path);
        let notices: Vec<String> = session.notices().iter().map(|n| n.message.key.clone()).collect();
        match session.project() {
            Some(project) => {
                // All that was acknowledged is seen, in scenario and cell alike.
                assert_eq!(edits(project), edits(&known), "round {round}");
                let cell = project.layers[0].content.features().unwrap().value(0, FIELD);
                assert_eq!(cell, known.layers[0].content.features().unwrap().value(0, FIELD), "round {round}");
                assert!(session.is_read_only());
                assert!(notices.iter().any(|k| k == "whatif-read-only-folder"), "{notices:?}");
                // An edit waits for another place, and is kept there.
                session.apply(Command::Plan(PlanCommand::Add { name: "Hai".to_owned(), base: None })).unwrap();
                assert!(session.is_modified());
                let _ = session.apply(Command::SaveAs(path.clone()));
                finish_jobs(&mut session);
                assert!(session.notices().iter().any(|n| n.level == Level::Error), "a save that failed is told");
                let other = elsewhere.path().join("c.gpkg");
                session.apply(Command::SaveAs(other.clone())).unwrap();
                finish_jobs(&mut session);
                drop(session);
                let kept = load(&other);
                assert_eq!((kept.scenarios.len(), edits(&kept)), (2, edits(&known)));
                std::fs::remove_file(&other).unwrap();
            }
            // A log that cannot be read there is told; nothing older is shown instead.
            None => {
                assert!(round % 2 == 1 && notices.iter().any(|k| k == "io-project-unreadable"), "{notices:?}");
                told += 1;
            }
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        remount(&path, "rw");
        // In a folder that can be written again nothing is missing.
        assert_eq!(assert_whole(&path), edits(&known), "round {round}");
    }
    println!(
        "{rounds} rounds: read-only folders, {with_log} with edits in the log only ({told} of those not opened and said so), \
         0 damaged files, 0 edits lost"
    );
}

#[test]
fn a_read_only_folder_loses_nothing() {
    on_a_small_disk("child_in_a_read_only_folder", 4);
}

#[test]
#[ignore = "a soak of a minute"]
fn soak_a_hundred_read_only_folders_lose_nothing() {
    on_a_small_disk("child_in_a_read_only_folder", 100);
}

// ---- two instances --------------------------------------------------------------------------------------------------

/// The other instance: holds the project until its input ends.
#[test]
#[ignore = "only as a child"]
fn child_that_holds() {
    let Some(path) = std::env::var_os(PROJECT).map(PathBuf::from) else { return };
    let session = open(&path);
    assert!(!session.is_read_only());
    println!("open now");
    let _ = std::io::stdin().lines().next();
}

#[test]
fn a_second_program_reads_and_says_so_until_the_first_one_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    save(&project(), &path).unwrap();
    for kill in [false, true] {
        let mut other =
            child("child_that_holds").env(PROJECT, &path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(other.stdout.take().unwrap()).lines();
        assert!(lines.any(|l| l.unwrap().contains("open now")));
        let second = open(&path);
        assert!(second.is_read_only());
        assert!(second.notices().iter().any(|n| n.message.key == "whatif-read-only-other"));
        drop(second);
        if kill {
            other.kill().unwrap();
        } else {
            drop(other.stdin.take());
        }
        other.wait().unwrap();
        let begun = Instant::now();
        assert!(!open(&path).is_read_only(), "killed: {kill}");
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}

fn program(arguments: &[&str], folder: &Path) -> (bool, String) {
    let mut process = Process::new(env!("CARGO_BIN_EXE_island-twin"));
    let answer = process.current_dir(folder).args(["--lang", "en"]).args(arguments).output().unwrap();
    (
        answer.status.success(),
        String::from_utf8_lossy(&answer.stdout).into_owned() + &String::from_utf8_lossy(&answer.stderr),
    )
}

#[test]
fn a_command_does_not_write_into_a_project_that_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    save(&project(), &path).unwrap();
    let mut window = open(&path);
    let before = std::fs::read(&path).unwrap();
    for arguments in [
        &["scenario", "add", "a.gpkg", "--name", "Hai"][..],
        &["scenario", "merge", "a.gpkg", "thu", "thu", "--name", "Gộp"],
        &["import", "nothing.shp", "--project", "a.gpkg"],
    ] {
        let (done, text) = program(arguments, folder.path());
        assert!(!done && text.contains("Another window or program has this project open"), "{text}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    window.apply(Command::Plan(PlanCommand::Add { name: "Ba".to_owned(), base: None })).unwrap();
    drop(window);
    let (done, text) = program(&["scenario", "add", "a.gpkg", "--name", "Hai"], folder.path());
    assert!(done, "{text}");
    let names: Vec<String> = load(&path).scenarios.iter().map(|s| s.name.vi.clone()).collect();
    assert_eq!(names, ["Thử", "Ba", "Hai"]);
    // The file is left as any program reads it, also from a disk that cannot be written: without a log.
    assert_eq!(std::fs::read(&path).unwrap()[18], 1);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left, ["a.gpkg"]);
}

/// Each either adds its scenario or says that another one has the project.
#[test]
fn commands_at_the_same_time_do_not_take_each_others_edits_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    save(&project(), &path).unwrap();
    let at = folder.path();
    let added: usize = std::thread::scope(|scope| {
        let one = |n: usize| {
            scope.spawn(move || {
                let name = format!("Song song {n}");
                usize::from(program(&["scenario", "add", "a.gpkg", "--name", &name], at).0)
            })
        };
        let all: Vec<_> = (0..6).map(one).collect();
        all.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert!(added >= 1);
    assert_eq!(load(&path).scenarios.len(), 1 + added, "what was told as added is there");
}
