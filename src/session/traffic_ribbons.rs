//! An hour of traffic as it is drawn: ribbons along the roads, as wide as their volume, coloured by how they flow.

use super::field_view::Shade;
use super::traffic::PickedLink;
use crate::geo::measure::distance_to_chain;
use crate::model::style::Rgba;
use crate::study::traffic::links::LinkState;
use crate::study::traffic::outcome::TrafficResult;

/// What the colour of a ribbon tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RibbonColor {
    /// Volume to capacity.
    #[default]
    Full,
    /// Speed to that on the empty road.
    Speed,
    /// Volume with the plan against that without it.
    Change,
}

/// One direction of a road.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbon {
    pub link: usize,
    /// (east, north) in the site's CRS, from beginning to end.
    pub line: Vec<[f64; 2]>,
    /// Points of the screen.
    pub width: f32,
    pub color: Rgba,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ribbons {
    /// The narrow ones first, so that the wide ones lie on top.
    pub ribbons: Vec<Ribbon>,
}

/// Fewer vehicles an hour than this are not drawn.
const LEAST_PER_H: f64 = 25.0;
/// Vehicles an hour that a point of width stands for.
pub const PER_POINT: f64 = 600.0;
/// A click finds a road within so many metres.
const REACH_M: f64 = 400.0;

const QUIET: Rgba = Rgba::opaque(56, 160, 92);
const BUSY: Rgba = Rgba::opaque(244, 205, 70);
const FULL: Rgba = Rgba::opaque(224, 62, 48);
const JAMMED: Rgba = Rgba::opaque(112, 22, 76);
pub(super) const LESS: Rgba = Rgba::opaque(32, 110, 200);
pub(super) const SAME: Rgba = Rgba::opaque(205, 205, 200);
pub(super) const MORE: Rgba = Rgba::opaque(222, 110, 24);

/// What the colours mean; the unit is a catalogue key where it is a word.
#[must_use]
pub fn shade(color: RibbonColor) -> Shade {
    match color {
        RibbonColor::Full => Shade {
            title: "session-traffic-full",
            unit: "%",
            stops: vec![(30.0, QUIET), (70.0, BUSY), (100.0, FULL), (150.0, JAMMED)],
        },
        RibbonColor::Speed => Shade {
            title: "session-traffic-speed",
            unit: "%",
            stops: vec![(25.0, JAMMED), (50.0, FULL), (75.0, BUSY), (95.0, QUIET)],
        },
        RibbonColor::Change => Shade {
            title: "session-traffic-change",
            unit: "session-traffic-vehicles-h",
            stops: vec![(-1000.0, LESS), (0.0, SAME), (1000.0, MORE)],
        },
    }
}

/// The colour of a value.
pub(super) fn mixed(shade: &Shade, value: f32) -> Rgba {
    let stops = &shade.stops;
    let next = stops.partition_point(|s| s.0 < value);
    let (Some(last), Some(b)) = (stops.last(), stops.get(next)) else {
        return stops.last().map_or(SAME, |s| s.1);
    };
    let Some(a) = next.checked_sub(1).and_then(|i| stops.get(i)) else { return b.1 };
    let t = ((value - a.0) / (b.0 - a.0)).clamp(0.0, 1.0);
    let mix = |x: u8, y: u8| (f32::from(y) - f32::from(x)).mul_add(t, f32::from(x)).round() as u8;
    Rgba(mix(a.1.0, b.1.0), mix(a.1.1, b.1.1), mix(a.1.2, b.1.2), last.1.3)
}

/// The ribbons of hour number `shown`.
#[must_use]
pub fn ribbons(result: &TrafficResult, shown: usize, color: RibbonColor) -> Ribbons {
    let (case, hours) = result.shown();
    let Some(hour) = hours.get(shown) else { return Ribbons::default() };
    let shade = shade(color);
    let mut ribbons: Vec<Ribbon> = Vec::new();
    for (l, (link, s)) in case.network.links.iter().zip(&hour.links).enumerate() {
        let (amount, value) = match color {
            RibbonColor::Full => (s.vehicles.sum(), s.volume_to_capacity * 100.0),
            RibbonColor::Speed => (s.vehicles.sum(), s.speed_kmh / (link.free_speed_mps * 3.6) * 100.0),
            RibbonColor::Change => {
                let before = result.link_before(l).map_or(0.0, |b| vehicles(&result.base.hours[shown].links[b]));
                let change = vehicles(s) - before;
                (change.abs(), change)
            }
        };
        if amount >= LEAST_PER_H {
            let width = (amount / PER_POINT).clamp(0.8, 12.0) as f32;
            ribbons.push(Ribbon { link: l, line: link.line.clone(), width, color: mixed(&shade, value as f32) });
        }
    }
    ribbons.sort_by(|a, b| a.width.total_cmp(&b.width).then(a.link.cmp(&b.link)));
    Ribbons { ribbons }
}

fn vehicles(state: &LinkState) -> f64 {
    state.vehicles.sum()
}

/// The road nearest to a place, by (east, north) in the site's CRS; of its two directions the one with more vehicles.
#[must_use]
pub fn nearest_link(result: &TrafficResult, shown: usize, at: [f64; 2]) -> Option<PickedLink> {
    let (case, hours) = result.shown();
    let states = &hours.get(shown)?.links;
    let links = &case.network.links;
    let away = |l: usize| distance_to_chain(at, &links[l].line);
    // Those that are drawn are meant before those that are not.
    let drawn = |l: &usize| vehicles(&states[*l]) >= LEAST_PER_H;
    let nearest = |of: &dyn Fn(&usize) -> bool| {
        let found = (0..links.len()).filter(|l| of(l)).map(|l| (away(l), l));
        found.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).filter(|f| f.0 <= REACH_M).map(|f| f.1)
    };
    let l = nearest(&drawn).or_else(|| nearest(&|_| true))?;
    let turned = |o: &usize| {
        let (a, b) = (&links[l], &links[*o]);
        a.from == b.to && a.to == b.from && a.feature == b.feature
    };
    let opposite = (0..links.len()).find(turned);
    Some(match opposite {
        Some(o) if vehicles(&states[o]) > vehicles(&states[l]) => PickedLink { link: o, opposite: Some(l) },
        opposite => PickedLink { link: l, opposite },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_lie_between_their_stops() {
        let shade = shade(RibbonColor::Full);
        assert_eq!([mixed(&shade, -5.0), mixed(&shade, 30.0), mixed(&shade, 400.0)], [QUIET, QUIET, JAMMED]);
        let between = mixed(&shade, 85.0);
        assert!(between.1 > FULL.1 && between.1 < BUSY.1, "{between:?}");
    }
}
