//! Hours of a plume model over a grid of receptors. What every source gives every receptor is kept for each wind and
//! stability: another hour of the same air, or other emissions, cost a product.

use std::sync::Arc;

use super::error::AirError;
use super::meteorology::Meteorology;
use super::source::Source;
use super::store::Matrices;
use crate::base::message::ToMessage;
use crate::geo::grid::{Grid, GridSpec};
use crate::sim::fields::{FieldKey, Snapshot};
use crate::sim::run::{SimError, Simulation, StepContext};

/// Field names: of the hour, and the mean from the start on.
pub const CONCENTRATION: &str = "concentration_ug_m3";
pub const MEAN: &str = "mean_concentration_ug_m3";

#[derive(Debug, Clone)]
pub struct PlumeHour {
    pub air: Meteorology,
    /// Grams a second, in the order of the sources.
    pub rates_g_s: Vec<f64>,
}

#[derive(Debug, Clone)]
pub struct PlumeSetup {
    pub sources: Arc<Vec<Source>>,
    pub spec: GridSpec,
    pub hours: Vec<PlumeHour>,
    pub background_ug_m3: f64,
    /// Of these sources, with a receptor for each cell of `spec`, row by row.
    pub matrices: Matrices,
}

#[derive(Debug)]
pub struct PlumeSimulation {
    setup: PlumeSetup,
    done: usize,
    hour: Vec<f32>,
    sum: Vec<f64>,
}

impl PlumeSimulation {
    /// # Errors
    /// No source, an emission that cannot be, calm air.
    pub fn new(setup: PlumeSetup) -> Result<Self, AirError> {
        if setup.sources.is_empty() {
            return Err(AirError::NoSource);
        }
        if setup.hours.is_empty() {
            return Err(AirError::NoWind);
        }
        AirError::require("background", setup.background_ug_m3, 0.0, 1e6)?;
        for source in setup.sources.iter() {
            source.validate()?;
        }
        for hour in &setup.hours {
            hour.air.validate()?;
            for (source, rate) in setup.sources.iter().zip(&hour.rates_g_s) {
                source.validate_rate(*rate)?;
            }
        }
        let n = setup.spec.len();
        Ok(Self { setup, done: 0, hour: vec![0.0; n], sum: vec![0.0; n] })
    }

    fn grid(&self, cells: Vec<f32>) -> Arc<Grid<f32>> {
        Arc::new(Grid { spec: self.setup.spec.clone(), cells })
    }
}

impl Simulation for PlumeSimulation {
    fn step_count(&self) -> usize {
        self.setup.hours.len()
    }

    fn step(&mut self, cx: &StepContext) -> Result<(), SimError> {
        let hour = self.setup.hours[self.done].clone();
        let matrix = self.setup.matrices.of(&hour.air, &cx.cancel).map_err(|e| SimError::Model(e.to_message()))??;
        self.hour = matrix.product(&hour.rates_g_s);
        let background = self.setup.background_ug_m3;
        for (value, sum) in self.hour.iter_mut().zip(&mut self.sum) {
            *value += background as f32;
            *sum += f64::from(*value);
        }
        self.done += 1;
        Ok(())
    }

    fn snapshot(&self) -> Snapshot {
        let hours = self.done.max(1) as f64;
        let mean = self.sum.iter().map(|s| (s / hours) as f32).collect();
        let most = self.hour.iter().copied().fold(0.0, f32::max);
        Snapshot {
            time_s: self.done as f64 * 3600.0,
            agents: None,
            fields: [
                (FieldKey::new(CONCENTRATION), self.grid(self.hour.clone())),
                (FieldKey::new(MEAN), self.grid(mean)),
            ]
            .into(),
            scalars: [("max_concentration_ug_m3".to_owned(), f64::from(most))].into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::sim::air::matrix::Receptors;
    use crate::sim::air::release::Fate;
    use crate::sim::air::source::Place;
    use crate::sim::air::stability::StabilityClass::D;
    use crate::sim::air::store::MatrixStore;

    fn setup(hours: Vec<PlumeHour>, store: &MatrixStore) -> PlumeSetup {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 2000.0, 100.0, 20, 20);
        let at = (0..400).map(|i| spec.centre(i % 20, i / 20)).collect();
        let stack = Place::Point { at: [200.0, 1000.0], height_m: 15.0, exhaust: None };
        let sources = Arc::new(vec![Source::single("s", "s", stack, 2.0)]);
        let receptors = Arc::new(Receptors { at, height_m: 1.5, relief: None });
        let matrices =
            Matrices::new(store.clone(), Arc::clone(&sources), receptors, None, (spec.cell_width(), Fate::default()));
        PlumeSetup { sources, spec, hours, background_ug_m3: 3.0, matrices }
    }

    fn hour(rate: f64) -> PlumeHour {
        PlumeHour { air: Meteorology::new(3.0, 1.5 * std::f64::consts::PI, D.into()), rates_g_s: vec![rate] }
    }

    #[test]
    fn hours_add_up_to_their_mean_and_like_air_is_kept() {
        let store = MatrixStore::new(1 << 20);
        let mut run = PlumeSimulation::new(setup(vec![hour(2.0), hour(4.0)], &store)).unwrap();
        let cx = StepContext::default();
        run.step(&cx).unwrap();
        let first = run.snapshot();
        run.step(&cx).unwrap();
        let last = run.snapshot();
        assert_eq!((store.computed(), last.time_s), (1, 7200.0));
        let of = |s: &Snapshot, name: &str, i: usize| s.field(name).unwrap().cells[i];
        let i = 10 * 20 + 12;
        let (a, b) = (of(&first, CONCENTRATION, i) - 3.0, of(&last, CONCENTRATION, i) - 3.0);
        assert!(a > 1.0 && (b / a - 2.0).abs() < 1e-5);
        assert!((of(&last, MEAN, i) - 3.0 - 1.5 * a).abs() < 1e-4);
        assert_eq!(of(&last, CONCENTRATION, 0), 3.0);
    }

    #[test]
    fn no_source_no_wind_and_negative_emission_are_refused() {
        let setup = |hours| setup(hours, &MatrixStore::new(1 << 20));
        let none = PlumeSetup { sources: Arc::default(), ..setup(vec![hour(1.0)]) };
        assert_eq!(PlumeSimulation::new(none).unwrap_err(), AirError::NoSource);
        assert_eq!(PlumeSimulation::new(setup(Vec::new())).unwrap_err(), AirError::NoWind);
        assert!(matches!(PlumeSimulation::new(setup(vec![hour(-1.0)])), Err(AirError::NegativeEmission { .. })));
    }
}
