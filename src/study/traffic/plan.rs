//! What a plan does to the roads: edits as data (`assets/traffic/plans.ron`).

use serde::{Deserialize, Serialize};

use crate::geo::measure::distance;
use crate::model::style::Text2;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::network::Network;
use crate::sim::traffic::noding::{Direction, Noding, RoadLine};
use crate::sim::traffic::road_class::RoadClass;
use crate::sim::traffic::road_table::RoadTable;
use crate::sim::traffic::tags;

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

/// What lies farther from all roads belongs to another place.
const NEAR_M: f64 = 5000.0;
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
    /// [`TrafficError::NoSuchRoad`] when a road that is to change is not there, [`TrafficError::PlanElsewhere`] when one is
    /// drawn where this network has none.
    pub fn apply(&self, noding: &mut Noding, table: &RoadTable) -> Result<(), TrafficError> {
        self.is_here(noding)?;
        for (number, edit) in (0_u64..).zip(&self.edits) {
            let features = |noding: &Noding, name: &str| -> Result<Vec<u64>, TrafficError> {
                let mut found: Vec<u64> =
                    noding.lines().iter().filter(|l| l.name == name && !l.line.is_empty()).map(|l| l.feature).collect();
                found.sort_unstable();
                found.dedup();
                let missing = || TrafficError::NoSuchRoad { plan: self.id.clone(), road: name.to_owned() };
                if found.is_empty() { Err(missing()) } else { Ok(found) }
            };
            match edit {
                RoadEdit::Upgrade { name, lanes, speed_kmh, class } => {
                    for feature in features(noding, name)? {
                        noding.upgrade(feature, |road| {
                            let before = table.class(road.class).lane_pcu_per_h;
                            road.class = class.unwrap_or(road.class);
                            let a_lane = table.class(road.class).lane_pcu_per_h;
                            // What is not told anew stays: a third lane for both directions counts half in each.
                            road.capacity_pcu_per_h *= a_lane / before;
                            if let Some(lanes) = lanes {
                                let each_way = tags::each_way(f64::from(*lanes), road.direction);
                                road.lanes = each_way.round() as u8;
                                road.capacity_pcu_per_h = each_way * a_lane;
                            }
                            if let Some(speed) = speed_kmh {
                                road.speed_mps = speed / 3.6;
                            }
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
                    let each_way = tags::each_way(f64::from(*lanes), Direction::Both);
                    noding.add(RoadLine {
                        feature: ADDED + number,
                        line,
                        class: *class,
                        name: name.clone(),
                        lanes: each_way.round() as u8,
                        speed_mps: speed_kmh / 3.6,
                        capacity_pcu_per_h: each_way * table.class(*class).lane_pcu_per_h,
                        direction: Direction::Both,
                        level: 0,
                        roundabout: false,
                        signals: Vec::new(),
                    });
                }
                RoadEdit::Rail { .. } => {}
            }
        }
        Ok(())
    }

    /// What is drawn has to have a point in or near the network: the ready-made plans hold coordinates of one island.
    fn is_here(&self, noding: &Noding) -> Result<(), TrafficError> {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in noding.lines().iter().flat_map(|l| &l.line) {
            bounds = [bounds[0].min(p[0]), bounds[1].min(p[1]), bounds[2].max(p[0]), bounds[3].max(p[1])];
        }
        let near = |p: &[f64; 2]| (0..2).all(|k| p[k] >= bounds[k] - NEAR_M && p[k] <= bounds[k + 2] + NEAR_M);
        for edit in &self.edits {
            if let RoadEdit::Add { name, line, .. } | RoadEdit::Rail { name, line, .. } = edit
                && !line.iter().any(near)
            {
                return Err(TrafficError::PlanElsewhere { plan: self.id.clone(), road: name.clone() });
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
    use crate::geo::measure::length;

    #[test]
    fn the_shipped_plans_are_possible() {
        let ids: Vec<String> = Plan::shipped().unwrap().into_iter().map(|p| p.id).collect();
        assert_eq!(ids, ["dt975-10-lanes", "lrt-18km", "apec-boulevard", "east-coast-road"]);
        assert!(
            Plan::parse("[(id: \"x\", title: (vi: \"x\", en: \"x\"), edits: [Upgrade(name: \"a\", lanes: Some(0))])]")
                .is_err()
        );
    }

    /// The titles say how long: 18 km, 3 km, 44 km.
    #[test]
    fn shipped_plans_are_as_long_as_their_titles_say() {
        let mut km = Vec::new();
        for plan in Plan::shipped().unwrap() {
            for edit in &plan.edits {
                if let RoadEdit::Add { line, .. } | RoadEdit::Rail { line, .. } = edit {
                    let said = plan.title.en.split(' ').filter_map(|word| word.parse::<f64>().ok()).next().unwrap();
                    km.push((length(line) / 1000.0, said));
                }
            }
        }
        assert_eq!(km.len(), 3);
        assert!(km.iter().all(|(drawn, said)| (drawn / said - 1.0).abs() < 0.02), "{km:?}");
    }

    fn road(name: &str, lanes: f64, table: &RoadTable) -> RoadLine {
        RoadLine {
            feature: 1,
            line: vec![[445_000.0, 1_118_000.0], [446_000.0, 1_118_000.0]],
            class: RoadClass::Arterial,
            name: name.to_owned(),
            lanes: (lanes / 2.0).round() as u8,
            speed_mps: 15.0,
            capacity_pcu_per_h: lanes / 2.0 * table.class(RoadClass::Arterial).lane_pcu_per_h,
            direction: Direction::Both,
            level: 0,
            roundabout: false,
            signals: Vec::new(),
        }
    }

    #[test]
    fn three_lanes_are_one_and_a_half_a_direction() {
        let table = RoadTable::standard().unwrap();
        let a_lane = table.class(RoadClass::Arterial).lane_pcu_per_h;
        let upgraded = |lanes: f64, edit: &str| {
            let mut noding =
                Noding::of(vec![road("a", lanes, &table)], crate::sim::traffic::noding::NodingOptions::default());
            let plan = format!("[(id: \"p\", title: (vi: \"x\", en: \"x\"), edits: [Upgrade(name: \"a\", {edit})])]");
            Plan::parse(&plan).unwrap()[0].apply(&mut noding, &table).unwrap();
            noding.lines()[0].clone()
        };
        assert!((upgraded(2.0, "lanes: Some(3)").capacity_pcu_per_h / a_lane - 1.5).abs() < 1e-12);
        let faster = upgraded(3.0, "speed_kmh: Some(90.0)");
        assert!((faster.capacity_pcu_per_h / a_lane - 1.5).abs() < 1e-12 && (faster.speed_mps - 25.0).abs() < 1e-12);
        let main = upgraded(3.0, "class: Some(Main)").capacity_pcu_per_h;
        assert!((main / table.class(RoadClass::Main).lane_pcu_per_h - 1.5).abs() < 1e-12);
    }

    #[test]
    fn plans_of_another_place_are_refused_in_words() {
        let table = RoadTable::standard().unwrap();
        let apply = |number: usize, east_m: f64| {
            let mut own = road("b", 2.0, &table);
            own.line.iter_mut().for_each(|p| p[0] += east_m);
            let mut noding = Noding::of(vec![own], crate::sim::traffic::noding::NodingOptions::default());
            Plan::shipped().unwrap()[number].apply(&mut noding, &table)
        };
        assert!(matches!(apply(0, 0.0), Err(TrafficError::NoSuchRoad { .. })));
        for number in 1..4 {
            assert_eq!(apply(number, 0.0), Ok(()), "{number}");
            assert!(matches!(apply(number, 90_000.0), Err(TrafficError::PlanElsewhere { .. })), "{number}");
        }
    }
}
