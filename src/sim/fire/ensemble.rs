//! Burn probability: many fires that differ in where they start and in the weather.

use std::sync::Arc;

use rayon::prelude::*;

use super::error::FireError;
use super::front::{Fire, FireOptions, Ignition, IgnitionShape};
use super::landscape::{Landscape, Weather};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::progress::Progress;
use crate::base::rng::KeyedRng;

/// How the members of an ensemble differ.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ensemble {
    pub seed: u64,
    pub members: u32,
    pub span_s: f64,
    /// Standard deviation of the wind's direction, radians.
    pub wind_direction_rad: f64,
    /// Standard deviation of the logarithm of the wind's speed.
    pub wind_log: f64,
    /// Standard deviation of the logarithm of dead fuel moisture.
    pub moisture_log: f64,
}

/// Members are burnt in groups of this many, each group adding to its own counts: memory is bounded and the sums are
/// whole numbers, the same in any order.
const GROUP: usize = 8;

impl Ensemble {
    /// The cell where a member starts.
    fn start(&self, member: u64, burnable: &[u32]) -> Option<usize> {
        let n = burnable.len() as u64;
        let rng = KeyedRng::new(self.seed, 1);
        (n > 0).then(|| burnable[rng.below(0, member, n) as usize] as usize)
    }

    fn weather(&self, member: u64, course: &[Weather]) -> Vec<Weather> {
        let rng = KeyedRng::new(self.seed, 2);
        let turn = self.wind_direction_rad * rng.normal(0, member);
        let stronger = (self.wind_log * rng.normal(1, member)).exp();
        let wetter = (self.moisture_log * rng.normal(2, member)).exp();
        let vary = |w: &Weather| {
            let mut w = *w;
            w.wind_from_rad += turn;
            w.wind_10m_mps = (w.wind_10m_mps * stronger).min(90.0);
            for dead in [&mut w.moisture.dead_1h, &mut w.moisture.dead_10h, &mut w.moisture.dead_100h] {
                *dead = (*dead * wetter).min(1.5);
            }
            w
        };
        course.iter().map(vary).collect()
    }

    /// In how many members each cell burns. `starts`: cells where fires may start; all that have fuel when empty.
    ///
    /// # Errors
    /// Bad weather; [`FireError::NothingIgnites`]. The inner error is a cancellation.
    pub fn run(
        &self,
        landscape: &Arc<Landscape>,
        weather: &[Weather],
        starts: &[u32],
        cancel: &CancelToken,
        progress: &Progress,
    ) -> Result<Result<Vec<u32>, Cancelled>, FireError> {
        Weather::validate(weather)?;
        let cells = landscape.spec().len();
        let burnable: Vec<u32> = if starts.is_empty() {
            (0..cells as u32).filter(|c| landscape.fuel_index(*c as usize).is_some()).collect()
        } else {
            starts.iter().copied().filter(|c| landscape.fuel_index(*c as usize).is_some()).collect()
        };
        if burnable.is_empty() {
            return Err(FireError::NothingIgnites);
        }
        let groups = (self.members as usize).div_ceil(GROUP);
        let counted = (0..groups)
            .into_par_iter()
            .map(|group| {
                let mut counts = vec![0u32; cells];
                let mut fire = None;
                for member in group * GROUP..((group + 1) * GROUP).min(self.members as usize) {
                    self.burn(landscape, weather, &burnable, member as u64, &mut fire, cancel)?;
                    for cell in fire.iter_mut().flat_map(burnt) {
                        counts[cell] += 1;
                    }
                    progress.advance(1);
                }
                Ok::<_, Cancelled>(counts)
            })
            .try_reduce(
                || vec![0u32; cells],
                |mut a, b| {
                    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                    Ok(a)
                },
            );
        Ok(counted)
    }

    /// One member; `fire` keeps the memory of the one before.
    fn burn(
        &self,
        landscape: &Arc<Landscape>,
        course: &[Weather],
        burnable: &[u32],
        member: u64,
        fire: &mut Option<Fire>,
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        let Some(start) = self.start(member, burnable) else { return Ok(()) };
        let weather = self.weather(member, course);
        let spec = landscape.spec();
        let time_s = weather.first().map_or(0.0, |w| w.start_s);
        let shape = IgnitionShape::Point(spec.centre(start % spec.cols, start / spec.cols));
        let ignitions = [Ignition { time_s, shape }];
        // The weather was checked and is varied within its limits, so neither fails.
        match fire {
            Some(fire) => drop(fire.relight(&weather, &ignitions)),
            None => *fire = Fire::new(landscape, &weather, &ignitions, FireOptions::default()).ok(),
        }
        fire.as_mut().map_or(Ok(()), |fire| fire.advance(time_s + self.span_s, cancel))
    }
}

/// Cells that have burnt, each once.
fn burnt(fire: &mut Fire) -> Vec<usize> {
    let mut trail = fire.take_trail();
    trail.sort_unstable();
    trail.dedup();
    let march = fire.march();
    trail.into_iter().map(|c| c as usize).filter(|c| march.arrival_s(*c) < f64::INFINITY).collect()
}
