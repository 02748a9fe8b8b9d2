//! Roads from GeoJSON: lines are roads, points say how a node is controlled.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::error::{Fault, GivenError};
use super::network::{CYCLE_S, Given, Local, two_phases};
use crate::sim::traffic::network::{Control, Link, Network, Node};
use crate::sim::traffic::road_class::RoadClass;

/// Where a file says nothing; assumed.
const SPEED_KMH: f64 = 40.0;
const CAPACITY_PCU_H_LANE: f64 = 1800.0;
/// Ends nearer than this are one node where the file names none.
const SAME_NODE_M: f64 = 1.0;

struct Feature<'a> {
    row: usize,
    properties: &'a Value,
    path: &'a Path,
}

impl Feature<'_> {
    fn get(&self, names: &[&str]) -> Option<&Value> {
        names.iter().map(|n| &self.properties[*n]).find(|v| !v.is_null())
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        match self.get(names)? {
            Value::String(text) => Some(text.trim().to_owned()),
            other => Some(other.to_string()),
        }
    }

    fn number(&self, names: &[&'static str]) -> Result<Option<f64>, GivenError> {
        let Some(text) = self.text(names) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(Fault::NotANumber { column: names[0], text }.at(self.row, self.path)),
        }
    }

    fn positive(&self, names: &[&'static str]) -> Result<Option<f64>, GivenError> {
        match self.number(names)? {
            Some(value) if value <= 0.0 => Err(Fault::Impossible { column: names[0], value }.at(self.row, self.path)),
            other => Ok(other),
        }
    }

    fn yes(&self, names: &[&str]) -> Option<bool> {
        self.text(names).map(|t| matches!(t.to_lowercase().as_str(), "yes" | "true" | "1" | "-1"))
    }
}

/// # Errors
/// What is wrong and with which feature, counted from 1.
pub fn read(text: &str, path: &Path) -> Result<Given, GivenError> {
    let unreadable = |reason: String| GivenError::File { reason, path: path.to_owned() };
    let root: Value = serde_json::from_str(text).map_err(|e| unreadable(e.to_string()))?;
    let features = root["features"].as_array().ok_or_else(|| unreadable("no FeatureCollection".to_owned()))?;
    let mut lines = Vec::new();
    let mut points = Vec::new();
    for (row, feature) in (1..).zip(features) {
        let f = Feature { row, properties: &feature["properties"], path };
        let coordinates = &feature["geometry"]["coordinates"];
        match feature["geometry"]["type"].as_str() {
            Some("LineString") => lines.push((f, line(coordinates).ok_or_else(|| Fault::NoLine.at(row, path))?)),
            Some("MultiLineString") => {
                for part in coordinates.as_array().into_iter().flatten() {
                    let f = Feature { row, properties: &feature["properties"], path };
                    lines.push((f, line(part).ok_or_else(|| Fault::NoLine.at(row, path))?));
                }
            }
            Some("Point") => points.push((f, point(coordinates).ok_or_else(|| Fault::NoLine.at(row, path))?)),
            _ => return Err(Fault::NoLine.at(row, path)),
        }
    }
    if lines.is_empty() {
        return Err(GivenError::NoLinks { path: path.to_owned() });
    }
    let mut builder = Builder::new(&lines);
    // Points that name a node give its place; the rest of the nodes are ends of lines.
    for (f, line) in &lines {
        builder.road(f, line)?;
    }
    for (f, at) in &points {
        builder.control(f, *at)?;
    }
    Ok(builder.given)
}

fn point(value: &Value) -> Option<[f64; 2]> {
    Some([value.get(0)?.as_f64()?, value.get(1)?.as_f64()?])
}

fn line(value: &Value) -> Option<Vec<[f64; 2]>> {
    let mut points: Vec<[f64; 2]> = value.as_array()?.iter().map(point).collect::<Option<_>>()?;
    points.dedup();
    (points.len() > 1).then_some(points)
}

struct Builder {
    given: Given,
    places: BTreeMap<(i64, i64), u32>,
}

impl Builder {
    fn new(lines: &[(Feature, Vec<[f64; 2]>)]) -> Self {
        let all = || lines.iter().flat_map(|l| &l.1);
        let degrees = all().all(|p| p[0].abs() <= 180.0 && p[1].abs() <= 90.0);
        let n = all().count() as f64;
        let mean = |i: usize| all().map(|p| p[i]).sum::<f64>() / n;
        let local = Local { origin: degrees.then(|| [mean(0), mean(1)]) };
        let network = Network::default();
        let given = Given { network, nodes: BTreeMap::new(), links: BTreeMap::new(), local, ways: None };
        Self { given, places: BTreeMap::new() }
    }

    /// The node of this name, or of this place.
    fn node(&mut self, name: Option<String>, at: [f64; 2]) -> u32 {
        let cell = ((at[0] / SAME_NODE_M).round() as i64, (at[1] / SAME_NODE_M).round() as i64);
        let known = name.as_ref().map_or_else(|| self.places.get(&cell), |n| self.given.nodes.get(n));
        if let Some(node) = known {
            return *node;
        }
        let node = self.given.network.nodes.len() as u32;
        let id = name.as_ref().and_then(|n| n.parse().ok()).unwrap_or(u64::from(node));
        self.given.network.nodes.push(Node { id, at, control: Control::Uncontrolled });
        self.given.nodes.insert(name.unwrap_or_else(|| node.to_string()), node);
        self.places.entry(cell).or_insert(node);
        node
    }

    fn road(&mut self, f: &Feature, line: &[[f64; 2]]) -> Result<(), GivenError> {
        let line: Vec<[f64; 2]> = line.iter().map(|p| self.given.local.metres(*p)).collect();
        let drawn: f64 = line.windows(2).map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1])).sum();
        let named =
            (f.text(&["from", "from_node", "from_node_id", "u"]), f.text(&["to", "to_node", "to_node_id", "v"]));
        // Who names a link's nodes means one direction; plain roads go both ways, as on OSM.
        let one_way = f.yes(&["oneway"]).unwrap_or(named.0.is_some() && named.1.is_some());
        let from = self.node(named.0, line[0]);
        let to = self.node(named.1, line[line.len() - 1]);
        let length_m = f.positive(&["length_m", "length"])?.unwrap_or(drawn);
        let lanes = f.positive(&["lanes"])?.unwrap_or(1.0);
        if !(1.0..=16.0).contains(&lanes) {
            return Err(Fault::Impossible { column: "lanes", value: lanes }.at(f.row, f.path));
        }
        let lanes = lanes as u8;
        let speed = match f.positive(&["speed_mps"])? {
            Some(mps) => mps,
            None => f.positive(&["speed_kmh", "maxspeed", "speed"])?.unwrap_or(SPEED_KMH) / 3.6,
        };
        let capacity = f.positive(&["capacity_pcu_h", "capacity"])?.unwrap_or(CAPACITY_PCU_H_LANE * f64::from(lanes));
        let feature = f.row as u64;
        let class = class(f.text(&["class", "highway"]).as_deref());
        let name = f.text(&["id", "link_id"]);
        let mut add = |from: u32, to: u32, line: Vec<[f64; 2]>, name: String| {
            let index = self.given.network.links.len() as u32;
            let id = name.parse().unwrap_or(u64::from(index));
            self.given.network.links.push(Link {
                id,
                from,
                to,
                length_m,
                free_speed_mps: speed,
                lanes,
                capacity_pcu_per_h: capacity,
                class,
                feature,
                name: name.clone(),
                line,
            });
            match self.given.links.insert(name.clone(), index) {
                None => Ok(()),
                Some(_) => Err(Fault::Twice { column: "id", id: name }.at(f.row, f.path)),
            }
        };
        let forward = name.clone().unwrap_or_else(|| format!("{feature}"));
        let back: Vec<[f64; 2]> = line.iter().rev().copied().collect();
        add(from, to, line, forward.clone())?;
        if !one_way {
            add(to, from, back, format!("-{forward}"))?;
        }
        Ok(())
    }

    fn control(&mut self, f: &Feature, at: [f64; 2]) -> Result<(), GivenError> {
        let at = self.given.local.metres(at);
        let name = f.text(&["node", "id", "node_id"]);
        let node = match &name {
            Some(name) => self.given.nodes.get(name).copied(),
            None => nearest(&self.given.network, at).filter(|n| n.1 < 30.0).map(|n| n.0),
        };
        let Some(node) = node else {
            let id = name.unwrap_or_default();
            return Err(Fault::Unknown { column: "node", id }.at(f.row, f.path));
        };
        let kind = f.text(&["control", "highway", "ctrl_type"]).unwrap_or_default();
        let control = match kind.as_str() {
            "signal" | "traffic_signals" | "traffic_light" | "actuated" => {
                let cycle = f.positive(&["cycle_s"])?.unwrap_or(CYCLE_S);
                let offset = f.number(&["offset_s"])?.unwrap_or(0.0);
                let actuated = kind == "actuated" || f.yes(&["actuated"]).unwrap_or(false);
                two_phases(&self.given.network, node, cycle, offset, actuated)
            }
            "priority" | "stop" | "give_way" => Control::Priority,
            "roundabout" => Control::Roundabout,
            _ => Control::Uncontrolled,
        };
        self.given.network.nodes[node as usize].control = control;
        Ok(())
    }
}

/// The node nearest to a place, and how far it is.
#[must_use]
pub fn nearest(network: &Network, at: [f64; 2]) -> Option<(u32, f64)> {
    let away = |n: &Node| (n.at[0] - at[0]).hypot(n.at[1] - at[1]);
    (0..).zip(&network.nodes).map(|(i, n)| (i, away(n))).min_by(|a, b| a.1.total_cmp(&b.1))
}

fn class(text: Option<&str>) -> RoadClass {
    match text.unwrap_or_default().trim_end_matches("_link") {
        "motorway" => RoadClass::Motorway,
        "trunk" | "primary" | "arterial" => RoadClass::Arterial,
        "secondary" | "main" => RoadClass::Main,
        "tertiary" | "collector" => RoadClass::Collector,
        "service" | "track" => RoadClass::Service,
        _ => RoadClass::Street,
    }
}
