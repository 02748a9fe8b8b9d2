//! What the air is between stations. Concentrations are near to lognormal (Ott 1990, J. Air Waste Manage. Assoc. 40,
//! 1378-1383), so it is their logarithms that are kriged; with few stations near ones weigh more.

use crate::analysis::kriging::{Kriging, Sample};

/// Standard deviation of the logarithm where too few stations stand to tell it: a factor of 1.6 is one sigma.
const ASSUMED_SPREAD: f64 = 0.5;
/// From so many on the stations themselves tell how alike their neighbours are.
const ENOUGH: usize = 4;
/// A station weighs no more than from so near, metres.
const NEAREST_M: f64 = 100.0;
/// Lower than any instrument tells from zero, µg/m³.
const LEAST_UG_M3: f64 = 0.1;

#[derive(Debug, Clone)]
pub struct Between {
    /// Places and logarithms.
    samples: Vec<Sample>,
    /// `None` with few stations, or where all read the same.
    kriging: Option<Kriging>,
}

impl Between {
    /// Of places and their values in µg/m³; `None` without any.
    #[must_use]
    pub fn new(values: &[Sample]) -> Option<Self> {
        let known = values.iter().filter(|v| v.1.is_finite());
        let samples: Vec<Sample> = known.map(|(at, value)| (*at, value.max(LEAST_UG_M3).ln())).collect();
        let kriging = Kriging::fit(&samples);
        (!samples.is_empty()).then_some(Self { samples, kriging })
    }

    /// Logarithm of the value at a place, and its standard deviation.
    #[must_use]
    pub fn at(&self, place: [f64; 2]) -> (f64, f64) {
        if let Some(kriging) = &self.kriging {
            return kriging.at(place);
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for ([x, y], value) in &self.samples {
            let weight = (x - place[0]).hypot(y - place[1]).max(NEAREST_M).powi(-2);
            sum += weight * value;
            weights += weight;
        }
        (sum / weights, if self.is_assumed() { ASSUMED_SPREAD } else { 0.0 })
    }

    /// Whether how sure it is was assumed, for want of stations.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.kriging.is_none() && self.samples.len() < ENOUGH
    }

    /// Whether the stations say next to nothing about what a place with this deviation breathes.
    #[must_use]
    pub fn says_nothing(&self, deviation: f64) -> bool {
        self.kriging.as_ref().is_some_and(|k| k.says_nothing(deviation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_tells_its_own_air_and_farther_is_less_sure() {
        let at = |i: usize| [3000.0 * (i % 4) as f64, 3000.0 * (i / 4) as f64];
        let values: Vec<Sample> = (0..12).map(|i| (at(i), 10.0 * 1.2_f64.powi(i as i32))).collect();
        let between = Between::new(&values).unwrap();
        let ((here, near), (_, far)) = (between.at(at(5)), between.at([60_000.0, 60_000.0]));
        assert!((here - values[5].1.ln()).abs() < 0.3 && near < far, "{here} {near} {far}");
        assert!(!between.is_assumed() && between.says_nothing(far) && !between.says_nothing(near));
    }

    #[test]
    fn few_stations_weigh_by_distance_and_own_up_to_it() {
        let two = Between::new(&[([0.0, 0.0], 10.0), ([1000.0, 0.0], 40.0)]).unwrap();
        let (middle, spread) = two.at([500.0, 0.0]);
        assert!((middle.exp() - 20.0).abs() < 1e-9 && spread == ASSUMED_SPREAD && two.is_assumed());
        assert!(two.at([10.0, 0.0]).0 < middle);
        let alike = Between::new(&[([0.0, 0.0], 5.0); 6]).unwrap();
        assert_eq!((alike.at([9.0, 9.0]).1, alike.is_assumed()), (0.0, false));
        assert!(Between::new(&[([0.0, 0.0], f64::NAN)]).is_none());
    }
}
