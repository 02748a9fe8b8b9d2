//! The ground that a fire burns over, and the weather over it.

use super::error::FireError;
use super::fuel::{FuelModel, FuelSet};
use super::metric::Ground;
use super::rothermel::Moisture;
use super::wind::Canopy;
use crate::base::digest::Digest;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::terrain::slope_aspect;

/// Fuel number of ground that does not burn: the sea, roads, fuel breaks, missing cells (any of 91-99 is read as it).
pub const NO_FUEL: u16 = 0;

/// Index of no fuel in [`Landscape`].
const BARREN: u8 = u8::MAX;

/// Fuel, slope and trees on one grid of a projected system in metres.
#[derive(Debug, Clone)]
pub struct Landscape {
    spec: GridSpec,
    /// The fuel models that occur.
    fuels: Vec<FuelModel>,
    /// Index into `fuels`.
    fuel: Vec<u8>,
    /// Rise per metre to the east and to the north: 8 bytes a cell, for an island at 10 m has millions.
    gradient: Vec<[f32; 2]>,
    canopy: Option<Vec<Canopy32>>,
    /// When a suppression line closes each cell.
    closes_s: Option<Vec<f32>>,
}

#[derive(Debug, Clone, Copy)]
struct Canopy32 {
    cover: f32,
    height_m: f32,
}

impl Landscape {
    /// From a raster of fuel model numbers and, on the same grid, elevation.
    ///
    /// # Errors
    /// [`FireError::UnknownFuelModel`]; [`FireError::GridMismatch`] when the rasters do not line up.
    pub fn new(fuel_numbers: &Grid<u16>, elevation: Option<&Grid<f32>>, set: &FuelSet) -> Result<Self, FireError> {
        let spec = fuel_numbers.spec.clone();
        let mut index = vec![BARREN; usize::from(u16::MAX) + 1];
        let mut fuels: Vec<FuelModel> = Vec::new();
        let mut fuel = Vec::with_capacity(fuel_numbers.cells.len());
        for &number in &fuel_numbers.cells {
            if number != NO_FUEL && !(91..=99).contains(&number) && index[usize::from(number)] == BARREN {
                let unknown = FireError::UnknownFuelModel { number: u32::from(number) };
                if fuels.len() >= usize::from(BARREN) {
                    return Err(unknown);
                }
                index[usize::from(number)] = fuels.len() as u8;
                fuels.push(set.get(number).cloned().ok_or(unknown)?);
            }
            fuel.push(index[usize::from(number)]);
        }
        let gradient = match elevation {
            None => vec![[0.0; 2]; fuel.len()],
            Some(dem) if dem.spec == spec => gradient_of(dem),
            Some(_) => return Err(FireError::GridMismatch { what: "elevation" }),
        };
        Ok(Self { spec, fuels, fuel, gradient, canopy: None, closes_s: None })
    }

    /// The same slope everywhere; for tests and exercises.
    #[must_use]
    pub fn with_ground(mut self, ground: Ground) -> Self {
        self.gradient.fill(ground.gradient());
        self
    }

    /// Trees over the ground: cover as a fraction, height in metres; missing cells have none.
    ///
    /// # Errors
    /// [`FireError::GridMismatch`].
    pub fn with_canopy(mut self, cover: &Grid<f32>, height_m: &Grid<f32>) -> Result<Self, FireError> {
        if cover.spec != self.spec || height_m.spec != self.spec {
            return Err(FireError::GridMismatch { what: "canopy" });
        }
        let or_none = |v: f32, most: f32| if v.is_nan() { 0.0 } else { v.clamp(0.0, most) };
        let canopy = cover.cells.iter().zip(&height_m.cells);
        self.canopy =
            Some(canopy.map(|(&c, &h)| Canopy32 { cover: or_none(c, 1.0), height_m: or_none(h, 100.0) }).collect());
        Ok(self)
    }

    /// Takes the fuel from every cell that a line touches: a road, a canal, a fuel break.
    pub fn cut(&mut self, line: &[[f64; 2]]) {
        for cell in super::place::cells_along(&self.spec, line) {
            self.fuel[cell.0] = BARREN;
        }
    }

    /// Takes the fuel from a strip around a line; at least from every cell that the line touches.
    pub fn cut_strip(&mut self, line: &[[f64; 2]], width_m: f64) {
        self.cut(line);
        for cell in super::place::cells_near(&self.spec, line, width_m / 2.0) {
            self.fuel[cell] = BARREN;
        }
    }

    /// Takes the fuel from every cell whose centre lies inside closed rings.
    pub fn cut_area(&mut self, rings: &[Vec<[f64; 2]>]) {
        for cell in crate::geo::fill::cells_inside(&self.spec, rings) {
            self.fuel[cell] = BARREN;
        }
    }

    /// A suppression line, built from its first point from `start_s` on at `rate_mps`: cells close as it reaches them.
    pub fn build_line(&mut self, line: &[[f64; 2]], start_s: f64, rate_mps: f64) {
        let closes = self.closes_s.get_or_insert_with(|| vec![f32::INFINITY; self.fuel.len()]);
        for (cell, metres) in super::place::cells_along(&self.spec, line) {
            closes[cell] = closes[cell].min((start_s + metres / rate_mps) as f32);
        }
    }

    #[must_use]
    pub fn spec(&self) -> &GridSpec {
        &self.spec
    }

    #[must_use]
    pub fn fuels(&self) -> &[FuelModel] {
        &self.fuels
    }

    /// Index into [`Self::fuels`] of a cell that has fuel.
    #[must_use]
    pub fn fuel_index(&self, cell: usize) -> Option<usize> {
        self.fuel.get(cell).filter(|f| **f != BARREN).map(|f| usize::from(*f))
    }

    #[must_use]
    pub fn ground(&self, cell: usize) -> Ground {
        Ground::from_gradient(self.gradient[cell])
    }

    /// `None` where the whole map has no trees.
    #[must_use]
    pub fn canopy(&self, cell: usize) -> Option<Canopy> {
        let c = self.canopy.as_ref()?.get(cell)?;
        Some(Canopy { cover: f64::from(c.cover), height_m: f64::from(c.height_m) })
    }

    /// Of everything that a fire asks of the landscape.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::of(format!("{:?}{:?}", self.spec, self.fuels).as_bytes());
        digest.add(&self.fuel);
        for v in self.gradient.as_flattened() {
            digest.add(&v.to_le_bytes());
        }
        for c in self.canopy.iter().flatten() {
            for v in [c.cover, c.height_m] {
                digest.add(&v.to_le_bytes());
            }
        }
        for t in self.closes_s.iter().flatten() {
            digest.add(&t.to_le_bytes());
        }
        digest
    }

    #[must_use]
    pub fn has_lines(&self) -> bool {
        self.closes_s.is_some()
    }

    #[must_use]
    pub fn closes_s(&self, cell: usize) -> f32 {
        self.closes_s.as_ref().map_or(f32::INFINITY, |c| c[cell])
    }
}

/// Flat where the elevation beside a cell is missing: the coast.
fn gradient_of(dem: &Grid<f32>) -> Vec<[f32; 2]> {
    (0..dem.spec.len())
        .map(|cell| {
            let (slope, aspect) = slope_aspect(dem, cell % dem.spec.cols, cell / dem.spec.cols);
            if slope.is_nan() { [0.0; 2] } else { Ground::new(slope.tan(), aspect + std::f64::consts::PI).gradient() }
        })
        .collect()
}

/// Weather from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Weather {
    /// Since the start of the run.
    pub start_s: f64,
    /// At 10 m over open ground.
    pub wind_10m_mps: f64,
    /// Where the wind comes from, clockwise from north.
    pub wind_from_rad: f64,
    pub moisture: Moisture,
}

impl Weather {
    /// Checks a whole course of weather.
    ///
    /// # Errors
    /// [`FireError::NoWeather`]; [`FireError::OutOfRange`] for NaN, impossible values and hours out of order.
    pub fn validate(course: &[Self]) -> Result<(), FireError> {
        let mut before = f64::NEG_INFINITY;
        if course.is_empty() {
            return Err(FireError::NoWeather);
        }
        // The march counts them in 16 bits.
        FireError::require("weather-rows", course.len() as f64, 1.0, 65_000.0)?;
        for w in course {
            FireError::require("wind", w.wind_10m_mps, 0.0, 100.0)?;
            FireError::require("wind-direction", w.wind_from_rad, -1e3, 1e3)?;
            FireError::require("time", w.start_s, before, 1e9)?;
            w.moisture.validate()?;
            before = w.start_s + 1.0;
        }
        Ok(())
    }
}
