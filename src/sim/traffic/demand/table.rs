//! The table of who travels (`assets/traffic/demand.ron`).

use serde::{Deserialize, Serialize};

use crate::sim::traffic::error::TrafficError;

/// What 1,000 m² of floor hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuildingRow {
    pub kind: String,
    /// Other words for it, OpenStreetMap's among them.
    #[serde(default)]
    pub also: Vec<String>,
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

/// How everybody leaves a place.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvacuationRow {
    pub persons_in_a_car: f64,
    pub persons_on_a_motorbike: f64,
    /// Of the persons; the others go by car.
    pub share_by_motorbike: f64,
    /// Minutes after the call: the top of a Rayleigh curve.
    pub most_set_out_min: f64,
    /// Drivers hear how roads are so often.
    pub news_min: f64,
}

impl EvacuationRow {
    /// Share of the vehicles that are motorbikes, so that the share of persons comes out.
    #[must_use]
    pub fn motorbikes_of_vehicles(&self) -> f64 {
        let motorbikes = self.share_by_motorbike / self.persons_on_a_motorbike;
        motorbikes / (motorbikes + (1.0 - self.share_by_motorbike) / self.persons_in_a_car)
    }

    fn is_possible(&self) -> bool {
        let some = [self.persons_in_a_car, self.persons_on_a_motorbike, self.most_set_out_min, self.news_min];
        // Less than a person a vehicle would be vehicles without end.
        let aboard = self.persons_in_a_car >= 1.0 && self.persons_on_a_motorbike >= 1.0;
        aboard && some.into_iter().all(|v| v.is_finite() && v > 0.0) && (0.0..=1.0).contains(&self.share_by_motorbike)
    }
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
    /// A table from before evacuations stood in it has the shipped ones.
    #[serde(default)]
    pub evacuation: EvacuationRow,
}

const SHIPPED: &str = include_str!("../../../../assets/traffic/demand.ron");

impl DemandTable {
    /// The table that ships with the program.
    ///
    /// # Errors
    /// Never, but for a fault of the table that a test would find.
    pub fn standard() -> Result<Self, TrafficError> {
        Self::parse(SHIPPED)
    }

    /// # Errors
    /// [`TrafficError::Table`] for what is not a table, [`TrafficError::TableValue`] for what holds what is not possible.
    pub fn parse(text: &str) -> Result<Self, TrafficError> {
        let mut table: Self = ron::from_str(text).map_err(|e| TrafficError::Table { reason: e.to_string() })?;
        let fault = |at: String| Err(TrafficError::TableValue { at });
        let fine = |v: f64| v.is_finite() && v >= 0.0;
        for b in &table.buildings {
            if ![b.jobs, b.pupils, b.shops_m2, b.visitors, b.sights].into_iter().all(fine) {
                return fault(format!("buildings: {}", b.kind));
            }
        }
        for p in &mut table.purposes {
            if !(fine(p.rate) && fine(p.decay_per_min) && normalise(&mut p.out) && normalise(&mut p.back)) {
                return fault(format!("purposes: {:?}", p.purpose));
            }
        }
        for g in &mut table.gates {
            let shares = fine(g.persons_each_way) && fine(g.trucks) && (0.0..=1.0).contains(&g.visitor_share);
            if !(shares && normalise(&mut g.out) && normalise(&mut g.back)) {
                return fault(format!("gates: {}", g.name));
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
        if table.evacuation == EvacuationRow::default() && text != SHIPPED {
            table.evacuation = Self::standard()?.evacuation;
        }
        if !table.evacuation.is_possible() {
            return fault("evacuation".to_owned());
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
        assert!(DemandTable::parse(&SHIPPED.replace("rate: 0.48", "rate: -1")).is_err());
    }

    #[test]
    fn evacuations_are_in_the_table_and_an_older_table_has_the_shipped_ones() {
        let shipped = DemandTable::standard().unwrap().evacuation;
        let share = shipped.motorbikes_of_vehicles();
        let by_motorbike = share * shipped.persons_on_a_motorbike;
        let by_car = (1.0 - share) * shipped.persons_in_a_car;
        assert!((by_motorbike / (by_motorbike + by_car) - shipped.share_by_motorbike).abs() < 1e-12);
        let (older, _) = SHIPPED.split_once("    // Everybody leaves a commune").unwrap();
        assert_eq!(DemandTable::parse(&format!("{older})")).unwrap().evacuation, shipped);
        for (shipped, bad) in [("in_a_car: 4", "in_a_car: 0"), ("motorbike: 0.8", "motorbike: 1.2")] {
            let fault = DemandTable::parse(&SHIPPED.replace(shipped, bad)).unwrap_err();
            assert!(fault.to_string().contains("evacuation"), "{fault}");
        }
        let fewer = DemandTable::parse(&SHIPPED.replace("on_a_motorbike: 2", "on_a_motorbike: 1.5")).unwrap();
        assert!((fewer.evacuation.persons_on_a_motorbike - 1.5).abs() < 1e-12);
    }
}
