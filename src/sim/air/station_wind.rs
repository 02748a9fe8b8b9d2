//! The wind between stations.

use serde::{Deserialize, Serialize};

/// What a station measured 10 m over the ground.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StationWind {
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
    /// Towards the east and the north.
    pub mps: [f64; 2],
}

impl StationWind {
    /// From its speed and where it comes from.
    #[must_use]
    pub fn from(at: [f64; 2], speed_mps: f64, from_rad: f64) -> Self {
        Self { at, mps: [-speed_mps * from_rad.sin(), -speed_mps * from_rad.cos()] }
    }
}

/// Each station by one over its squared distance (Shepard 1968, Proc. 23rd ACM Nat. Conf., 517); still air without any.
/// What is nearer than a metre counts as the station's place.
#[must_use]
pub fn between(stations: &[StationWind], [x, y]: [f64; 2]) -> [f64; 2] {
    let (mut sum, mut weights) = ([0.0; 2], 0.0);
    for station in stations {
        let [dx, dy] = [station.at[0] - x, station.at[1] - y];
        let weight = 1.0 / (dx * dx + dy * dy).max(1.0);
        sum = [sum[0] + weight * station.mps[0], sum[1] + weight * station.mps[1]];
        weights += weight;
    }
    if weights > 0.0 { sum.map(|v| v / weights) } else { sum }
}

/// One wind for all of them: the mean of their speeds from the direction of their mean. (speed m/s, from, radians)
#[must_use]
pub fn mean(stations: &[StationWind]) -> (f64, f64) {
    let count = stations.len().max(1) as f64;
    let speed = stations.iter().map(|s| s.mps[0].hypot(s.mps[1])).sum::<f64>() / count;
    let [east, north] = [0, 1].map(|k| stations.iter().map(|s| s.mps[k]).sum::<f64>());
    (speed, (-east).atan2(-north).rem_euclid(std::f64::consts::TAU))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_has_its_own_wind_and_the_middle_that_of_both() {
        let two = [
            StationWind::from([0.0, 0.0], 4.0, 0.0),
            StationWind::from([1000.0, 0.0], 2.0, 1.5 * std::f64::consts::PI),
        ];
        let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-4;
        assert!(near(between(&two, [0.0, 0.0]), [0.0, -4.0]), "{:?}", between(&two, [0.0, 0.0]));
        assert!(near(between(&two, [1000.0, 0.0]), [2.0, 0.0]));
        assert!(near(between(&two, [500.0, 300.0]), [1.0, -2.0]));
        assert_eq!(between(&[], [1.0, 1.0]), [0.0, 0.0]);
        let (speed, from) = mean(&two);
        assert!(
            (speed - 3.0).abs() < 1e-12
                && (from - 2.0_f64.atan2(4.0).mul_add(-1.0, std::f64::consts::TAU)).abs() < 1e-9,
            "{from}"
        );
    }
}
