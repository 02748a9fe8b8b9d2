//! What a plan does to the roads: edits as data (`assets/traffic/plans.ron`).

use serde::{Deserialize, Serialize};

use crate::geo::measure::distance;
use crate::model::style::Text2;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::network::Network;
use crate::sim::traffic::noding::{Direction, Noding, RoadLine};
use crate::sim::traffic::road_class::RoadClass;
use crate::sim::traffic::road_table::RoadTable;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum RoadEdit {
    /// Another number of lanes (both directions together), speed or class for all roads of a name.
    Upgrade {
        name: String,
        #[serde(default)]
        lanes: Option<u8>,
        #[serde(default)]
        speed_kmh: Option<f64>,
        #[serde(default)]
        class: Option<RoadClass>,
    },
    Close {
        name: String,
    },
    /// A road; its ends move to the nearest junction within `join_m`.
    Add {
        name: String,
        /// East and north in the site's system, metres.
        line: Vec<[f64; 2]>,
        class: RoadClass,
        lanes: u8,
        speed_kmh: f64,
        #[serde(default)]
        join_m: f64,
    },
    /// A railway that draws trips from the road: stations along the line.
    Rail {
        name: String,
        line: Vec<[f64; 2]>,
        speed_kmh: f64,
        headway_min: f64,
        /// How far people walk or ride to a station, metres.
        reach_m: f64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub id: String,
    pub title: Text2,
    pub edits: Vec<RoadEdit>,
}

/// Added roads have features from here on; no layer has so many.
const ADDED: u64 = 1 << 40;

impl Plan {
    /// The ready-made plans.
    ///
    /// # Errors
    /// Never, but for a fault of the file that a test would find.
    pub fn shipped() -> Result<Vec<Self>, TrafficError> {
        Self::parse(include_str!("../../../assets/traffic/plans.ron"))
    }

    /// # Errors
    /// [`TrafficError::Table`].
    pub fn parse(text: &str) -> Result<Vec<Self>, TrafficError> {
        let plans: Vec<Self> = ron::from_str(text).map_err(|e| TrafficError::Table { reason: e.to_string() })?;
        for plan in &plans {
            for edit in &plan.edits {
                let fine = |v: f64| v.is_finite() && v > 0.0;
                let possible = match edit {
                    RoadEdit::Upgrade { lanes, speed_kmh, .. } => {
                        lanes.is_none_or(|l| l > 0) && speed_kmh.is_none_or(fine)
                    }
                    RoadEdit::Close { .. } => true,
                    RoadEdit::Add { line, lanes, speed_kmh, .. } => line.len() > 1 && *lanes > 0 && fine(*speed_kmh),
                    RoadEdit::Rail { line, speed_kmh, headway_min, .. } => {
                        line.len() > 1 && fine(*speed_kmh) && fine(*headway_min)
                    }
                };
                if !possible {
                    return Err(TrafficError::Table { reason: format!("{}: {edit:?}", plan.id) });
                }
            }
        }
        Ok(plans)
    }

    /// Does the road edits; what is not touched is not cut anew.
    ///
    /// # Errors
    /// [`TrafficError::Table`] when a road that is to change is not there.
    pub fn apply(&self, noding: &mut Noding, table: &RoadTable) -> Result<(), TrafficError> {
        for (number, edit) in (0_u64..).zip(&self.edits) {
            let features = |noding: &Noding, name: &str| -> Result<Vec<u64>, TrafficError> {
                let mut found: Vec<u64> =
                    noding.lines().iter().filter(|l| l.name == name && !l.line.is_empty()).map(|l| l.feature).collect();
                found.sort_unstable();
                found.dedup();
                let missing = || TrafficError::Table { reason: format!("{}: {name}", self.id) };
                if found.is_empty() { Err(missing()) } else { Ok(found) }
            };
            match edit {
                RoadEdit::Upgrade { name, lanes, speed_kmh, class } => {
                    for feature in features(noding, name)? {
                        noding.upgrade(feature, |road| {
                            road.class = class.unwrap_or(road.class);
                            let both = road.direction == Direction::Both;
                            if let Some(lanes) = lanes {
                                road.lanes = if both { (lanes / 2).max(1) } else { *lanes };
                            }
                            if let Some(speed) = speed_kmh {
                                road.speed_mps = speed / 3.6;
                            }
                            road.capacity_pcu_per_h = f64::from(road.lanes) * table.class(road.class).lane_pcu_per_h;
                        });
                    }
                }
                RoadEdit::Close { name } => {
                    for feature in features(noding, name)? {
                        noding.close(feature);
                    }
                }
                RoadEdit::Add { name, line, class, lanes, speed_kmh, join_m } => {
                    let mut line = line.clone();
                    let network = noding.network();
                    let last = line.len() - 1;
                    for end in [0, last] {
                        if let Some(at) = nearest_node(&network, line[end], *join_m) {
                            line[end] = at;
                        }
                    }
                    let each_way = (lanes / 2).max(1);
                    noding.add(RoadLine {
                        feature: ADDED + number,
                        line,
                        class: *class,
                        name: name.clone(),
                        lanes: each_way,
                        speed_mps: speed_kmh / 3.6,
                        capacity_pcu_per_h: f64::from(each_way) * table.class(*class).lane_pcu_per_h,
                        direction: Direction::Both,
                        level: 0,
                    });
                }
                RoadEdit::Rail { .. } => {}
            }
        }
        Ok(())
    }
}

fn nearest_node(network: &Network, at: [f64; 2], reach: f64) -> Option<[f64; 2]> {
    let near = network.nodes.iter().map(|n| n.at).min_by(|a, b| distance(*a, at).total_cmp(&distance(*b, at)));
    near.filter(|n| distance(*n, at) <= reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_plans_are_possible() {
        let ids: Vec<String> = Plan::shipped().unwrap().into_iter().map(|p| p.id).collect();
        assert_eq!(ids, ["dt975-10-lanes", "lrt-18km", "apec-boulevard", "east-coast-road"]);
        assert!(
            Plan::parse("[(id: \"x\", title: (vi: \"x\", en: \"x\"), edits: [Upgrade(name: \"a\", lanes: Some(0))])]")
                .is_err()
        );
    }
}
