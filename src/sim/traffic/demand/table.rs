//! The table of who travels (`assets/traffic/demand.ron`).

use serde::{Deserialize, Serialize};

use crate::sim::traffic::error::TrafficError;

/// What 1,000 m² of floor hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildingRow {
    pub kind: String,
    pub jobs: f64,
    pub pupils: f64,
    pub shops_m2: f64,
    /// A weight: the visitors present are spread by it.
    pub visitors: f64,
    /// A weight of what visitors go to see.
    pub sights: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Purpose {
    Work,
    School,
    Shopping,
    Leisure,
    Visit,
}

/// What a zone has of something that makes or draws trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quantity {
    Residents,
    Jobs,
    Pupils,
    Shops,
    Visitors,
    Sights,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeRow {
    pub purpose: Purpose,
    pub from: Quantity,
    pub to: Quantity,
    /// Trips out a day for each of `from`.
    pub rate: f64,
    pub decay_per_min: f64,
    /// Shares by hour; they need not sum to 1.
    pub out: [f64; 24],
    pub back: [f64; 24],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateRow {
    /// Part of the name of a place.
    pub name: String,
    pub persons_each_way: f64,
    pub visitor_share: f64,
    /// Each way a day.
    pub trucks: f64,
    /// From the island to the gate.
    pub out: [f64; 24],
    pub back: [f64; 24],
}

/// A number for each mode.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByMode {
    pub motorbike: f64,
    pub car: f64,
    pub taxi: f64,
    pub bus: f64,
    pub bicycle: f64,
    pub walk: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub scale_per_min: f64,
    pub nest_theta: f64,
    pub resident: ByMode,
    pub visitor: ByMode,
    pub cost_min_per_km: ByMode,
    pub bus_wait_min: f64,
    pub bus_slower: f64,
    pub bicycle_kmh: f64,
    pub walk_kmh: f64,
    pub motorbike_faster: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandTable {
    pub version: u32,
    pub date: String,
    pub visitors: f64,
    pub buildings: Vec<BuildingRow>,
    pub purposes: Vec<PurposeRow>,
    pub gates: Vec<GateRow>,
    pub choice: Choice,
}

impl DemandTable {
    /// The table that ships with the program.
    ///
    /// # Errors
    /// Never, but for a fault of the table that a test would find.
    pub fn standard() -> Result<Self, TrafficError> {
        Self::parse(include_str!("../../../../assets/traffic/demand.ron"))
    }

    /// # Errors
    /// [`TrafficError::Table`] for what is not a table or holds what is not possible.
    pub fn parse(text: &str) -> Result<Self, TrafficError> {
        let mut table: Self = ron::from_str(text).map_err(|e| TrafficError::Table { reason: e.to_string() })?;
        let fault = |what: String| Err(TrafficError::Table { reason: what });
        let fine = |v: f64| v.is_finite() && v >= 0.0;
        for b in &table.buildings {
            if ![b.jobs, b.pupils, b.shops_m2, b.visitors, b.sights].into_iter().all(fine) {
                return fault(b.kind.clone());
            }
        }
        for p in &mut table.purposes {
            if !(fine(p.rate) && fine(p.decay_per_min) && normalise(&mut p.out) && normalise(&mut p.back)) {
                return fault(format!("{:?}", p.purpose));
            }
        }
        for g in &mut table.gates {
            let shares = fine(g.persons_each_way) && fine(g.trucks) && (0.0..=1.0).contains(&g.visitor_share);
            if !(shares && normalise(&mut g.out) && normalise(&mut g.back)) {
                return fault(g.name.clone());
            }
        }
        let c = &table.choice;
        if !(c.scale_per_min > 0.0
            && c.nest_theta > 0.0
            && c.nest_theta <= 1.0
            && c.walk_kmh > 0.0
            && c.bicycle_kmh > 0.0)
        {
            return fault("choice".to_owned());
        }
        if !fine(table.visitors) {
            return fault("visitors".to_owned());
        }
        Ok(table)
    }
}

/// Makes shares sum to 1; whether they can.
fn normalise(shares: &mut [f64; 24]) -> bool {
    let sum: f64 = shares.iter().sum();
    if !(sum.is_finite() && sum > 0.0 && shares.iter().all(|s| *s >= 0.0)) {
        return false;
    }
    for share in shares {
        *share /= sum;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_possible() {
        let table = DemandTable::standard().unwrap();
        assert!(table.purposes.iter().all(|p| (p.out.iter().sum::<f64>() - 1.0).abs() < 1e-12));
        // About 5.9 million passengers a year.
        let airport = table.gates[0].persons_each_way * 2.0 * 365.0;
        assert!((airport / 5.9e6 - 1.0).abs() < 0.01, "{airport}");
        let text = include_str!("../../../../assets/traffic/demand.ron");
        assert!(DemandTable::parse(&text.replace("rate: 0.48", "rate: -1")).is_err());
    }
}
