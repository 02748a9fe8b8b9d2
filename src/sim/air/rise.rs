//! How far hot or fast gas rises from a stack: Briggs (1969, 1971, 1975) as in ISC3 (EPA-454/B-95-003b, sect. 1.1.4).

use serde::{Deserialize, Serialize};

use super::meteorology::Meteorology;

/// What leaves a stack's mouth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Exhaust {
    pub diameter_m: f64,
    pub velocity_mps: f64,
    pub temperature_k: f64,
}

const GRAVITY: f64 = 9.80616;

/// Where a plume's axis runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// Of the stack, less what is drawn down in its lee.
    mouth_m: f64,
    wind_mps: f64,
    exhaust: Exhaust,
    /// Fb, m4/s3.
    buoyancy: f64,
    /// Fm, m4/s2.
    momentum: f64,
    stability_parameter: Option<f64>,
    buoyant: bool,
    final_m: f64,
}

impl Rise {
    #[must_use]
    pub fn new(stack_m: f64, exhaust: Exhaust, air: &Meteorology) -> Self {
        let Exhaust { diameter_m: d, velocity_mps: v, temperature_k: hot } = exhaust;
        let u = air.wind_at(stack_m);
        // Stack-tip downwash, eq. 1-7.
        let drawn = if v < 1.5 * u { 2.0 * d * (v / u - 1.5) } else { 0.0 };
        let mouth_m = (stack_m + drawn).max(0.0);
        let excess_k = (hot - air.temperature_k).max(0.0);
        let buoyancy = GRAVITY * v * d * d * excess_k / (4.0 * hot);
        let momentum = v * v * d * d * air.temperature_k / (4.0 * hot);
        let s = air.stability_parameter();
        // Crossover between buoyancy and momentum, eqs. 1-10, 1-11 and 1-19.
        let crossover_k = match s {
            Some(s) => 0.019_582 * hot * v * s.sqrt(),
            None if buoyancy < 55.0 => 0.0297 * hot * v.cbrt() / d.powf(2.0 / 3.0),
            None => 0.00575 * hot * v.powf(2.0 / 3.0) / d.cbrt(),
        };
        let buoyant = buoyancy > 0.0 && excess_k >= crossover_k;
        // Eqs. 1-12 to 1-16, 1-20 and 1-21.
        let neutral_momentum = 3.0 * d * v / u;
        let final_m = match (s, buoyant) {
            (None, true) if buoyancy < 55.0 => 21.425 * buoyancy.powf(0.75) / u,
            (None, true) => 38.71 * buoyancy.powf(0.6) / u,
            (None, false) => neutral_momentum,
            (Some(s), true) => 2.6 * (buoyancy / (u * s)).cbrt(),
            (Some(s), false) => (1.5 * (momentum / (u * s.sqrt())).cbrt()).min(neutral_momentum),
        };
        Self { mouth_m, wind_mps: u, exhaust, buoyancy, momentum, stability_parameter: s, buoyant, final_m }
    }

    /// Of the plume's axis above the stack's foot, metres, at a distance downwind (sect. 1.1.4.7).
    #[must_use]
    pub fn height_m(&self, distance_m: f64) -> f64 {
        self.mouth_m + self.rise_m(distance_m)
    }

    /// Above the stack's mouth.
    #[must_use]
    pub fn rise_m(&self, distance_m: f64) -> f64 {
        let (x, u) = (distance_m.max(0.0), self.wind_mps);
        let so_far = if self.buoyant {
            1.60 * self.buoyancy.cbrt() * x.powf(2.0 / 3.0) / u
        } else {
            let beta = 1.0 / 3.0 + u / self.exhaust.velocity_mps.max(1e-6);
            let along = match self.stability_parameter {
                Some(s) => {
                    let turn = (x * s.sqrt() / u).min(std::f64::consts::FRAC_PI_2);
                    turn.sin() / s.sqrt()
                }
                None => x / u,
            };
            (3.0 * self.momentum * along / (beta * beta * u)).cbrt()
        };
        so_far.min(self.final_m)
    }

    /// The plume's own turbulence while it rises (Pasquill 1976; ISC3 eq. 1-43): added to both widths in squares.
    #[must_use]
    pub fn own_spread_m(&self, distance_m: f64) -> f64 {
        self.rise_m(distance_m) / 3.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::stability::StabilityClass;

    fn air(class: StabilityClass, wind: f64) -> Meteorology {
        Meteorology { temperature_k: 293.0, ..Meteorology::new(wind, 0.0, class.into()) }
    }

    /// Worked by hand: 2 m across, 15 m/s, 400 K into 293 K: Fb = 9.80616 x 15 x 4 x 107 / 1600 = 39.347.
    #[test]
    fn a_hot_plume_in_neutral_and_stable_air() {
        let exhaust = Exhaust { diameter_m: 2.0, velocity_mps: 15.0, temperature_k: 400.0 };
        let neutral = Rise::new(10.0, exhaust, &air(StabilityClass::D, 5.0));
        assert!((neutral.buoyancy - 39.347_217).abs() < 1e-5);
        let end = 21.425 * 39.347_217_f64.powf(0.75) / 5.0;
        assert!((neutral.rise_m(1e5) - end).abs() < 1e-4, "{}", neutral.rise_m(1e5));
        assert!((neutral.rise_m(100.0) - 1.6 * 39.347_217_f64.cbrt() * 100_f64.powf(2.0 / 3.0) / 5.0).abs() < 1e-4);
        // Gradual and final rise meet at 3.5 x*: 49 Fb^(5/8).
        let meet = 49.0 * 39.347_217_f64.powf(0.625);
        assert!((1.6 * 39.347_217_f64.cbrt() * meet.powf(2.0 / 3.0) / 5.0 / end - 1.0).abs() < 0.001);
        let stable = Rise::new(10.0, exhaust, &air(StabilityClass::F, 2.0));
        let s: f64 = 9.80616 * 0.035 / 293.0;
        assert!((stable.rise_m(1e5) - 2.6 * (39.347_217 / (2.0 * s)).cbrt()).abs() < 1e-4);
    }

    #[test]
    fn a_cold_jet_rises_by_momentum_and_a_slow_one_is_drawn_down() {
        let jet = Exhaust { diameter_m: 1.0, velocity_mps: 20.0, temperature_k: 293.0 };
        let rise = Rise::new(10.0, jet, &air(StabilityClass::D, 5.0));
        assert!((rise.rise_m(1e5) - 3.0 * 20.0 / 5.0).abs() < 1e-9);
        let slow = Exhaust { velocity_mps: 2.0, ..jet };
        let drawn = Rise::new(10.0, slow, &air(StabilityClass::D, 4.0));
        assert!((drawn.height_m(0.0) - (10.0 + 2.0 * (0.5 - 1.5))).abs() < 1e-9);
    }
}
