//! What the land-use plan lets be built on a parcel.

use serde::{Deserialize, Serialize};

use super::table::{FeatureTable, Value};

/// Fields of a land-use plan: code, plot ratio (FAR), coverage and height limit.
pub mod field {
    pub const CODE: &str = "MALOAIDAT";
    /// Floor area over plot area ("hệ số sử dụng đất").
    pub const PLOT_RATIO: &str = "HESOSDD";
    /// Building coverage of the plot, per cent ("mật độ xây dựng").
    pub const COVERAGE_PERCENT: &str = "MATDOXD";
    /// Largest height of a building, metres ("chiều cao tối đa").
    pub const MAX_HEIGHT_M: &str = "CHIEUCAO";
    /// Largest number of storeys ("tầng cao tối đa").
    pub const MAX_STOREYS: &str = "TANGCAO";
}

/// One row of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRule {
    pub code: String,
    pub plot_ratio: Option<f64>,
    /// 0 to 1.
    pub coverage: Option<f64>,
    pub max_height_m: Option<f64>,
    pub max_storeys: Option<i64>,
}

impl PlanRule {
    /// Reads a row by the field names above; absent or empty cells are limits that the plan does not set.
    #[must_use]
    pub fn from_row(plan: &FeatureTable, row: usize) -> Self {
        let number = |name: &str| plan.value(row, name).as_f64();
        Self {
            code: plan.value(row, field::CODE).to_string(),
            plot_ratio: number(field::PLOT_RATIO),
            coverage: number(field::COVERAGE_PERCENT).map(|percent| percent / 100.0),
            max_height_m: number(field::MAX_HEIGHT_M),
            max_storeys: match plan.value(row, field::MAX_STOREYS) {
                Value::Integer(n) => Some(n),
                _ => None,
            },
        }
    }

    /// Whether the plan provides for any building at all.
    #[must_use]
    pub fn allows_building(&self) -> bool {
        self.plot_ratio.is_some_and(|far| far > 0.0) && self.coverage.is_some_and(|c| c > 0.0)
    }

    #[must_use]
    pub fn allowance(&self, plot_area_m2: f64) -> Allowance {
        Allowance {
            footprint_m2: self.coverage.map(|c| c * plot_area_m2),
            floor_area_m2: self.plot_ratio.map(|far| far * plot_area_m2),
        }
    }
}

/// The most that may be built on a plot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Allowance {
    pub footprint_m2: Option<f64>,
    pub floor_area_m2: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;

    #[test]
    fn coverage_is_per_cent_in_the_table_and_a_fraction_inside() {
        let mut plan = FeatureTable::with_fields(&[
            (field::CODE, FieldKind::Text),
            (field::PLOT_RATIO, FieldKind::Real),
            (field::COVERAGE_PERCENT, FieldKind::Integer),
        ]);
        plan.geometry.push_empty();
        plan.push_row(&[Value::Text("ODT"), Value::Real(2.5), Value::Integer(60)]);
        plan.geometry.push_empty();
        plan.push_row(&[Value::Text("RDD")]);
        let town = PlanRule::from_row(&plan, 0);
        assert!(town.allows_building());
        let most = town.allowance(200.0);
        assert_eq!((most.footprint_m2, most.floor_area_m2), (Some(120.0), Some(500.0)));
        assert!(!PlanRule::from_row(&plan, 1).allows_building());
        assert_eq!(town.max_height_m, None);
    }
}
