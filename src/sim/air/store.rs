//! What sources give receptors, kept from run to run: a scenario that shares sources and winds with another computes only
//! what differs. Bounded by bytes; what was used longest ago goes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::error::AirError;
use super::matrix::{MatrixOptions, Receptors, UnitMatrix};
use super::meteorology::Meteorology;
use super::release::Fate;
use super::source::Source;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::digest::Digest;
use crate::geo::grid::Grid;

/// Of the store that all runs of a process share.
const SHARED_BYTES: usize = 1 << 30;

type Column = Arc<Vec<f32>>;
/// The place, the source, the air.
type Key = (u64, u64, [u64; 7]);

/// Columns of matrices. A copy is the same store.
#[derive(Debug, Clone)]
pub struct MatrixStore(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    /// With when each was last used.
    columns: BTreeMap<Key, (u64, Column)>,
    /// When was used what.
    order: BTreeMap<u64, Key>,
    clock: u64,
    bytes: usize,
    most_bytes: usize,
    computed: u64,
}

fn bytes_of(column: &Column) -> usize {
    column.len() * size_of::<f32>()
}

impl Kept {
    fn use_column(&mut self, key: Key) -> Option<Column> {
        let (used, column) = self.columns.get_mut(&key)?;
        self.clock += 1;
        self.order.remove(used);
        *used = self.clock;
        self.order.insert(self.clock, key);
        Some(Arc::clone(column))
    }

    fn keep(&mut self, key: Key, column: &Column) {
        self.computed += 1;
        if self.use_column(key).is_some() || bytes_of(column) > self.most_bytes {
            return;
        }
        self.clock += 1;
        self.bytes += bytes_of(column);
        self.columns.insert(key, (self.clock, Arc::clone(column)));
        self.order.insert(self.clock, key);
        while self.bytes > self.most_bytes {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            if let Some((_, gone)) = self.columns.remove(&oldest) {
                self.bytes -= bytes_of(&gone);
            }
        }
    }
}

impl MatrixStore {
    /// An empty store of its own.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        let kept =
            Kept { columns: BTreeMap::new(), order: BTreeMap::new(), clock: 0, bytes: 0, most_bytes, computed: 0 };
        Self(Arc::new(Mutex::new(kept)))
    }

    /// The one that all runs of the process share.
    #[must_use]
    pub fn shared() -> Self {
        static SHARED: OnceLock<MatrixStore> = OnceLock::new();
        SHARED.get_or_init(|| Self::new(SHARED_BYTES)).clone()
    }

    fn with<T>(&self, what: impl FnOnce(&mut Kept) -> T) -> T {
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Columns (what one source gives all receptors in one air) that were computed so far.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.with(|kept| kept.computed)
    }

    #[must_use]
    pub fn bytes(&self) -> usize {
        self.with(|kept| kept.bytes)
    }
}

/// Sources in one place, with the names of their columns in a store.
#[derive(Debug, Clone)]
pub struct Matrices {
    store: MatrixStore,
    sources: Arc<Vec<Source>>,
    receptors: Arc<Receptors>,
    terrain: Option<Arc<Grid<f32>>>,
    spacing_m: f64,
    fate: Fate,
    place: u64,
    names: Arc<Vec<u64>>,
}

impl Matrices {
    #[must_use]
    pub fn new(
        store: MatrixStore,
        sources: Arc<Vec<Source>>,
        receptors: Arc<Receptors>,
        terrain: Option<Arc<Grid<f32>>>,
        (spacing_m, fate): (f64, Fate),
    ) -> Self {
        let mut place = Digest::default();
        for value in [spacing_m, fate.half_life_s, fate.deposition_mps, receptors.height_m] {
            place.add(&value.to_le_bytes());
        }
        receptors.at.iter().flatten().for_each(|v| place.add(&v.to_le_bytes()));
        let relief = receptors.relief.iter().flat_map(|r| r.ground_m.iter().chain(&r.hill_m));
        let heights = terrain.iter().flat_map(|t| t.cells.iter());
        relief.chain(heights).for_each(|v| place.add(&v.to_le_bytes()));
        // What it emits is a factor; where and how is what counts.
        let name = |s: &Source| Digest::of(&serde_json::to_vec(&s.parts).unwrap_or_default()).value();
        let names = Arc::new(sources.iter().map(name).collect());
        Self { store, sources, receptors, terrain, spacing_m, fate, place: place.value(), names }
    }

    #[must_use]
    pub fn in_store(self, store: MatrixStore) -> Self {
        Self { store, ..self }
    }

    /// As many columns as there are sources; those that are not known are computed.
    ///
    /// # Errors
    /// What [`UnitMatrix::compute`] says. The inner error: the user stopped it.
    pub fn of(&self, air: &Meteorology, cancel: &CancelToken) -> Result<Result<UnitMatrix, Cancelled>, AirError> {
        let key = |i: usize| (self.place, self.names[i], key(air));
        let all = 0..self.sources.len();
        let mut columns: Vec<Option<Column>> =
            self.store.with(|kept| all.clone().map(|i| kept.use_column(key(i))).collect());
        let missing: Vec<usize> = all.filter(|i| columns[*i].is_none()).collect();
        if !missing.is_empty() {
            let ground = |at: [f64; 2]| {
                let height = self.terrain.as_ref().map_or(0.0, |t| f64::from(t.bilinear(at)));
                if height.is_nan() { 0.0 } else { height.max(0.0) }
            };
            let options = MatrixOptions { spacing_m: self.spacing_m, ground_m: &ground };
            let sources: Vec<Source> = missing.iter().map(|i| self.sources[*i].clone()).collect();
            let found = match UnitMatrix::compute(&sources, &self.receptors, air, self.fate, &options, cancel)? {
                Ok(found) => found,
                Err(cancelled) => return Ok(Err(cancelled)),
            };
            self.store.with(|kept| {
                for (i, column) in missing.iter().zip(found.columns()) {
                    kept.keep(key(*i), column);
                    columns[*i] = Some(Arc::clone(column));
                }
            });
        }
        Ok(Ok(UnitMatrix::from_columns(self.receptors.at.len(), columns.into_iter().flatten().collect())))
    }
}

fn key(air: &Meteorology) -> [u64; 7] {
    [
        air.wind_mps.to_bits(),
        air.wind_from_rad.to_bits(),
        air.stability.class.index() as u64,
        air.stability.towards_next.to_bits(),
        air.mixing_height_m.to_bits(),
        air.temperature_k.to_bits(),
        air.surroundings as u64,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::air::source::Place;
    use crate::sim::air::stability::StabilityClass::D;

    fn stack(x: f64, rate_g_s: f64) -> Source {
        Source::single("s", "s", Place::Point { at: [x, 0.0], height_m: 15.0, exhaust: None }, rate_g_s)
    }

    fn matrices(store: &MatrixStore, sources: Vec<Source>) -> Matrices {
        let at = (0..100).map(|i| [f64::from(i) * 20.0, 3.0]).collect();
        let receptors = Arc::new(Receptors { at, height_m: 1.5, relief: None });
        Matrices::new(store.clone(), Arc::new(sources), receptors, None, (25.0, Fate::default()))
    }

    fn air(wind_mps: f64) -> Meteorology {
        Meteorology::new(wind_mps, 1.5 * std::f64::consts::PI, D.into())
    }

    #[test]
    fn only_what_differs_is_computed_and_the_same_comes_out() {
        let (store, cancel) = (MatrixStore::new(1 << 20), CancelToken::new());
        let first = matrices(&store, vec![stack(0.0, 1.0), stack(50.0, 2.0)]);
        first.of(&air(3.0), &cancel).unwrap().unwrap();
        assert_eq!(store.computed(), 2);
        // Another emission, one source more.
        let second = matrices(&store, vec![stack(50.0, 9.0), stack(80.0, 1.0), stack(0.0, 1.0)]);
        let found = second.of(&air(3.0), &cancel).unwrap().unwrap();
        assert_eq!(store.computed(), 3);
        let alone = matrices(&MatrixStore::new(1 << 20), vec![stack(50.0, 9.0), stack(80.0, 1.0), stack(0.0, 1.0)]);
        assert_eq!(found, alone.of(&air(3.0), &cancel).unwrap().unwrap());
        second.of(&air(4.0), &cancel).unwrap().unwrap();
        assert_eq!(store.computed(), 6, "another wind");
    }

    #[test]
    fn the_store_is_bounded_and_what_was_used_longest_ago_goes() {
        // Room for three columns of 100 receptors.
        let (store, cancel) = (MatrixStore::new(1200), CancelToken::new());
        let one = matrices(&store, vec![stack(0.0, 1.0)]);
        let mut ask = |wind: f64| {
            one.of(&air(wind), &cancel).unwrap().unwrap();
            store.computed()
        };
        assert_eq!([1.0, 2.0, 3.0, 1.0, 4.0].map(&mut ask), [1, 2, 3, 3, 4]);
        assert_eq!(store.bytes(), 1200);
        assert_eq!([1.0, 3.0, 2.0].map(&mut ask), [4, 4, 5], "2 m/s was used longest ago");
        // Even what is too large to be kept is computed.
        let tiny = MatrixStore::new(8);
        let many = matrices(&tiny, vec![stack(0.0, 1.0), stack(9.0, 1.0)]);
        assert_eq!(many.of(&air(3.0), &cancel).unwrap().unwrap().shares(50, &[1.0, 1.0]).len(), 2);
        assert_eq!(tiny.bytes(), 0);
    }
}
