//! A finished fire as files: rasters, hourly perimeters, manifest and report, in the reader's language.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::message::Message;
use crate::study::fire::case::{FireCase, FireResult};
use crate::study::fire::compare::Comparison;
use crate::study::fire::files::{Extra, write};
use crate::study::fire::uncertainty::Uncertainty;
use crate::text::Catalog;

/// What came of a fire.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    pub case: &'a FireCase,
    pub result: &'a FireResult,
    pub change: Option<&'a Comparison>,
    pub sure: Option<&'a Uncertainty>,
}

impl Findings<'_> {
    /// Everything that is told of it, with all figures.
    #[must_use]
    pub fn report(&self, catalog: &Catalog) -> Value {
        let tell = |messages: &[Message]| messages.iter().map(|m| catalog.text(m)).collect::<Vec<_>>();
        json!({
            "headlines": tell(&self.result.headlines),
            "change": self.change.map(|c| json!({
                "headlines": tell(&c.headlines), "before": c.before, "after": c.after,
            })),
            "uncertainty": self.sure.map(|u| json!({
                "headlines": tell(&u.headlines),
                "members": u.members,
                "burnt_ha": u.burnt_ha,
                "buildings": u.buildings,
                "residents": u.residents,
            })),
            "assumptions": tell(&self.result.assumptions),
            "notices": tell(&self.result.notices),
            "scenario": self.case.inputs.scenario,
            "impact": self.result.impact,
            "begins": self.case.inputs.start_unix_s,
        })
    }

    /// Writes everything into a folder.
    ///
    /// # Errors
    /// The message of what could not be written; nothing is then written half.
    pub fn write(&self, catalog: &Catalog, folder: &Path) -> Result<(), Message> {
        let mut extra = Extra::default();
        if let Some(change) = self.change {
            extra.rasters.push(("spared_arrival_time.tif", &change.spared));
            extra.rasters.push(("delay.tif", &change.delay));
        }
        if let Some(sure) = self.sure {
            extra.rasters.push(("burn_probability.tif", &sure.probability));
        }
        let manifest = json!({ "run": self.result.manifest, "inputs": self.case.inputs });
        extra.texts.push(("manifest.json", pretty(&manifest)));
        extra.texts.push(("report.json", pretty(&self.report(catalog))));
        let clock = self.case.clock();
        write(&self.result.last, &extra, &|s| catalog.text(&clock.at(s)), folder)
    }
}

/// JSON for people to read.
#[must_use]
pub fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}
