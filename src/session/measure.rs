//! What the measuring tools read off their points.

use super::view_state::Tool;
use crate::geo::measure::{distance, length, ring_area};

/// SI units; points are site metres (east, north, up).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measurement {
    Distance {
        /// On the map's plane.
        plane_m: f64,
        /// Straight from point to point, height included.
        slope_m: f64,
        segments: usize,
    },
    Area {
        /// On the map's plane.
        area_m2: f64,
        perimeter_m: f64,
    },
    Height {
        /// The second point above the first.
        rise_m: f64,
        plane_m: f64,
    },
}

/// `None` while there are too few points, or when the tool measures nothing.
#[must_use]
pub fn measurement(tool: Tool, points: &[[f64; 3]]) -> Option<Measurement> {
    let plane: Vec<[f64; 2]> = points.iter().map(|p| [p[0], p[1]]).collect();
    match (tool, points) {
        (Tool::MeasureDistance, [_, _, ..]) => Some(Measurement::Distance {
            plane_m: length(&plane),
            slope_m: points.windows(2).map(|w| slope_distance(w[0], w[1])).sum(),
            segments: points.len() - 1,
        }),
        (Tool::MeasureArea, [_, _, _, ..]) => {
            let ring: Vec<[f64; 2]> = plane.iter().chain(plane.first()).copied().collect();
            Some(Measurement::Area { area_m2: ring_area(&ring).abs(), perimeter_m: length(&ring) })
        }
        (Tool::MeasureHeight, [a, b]) => {
            Some(Measurement::Height { rise_m: b[2] - a[2], plane_m: distance([a[0], a[1]], [b[0], b[1]]) })
        }
        _ => None,
    }
}

fn slope_distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    distance([a[0], a[1]], [b[0], b[1]]).hypot(b[2] - a[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_longer_than_its_plan() {
        let m = measurement(Tool::MeasureDistance, &[[0.0, 0.0, 0.0], [3.0, 0.0, 4.0], [3.0, 2.0, 4.0]]);
        assert_eq!(m, Some(Measurement::Distance { plane_m: 5.0, slope_m: 7.0, segments: 2 }));
    }

    #[test]
    fn an_area_is_the_same_whichever_way_round() {
        let square = [[0.0, 0.0, 1.0], [10.0, 0.0, 2.0], [10.0, 10.0, 3.0], [0.0, 10.0, 4.0]];
        let back: Vec<[f64; 3]> = square.iter().rev().copied().collect();
        let expected = Some(Measurement::Area { area_m2: 100.0, perimeter_m: 40.0 });
        assert_eq!(measurement(Tool::MeasureArea, &square), expected);
        assert_eq!(measurement(Tool::MeasureArea, &back), expected);
        assert_eq!(measurement(Tool::MeasureArea, &square[..2]), None);
    }

    #[test]
    fn height_is_from_the_first_to_the_second_point() {
        let m = measurement(Tool::MeasureHeight, &[[0.0, 0.0, 10.0], [3.0, 4.0, 2.5]]);
        assert_eq!(m, Some(Measurement::Height { rise_m: -7.5, plane_m: 5.0 }));
        assert_eq!(measurement(Tool::Inspect, &[[0.0; 3]; 2]), None);
    }
}
