//! Sources: stacks, roads, areas and volumes, each as places that emit a share of the whole.

use serde::{Deserialize, Serialize};

use super::error::AirError;
use super::release::Outlet;
use super::rise::Exhaust;
use crate::geo::measure::{distance, ring_area, ring_contains};
use crate::geo::shape::bounds_of;

/// Where a source lies. Coordinates are (east, north) in metres; heights are above the ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// A stack or a vent.
    Point { at: [f64; 2], height_m: f64, exhaust: Option<Exhaust> },
    /// A road: emission spread evenly along it.
    Line { points: Vec<[f64; 2]>, width_m: f64, height_m: f64, initial_z_m: f64 },
    /// A field, a quarry, a harbour: emission spread evenly over it.
    Area { ring: Vec<[f64; 2]>, height_m: f64, initial_z_m: f64 },
    /// A building or a heap: as wide and high as it is.
    Volume { at: [f64; 2], side_m: f64, height_m: f64 },
}

/// What emits together and is changed together: a stack, or all roads of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub id: String,
    pub title: String,
    /// Each with its share of the emission; shares add up to one.
    pub parts: Vec<(Place, f64)>,
    /// Of one substance, grams a second.
    pub rate_g_s: f64,
}

/// A place of a source that is treated as one plume.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Element {
    pub at: [f64; 2],
    pub outlet: Outlet,
    pub share: f64,
}

impl Source {
    /// A source of one part.
    #[must_use]
    pub fn single(id: &str, title: &str, place: Place, rate_g_s: f64) -> Self {
        Self { id: id.to_owned(), title: title.to_owned(), parts: vec![(place, 1.0)], rate_g_s }
    }

    /// # Errors
    /// A negative emission, or a size that is not possible.
    pub fn validate(&self) -> Result<(), AirError> {
        self.validate_rate(self.rate_g_s)?;
        for (place, _) in &self.parts {
            match place {
                Place::Point { height_m, exhaust, .. } => {
                    AirError::require("height", *height_m, 0.0, 1000.0)?;
                    if let Some(e) = exhaust {
                        AirError::require("diameter", e.diameter_m, 0.01, 50.0)?;
                        AirError::require("exhaust-velocity", e.velocity_mps, 0.0, 200.0)?;
                        AirError::require("temperature", e.temperature_k, 200.0, 3000.0)?;
                    }
                }
                Place::Line { width_m, height_m, .. } => {
                    AirError::require("width", *width_m, 0.1, 500.0)?;
                    AirError::require("height", *height_m, 0.0, 1000.0)?;
                }
                Place::Area { height_m, .. } => AirError::require("height", *height_m, 0.0, 1000.0)?,
                Place::Volume { side_m, height_m, .. } => {
                    AirError::require("width", *side_m, 0.1, 5000.0)?;
                    AirError::require("height", *height_m, 0.0, 1000.0)?;
                }
            }
        }
        Ok(())
    }

    /// # Errors
    /// An emission that is negative or no number.
    pub fn validate_rate(&self, rate_g_s: f64) -> Result<(), AirError> {
        if rate_g_s.is_nan() || rate_g_s < 0.0 {
            return Err(AirError::NegativeEmission { source_id: self.id.clone(), value: rate_g_s });
        }
        AirError::require("emission", rate_g_s, 0.0, 1e9)
    }

    /// The source as plumes no further apart than `spacing_m`.
    #[must_use]
    pub fn elements(&self, spacing_m: f64) -> Vec<Element> {
        self.parts.iter().flat_map(|(place, share)| place.elements(*share, spacing_m)).collect()
    }
}

/// Neighbours that are this many widths apart make an even line (ISC3 table 1-6: separated by 2.15 sigma).
const APART_IN_SIGMAS: f64 = 2.15;
/// A single volume is this many widths across (ISC3 table 1-6).
const ACROSS_IN_SIGMAS: f64 = 4.3;

impl Place {
    /// As plumes no further apart than `spacing_m`, with a share of the emission between them.
    #[must_use]
    pub fn elements(&self, share: f64, spacing_m: f64) -> Vec<Element> {
        match self {
            Self::Point { at, height_m, exhaust } => {
                let outlet = Outlet { height_m: *height_m, exhaust: *exhaust, initial_y_m: 0.0, initial_z_m: 0.0 };
                vec![Element { at: *at, outlet, share }]
            }
            Self::Line { points, height_m, initial_z_m, .. } => {
                let whole: f64 = points.windows(2).map(|p| distance(p[0], p[1])).sum();
                let mut all = Vec::new();
                for pair in points.windows(2) {
                    let long = distance(pair[0], pair[1]);
                    let n = (long / spacing_m).ceil().max(1.0);
                    let outlet = Outlet {
                        height_m: *height_m,
                        exhaust: None,
                        initial_y_m: long / n / APART_IN_SIGMAS,
                        initial_z_m: *initial_z_m,
                    };
                    let at = |i: f64| [0, 1].map(|k| (pair[1][k] - pair[0][k]).mul_add((i + 0.5) / n, pair[0][k]));
                    let part = share * long / whole / n;
                    let used = if part > 0.0 { n as usize } else { 0 };
                    all.extend((0..used).map(|i| Element { at: at(i as f64), outlet, share: part }));
                }
                all
            }
            Self::Area { ring, height_m, initial_z_m } => {
                let squares = squares_inside(ring, spacing_m);
                let outlet = |side: f64| Outlet {
                    height_m: *height_m,
                    exhaust: None,
                    initial_y_m: side / APART_IN_SIGMAS,
                    initial_z_m: *initial_z_m,
                };
                let part = share / squares.len() as f64;
                squares.into_iter().map(|(at, side)| Element { at, outlet: outlet(side), share: part }).collect()
            }
            Self::Volume { at, side_m, height_m } => {
                let outlet = Outlet {
                    height_m: height_m / 2.0,
                    exhaust: None,
                    initial_y_m: side_m / ACROSS_IN_SIGMAS,
                    initial_z_m: height_m / APART_IN_SIGMAS,
                };
                vec![Element { at: *at, outlet, share }]
            }
        }
    }
}

/// Squares of a raster whose middle lies in the ring, at least a hundred for a compact area; (middle, side).
fn squares_inside(ring: &[[f64; 2]], spacing_m: f64) -> Vec<([f64; 2], f64)> {
    let Some([west, south, east, north]) = bounds_of(ring) else { return Vec::new() };
    // A ring that crosses itself may have next to no area by its signs: the box around it bounds how many squares there are.
    let area = ring_area(ring).abs().max((east - west) * (north - south) / 900.0);
    let mut side = spacing_m.min(area.sqrt() / 10.0).max(0.5);
    // A strip that is narrower than a square may lie between all middles.
    for _ in 0..6 {
        let found = squares_of(ring, side, [west, south, east, north]);
        if !found.is_empty() {
            return found;
        }
        side /= 2.0;
    }
    vec![(ring[0], side)]
}

fn squares_of(ring: &[[f64; 2]], side: f64, [west, south, east, north]: [f64; 4]) -> Vec<([f64; 2], f64)> {
    let (cols, rows) = ((east - west) / side, (north - south) / side);
    let centre = |c: f64, r: f64| [side.mul_add(c + 0.5, west), side.mul_add(r + 0.5, south)];
    let all = (0..rows.ceil() as usize).flat_map(|r| (0..cols.ceil() as usize).map(move |c| (c as f64, r as f64)));
    all.map(|(c, r)| (centre(c, r), side)).filter(|(p, _)| ring_contains(ring, *p)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A figure of eight: its two halves cancel by their signs, but both emit.
    #[test]
    fn an_area_that_crosses_itself_is_cut_into_few_squares_on_both_sides() {
        let ring = vec![[0.0, 0.0], [1000.0, 1000.0], [1000.0, 0.0], [0.0, 1000.0], [0.0, 0.0]];
        let area = Place::Area { ring, height_m: 2.0, initial_z_m: 1.0 };
        let elements = area.elements(1.0, 50.0);
        assert!((1000..90_000).contains(&elements.len()), "{}", elements.len());
        assert!((elements.iter().map(|e| e.share).sum::<f64>() - 1.0).abs() < 1e-9);
        let east = elements.iter().filter(|e| e.at[0] > 500.0).count();
        assert!((east as f64 / elements.len() as f64 - 0.5).abs() < 0.05, "{east}");
    }

    #[test]
    fn shares_add_up_and_lie_on_the_line() {
        let points = vec![[0.0, 0.0], [100.0, 0.0], [100.0, 0.0], [100.0, 55.0]];
        let line = Place::Line { points, width_m: 7.0, height_m: 0.5, initial_z_m: 1.5 };
        let road = Source {
            parts: vec![(line, 0.4)],
            ..Source::single("r", "r", Place::Volume { at: [0.0; 2], side_m: 1.0, height_m: 1.0 }, 1.0)
        };
        let elements = road.elements(20.0);
        assert_eq!(elements.len(), 5 + 3);
        assert!((elements.iter().map(|e| e.share).sum::<f64>() - 0.4).abs() < 1e-12);
        assert_eq!(elements[0].at, [10.0, 0.0]);
        assert!((elements[0].outlet.initial_y_m - 20.0 / 2.15).abs() < 1e-12);
    }

    #[test]
    fn an_area_is_filled_inside_its_ring_only() {
        let ring = vec![[0.0, 0.0], [200.0, 0.0], [0.0, 200.0], [0.0, 0.0]];
        let area = Source::single("a", "a", Place::Area { ring, height_m: 0.0, initial_z_m: 0.0 }, 1.0);
        let elements = area.elements(10.0);
        assert!((elements.len() as f64 - 200.0).abs() < 15.0, "{}", elements.len());
        assert!(elements.iter().all(|e| e.at[0] + e.at[1] < 201.0));
        assert!((elements.iter().map(|e| e.share).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_narrow_strip_loses_nothing() {
        for [x, y, width] in [[1000.0, 0.0, 0.9], [700.0, 700.0, 0.4]] {
            let ring = vec![[0.0, 0.0], [x, y], [x, y + width], [0.0, width], [0.0, 0.0]];
            let strip = Source::single("a", "a", Place::Area { ring, height_m: 0.0, initial_z_m: 0.0 }, 1.0);
            let shares: f64 = strip.elements(50.0).iter().map(|e| e.share).sum();
            assert!((shares - 1.0).abs() < 1e-9, "{width}: {shares}");
        }
    }

    #[test]
    fn an_emission_cannot_be_negative() {
        let stack = Place::Point { at: [0.0; 2], height_m: 10.0, exhaust: None };
        let source = |rate| Source::single("s", "s", stack.clone(), rate);
        assert!(matches!(source(-0.1).validate(), Err(AirError::NegativeEmission { .. })));
        assert!(source(f64::NAN).validate().is_err() && source(0.0).validate().is_ok());
    }
}
