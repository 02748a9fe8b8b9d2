//! What a land use brings with it: the table `assets/planning/effects.ron`, or a user's own of the same form.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::EffectError;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseEffect {
    pub code: String,
    /// Kind of the building layer; none where nothing is built.
    #[serde(default)]
    pub building: Option<String>,
    #[serde(default)]
    pub m2_per_resident: Option<f64>,
    /// Land-cover class that the ground becomes; `dense` where buildings cover more than [`DENSE`].
    #[serde(default)]
    pub cover: Option<u16>,
    #[serde(default)]
    pub dense: Option<u16>,
    /// (substance, grams a second and hectare).
    #[serde(default)]
    pub emits: Vec<(String, f64)>,
}

/// Share of the ground under buildings from which a zone counts as built-up.
pub const DENSE: f64 = 0.4;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Percent {
    pub demand: f64,
    pub speed: f64,
    pub air: f64,
    pub water: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandRates {
    pub water_l_per_resident_day: f64,
    pub water_l_per_visitor_day: f64,
    pub water_l_per_job_day: f64,
    pub power_w_per_m2: f64,
    pub m2_per_dwelling: f64,
    pub trips_per_resident_day: f64,
    pub trips_per_job_day: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectTable {
    pub version: u32,
    pub dated: String,
    pub storey_m: f64,
    pub block_m: f64,
    pub uncertainty_percent: Percent,
    pub uses: Vec<UseEffect>,
    pub demand: DemandRates,
}

impl EffectTable {
    /// # Errors
    /// [`EffectError::Table`] with the place of the mistake.
    pub fn parse(text: &str) -> Result<Self, EffectError> {
        let wrong = |reason: String| EffectError::Table { reason };
        let table: Self = ron::from_str(text).map_err(|e| wrong(e.to_string()))?;
        for (name, value, low, high) in
            [("storey_m", table.storey_m, 2.0, 10.0), ("block_m", table.block_m, 4.0, 200.0)]
        {
            if !(low..=high).contains(&value) {
                return Err(wrong(format!("{name}: {value}, not {low} to {high}")));
            }
        }
        let bad = |u: &&UseEffect| {
            u.m2_per_resident.is_some_and(|m| !(1.0..1e4).contains(&m))
                || u.emits.iter().any(|(_, rate)| !(0.0..1e3).contains(rate))
        };
        if let Some(found) = table.uses.iter().find(bad) {
            return Err(wrong(format!("{}: a figure cannot be", found.code)));
        }
        Ok(table)
    }

    /// The table that ships with the program.
    ///
    /// # Errors
    /// None that a build which passes its tests can give.
    pub fn shipped() -> Result<Self, EffectError> {
        // Asked at every point that a planner draws.
        static TABLE: OnceLock<Result<EffectTable, EffectError>> = OnceLock::new();
        TABLE.get_or_init(|| Self::parse(include_str!("../../../assets/planning/effects.ron"))).clone()
    }

    /// The row of a land use; the first code of a mix decides.
    #[must_use]
    pub fn of(&self, land_use: &str) -> Option<&UseEffect> {
        let first = land_use.trim().split(['+', ',', '/', ' ']).next()?;
        self.uses.iter().find(|u| u.code == first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::landuse::land_use;
    use crate::sim::fire::fuel_map::FuelTable;
    use crate::sim::traffic::demand::table::DemandTable;

    /// What the table names, the tables of traffic and fire know.
    #[test]
    fn the_shipped_table_fits_the_others() {
        let table = EffectTable::shipped().unwrap();
        let (demand, fuel) = (DemandTable::standard().unwrap(), FuelTable::phu_quoc().unwrap());
        for row in &table.uses {
            assert!(land_use(&row.code).is_some(), "{}", row.code);
            if let Some(kind) = &row.building {
                assert!(demand.buildings.iter().any(|b| b.kind == *kind), "{kind}");
            }
            for class in [row.cover, row.dense].into_iter().flatten() {
                assert!(fuel.classes.iter().any(|c| c.class == class), "{class}");
            }
        }
        assert_eq!(table.of("ONT+CLN").map(|u| u.code.as_str()), Some("ONT"));
        assert!(table.of("???").is_none());
        assert!(EffectTable::parse("(").is_err());
    }
}
