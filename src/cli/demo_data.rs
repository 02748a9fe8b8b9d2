//! `island-twin demo-data`: makes the demonstration data anew, byte for byte the same.

use std::path::Path;

use crate::demo::error::DemoError;
use crate::demo::{island, write};

/// Writes every layer of the demonstration data into a folder, which is made if need be.
///
/// # Errors
/// [`DemoError`] when the folder or a file cannot be written.
pub fn run(out: &Path) -> Result<(), DemoError> {
    write::all(&island::generate(island::SEED)?, out)
}
