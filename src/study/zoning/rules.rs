//! Planning norms as data: `assets/norms/qcvn-01-2021.ron`, or an office's own of the same form.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Limit {
    /// Largest share of the plot under buildings, per cent: a row for each height (up to), a figure for each area.
    Coverage {
        areas_m2: Vec<f64>,
        heights_m: Vec<f64>,
        percent: Vec<Vec<f64>>,
    },
    PlotRatio {
        most: f64,
    },
    /// Least distance from the street's boundary, metres: a row for each street width (below), a figure for each height
    /// (below).
    Setback {
        streets_m: Vec<f64>,
        heights_m: Vec<f64>,
        metres: Vec<Vec<f64>>,
    },
    GreenPerPerson {
        m2: f64,
    },
    ParkingPerPerson {
        m2: f64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub clause: String,
    /// Codes of land use; none for all.
    pub uses: Vec<String>,
    /// Holds for a whole zone, not for a plot in it.
    #[serde(default)]
    pub zones: bool,
    pub source: String,
    /// Not read in a signed copy.
    #[serde(default)]
    pub verify: bool,
    pub limit: Limit,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanningNorms {
    pub version: u32,
    pub checked: String,
    pub document: String,
    pub rules: Vec<Rule>,
}

impl PlanningNorms {
    /// The norms that ship with the program.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static NORMS: OnceLock<PlanningNorms> = OnceLock::new();
        NORMS.get_or_init(|| {
            // A build whose tests pass has a file that can be read.
            Self::parse(include_str!("../../../assets/norms/qcvn-01-2021.ron")).unwrap_or(Self {
                version: 1,
                checked: String::new(),
                document: String::new(),
                rules: Vec::new(),
            })
        })
    }

    /// # Errors
    /// What is wrong with the text, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let norms: Self = ron::from_str(text).map_err(|e| e.to_string())?;
        for rule in &norms.rules {
            let (rows, cols, cells) = match &rule.limit {
                Limit::Coverage { areas_m2, heights_m, percent } => (heights_m, areas_m2, percent),
                Limit::Setback { streets_m, heights_m, metres } => (streets_m, heights_m, metres),
                _ => continue,
            };
            let rises = |list: &[f64]| !list.is_empty() && list.is_sorted_by(|a, b| a < b);
            let full = cells.len() == rows.len() && cells.iter().all(|r| r.len() == cols.len());
            if !rises(rows) || !rises(cols) || !full {
                return Err(format!("{}: a figure for each row and column, in rising order", rule.clause));
            }
        }
        Ok(norms)
    }

    /// Rules for a land use: those of plots, or those of whole zones.
    pub fn of<'a>(&'a self, land_use: &'a str, zones: bool) -> impl Iterator<Item = &'a Rule> + 'a {
        let code = land_use.split(['+', ',', '/', ' ']).next().unwrap_or_default();
        self.rules.iter().filter(move |r| r.zones == zones && r.uses.iter().any(|u| u == code))
    }

    /// Least setback from the boundary of a street, metres, and the rule that says so.
    #[must_use]
    pub fn setback(&self, street_m: f64, height_m: f64) -> Option<(f64, &Rule)> {
        self.rules.iter().find_map(|rule| {
            let Limit::Setback { streets_m, heights_m, metres } = &rule.limit else { return None };
            let row = streets_m.iter().position(|s| street_m < *s)?;
            let col = heights_m.iter().position(|h| height_m < *h)?;
            Some((*metres.get(row)?.get(col)?, rule))
        })
    }
}

/// Largest share of a plot under buildings, 0 to 1: the row of the height, straight between areas, the ends beyond.
#[must_use]
pub fn most_coverage(areas_m2: &[f64], heights_m: &[f64], percent: &[Vec<f64>], area_m2: f64, height_m: f64) -> f64 {
    let row = heights_m.iter().position(|h| height_m <= *h).unwrap_or(heights_m.len().saturating_sub(1));
    let Some(row) = percent.get(row) else { return 1.0 };
    let above = areas_m2.partition_point(|a| *a <= area_m2);
    let at = |i: usize| row.get(i).copied().unwrap_or(100.0);
    let percent = match (above.checked_sub(1), areas_m2.get(above)) {
        (Some(below), Some(next)) => {
            let from = areas_m2[below];
            at(below) + (at(above) - at(below)) * (area_m2 - from) / (next - from)
        }
        (Some(below), None) => at(below),
        (None, _) => at(0),
    };
    percent / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_norms_are_read_and_every_row_says_where_it_is_from() {
        let norms = PlanningNorms::parse(include_str!("../../../assets/norms/qcvn-01-2021.ron")).unwrap();
        assert!(norms.rules.len() > 8);
        assert!(norms.rules.iter().all(|r| !r.source.is_empty() && !r.clause.is_empty() && r.verify));
        let (metres, rule) = norms.setback(12.0, 21.0).unwrap();
        assert_eq!((metres, rule.clause.as_str()), (3.0, "2.6.2, bảng 2.7"));
        assert_eq!(norms.setback(30.0, 21.0).unwrap().0, 0.0);
        assert!(PlanningNorms::parse("(version: 1)").is_err());
    }

    #[test]
    fn coverage_goes_straight_between_the_tables_areas() {
        let norms = PlanningNorms::shipped();
        let of = |land_use: &str, area: f64, height: f64| {
            norms.of(land_use, false).find_map(|r| match &r.limit {
                Limit::Coverage { areas_m2, heights_m, percent } => {
                    Some(most_coverage(areas_m2, heights_m, percent, area, height))
                }
                _ => None,
            })
        };
        for (area, expected) in [(50.0, 1.0), (90.0, 1.0), (150.0, 0.8), (250.0, 0.65), (5000.0, 0.4)] {
            assert!((of("ODT", area, 10.0).unwrap() - expected).abs() < 1e-12, "{area}");
        }
        assert!((of("TMD", 14_000.0, 20.0).unwrap() - 0.61).abs() < 1e-12);
        assert!((of("TMD", 50_000.0, 60.0).unwrap() - 0.40).abs() < 1e-12);
        assert_eq!(of("RDD", 1.0, 1.0), None);
    }
}
