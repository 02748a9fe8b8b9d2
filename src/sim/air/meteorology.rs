//! The air of an hour: wind, stability, lid; and the wind at other heights.

use serde::{Deserialize, Serialize};

use super::error::AirError;
use super::sigma::Surroundings;
use super::stability::{Stability, StabilityClass};

/// Below this a steady plume means nothing: the wind turns before it has gone anywhere (ISC3, sect. 1.1.3).
pub const CALM_MPS: f64 = 1.0;
/// Winds are told at this height unless something else is said.
pub const REFERENCE_M: f64 = 10.0;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Meteorology {
    /// At [`REFERENCE_M`].
    pub wind_mps: f64,
    /// Where it comes from, clockwise from grid north, radians.
    pub wind_from_rad: f64,
    pub stability: Stability,
    /// Height of the mixed layer, metres; stable air has no lid (ISC3, sect. 1.1.6.1).
    pub mixing_height_m: f64,
    pub temperature_k: f64,
    pub surroundings: Surroundings,
}

impl Meteorology {
    /// A wind with everything else as assumed where nobody says more: 27 °C, a lid that goes with the class.
    #[must_use]
    pub fn new(wind_mps: f64, wind_from_rad: f64, stability: Stability) -> Self {
        Self {
            wind_mps,
            wind_from_rad,
            stability,
            mixing_height_m: assumed_mixing_height_m(stability.nearest()),
            temperature_k: 300.15,
            surroundings: Surroundings::Rural,
        }
    }

    /// # Errors
    /// Calm air, or what no air is like.
    pub fn validate(&self) -> Result<(), AirError> {
        self.validate_with_calm()?;
        if self.wind_mps < CALM_MPS {
            return Err(AirError::Calm { value: self.wind_mps, least: CALM_MPS });
        }
        Ok(())
    }

    /// As [`Self::validate`] for air that needs no direction: calm is taken.
    ///
    /// # Errors
    /// [`AirError::OutOfRange`].
    pub fn validate_with_calm(&self) -> Result<(), AirError> {
        AirError::require("wind", self.wind_mps, 0.0, 75.0)?;
        AirError::require("direction", self.wind_from_rad, -100.0, 100.0)?;
        AirError::require("mixing-height", self.mixing_height_m, 10.0, 10_000.0)?;
        AirError::require("temperature", self.temperature_k, 200.0, 340.0)
    }

    /// Height of the lid for a plume, infinite in stable air.
    #[must_use]
    pub fn lid_m(&self) -> f64 {
        if self.stability.nearest().is_stable() { f64::INFINITY } else { self.mixing_height_m }
    }

    /// The wind at a height by the power law (ISC3 eq. 1-6), not below the reference height and never calm.
    #[must_use]
    pub fn wind_at(&self, height_m: f64) -> f64 {
        let ratio = (height_m / REFERENCE_M).max(1.0);
        (self.wind_mps * ratio.powf(self.wind_exponent())).max(CALM_MPS)
    }

    /// ISC3's default exponents (sect. 1.1.3), mixed between classes.
    fn wind_exponent(&self) -> f64 {
        let table: [f64; 6] = match self.surroundings {
            Surroundings::Rural => [0.07, 0.07, 0.10, 0.15, 0.35, 0.55],
            Surroundings::Urban => [0.15, 0.15, 0.20, 0.25, 0.30, 0.30],
        };
        let of = |class: StabilityClass| table[class.index()];
        let (here, next) = (of(self.stability.class), of(self.stability.class.next()));
        (next - here).mul_add(self.stability.towards_next, here)
    }

    /// Stability parameter s = g/T dθ/dz, 1/s2 (ISC3 eq. 1-10), with the default gradients of E and F.
    #[must_use]
    pub fn stability_parameter(&self) -> Option<f64> {
        let gradient_k_m = match self.stability.nearest() {
            StabilityClass::E => 0.020,
            StabilityClass::F => 0.035,
            _ => return None,
        };
        Some(9.80616 * gradient_k_m / self.temperature_k)
    }

    /// Unit vector of where the air goes: (east, north).
    #[must_use]
    pub fn downwind(&self) -> [f64; 2] {
        let (sin, cos) = self.wind_from_rad.sin_cos();
        [-sin, -cos]
    }
}

/// Where nobody measured the lid: middle values of Seibert et al. (2000), Atmos. Environ. 34, 1001-1027, for
/// convective, neutral and stable layers. An assumption, to be told with the result.
#[must_use]
pub fn assumed_mixing_height_m(class: StabilityClass) -> f64 {
    [1500.0, 1300.0, 1000.0, 700.0, 300.0, 150.0][class.index()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wind_grows_with_height_by_its_class() {
        let mut air = Meteorology::new(4.0, 0.0, StabilityClass::D.into());
        assert!((air.wind_at(100.0) - 4.0 * 10_f64.powf(0.15)).abs() < 1e-12);
        assert_eq!((air.wind_at(2.0), air.lid_m()), (4.0, 700.0));
        air.stability = StabilityClass::F.into();
        assert_eq!(air.lid_m(), f64::INFINITY);
        assert!(air.stability_parameter().is_some_and(|s| (s - 0.001_143_5).abs() < 1e-6));
        assert!((air.downwind()[1] + 1.0).abs() < 1e-12);
    }

    #[test]
    fn calm_air_is_refused() {
        let calm = Meteorology::new(0.4, 0.0, StabilityClass::D.into());
        assert_eq!(calm.validate(), Err(AirError::Calm { value: 0.4, least: 1.0 }));
        assert!(Meteorology::new(f64::NAN, 0.0, StabilityClass::D.into()).validate().is_err());
    }
}
