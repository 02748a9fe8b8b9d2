//! Fuel models: the 13 of Anderson (1982, INT-122), the 40 of Scott & Burgan (2005, RMRS-GTR-153), and custom ones.
//!
//! Kept in the published units (feet, pounds, Btu): Rothermel's coefficients are fitted to them, and a custom model
//! comes from the same tables. `rothermel` converts at its edges.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use super::error::FireError;

/// Short tons per acre in pounds per square foot.
pub const LB_FT2_PER_TON_ACRE: f64 = 2000.0 / 43_560.0;

/// A fuel bed as the spread equations want it.
#[derive(Debug, Clone, PartialEq)]
pub struct FuelModel {
    pub number: u16,
    /// "GR2".
    pub code: String,
    pub name: String,
    /// Cured herbs count as dead fuel, by live herb moisture (Scott & Burgan 2005).
    pub dynamic: bool,
    pub depth_ft: f64,
    /// Dead fuel moisture of extinction, fraction.
    pub extinction: f64,
    pub heat_dead_btu_lb: f64,
    pub heat_live_btu_lb: f64,
    /// 1 h, 10 h, 100 h, live herbaceous, live woody; lb/ft².
    pub load_lb_ft2: [f64; 5],
    /// Surface area to volume of 1 h, live herbaceous and live woody fuel, 1/ft.
    pub savr_per_ft: [f64; 3],
}

impl FuelModel {
    /// Checks a custom model.
    ///
    /// # Errors
    /// [`FireError::OutOfRange`] for a bed that the equations were not made for.
    pub fn validate(&self) -> Result<(), FireError> {
        FireError::require("depth", self.depth_ft, 0.05, 30.0)?;
        FireError::require("extinction", self.extinction, 0.05, 1.0)?;
        FireError::require("heat", self.heat_dead_btu_lb, 4000.0, 14_000.0)?;
        FireError::require("heat", self.heat_live_btu_lb, 4000.0, 14_000.0)?;
        for load in self.load_lb_ft2 {
            FireError::require("load", load, 0.0, 10.0)?;
        }
        for savr in self.savr_per_ft {
            FireError::require("savr", savr, 16.0, 4000.0)?;
        }
        Ok(())
    }
}

/// Fuel models by number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FuelSet(BTreeMap<u16, FuelModel>);

impl FuelSet {
    /// The 53 standard models.
    #[must_use]
    pub fn standard() -> &'static Self {
        static SET: OnceLock<FuelSet> = OnceLock::new();
        SET.get_or_init(|| {
            let table = include_str!("../../../assets/fuel/standard.csv");
            Self(table.lines().skip(1).filter_map(parse_line).map(|m| (m.number, m)).collect())
        })
    }

    #[must_use]
    pub fn get(&self, number: u16) -> Option<&FuelModel> {
        self.0.get(&number)
    }

    /// By code, as people write it: "GR2", "fm4".
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&FuelModel> {
        self.0.values().find(|m| m.code.eq_ignore_ascii_case(code.trim()))
    }

    pub fn iter(&self) -> impl Iterator<Item = &FuelModel> {
        self.0.values()
    }

    /// The standard models and those of a table of the form of `assets/fuel/standard.csv`; a model that has a standard
    /// number stands in its place.
    ///
    /// # Errors
    /// [`FireError::BadRow`] with the line; [`FireError::OutOfRange`] as [`FuelModel::validate`].
    pub fn with_table(text: &str, path: &Path) -> Result<Self, FireError> {
        let mut set = Self::standard().clone();
        for (line, row) in text.lines().enumerate().skip(1).filter(|(_, row)| !row.trim().is_empty()) {
            let bad = || FireError::BadRow { line: line + 1, what: "fuel model".to_owned(), path: path.to_owned() };
            set.insert(parse_line(row).ok_or_else(bad)?)?;
        }
        Ok(set)
    }

    /// Adds or replaces a model.
    ///
    /// # Errors
    /// As [`FuelModel::validate`].
    pub fn insert(&mut self, model: FuelModel) -> Result<(), FireError> {
        model.validate()?;
        self.0.insert(model.number, model);
        Ok(())
    }
}

fn parse_line(line: &str) -> Option<FuelModel> {
    let fields: Vec<&str> = line.splitn(16, ',').collect();
    let [number, code, dynamic, depth, extinction, heat, unit, .., name] = fields[..] else { return None };
    let real = |i: usize| fields.get(i)?.parse::<f64>().ok();
    let factor = if unit == "ton/acre" { LB_FT2_PER_TON_ACRE } else { 1.0 };
    let mut load_lb_ft2 = [0.0; 5];
    for (i, load) in load_lb_ft2.iter_mut().enumerate() {
        *load = real(7 + i)? * factor;
    }
    Some(FuelModel {
        number: number.parse().ok()?,
        code: code.to_owned(),
        name: name.trim_matches('"').to_owned(),
        dynamic: dynamic == "yes",
        depth_ft: depth.parse().ok()?,
        extinction: extinction.parse::<f64>().ok()? / 100.0,
        heat_dead_btu_lb: heat.parse().ok()?,
        heat_live_btu_lb: heat.parse().ok()?,
        load_lb_ft2,
        savr_per_ft: [real(12)?, real(13)?, real(14)?],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_53_models_are_read_and_pass_their_own_check() {
        let set = FuelSet::standard();
        assert_eq!(set.iter().count(), 53);
        assert!(set.iter().all(|m| m.validate().is_ok()));
        assert_eq!(set.by_code("sb4").map(|m| m.number), Some(204));
        assert_eq!(set.get(104).map(|m| m.name.as_str()), Some("Moderate load, dry climate grass"));
        assert!(set.get(14).is_none());
    }

    #[test]
    fn a_table_adds_its_models_to_the_standard_ones() {
        let path = Path::new("own.csv");
        let header = include_str!("../../../assets/fuel/standard.csv").lines().next().unwrap();
        let row = "14,TR1,no,2.0,30,8000,ton/acre,3.0,1.0,0.5,0.0,2.0,1800,1500,1500,\"Melaleuca, own\"";
        let set = FuelSet::with_table(&format!("{header}\n{row}\n"), path).unwrap();
        assert_eq!((set.iter().count(), set.get(14).map(|m| m.name.as_str())), (54, Some("Melaleuca, own")));
        let error = FuelSet::with_table(&format!("{header}\n{}\n", row.replace("2.0,30", "two,30")), path);
        assert!(error.unwrap_err().to_string().contains("line 2"));
        assert!(FuelSet::with_table(&format!("{header}\n{}\n", row.replace("2.0,30", "0,30")), path).is_err());
    }

    #[test]
    fn a_custom_model_must_be_possible() {
        let mut set = FuelSet::standard().clone();
        let mut model = set.get(8).cloned().unwrap();
        model.number = 14;
        assert_eq!(set.insert(model.clone()), Ok(()));
        model.depth_ft = f64::NAN;
        assert!(set.insert(model).is_err());
        assert!(set.get(14).is_some());
    }
}
