//! Burn probability: many fires that differ in where they start and in the weather.

use rayon::prelude::*;

use super::error::FireError;
use super::front::{Fire, Ignition, IgnitionShape};
use super::landscape::Weather;
use super::simulation::FireSetup;
use super::spotting::{self, Spotting};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::message::Message;
use crate::base::progress::Progress;
use crate::base::rng::KeyedRng;

/// How the members of an ensemble differ.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ensemble {
    pub seed: u64,
    pub members: u32,
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

    /// Burns every member. They start where the setup's ignitions are; when it has none, each at a random one of
    /// `starts` (cells), or of all that have fuel when that is empty too. `measure` looks at each fire at its end.
    ///
    /// # Errors
    /// Bad weather or spotting; [`FireError::NothingIgnites`]. The inner error is a cancellation.
    pub fn run<T: Send>(
        &self,
        setup: &FireSetup,
        starts: &[u32],
        measure: impl Fn(&Fire) -> T + Sync,
        cancel: &CancelToken,
        progress: &Progress,
    ) -> Result<Result<Burns<T>, Cancelled>, FireError> {
        Weather::validate(&setup.weather)?;
        setup.spotting.map_or(Ok(()), |s| s.validate())?;
        let landscape = &setup.landscape;
        let cells = landscape.spec().len();
        let has_fuel = |c: &u32| landscape.fuel_index(*c as usize).is_some();
        let burnable: Vec<u32> = if starts.is_empty() {
            (0..cells as u32).filter(has_fuel).collect()
        } else {
            starts.iter().copied().filter(has_fuel).collect()
        };
        if burnable.is_empty() {
            return Err(FireError::NothingIgnites);
        }
        progress.stage(Message::new("sim-running"), u64::from(self.members));
        let groups = (self.members as usize).div_ceil(GROUP);
        let burn_group = |group: usize| {
            let mut burns = Burns { counts: vec![0u32; cells], members: Vec::with_capacity(GROUP) };
            let mut fire = None;
            for member in group * GROUP..((group + 1) * GROUP).min(self.members as usize) {
                let burnt = self.burn(setup, &burnable, member as u64, &mut fire, cancel)?;
                for cell in &burnt {
                    burns.counts[*cell] += 1;
                }
                burns.members.extend(fire.iter().map(|f| Member { burnt: burnt.len(), measured: measure(f) }));
                progress.advance(1);
            }
            Ok::<_, Cancelled>(burns)
        };
        let none = || Burns { counts: vec![0u32; cells], members: Vec::new() };
        // Rayon keeps the order of what it joins.
        Ok((0..groups).into_par_iter().map(burn_group).try_reduce(none, |mut a, b| {
            a.counts.iter_mut().zip(b.counts).for_each(|(a, b)| *a += b);
            a.members.extend(b.members);
            Ok(a)
        }))
    }

    /// One member: the cells that it burnt. `fire` keeps the memory of the one before.
    fn burn(
        &self,
        setup: &FireSetup,
        burnable: &[u32],
        member: u64,
        fire: &mut Option<Fire>,
        cancel: &CancelToken,
    ) -> Result<Vec<usize>, Cancelled> {
        let weather = self.weather(member, &setup.weather);
        let spec = setup.landscape.spec();
        let time_s = weather.first().map_or(0.0, |w| w.start_s);
        let random: Vec<Ignition> = (setup.ignitions.is_empty().then(|| self.start(member, burnable)).flatten())
            .map(|cell| IgnitionShape::Point(spec.centre(cell % spec.cols, cell / spec.cols)))
            .map(|shape| Ignition { time_s, shape })
            .into_iter()
            .collect();
        let ignitions = if setup.ignitions.is_empty() { &random } else { &setup.ignitions };
        // The weather was checked and is varied within its limits, so neither fails.
        match fire {
            Some(fire) => drop(fire.relight(&weather, ignitions)),
            None => *fire = Fire::new(&setup.landscape, &weather, ignitions, setup.options).ok(),
        }
        let Some(fire) = fire else { return Ok(Vec::new()) };
        let until = time_s + setup.span_s;
        let Some(spotting) = setup.spotting else {
            fire.advance(until, cancel)?;
            return Ok(burnt(fire));
        };
        let spotting = Spotting { seed: spotting.seed.wrapping_add(member), ..spotting };
        spotting::advance(fire, &mut Vec::new(), &spotting, &weather, until, cancel)?;
        Ok((0..spec.len()).filter(|c| fire.march().arrival_s(*c) < f64::INFINITY).collect())
    }
}

/// What an ensemble gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Burns<T> {
    /// In how many members each cell burns.
    pub counts: Vec<u32>,
    /// In the order of their numbers.
    pub members: Vec<Member<T>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Member<T> {
    /// Cells.
    pub burnt: usize,
    pub measured: T,
}

/// Cells that have burnt, each once.
fn burnt(fire: &mut Fire) -> Vec<usize> {
    let mut trail = fire.take_trail();
    trail.sort_unstable();
    trail.dedup();
    let march = fire.march();
    trail.into_iter().map(|c| c as usize).filter(|c| march.arrival_s(*c) < f64::INFINITY).collect()
}
