//! A road as a feature of a map tells it, by whichever of the usual names.

use std::path::Path;

use serde_json::Value;

use super::error::{Fault, GivenError};
use crate::base::fold::fold_accents;
use crate::sim::traffic::noding::Direction;
use crate::sim::traffic::road_class::RoadClass;
use crate::sim::traffic::tags;

/// Where a file says nothing; assumed.
const SPEED_KMH: f64 = 40.0;
const CAPACITY_PCU_H_LANE: f64 = 1800.0;
const MOST_LANES: f64 = 16.0;

/// What a feature has beside its geometry.
#[derive(Debug, Clone, Copy)]
pub struct Feature<'a> {
    pub row: usize,
    pub properties: &'a Value,
    pub path: &'a Path,
}

impl Feature<'_> {
    fn get(&self, names: &[&str]) -> Option<&Value> {
        names.iter().map(|n| &self.properties[*n]).find(|v| !v.is_null())
    }

    #[must_use]
    pub fn text(&self, names: &[&str]) -> Option<String> {
        let text = match self.get(names)? {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        Some(text).filter(|t| !t.is_empty())
    }

    /// Without accents and capitals.
    #[must_use]
    pub fn word(&self, names: &[&str]) -> Option<String> {
        self.text(names).map(|t| fold_accents(&t))
    }

    /// # Errors
    /// What stands there is not a finite number.
    pub fn number(&self, names: &[&'static str]) -> Result<Option<f64>, GivenError> {
        let Some(text) = self.text(names) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(Fault::NotANumber { column: names[0], text }.at(self.row, self.path)),
        }
    }

    /// # Errors
    /// What stands there is not a number above 0.
    pub fn positive(&self, names: &[&'static str]) -> Result<Option<f64>, GivenError> {
        let value = self.number(names)?;
        self.above_0(names[0], value)
    }

    fn above_0(&self, column: &'static str, value: Option<f64>) -> Result<Option<f64>, GivenError> {
        match value {
            Some(value) if value <= 0.0 => Err(Fault::Impossible { column, value }.at(self.row, self.path)),
            other => Ok(other),
        }
    }

    #[must_use]
    pub fn yes(&self, names: &[&str]) -> Option<bool> {
        self.text(names).map(|t| matches!(t.to_lowercase().as_str(), "yes" | "true" | "1" | "-1"))
    }

    /// A count of lanes: "2", "2;1".
    fn lanes(&self, column: &'static str) -> Result<Option<f64>, GivenError> {
        let Some(text) = self.text(&[column]) else { return Ok(None) };
        match tags::leading(&text) {
            Some(value) if (1.0..=MOST_LANES).contains(&value) => Ok(Some(value)),
            Some(value) => Err(Fault::Impossible { column, value }.at(self.row, self.path)),
            None => Err(Fault::NotANumber { column, text }.at(self.row, self.path)),
        }
    }
}

/// One way along a road.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    pub lanes: u8,
    pub capacity_pcu_per_h: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    /// The feature's number in the file, from 1.
    pub row: usize,
    pub name: Option<String>,
    pub ends: [Option<String>; 2],
    /// In metres.
    pub parts: Vec<Vec<[f64; 2]>>,
    pub length_m: Option<f64>,
    pub direction: Direction,
    /// As it is drawn, and the other way.
    pub sides: [Side; 2],
    pub speed_mps: f64,
    pub class: RoadClass,
    pub level: i8,
    pub roundabout: bool,
}

impl Road {
    /// None for what no vehicle drives on.
    ///
    /// # Errors
    /// What is wrong with which of the feature's properties.
    pub fn of(f: &Feature, parts: Vec<Vec<[f64; 2]>>) -> Result<Option<Self>, GivenError> {
        let word = f.word(&["class", "highway", "fclass", "CAPDUONG"]).unwrap_or_default();
        let Some(class) = tags::class_of(&word) else { return Ok(None) };
        let ends = [f.text(&["from", "from_node", "from_node_id", "u"]), f.text(&["to", "to_node", "to_node_id", "v"])];
        let roundabout = f.word(&["junction"]).as_deref() == Some("roundabout");
        let one_way = f.word(&["oneway", "one_way", "MOTCHIEU"]);
        // Who names a link's nodes means one direction; plain roads go both ways, as on OpenStreetMap.
        let direction = match &one_way {
            None if ends.iter().all(Option::is_some) => Direction::Forward,
            tag => tags::direction(tag.as_deref(), roundabout),
        };
        let all = match f.text(&["lanes"]) {
            Some(_) => f.lanes("lanes")?,
            None => f.lanes("SOLAN")?,
        };
        let usual = all.map_or(1.0, |lanes| tags::each_way(lanes, direction));
        let capacity = f.positive(&["capacity_pcu_h", "capacity"])?;
        let side = |lanes: f64| Side {
            lanes: lanes.round() as u8,
            capacity_pcu_per_h: capacity.unwrap_or(CAPACITY_PCU_H_LANE * lanes),
        };
        let sides =
            [side(f.lanes("lanes:forward")?.unwrap_or(usual)), side(f.lanes("lanes:backward")?.unwrap_or(usual))];
        Ok(Some(Self {
            row: f.row,
            name: f.text(&["id", "link_id"]),
            ends,
            parts,
            length_m: f.positive(&["length_m", "length"])?,
            direction,
            sides,
            speed_mps: speed_mps(f)?,
            class,
            level: tags::level(
                f.text(&["layer"]).as_deref().and_then(tags::leading),
                f.word(&["bridge"]).as_deref(),
                f.word(&["tunnel"]).as_deref(),
            ),
            roundabout,
        }))
    }

    /// What the network calls it: its own name, or the number of its row.
    #[must_use]
    pub fn known_as(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.row.to_string())
    }
}

fn speed_mps(f: &Feature) -> Result<f64, GivenError> {
    if let Some(mps) = f.positive(&["speed_mps"])? {
        return Ok(mps);
    }
    let kmh = match f.positive(&["speed_kmh", "speed"])? {
        Some(kmh) => Some(kmh),
        // A tag's words ("signals", "VN:urban") say nothing that is known here.
        None => f.above_0("maxspeed", f.text(&["maxspeed", "TOCDO"]).as_deref().and_then(tags::speed_kmh))?,
    };
    Ok(kmh.unwrap_or(SPEED_KMH) / 3.6)
}
