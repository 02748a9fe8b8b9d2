//! A network with the names that its file uses.

use std::collections::BTreeMap;

use crate::base::message::Message;
use crate::sim::traffic::micro::streets::GivenWay;
use crate::sim::traffic::network::Network;

/// Degrees into metres around a place, and back: what a town needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Local {
    /// Longitude and latitude of the origin; `None` when coordinates are metres already.
    pub origin: Option<[f64; 2]>,
}

/// Mean radius of the Earth (IUGG).
const EARTH_M: f64 = 6_371_008.8;

impl Local {
    #[must_use]
    pub fn metres(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let Some([lon, lat]) = self.origin else { return [x, y] };
        let east = (x - lon).to_radians() * lat.to_radians().cos() * EARTH_M;
        [east, (y - lat).to_radians() * EARTH_M]
    }

    /// Back into the file's coordinates.
    #[must_use]
    pub fn as_given(&self, [east, north]: [f64; 2]) -> [f64; 2] {
        let Some([lon, lat]) = self.origin else { return [east, north] };
        [lon + (east / (lat.to_radians().cos() * EARTH_M)).to_degrees(), lat + (north / EARTH_M).to_degrees()]
    }
}

#[derive(Debug, Clone)]
pub struct Given {
    pub network: Network,
    /// Names of nodes and links, and where each stands in the network.
    pub nodes: BTreeMap<String, u32>,
    pub links: BTreeMap<String, u32>,
    pub local: Local,
    /// From lane to lane, where the file says so.
    pub ways: Option<Vec<GivenWay>>,
    /// What is to be told of what was read.
    pub notices: Vec<Message>,
}

impl Given {
    /// Links of this name; or, of a road that crossings cut, all its pieces (`name.1`, `name.2` …).
    #[must_use]
    pub fn links_named(&self, name: &str) -> Vec<u32> {
        if let Some(link) = self.links.get(name) {
            return vec![*link];
        }
        let first = format!("{name}.");
        let all = self.links.range(first.clone()..).take_while(|(n, _)| n.starts_with(&first));
        let pieces = all.filter(|(n, _)| n[first.len()..].bytes().all(|b| b.is_ascii_digit()));
        pieces.map(|(_, link)| *link).collect()
    }
}
