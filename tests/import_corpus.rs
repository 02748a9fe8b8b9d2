//! Odd, malformed and hostile files of the shared corpus, where it is there: whatever they are, the program lives,
//! answers in time, asks no network, writes nothing beside them and says what is wrong.
//!
//! `cargo test --test import_corpus` tries a sample; `script/try-corpus` tries all and prints what was measured.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use island_twin::base::cancel::CancelToken;
use island_twin::base::message::{Arg, Message, ToMessage};
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::io::import::{ImportError, Imported, SourceSpec, WorkerProgram, import_isolated};

/// So many files are tried by default.
const SAMPLE: usize = 60;

/// What the corpus' network files point at.
const LISTENER: &str = "127.0.0.1:18099";

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

struct Corpus {
    dir: tempfile::TempDir,
    files: Vec<PathBuf>,
}

impl Corpus {
    fn unpack() -> Option<Self> {
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/import-corpus.tar.gz");
        let archive = std::env::var_os("ISLAND_TWIN_CORPUS").map_or(archive, PathBuf::from);
        if !archive.exists() {
            println!("skipped: no oracle");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let unpacked = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(dir.path()).status().unwrap();
        assert!(unpacked.success());
        let mut files = Vec::new();
        files_below(dir.path(), &mut files);
        files.sort();
        Some(Self { dir, files })
    }

    fn name<'a>(&self, path: &'a Path) -> &'a str {
        path.strip_prefix(self.dir.path().join("corpus")).unwrap().to_str().unwrap()
    }

    /// Path in the corpus -> (what is odd, what a good reader does).
    fn manifest(&self) -> BTreeMap<String, (String, String)> {
        let text = std::fs::read_to_string(self.dir.path().join("corpus/MANIFEST.csv")).unwrap();
        text.lines()
            .skip(1)
            .map(|line| {
                let fields = csv_fields(line);
                (fields[0].clone(), (fields[3].clone(), fields[4].clone()))
            })
            .collect()
    }
}

fn csv_fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// Counts whoever knocks.
fn listen() -> Option<Arc<AtomicUsize>> {
    let listener = TcpListener::bind(LISTENER).ok()?;
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    Some(count)
}

/// One file as the program reads it: the file chosen in the window, its coordinates taken for degrees where it does
/// not say.
fn import(path: &Path, worker: &WorkerProgram) -> Result<Imported, ImportError> {
    let frame = SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [440_000.0, 1_130_000.0] };
    let mut answers = Vec::new();
    let crs = (!path.with_extension("prj").exists()).then_some(Crs::WGS84);
    let spec = SourceSpec { crs, ..SourceSpec::new(path) };
    import_isolated(&[spec], &frame, worker, &Progress::new(), &CancelToken::new(), |_, r| answers.push(r));
    assert_eq!(answers.len(), 1, "{}", path.display());
    answers.remove(0)
}

fn kind(result: &Result<Imported, ImportError>) -> &'static str {
    match result {
        Ok(imported) if imported.report.refused > 0 => "opened in part",
        Ok(imported) if !imported.report.problems.is_empty() => "opened with remarks",
        Ok(_) => "opened",
        Err(ImportError::WorkerFailed { .. }) => "worker failed",
        Err(ImportError::TooLong { .. }) => "too long",
        Err(_) => "refused",
    }
}

fn worker() -> WorkerProgram {
    WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin")))
}

#[test]
fn no_file_harms_the_program() {
    let Some(corpus) = Corpus::unpack() else { return };
    let step = (corpus.files.len() / SAMPLE).max(1);
    let mut slowest = (Duration::ZERO, PathBuf::new());
    for path in corpus.files.iter().step_by(step) {
        let start = Instant::now();
        let result = import(path, &worker());
        if let Err(error) = &result {
            assert!(error.to_message().args.iter().any(|(name, _)| name == "path"), "{error}");
        }
        slowest = slowest.max((start.elapsed(), path.clone()));
    }
    assert!(slowest.0 < Duration::from_secs(45), "{slowest:?}");
    let mut after = Vec::new();
    files_below(corpus.dir.path(), &mut after);
    after.sort();
    assert_eq!(after, corpus.files, "files have appeared or gone");
}

/// Whether a message says where in the file: a row, a record, a field, or which of the headers.
fn names_a_place(message: &Message) -> bool {
    let place = |text: &str| {
        ["record", "field", "header", "table", "index", "import-crs", ".dbf", ".shx", ".prj", "row"]
            .iter()
            .any(|word| text.contains(word))
    };
    place(&message.key)
        || message.args.iter().any(|(_, arg)| match arg {
            Arg::Text(text) => place(text),
            Arg::Message(inner) => names_a_place(inner),
            _ => false,
        })
}

/// The whole corpus, measured.
#[test]
#[ignore = "minutes; script/try-corpus runs it"]
fn the_whole_corpus() {
    let Some(corpus) = Corpus::unpack() else { return };
    let manifest = corpus.manifest();
    let requests = listen();
    let before: Vec<Vec<u8>> = corpus.files.iter().map(|f| std::fs::read(f).unwrap()).collect();
    // Nobody can measure a process that ends in a moment: the limit itself is the proof. It is one on addresses, of
    // which a process takes more than of memory.
    let worker = worker();
    assert!(worker.memory_bytes <= 512 << 20);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut slow = Vec::new();
    let (mut malformed, mut silent) = (0, Vec::new());
    let mut slowest = (Duration::ZERO, String::new());
    // ISLAND_TWIN_CORPUS_ONLY=hostile/shp tries one folder.
    let only = std::env::var("ISLAND_TWIN_CORPUS_ONLY").unwrap_or_default();
    for path in corpus.files.iter().filter(|f| corpus.name(f).starts_with(&only)) {
        let name = corpus.name(path).to_owned();
        let start = Instant::now();
        let mut result = import(path, &worker);
        let mut elapsed = start.elapsed();
        if elapsed > Duration::from_secs(5) {
            // A busy machine is no fault of the file.
            let again = Instant::now();
            result = import(path, &worker);
            elapsed = elapsed.min(again.elapsed());
        }
        *counts.entry(kind(&result)).or_default() += 1;
        if elapsed > Duration::from_secs(5) {
            slow.push((name.clone(), elapsed));
        }
        slowest = slowest.max((elapsed, name.clone()));
        if matches!(kind(&result), "worker failed" | "too long") {
            println!("{}: {name}: {:?}", kind(&result), result.as_ref().unwrap_err());
        }
        if name.ends_with(".shp")
            && name.starts_with("hostile/")
            && manifest[&name].1.starts_with("typed error naming file+record")
        {
            malformed += 1;
            let told = match &result {
                Ok(imported) => imported.report.problems.iter().any(|p| p.row.is_some() || names_a_place(&p.message)),
                Err(error) => names_a_place(&error.to_message()),
            };
            if !told {
                silent.push(format!("{name} ({}): {:?}", manifest[&name].0, result.map(|i| i.report)));
            }
        }
    }
    println!("{} files: {counts:?}", corpus.files.len());
    println!("slowest {:?} {}; over 5 s: {slow:?}", slowest.0, slowest.1);
    println!("network requests: {:?}", requests.as_ref().map(|r| r.load(Ordering::Relaxed)));
    println!("malformed shapefiles that were told with their place: {} of {malformed}", malformed - silent.len());
    silent.iter().for_each(|s| println!("  not: {s}"));
    let mut after = Vec::new();
    files_below(corpus.dir.path(), &mut after);
    after.sort();
    assert_eq!(after, corpus.files, "files have appeared or gone");
    for (path, bytes) in corpus.files.iter().zip(before) {
        assert!(std::fs::read(path).unwrap() == bytes, "changed: {}", path.display());
    }
    assert!(slow.is_empty(), "{slow:?}");
    assert_eq!(requests.map_or(0, |r| r.load(Ordering::Relaxed)), 0);
    assert!(silent.len() * 10 <= malformed, "{} of {malformed} not told", silent.len());
}
