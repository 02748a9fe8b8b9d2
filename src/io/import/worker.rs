//! The child's side of an isolated import.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::format::{self, Format};
use super::local::{import_archive, import_copy, import_remote};
use super::source::{Imported, SourceSpec};
use super::wire::{self, Request};
use super::{ImportError, isolation};
use crate::base::cancel::CancelToken;
use crate::base::progress::Progress;
use crate::io::store::let_go;

/// Reads one request and answers it, each source as soon as it is ready. The process is good for nothing else
/// afterwards: it has given up its network and most of its limits.
///
/// # Errors
/// When the parent cannot be understood or is gone.
pub fn serve(mut input: impl Read, output: impl Write + Send) -> io::Result<()> {
    let request: Request = wire::read_message(&mut input)?;
    isolation::enter(&request);
    let output = Mutex::new(output);
    let copies: Vec<OnceLock<io::Result<PathBuf>>> = request.sources.iter().map(|_| OnceLock::new()).collect();
    // The largest file first: it decides when all is done.
    let mut order: Vec<(u32, &SourceSpec)> = (0..).zip(&request.sources).collect();
    order.sort_by_key(|(i, source)| (std::cmp::Reverse(size_of(&source.path)), *i));
    order.par_iter().with_max_len(1).try_for_each(|(i, source)| {
        let result = catch_unwind(AssertUnwindSafe(|| one(*i, source, &request, &copies))).unwrap_or_else(|_| {
            Err(ImportError::WorkerFailed { path: source.path.clone(), detail: "a fault in the reader".to_owned() })
        });
        wire::write_reply(&mut *output.lock().unwrap_or_else(PoisonError::into_inner), *i, result)
    })
}

fn one(
    index: u32,
    source: &SourceSpec,
    request: &Request,
    copies: &[OnceLock<io::Result<PathBuf>>],
) -> Result<Imported, ImportError> {
    let read = |copy: &Path| import_copy(source, copy, &request.frame, &Progress::new(), &CancelToken::new());
    if let Some(remote) = &source.remote {
        return import_remote(source, remote, &request.frame);
    }
    // Layers of one file share its copy.
    let first = request.sources.iter().position(|other| other.path == source.path).unwrap_or_default();
    let folder = request.scratch.join(first.to_string());
    match format::detect(&source.path)? {
        // Our own readers only read.
        Format::Shapefile(_) | Format::CityJson => return read(&source.path),
        Format::Archive => {
            let folder = folder.join(format!("unpacked-{index}"));
            return import_archive(source, &folder, &request.frame, &Progress::new(), &CancelToken::new());
        }
        _ => {}
    }
    let copy = copies.get(first).map(|copy| copy.get_or_init(|| private_copy(&source.path, &folder)));
    match copy {
        Some(Ok(copy)) => read(copy),
        Some(Err(error)) => Err(ImportError::io(&source.path, error)),
        None => Err(ImportError::Missing { path: source.path.clone() }),
    }
}

/// What readers look for beside a file.
const SIBLINGS: [&str; 10] = ["tfw", "tifw", "wld", "prj", "dat", "map", "id", "ind", "mid", "xsd"];

/// The file and the siblings that belong to it, in a folder of their own.
fn private_copy(path: &Path, folder: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let copy = folder.join(path.file_name().unwrap_or_default());
    std::fs::copy(path, &copy)?;
    let mut siblings: Vec<PathBuf> = SIBLINGS.iter().map(|e| format::sibling(path, e)).collect();
    // Changes of a database that a program has open and not yet written into it.
    siblings.push(PathBuf::from(format!("{}-wal", path.display())));
    let written = siblings.len() - 1;
    siblings.push(PathBuf::from(format!("{}-journal", path.display())));
    for sibling in siblings.iter().filter(|s| s.is_file() && s.as_path() != path) {
        std::fs::copy(sibling, folder.join(sibling.file_name().unwrap_or_default()))?;
    }
    // Readers only read: what a program that died left half done is brought to an end in the copy before.
    if siblings[written..].iter().any(|s| s.is_file())
        && let Err(error) = let_go(&copy)
    {
        tracing::debug!("{error}");
    }
    Ok(copy)
}

pub(super) fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}
