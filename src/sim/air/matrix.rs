//! What each source gives each receptor for a gram a second, kept: a change of emissions is then a product.

use std::sync::Arc;

use rayon::prelude::*;

use super::error::AirError;
use super::meteorology::Meteorology;
use super::release::{Fate, Outlet, Release};
use super::source::{Element, Source};
use super::table::PlumeTable;
use super::terrain::{LEVEL_M, dividing_height_m, is_raised, level_weight};
use crate::base::cancel::{CancelToken, Cancelled};

/// Places where the air is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Receptors {
    /// (east, north), metres.
    pub at: Vec<[f64; 2]>,
    /// Above the ground, metres: where people breathe.
    pub height_m: f64,
    /// On hills; `None`: the ground is flat.
    pub relief: Option<Relief>,
}

/// Heights above the sea, metres, in the order of the receptors.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Relief {
    pub ground_m: Vec<f32>,
    /// Of the hill that each receptor feels.
    pub hill_m: Vec<f32>,
}

/// Receptors that are worked on together; the result does not depend on the number of threads.
const CHUNK: usize = 1024;

/// Micrograms per cubic metre for a gram a second: one value per receptor and source.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitMatrix {
    receptors: usize,
    /// All receptors of each source.
    columns: Vec<Arc<Vec<f32>>>,
}

/// Source parts made ready: what they share is computed once.
struct Plan {
    /// With whether hills matter to it.
    tables: Vec<(Outlet, PlumeTable, bool)>,
    /// (element, its table, ground at its foot), by source.
    sources: Vec<Vec<(Element, usize, f64)>>,
}

impl Plan {
    fn new(
        sources: &[Source],
        air: &Meteorology,
        fate: Fate,
        options: &MatrixOptions<'_>,
        cancel: &CancelToken,
        receptor_height_m: f64,
    ) -> Result<Self, Cancelled> {
        let mut plan = Self { tables: Vec::new(), sources: Vec::new() };
        for source in sources {
            let mut own = Vec::new();
            for element in source.elements(options.spacing_m) {
                cancel.check()?;
                let outlet = rounded(element.outlet);
                let known = plan.tables.iter().position(|(o, ..)| *o == outlet);
                let table = known.unwrap_or_else(|| {
                    let release = Release::new(outlet, fate, air);
                    plan.tables.push((outlet, PlumeTable::new(&release, receptor_height_m), is_raised(&release)));
                    plan.tables.len() - 1
                });
                own.push((element, table, (options.ground_m)(element.at)));
            }
            plan.sources.push(own);
        }
        Ok(plan)
    }
}

/// Widths in steps of a tenth, so that a thousand pieces of road share a few tables.
fn rounded(outlet: Outlet) -> Outlet {
    let step = |v: f64| if v > 0.0 { 1.1_f64.powf((v.ln() / 1.1_f64.ln()).round()) } else { 0.0 };
    Outlet { initial_y_m: step(outlet.initial_y_m), initial_z_m: step(outlet.initial_z_m), ..outlet }
}

/// How fine, and on which ground.
pub struct MatrixOptions<'a> {
    /// Roads and areas become plumes this far apart, metres.
    pub spacing_m: f64,
    /// Height of the ground above the sea at a source.
    pub ground_m: &'a (dyn Fn([f64; 2]) -> f64 + Sync),
}

impl UnitMatrix {
    /// # Errors
    /// Calm or impossible air, an impossible source. The inner error: the user stopped it.
    pub fn compute(
        sources: &[Source],
        receptors: &Receptors,
        air: &Meteorology,
        fate: Fate,
        options: &MatrixOptions<'_>,
        cancel: &CancelToken,
    ) -> Result<Result<Self, Cancelled>, AirError> {
        air.validate()?;
        for source in sources {
            source.validate()?;
        }
        let n = receptors.at.len();
        let plan = match Plan::new(sources, air, fate, options, cancel, receptors.height_m) {
            Ok(plan) => plan,
            Err(cancelled) => return Ok(Err(cancelled)),
        };
        let mut columns = Vec::with_capacity(sources.len());
        for elements in &plan.sources {
            let mut column = vec![0.0_f32; n];
            let done = column.par_chunks_mut(CHUNK).enumerate().try_for_each(|(chunk, out)| {
                let first = chunk * CHUNK;
                cancel.check()?;
                let mut sums = vec![0.0_f64; out.len()];
                for (j, (element, table, foot_m)) in elements.iter().enumerate() {
                    if j % 256 == 255 {
                        cancel.check()?;
                    }
                    let (_, table, raised) = &plan.tables[*table];
                    match &receptors.relief {
                        Some(relief) if *raised => {
                            add_hilly(&mut sums, receptors, relief, first, (element, *foot_m), table, air);
                        }
                        _ => add_flat(&mut sums, &receptors.at[first..], element, table, air),
                    }
                }
                for (value, sum) in out.iter_mut().zip(sums) {
                    *value = (sum * 1e6) as f32;
                }
                Ok(())
            });
            if let Err(cancelled) = done {
                return Ok(Err(cancelled));
            }
            columns.push(Arc::new(column));
        }
        Ok(Ok(Self { receptors: n, columns }))
    }

    /// From columns that were computed before, in the order of the sources.
    #[must_use]
    pub(super) fn from_columns(receptors: usize, columns: Vec<Arc<Vec<f32>>>) -> Self {
        Self { receptors, columns }
    }

    #[must_use]
    pub(super) fn columns(&self) -> &[Arc<Vec<f32>>] {
        &self.columns
    }

    #[must_use]
    pub fn receptors(&self) -> usize {
        self.receptors
    }

    /// What one source gives all receptors.
    #[must_use]
    pub fn of_source(&self, source: usize) -> &[f32] {
        self.columns.get(source).map_or(&[], |column| column.as_slice())
    }

    /// Concentrations in µg/m3 under these emissions, grams a second in the order of the sources.
    #[must_use]
    pub fn product(&self, rates_g_s: &[f64]) -> Vec<f32> {
        let mut sums = vec![0.0_f64; self.receptors];
        for (source, rate) in rates_g_s.iter().enumerate() {
            for (sum, unit) in sums.iter_mut().zip(self.of_source(source)) {
                *sum += rate * f64::from(*unit);
            }
        }
        sums.into_iter().map(|s| s as f32).collect()
    }

    /// What each source gives one receptor, µg/m3.
    #[must_use]
    pub fn shares(&self, receptor: usize, rates_g_s: &[f64]) -> Vec<f64> {
        let of = |(source, rate): (usize, &f64)| {
            self.of_source(source).get(receptor).map_or(0.0, |unit| rate * f64::from(*unit))
        };
        rates_g_s.iter().enumerate().map(of).collect()
    }
}

/// One element's plume over flat ground, added up.
pub fn add_flat(sums: &mut [f64], at: &[[f64; 2]], element: &Element, table: &PlumeTable, air: &Meteorology) {
    let [east, north] = air.downwind();
    for (sum, [x, y]) in sums.iter_mut().zip(at) {
        let (dx, dy) = (x - element.at[0], y - element.at[1]);
        let along = (dx * east + dy * north) as f32;
        let across = (dy * east - dx * north) as f32;
        *sum += element.share * f64::from(table.unit(along, across));
    }
}

fn add_hilly(
    sums: &mut [f64],
    receptors: &Receptors,
    relief: &Relief,
    first: usize,
    (element, foot_m): (&Element, f64),
    table: &PlumeTable,
    air: &Meteorology,
) {
    let [east, north] = air.downwind();
    for (i, sum) in sums.iter_mut().enumerate() {
        let r = first + i;
        let [x, y] = receptors.at[r];
        let (dx, dy) = (x - element.at[0], y - element.at[1]);
        let along = (dx * east + dy * north) as f32;
        let across = (dy * east - dx * north) as f32;
        if along <= 0.0 {
            continue;
        }
        let following = f64::from(table.unit(along, across));
        let above_foot = (f64::from(relief.ground_m[r]) - foot_m).max(0.0);
        let concentration = if above_foot < LEVEL_M {
            following
        } else {
            // Where nothing reaches the ground of a plain, a hill may still stand in the plume.
            let dividing = || dividing_height_m(air, f64::from(relief.hill_m[r]) - foot_m);
            let (level, share) = table.unit_at(along, across, above_foot + receptors.height_m, dividing);
            let weight = level_weight(share);
            weight.mul_add(f64::from(level) - following, following)
        };
        *sum += element.share * concentration;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::source::Place;
    use crate::sim::air::stability::StabilityClass::{D, F};

    fn stack(at: [f64; 2]) -> Source {
        Source::single("s", "s", Place::Point { at, height_m: 20.0, exhaust: None }, 1.0)
    }

    fn ring(n: usize) -> Receptors {
        let at = (0..n).map(|i| {
            let turn = i as f64 * 0.37;
            [turn.sin() * 30.0 * i as f64 / 10.0 + 400.0, turn.cos() * 20.0 * i as f64 / 10.0]
        });
        Receptors { at: at.collect(), height_m: 1.5, relief: None }
    }

    fn compute(sources: &[Source], receptors: &Receptors, air: &Meteorology) -> UnitMatrix {
        let options = MatrixOptions { spacing_m: 25.0, ground_m: &|_| 0.0 };
        let cancel = CancelToken::new();
        UnitMatrix::compute(sources, receptors, air, Fate::default(), &options, &cancel).unwrap().unwrap()
    }

    #[test]
    fn a_what_if_is_a_product() {
        let sources = [stack([0.0, 0.0]), stack([100.0, 250.0])];
        let (receptors, air) = (ring(3000), Meteorology::new(3.0, 4.6, D.into()));
        let matrix = compute(&sources, &receptors, &air);
        let both = matrix.product(&[2.0, 3.0]);
        for (r, value) in both.iter().enumerate() {
            let alone = 2.0 * matrix.of_source(0)[r] + 3.0 * matrix.of_source(1)[r];
            assert!((value - alone).abs() <= 1e-5 * alone);
            let shares = matrix.shares(r, &[2.0, 3.0]);
            assert!((shares.iter().sum::<f64>() - f64::from(*value)).abs() <= 1e-5 * f64::from(*value));
        }
        assert!(both.iter().any(|v| *v > 1.0) && both.contains(&0.0));
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let (receptors, air) = (ring(5000), Meteorology::new(3.0, 4.6, D.into()));
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| compute(&[stack([0.0; 2])], &receptors, &air))
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn the_matrix_is_the_exact_plume() {
        let (receptors, air) = (ring(500), Meteorology::new(3.0, 1.5 * std::f64::consts::PI, D.into()));
        let matrix = compute(&[stack([0.0; 2])], &receptors, &air);
        let outlet = Outlet { height_m: 20.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 };
        let release = Release::new(outlet, Fate::default(), &air);
        for (r, [x, y]) in receptors.at.iter().enumerate() {
            let exact = release.unit(*x, *y, 1.5) * 1e6;
            let found = f64::from(matrix.of_source(0)[r]);
            assert!((found - exact).abs() <= 2e-3 * exact + 1e-3, "{x} {y} {found} {exact}");
        }
    }

    /// On a hillside in stable air the plume below the dividing height hits; in neutral air it is lifted half over.
    #[test]
    fn a_hill_gets_more_than_flat_ground_in_stable_air() {
        let receptors = |relief| Receptors { at: vec![[600.0, 0.0]], height_m: 1.5, relief };
        let hill = Relief { ground_m: vec![20.0], hill_m: vec![400.0] };
        let air = Meteorology::new(2.0, 1.5 * std::f64::consts::PI, F.into());
        let flat = compute(&[stack([0.0; 2])], &receptors(None), &air).of_source(0)[0];
        let hit = compute(&[stack([0.0; 2])], &receptors(Some(hill.clone())), &air).of_source(0)[0];
        assert!(hit > 1.5 * flat, "{hit} {flat}");
        let level = Relief { ground_m: vec![0.0], hill_m: vec![400.0] };
        assert_eq!(compute(&[stack([0.0; 2])], &receptors(Some(level)), &air).of_source(0)[0], flat);
    }

    /// A high plume in stable air, which nothing of reaches the plain, hits the hill that is as high as it.
    #[test]
    fn a_plume_that_hits_a_hill_is_not_lost() {
        let air = Meteorology::new(2.0, 1.5 * std::f64::consts::PI, F.into());
        let hill = Relief { ground_m: vec![110.0], hill_m: vec![110.0] };
        let high = Source::single("s", "s", Place::Point { at: [0.0; 2], height_m: 110.0, exhaust: None }, 1.0);
        let receptors = |relief| Receptors { at: vec![[500.0, 0.0]], height_m: 1.5, relief };
        assert_eq!(compute(std::slice::from_ref(&high), &receptors(None), &air).of_source(0)[0], 0.0);
        let hit = f64::from(compute(&[high], &receptors(Some(hill)), &air).of_source(0)[0]);
        let outlet = Outlet { height_m: 110.0, exhaust: None, initial_y_m: 0.0, initial_z_m: 0.0 };
        let release = Release::new(outlet, Fate::default(), &air);
        let exact = 1e6 * crate::sim::air::terrain::unit_on_hill(&release, [500.0, 0.0], 1.5, 110.0, 110.0);
        assert!(hit > 50.0 && (hit / exact - 1.0).abs() < 2e-3, "{hit} {exact}");
    }

    /// A hill matters to a plume by where it rises to: a low stack with hot fumes is a high plume.
    #[test]
    fn hot_fumes_of_a_low_stack_meet_hills() {
        let air = Meteorology::new(2.0, 1.5 * std::f64::consts::PI, F.into());
        let hot = crate::sim::air::rise::Exhaust { diameter_m: 1.0, velocity_mps: 8.0, temperature_k: 500.0 };
        let source = Source::single("s", "s", Place::Point { at: [0.0; 2], height_m: 8.0, exhaust: Some(hot) }, 1.0);
        let of = |relief| {
            let receptors = Receptors { at: vec![[900.0, 0.0]], height_m: 1.5, relief };
            compute(std::slice::from_ref(&source), &receptors, &air).of_source(0)[0]
        };
        let hill = Relief { ground_m: vec![40.0], hill_m: vec![200.0] };
        assert!(of(Some(hill)) > 2.0 * of(None));
    }

    #[test]
    fn calm_and_negative_are_refused_and_a_cancelled_run_stops() {
        let options = MatrixOptions { spacing_m: 25.0, ground_m: &|_| 0.0 };
        let cancel = CancelToken::new();
        let calm = Meteorology::new(0.2, 0.0, D.into());
        let run = |air: &Meteorology, source: Source| {
            UnitMatrix::compute(&[source], &ring(10), air, Fate::default(), &options, &cancel)
        };
        assert!(matches!(run(&calm, stack([0.0; 2])), Err(AirError::Calm { .. })));
        let air = Meteorology::new(3.0, 0.0, D.into());
        let negative = Source { rate_g_s: -1.0, ..stack([0.0; 2]) };
        assert!(matches!(run(&air, negative), Err(AirError::NegativeEmission { .. })));
        cancel.cancel();
        assert!(run(&air, stack([0.0; 2])).unwrap().is_err());
    }
}
