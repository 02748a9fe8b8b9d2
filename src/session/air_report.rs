//! What came of an air study, in the reader's language and as files: a steady one, or a day hour by hour. The command line
//! and the window write the same.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::apply::Session;
use super::error::SessionError;
use super::fire_report::pretty;
use crate::base::message::Message;
use crate::study::air::case::{AirCase, AirResult};
use crate::study::air::commune_day::{CommuneDay, overall};
use crate::study::air::transient::TransientResult;
use crate::study::air::{day_files, day_headline, files};
use crate::text::Catalog;

/// Everything that is told of a steady study, with all figures.
#[must_use]
pub fn steady(case: &AirCase, result: &AirResult, catalog: &Catalog) -> Value {
    json!({
        "headlines": catalog.texts(&result.headlines),
        "assumptions": catalog.texts(&result.assumptions),
        "notices": catalog.texts(&result.notices),
        "pollutant": case.inputs.pollutant,
        "limit": result.limit,
        "sources": case.sources.iter().map(|s| json!({
            "id": s.id, "title": s.title, "rate_g_s": s.rate_g_s,
        })).collect::<Vec<_>>(),
        "stations": result.stations,
        "exposure": result.exposure,
        "communes": result.days,
        "days": overall(&result.days),
        "begins": case.inputs.start_unix_s,
    })
}

/// Everything that is told of air that changes by the hour.
#[must_use]
pub fn hourly(
    case: &AirCase,
    result: &TransientResult,
    communes: &[CommuneDay],
    notices: &[Message],
    catalog: &Catalog,
) -> Value {
    json!({
        "headlines": catalog.texts(&day_headline::of(case, result, communes)),
        "assumptions": catalog.texts(&result.assumptions),
        "notices": catalog.texts(notices),
        "pollutant": case.inputs.pollutant,
        "origin": "simulated",
        "begins": case.inputs.start_unix_s,
        "stations": result.courses.iter().map(|c| json!({
            "id": c.station.id, "name": c.station.name, "ug_m3": c.ug_m3,
        })).collect::<Vec<_>>(),
        "limit": result.limit,
        "exposure": result.exposure,
        "communes": communes,
        "days": overall(communes),
        "balance": result.snapshots.last().map(|s| s.scalars.clone()),
    })
}

impl Session {
    /// Writes the study that is on the map into a folder.
    pub(super) fn save_air(&mut self, folder: PathBuf) -> Result<(), SessionError> {
        const WRITTEN: &str = "session-air-written";
        if let Some(day) = self.air.day.clone() {
            return self.save_results(folder, WRITTEN, move |out, catalog, context| {
                let report = hourly(&day.case, &day.result, &day.communes, &day.result.notices, catalog);
                day_files::write(&day.case, &day.result, &day.communes, &pretty(&report), out, context)
            });
        }
        let outcome = self.air.outcome.clone().ok_or(SessionError::NoAir)?;
        self.save_results(folder, WRITTEN, move |out, catalog, context| {
            let report = steady(&outcome.case, &outcome.result, catalog);
            files::write(&outcome.case, &outcome.result, &pretty(&report), out, context)
        })
    }
}
