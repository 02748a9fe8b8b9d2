//! What came of the sea, in the reader's language and as files. The command line and the window write the same.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::apply::Session;
use super::error::SessionError;
use super::fire_report::pretty;
use crate::study::water::case::{WaterCase, WaterResult};
use crate::study::water::files;
use crate::text::Catalog;

/// Everything that is told, with all figures.
#[must_use]
pub fn report(case: &WaterCase, result: &WaterResult, catalog: &Catalog) -> Value {
    json!({
        "headlines": catalog.texts(&result.headlines),
        "assumptions": catalog.texts(&result.assumptions),
        "notices": catalog.texts(&result.notices),
        "unit": case.inputs.unit,
        "origin": "simulated",
        "beaches": result.beaches,
        "spill": result.stranding,
        "outfall_dilution": case.dilutions(),
        "balance": result.snapshots.last().map(|s| s.scalars.clone()),
    })
}

impl Session {
    /// Writes the day that is on the map into a folder.
    pub(super) fn save_sea(&mut self, folder: PathBuf) -> Result<(), SessionError> {
        let outcome = self.sea.outcome.clone().ok_or(SessionError::NoSea)?;
        self.save_results(folder, "session-sea-written", move |out, catalog, context| {
            let report = report(&outcome.case, &outcome.result, catalog);
            files::write(&outcome.case, &outcome.result, &pretty(&report), out, context)
        })
    }
}
