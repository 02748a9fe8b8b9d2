//! From land cover to fuel: a table that a user can change.

use serde::{Deserialize, Serialize};

use super::error::FireError;
use super::fuel::FuelSet;
use super::landscape::NO_FUEL;
use crate::geo::grid::Grid;
use crate::model::style::Text2;

/// A cell without a class: the sea, or ground that nobody has mapped. It does not burn.
pub const NO_CLASS: u16 = u16::MAX;

/// Why a class has its fuel model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Evidence {
    /// A standard model describes this vegetation.
    Standard,
    /// Nobody has measured it: the nearest model by judgement.
    ExpertJudgement,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FuelClass {
    /// Code of the land-cover layer.
    pub class: u16,
    pub title: Text2,
    /// Fuel model code ("TL6"), or `None` for what does not burn.
    pub fuel: Option<String>,
    /// Tree cover (fraction) and height (m) when no canopy raster is given.
    #[serde(default)]
    pub canopy: (f32, f32),
    pub evidence: Evidence,
    #[serde(default)]
    pub note: String,
}

/// What holds a front besides ground without fuel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Barriers {
    /// Roads from this width on, metres. The fuel goes from whole cells.
    pub road_width_m: f64,
}

impl Default for Barriers {
    fn default() -> Self {
        Self { road_width_m: 9.0 }
    }
}

/// A whole table: `assets/fuel/phu-quoc.ron` or a user's own file of the same form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FuelTable {
    pub version: u32,
    #[serde(default)]
    pub barriers: Barriers,
    pub classes: Vec<FuelClass>,
}

/// A land-cover raster as the fire needs it.
#[derive(Debug, Clone)]
pub struct FuelMap {
    pub fuel: Grid<u16>,
    pub canopy_cover: Grid<f32>,
    pub canopy_height_m: Grid<f32>,
    /// Cells whose class is not in the table; they do not burn, and the user is told.
    pub unknown_cells: usize,
}

impl FuelTable {
    /// # Errors
    /// [`FireError::FuelTable`] with the place of the mistake, or [`FireError::UnknownFuelModel`]'s kin in its text.
    pub fn parse(text: &str) -> Result<Self, FireError> {
        let table: Self = ron::from_str(text).map_err(|e| FireError::FuelTable { reason: e.to_string() })?;
        for class in &table.classes {
            if let Some(code) = &class.fuel
                && FuelSet::standard().by_code(code).is_none()
            {
                return Err(FireError::FuelTable { reason: format!("class {}: {code}", class.class) });
            }
        }
        Ok(table)
    }

    /// The table for Phú Quốc.
    ///
    /// # Errors
    /// None that a build which passes its tests can give.
    pub fn phu_quoc() -> Result<Self, FireError> {
        Self::parse(include_str!("../../../assets/fuel/phu-quoc.ron"))
    }

    /// Fuel and trees of every cell.
    #[must_use]
    pub fn apply(&self, land_cover: &Grid<u16>) -> FuelMap {
        let set = FuelSet::standard();
        let row = |class: u16| self.classes.iter().find(|c| c.class == class);
        let number = |class: u16| {
            let code = row(class)?.fuel.as_ref()?;
            set.by_code(code).map(|m| m.number)
        };
        // 65,536 classes at most: looked up once each.
        let mut numbers = vec![None; usize::from(u16::MAX) + 1];
        let mut unknown_cells = 0;
        let (mut fuel, mut cover, mut height) = (Vec::new(), Vec::new(), Vec::new());
        for &class in &land_cover.cells {
            let entry = numbers[usize::from(class)].get_or_insert_with(|| {
                let canopy = row(class).map_or((0.0, 0.0), |c| c.canopy);
                (number(class).unwrap_or(NO_FUEL), canopy, class != NO_CLASS && row(class).is_none())
            });
            fuel.push(entry.0);
            cover.push(entry.1.0);
            height.push(entry.1.1);
            unknown_cells += usize::from(entry.2);
        }
        let spec = &land_cover.spec;
        FuelMap {
            fuel: Grid { spec: spec.clone(), cells: fuel },
            canopy_cover: Grid { spec: spec.clone(), cells: cover },
            canopy_height_m: Grid { spec: spec.clone(), cells: height },
            unknown_cells,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    #[test]
    fn the_islands_table_reads_and_says_what_is_judgement() {
        let table = FuelTable::phu_quoc().unwrap();
        assert!(table.classes.iter().any(|c| c.evidence == Evidence::ExpertJudgement));
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 10.0, 10.0, 4, 1);
        let map = table.apply(&Grid { spec, cells: vec![1, 10, 6, 12_345] });
        assert_eq!(map.fuel.cells, [182, NO_FUEL, 105, NO_FUEL]);
        assert_eq!(map.unknown_cells, 1);
        assert!(map.canopy_cover.cells[0] > 0.5);
    }

    #[test]
    fn a_wrong_fuel_code_is_named() {
        let text =
            r#"(version: 1, classes: [(class: 1, title: (vi: "a", en: "a"), fuel: Some("XX9"), evidence: Standard)])"#;
        assert!(FuelTable::parse(text).unwrap_err().to_string().contains("XX9"));
    }
}
