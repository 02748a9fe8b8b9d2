//! The road network as one graph: town streets from the lattices, and roads between the towns over the land.

use std::collections::{BTreeMap, BTreeSet};

use super::error::DemoError;
use super::lattice::Lattice;
use super::names;
use super::regions::thin;
use super::route::RouteCost;
use super::terrain::Ground;
use super::towns::{Character, District};
use crate::geo::grid::Grid;
use crate::geo::measure::distance;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// DT 973, DT 975 and their like.
    Provincial,
    Main,
    Collector,
    Street,
}

impl Class {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Provincial => "Đường tỉnh",
            Self::Main => "Đường chính đô thị",
            Self::Collector => "Đường gom",
            Self::Street => "Đường nội bộ",
        }
    }

    /// (lanes, km/h, carriageway width in metres)
    #[must_use]
    pub const fn standard(self) -> (i64, i64, f64) {
        match self {
            Self::Provincial => (2, 70, 9.0),
            Self::Main => (4, 50, 15.0),
            Self::Collector => (2, 40, 9.0),
            Self::Street => (2, 30, 5.5),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    /// From node to node, both included.
    pub line: Vec<[f64; 2]>,
    pub class: Class,
    pub name: String,
    pub one_way: bool,
    /// Which piece of which district's lattice this is; none for roads between towns.
    pub street: Option<StreetPiece>,
}

/// From crossing to crossing, each (cross street, along street).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreetPiece {
    pub district: usize,
    pub from: (usize, usize),
    pub to: (usize, usize),
}

impl StreetPiece {
    /// Half the width of the street land, metres.
    #[must_use]
    pub fn half(&self, lattice: &Lattice) -> f64 {
        if self.is_along() { lattice.along[self.from.1].half } else { lattice.cross[self.from.0].half }
    }

    #[must_use]
    pub const fn is_along(&self) -> bool {
        self.from.1 == self.to.1
    }

    /// The place at share `t` of the piece, `side` metres off the centre line.
    #[must_use]
    pub fn beside(&self, lattice: &Lattice, t: f64, side: f64) -> [f64; 2] {
        let [a, b] = [self.from, self.to].map(|(i, j)| [lattice.cross[i].at, lattice.along[j].at]);
        let at = [(b[0] - a[0]).mul_add(t, a[0]), (b[1] - a[1]).mul_add(t, a[1])];
        lattice.place(if self.is_along() { [at[0], at[1] + side] } else { [at[0] + side, at[1]] })
    }

    /// The centre line moved by `offset` metres in both directions of the lattice, so that lines moved alike still
    /// meet at crossings.
    #[must_use]
    pub fn line(&self, lattice: &Lattice, offset: f64) -> Vec<[f64; 2]> {
        let [a, b] = [self.from, self.to].map(|(i, j)| [lattice.cross[i].at + offset, lattice.along[j].at + offset]);
        let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / 60.0).round().max(1.0);
        let points: Vec<[f64; 2]> = (0..=steps as u32)
            .map(|k| {
                let t = f64::from(k) / steps;
                // The end takes the crossing's own numbers, to meet the next street to the millimetre.
                let mix = |from: f64, to: f64| if t >= 1.0 { to } else { (to - from).mul_add(t, from) };
                lattice.place([mix(a[0], b[0]), mix(a[1], b[1])])
            })
            .collect();
        thin(&points, 0.3)
    }
}

#[derive(Debug, Clone, Default)]
pub struct Roads {
    pub nodes: Vec<[f64; 2]>,
    pub edges: Vec<Edge>,
    /// Node of (district, cross street, along street).
    pub corner: BTreeMap<(usize, usize, usize), usize>,
    /// The way back: the crossing at a node, if it is one.
    pub crossing: BTreeMap<usize, (usize, usize, usize)>,
}

/// Where a road between towns begins or ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// The first or last point of a district's main road.
    Start(&'static str),
    Finish(&'static str),
    /// The nearest crossing of a district, kilometres.
    Near(&'static str, f64, f64),
    /// A junction in the open, kilometres.
    At(f64, f64),
}

const AIRPORT: End = End::At(444.15, 1125.3);
const NORTH: End = End::At(443.4, 1145.4);
const RACH_TRAM: End = End::At(441.7, 1151.6);
const SAO_BEACH: End = End::At(447.6, 1113.2);
const EAST_NORTH: End = End::At(453.0, 1144.6);
const DUONG_TO: End = End::At(445.6, 1119.2);

const LINKS: &[(&str, End, End)] = &[
    ("ĐT 975", AIRPORT, End::Start("Dương Đông")),
    ("ĐT 975", AIRPORT, End::Start("Suối Đá")),
    ("ĐT 975", End::Finish("Suối Đá"), End::Start("Cửa Dương")),
    ("30 Tháng 4", End::Finish("Dương Đông"), End::Start("Cửa Dương")),
    ("Đường Suối Đá", End::Near("Dương Đông", 442.9, 1129.8), End::Near("Suối Đá", 444.5, 1129.8)),
    ("ĐT 975", End::Finish("Cửa Dương"), NORTH),
    ("ĐT 975", NORTH, End::Start("Bãi Thơm")),
    ("ĐT 973", NORTH, RACH_TRAM),
    ("ĐT 973", RACH_TRAM, End::Start("Bãi Thơm")),
    ("ĐT 973", RACH_TRAM, End::Finish("Gành Dầu")),
    ("ĐT 45", End::Finish("Bãi Dài"), End::Start("Gành Dầu")),
    ("ĐT 45", End::Start("Cửa Cạn"), End::Start("Bãi Dài")),
    ("ĐT 45", End::Finish("Cửa Cạn"), End::Finish("Ông Lang")),
    ("ĐT 45", End::Start("Ông Lang"), End::Near("Dương Đông", 441.2, 1131.6)),
    ("ĐT 45", End::Finish("Cửa Cạn"), End::Finish("Cửa Dương")),
    ("ĐT 973", End::Finish("Bãi Thơm"), EAST_NORTH),
    ("ĐT 973", EAST_NORTH, End::Finish("Hàm Ninh")),
    ("ĐT 47", End::Start("Suối Đá"), End::Near("Hàm Ninh", 449.6, 1125.8)),
    ("ĐT 46", End::Finish("Bãi Trường"), End::Start("Dương Đông")),
    ("ĐT 46", End::Start("Bãi Trường"), End::Finish("An Thới")),
    ("ĐT 973", End::Finish("An Thới"), SAO_BEACH),
    ("ĐT 973", SAO_BEACH, DUONG_TO),
    ("ĐT 973", DUONG_TO, End::Start("Hàm Ninh")),
    ("Đường Suối Lớn", DUONG_TO, End::Near("Bãi Trường", 443.9, 1119.6)),
];

/// # Errors
/// [`DemoError::NoRoute`] when the sea lies between two places that a road shall join.
pub fn build(districts: &[District], ground: &Ground, free: &Grid<bool>) -> Result<Roads, DemoError> {
    let mut roads = Roads::default();
    for (number, district) in districts.iter().enumerate() {
        add_streets(&mut roads, number, district);
    }
    let cost = RouteCost::new(ground, free);
    let mut junctions: BTreeMap<[u64; 2], usize> = BTreeMap::new();
    for (name, from, to) in LINKS {
        let mut node = |end: End| match end {
            End::At(x, y) => {
                let p = [x * 1000.0, y * 1000.0];
                Some(*junctions.entry(p.map(f64::to_bits)).or_insert_with(|| {
                    roads.nodes.push(p);
                    roads.nodes.len() - 1
                }))
            }
            End::Start(district) => main_road_end(&roads, districts, district, false),
            End::Finish(district) => main_road_end(&roads, districts, district, true),
            End::Near(district, x, y) => nearest_corner(&roads, districts, district, [x * 1000.0, y * 1000.0]),
        };
        let unreachable = || DemoError::NoRoute { from: format!("{from:?}"), to: format!("{to:?}") };
        let (from_node, to_node) = node(*from).zip(node(*to)).ok_or_else(unreachable)?;
        let line = cost.way(roads.nodes[from_node], roads.nodes[to_node]).ok_or_else(unreachable)?;
        roads.edges.push(Edge {
            from: from_node,
            to: to_node,
            line,
            class: Class::Provincial,
            name: (*name).to_owned(),
            one_way: false,
            street: None,
        });
    }
    Ok(roads)
}

fn numbered(districts: &[District], name: &str) -> Option<(usize, &'static str)> {
    districts.iter().position(|d| d.plan.name == name).map(|n| (n, districts[n].plan.name))
}

fn main_road_end(roads: &Roads, districts: &[District], name: &str, last: bool) -> Option<usize> {
    let (number, _) = numbered(districts, name)?;
    let main = districts[number].lattice.main;
    let mut on_main = roads.corner.iter().filter(|(k, _)| k.0 == number && k.2 == main).map(|(_, node)| *node);
    if last { on_main.next_back() } else { on_main.next() }
}

fn nearest_corner(roads: &Roads, districts: &[District], name: &str, p: [f64; 2]) -> Option<usize> {
    let (number, _) = numbered(districts, name)?;
    let corners = roads.corner.iter().filter(|(k, _)| k.0 == number).map(|(_, node)| *node);
    corners.min_by(|a, b| distance(roads.nodes[*a], p).total_cmp(&distance(roads.nodes[*b], p)))
}

/// The streets around every block, and the whole main road.
fn add_streets(roads: &mut Roads, number: usize, district: &District) {
    let lattice = &district.lattice;
    let mut pieces: BTreeSet<(usize, usize, bool)> = BTreeSet::new();
    for &(i, j) in &district.blocks {
        pieces.extend([(i, j, true), (i, j + 1, true), (i, j, false), (i + 1, j, false)]);
    }
    pieces.extend((0..lattice.cross.len() - 1).map(|i| (i, lattice.main, true)));
    let town = district.plan.character != Character::Village;
    for (i, j, along) in pieces {
        let (to_i, to_j) = if along { (i + 1, j) } else { (i, j + 1) };
        let from = corner(roads, number, lattice, i, j);
        let to = corner(roads, number, lattice, to_i, to_j);
        let half = if along { lattice.along[j].half } else { lattice.cross[i].half };
        let main = along && j == lattice.main;
        let class = match half {
            _ if main => Class::Main,
            h if h > 5.5 => Class::Collector,
            _ => Class::Street,
        };
        let name = street_name(district, along, if along { j } else { i });
        let street = StreetPiece { district: number, from: (i, j), to: (to_i, to_j) };
        let line = street.line(lattice, 0.0);
        let one_way = class == Class::Street && town && half < 3.6;
        roads.edges.push(Edge { from, to, line, class, name, one_way, street: Some(street) });
    }
}

/// The name of street number `index` along or across the main road; those near it get the well-known names.
#[must_use]
pub fn street_name(district: &District, along: bool, index: usize) -> String {
    let main = district.lattice.main;
    let town = district.plan.character != Character::Village;
    match (along, index) {
        (true, j) if j == main => district.plan.main_road.to_owned(),
        (true, j) => names::street(town, j.abs_diff(main) * 2 - 1 + usize::from(j > main)),
        (false, i) => names::street(town, i + 40),
    }
}

fn corner(roads: &mut Roads, number: usize, lattice: &Lattice, i: usize, j: usize) -> usize {
    if let Some(node) = roads.corner.get(&(number, i, j)) {
        return *node;
    }
    roads.nodes.push(lattice.place([lattice.cross[i].at, lattice.along[j].at]));
    roads.corner.insert((number, i, j), roads.nodes.len() - 1);
    roads.crossing.insert(roads.nodes.len() - 1, (number, i, j));
    roads.nodes.len() - 1
}
