//! What chance gives a member. Every number has a stream of its own and is keyed by the member: member 17 is the same on
//! any machine, in any order, and stays so when another number begins to vary.

use std::collections::BTreeMap;

use super::spec::{Ignitions, Spec, Spread};
use crate::base::rng::KeyedRng;
use crate::base::units::significant;
use crate::study::whatif::settings::Settings;

/// Streams of the numbers that vary come after this one, in the order of `Vary::numbers`.
const FIRST_STREAM: u64 = 0x656e_7365_6d62_0000;
/// Draws are rounded to so many digits: logarithms may differ in their last bit from processor to processor, and a member
/// must not.
const DIGITS: i32 = 6;
/// The stream of the place where a fire starts.
const PLACE_STREAM: u64 = FIRST_STREAM - 1;

/// The settings of a member, and what was drawn for them by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    pub settings: Settings,
    pub values: BTreeMap<String, f64>,
}

impl Spread {
    fn draw(&self, rng: KeyedRng, member: u64) -> f64 {
        match self {
            Self::Uniform { low, high } => rng.range(0, member, *low, *high),
            Self::Normal { mean, sd } => sd.mul_add(rng.normal(0, member), *mean),
            Self::LogNormal { median, sd_log } => median * (sd_log * rng.normal(0, member)).exp(),
            Self::OneOf(values) => values[rng.below(0, member, values.len() as u64) as usize],
            Self::Weighted(rows) => {
                let all: f64 = rows.iter().map(|r| r.1).sum();
                let mut left = rng.range(0, member, 0.0, all);
                let hit = rows.iter().filter(|r| r.1 > 0.0).find(|r| {
                    left -= r.1;
                    left < 0.0
                });
                // Rounding may leave nothing: then it is the last one that can be.
                hit.or(rows.iter().rfind(|r| r.1 > 0.0)).map_or(f64::NAN, |r| r.0)
            }
        }
    }
}

impl Spec {
    /// The settings of a member; the same for every scenario, so that differences are the scenarios' own.
    #[must_use]
    pub fn draw(&self, member: u32) -> Drawn {
        let at = u64::from(member);
        let mut settings = Settings { seed: self.seed, ..self.settings.without_threads() };
        let mut values = BTreeMap::new();
        for (stream, (quantity, spread)) in (FIRST_STREAM..).zip(self.vary.numbers()) {
            let Some(spread) = spread else { continue };
            let drawn = significant(spread.draw(KeyedRng::new(self.seed, stream), at), DIGITS);
            let mut value = drawn.clamp(quantity.low, quantity.high);
            let place = match quantity.name {
                "wind_mps" => &mut settings.wind_mps,
                "wind_from_deg" => {
                    value = value.rem_euclid(360.0);
                    &mut settings.wind_from_deg
                }
                "cloud" => &mut settings.cloud,
                "background_ug_m3" => &mut settings.background_ug_m3,
                "fire_wind_mps" => &mut settings.fire_wind_mps,
                "fire_moisture" => &mut settings.fire_moisture,
                _ => &mut settings.traffic_demand,
            };
            *place = value;
            values.insert(quantity.name.to_owned(), value);
        }
        match &self.vary.ignitions {
            Ignitions::Anywhere(fires) => {
                settings.fire_ignitions = *fires;
                settings.fire_first = at * u64::from(*fires);
            }
            Ignitions::AllOf(places) => settings.fire_places.clone_from(places),
            Ignitions::OneOf(places) => {
                let one = KeyedRng::new(self.seed, PLACE_STREAM).below(0, at, places.len() as u64) as usize;
                settings.fire_places = vec![places[one]];
                values.insert("ignition".to_owned(), one as f64);
            }
        }
        Drawn { settings, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(vary: &str) -> Spec {
        Spec::parse(&format!(r#"(version: 1, scene: "a", scenarios: ["today"], members: 5, seed: 7, vary: ({vary}))"#))
            .unwrap()
    }

    #[test]
    fn a_member_is_the_same_whatever_else_varies() {
        let one = spec("fire_moisture: Some(Uniform(low: 0.5, high: 2.0))").draw(17);
        let two = spec("wind_mps: Some(OneOf([1, 2, 3])), fire_moisture: Some(Uniform(low: 0.5, high: 2.0))").draw(17);
        assert_eq!(one.settings.fire_moisture, two.settings.fire_moisture);
        assert_eq!(two.values.keys().collect::<Vec<_>>(), ["fire_moisture", "wind_mps"]);
        assert_ne!(one, spec("fire_moisture: Some(Uniform(low: 0.5, high: 2.0))").draw(18));
        assert_eq!((two.settings.fire_first, two.settings.fire_ignitions), (17, 1));
    }

    /// Member 3 as another program (Python) computes it: another machine, thread count or version that gives other numbers
    /// would mix two ensembles.
    #[test]
    fn a_draw_never_changes() {
        let vary =
            "traffic_demand: Some(Uniform(low: 0.0, high: 2.0)), wind_mps: Some(OneOf([1, 2, 3, 4, 5, 6, 7, 8]))";
        let drawn = spec(vary).draw(3).values;
        assert_eq!((drawn["traffic_demand"], drawn["wind_mps"]), (0.034_243_6, 2.0));
    }

    #[test]
    fn spreads_have_their_means_and_shares() {
        let s = spec(
            "wind_from_deg: Some(Normal(mean: 0.0, sd: 30.0)), wind_mps: Some(LogNormal(median: 3.0, sd_log: 0.3)),
             cloud: Some(Weighted([(0.0, 1.0), (0.5, 0.0), (1.0, 3.0)])), traffic_demand: Some(Normal(mean: 1.0, sd: 50.0))",
        );
        let n = 20_000_u32;
        let all: Vec<Settings> = (0..n).map(|m| s.draw(m).settings).collect();
        let share = |f: &dyn Fn(&Settings) -> bool| all.iter().filter(|s| f(s)).count() as f64 / f64::from(n);
        assert!((share(&|s| s.cloud == 1.0) - 0.75).abs() < 0.01);
        assert_eq!(share(&|s| s.cloud == 0.5), 0.0);
        assert!((share(&|s| s.wind_mps < 3.0) - 0.5).abs() < 0.01);
        // One standard deviation to either side, over the north.
        assert!((share(&|s| s.wind_from_deg < 30.0 || s.wind_from_deg > 330.0) - 0.6827).abs() < 0.01);
        assert!(all.iter().all(|s| (0.0..360.0).contains(&s.wind_from_deg) && s.traffic_demand >= 0.01));
    }
}
