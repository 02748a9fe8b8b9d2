//! `island-twin import-worker`: reads files for the program that started it; not for people.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use crate::io::import;

/// Answers one request on standard input.
///
/// # Errors
/// When the parent cannot be understood or is gone.
pub fn run() -> io::Result<()> {
    // Standard output by itself looks for line ends in everything that passes.
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    import::serve(io::stdin().lock(), io::BufWriter::new(output))
}
