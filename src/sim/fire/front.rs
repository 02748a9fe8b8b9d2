//! A fire on a landscape: weather, ignitions and the march together.

use std::sync::Arc;

use super::crown::{self, Crown, FireType, crown_fire};
use super::error::FireError;
use super::landscape::{Landscape, Weather};
use super::march::{March, MetricSource};
use super::metric::Metric;
use super::rothermel::{FuelBed, LENGTH_TO_WIDTH_MAX, Spread, flame_length_m};
use super::wind::{Canopy, TEN_METRE_OVER_TWENTY_FOOT, midflame_from_10m};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::geo::fill::cells_inside;
use crate::geo::grid::GridSpec;

/// Where and when a fire starts; coordinates in the landscape's CRS.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ignition {
    pub time_s: f64,
    pub shape: IgnitionShape,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum IgnitionShape {
    Point([f64; 2]),
    Line(Vec<[f64; 2]>),
    /// Closed rings, even-odd: an area that burns already, or the perimeter of a fire.
    Area(Vec<Vec<[f64; 2]>>),
}

/// What may be switched.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct FireOptions {
    /// Rothermel's limit on the effective wind.
    pub limit_wind: bool,
    /// The trees' crowns, where the landscape has trees; `None` keeps the fire on the ground.
    pub crown: Option<Crown>,
}

/// Metrics of a landscape under its weather.
#[derive(Debug)]
pub struct FireGround {
    landscape: Arc<Landscape>,
    options: FireOptions,
    hours: Vec<Hour>,
}

#[derive(Debug)]
struct Hour {
    fine_dead_moisture: f64,
    wind_10m_mps: f64,
    /// Unit vector (east, north) of where the wind blows to.
    wind_to: [f64; 2],
    /// By fuel index.
    beds: Vec<FuelBed>,
    /// phi_w without trees, by fuel index.
    open_wind: Vec<f64>,
}

/// The fire of one cell under one weather.
struct Burning {
    spread: Spread,
    kind: FireType,
    heat_per_area_kj_m2: f64,
}

impl FireGround {
    /// # Errors
    /// As [`Weather::validate`].
    pub fn new(landscape: &Arc<Landscape>, weather: &[Weather], options: FireOptions) -> Result<Self, FireError> {
        Weather::validate(weather)?;
        let hours = weather
            .iter()
            .map(|w| {
                let beds: Vec<FuelBed> = landscape.fuels().iter().map(|f| FuelBed::new(f, &w.moisture)).collect();
                let open = landscape.fuels().iter().zip(&beds).map(|(fuel, bed)| {
                    bed.wind_factor(midflame_from_10m(w.wind_10m_mps, Canopy::default(), fuel.depth_ft))
                });
                let (sin, cos) = w.wind_from_rad.sin_cos();
                Hour {
                    fine_dead_moisture: w.moisture.dead_1h,
                    wind_10m_mps: w.wind_10m_mps,
                    wind_to: [-sin, -cos],
                    open_wind: open.collect(),
                    beds,
                }
            })
            .collect();
        Ok(Self { landscape: Arc::clone(landscape), options, hours })
    }

    fn burning(&self, cell: usize, hour: usize) -> Option<Burning> {
        let fuel = self.landscape.fuel_index(cell)?;
        let hour = self.hours.get(hour)?;
        let bed = &hour.beds[fuel];
        if !bed.burns() {
            return None;
        }
        let canopy = self.landscape.canopy(cell).filter(|c| c.cover > 0.0);
        let wind_factor = match canopy {
            Some(canopy) => {
                bed.wind_factor(midflame_from_10m(hour.wind_10m_mps, canopy, self.landscape.fuels()[fuel].depth_ft))
            }
            None => hour.open_wind[fuel],
        };
        let ground = self.landscape.ground(cell);
        let [up_x, up_y] = ground.upslope.map(f64::from);
        let [wx, wy] = hour.wind_to;
        let wind_to = [wx * up_x + wy * up_y, wx * up_y - wy * up_x];
        let spread = bed.spread(wind_factor, wind_to, f64::from(ground.slope_tan), self.options.limit_wind);
        let heat_per_area_kj_m2 = bed.heat_per_area_kj_m2();
        let surface = Burning { spread, kind: FireType::Surface, heat_per_area_kj_m2 };
        Some(match (self.options.crown, canopy) {
            (Some(crown), Some(trees)) => climb(surface, &crown, trees, hour),
            _ => surface,
        })
    }

    fn cell_size(&self) -> [f64; 2] {
        [self.landscape.spec().cell_width(), self.landscape.spec().cell_height()]
    }
}

impl MetricSource for FireGround {
    fn metric(&self, cell: usize, interval: usize) -> Metric {
        let fire = self.burning(cell, interval);
        fire.map_or(Metric::NEVER, |f| Metric::new(&f.spread, self.landscape.ground(cell), self.cell_size()))
    }

    fn has_lines(&self) -> bool {
        self.landscape.has_lines()
    }

    fn closes_s(&self, cell: usize) -> f32 {
        self.landscape.closes_s(cell)
    }
}

/// A surface fire under trees, with what their crowns make of it.
fn climb(surface: Burning, crown: &Crown, trees: Canopy, hour: &Hour) -> Burning {
    let intensity = surface.heat_per_area_kj_m2 * surface.spread.rate_mps;
    let (wind, moisture) = (hour.wind_10m_mps, hour.fine_dead_moisture);
    let fire = crown_fire(surface.spread.rate_mps, intensity, wind, moisture, crown);
    let mut spread = Spread { rate_mps: fire.rate_mps, ..surface.spread };
    if fire.kind == FireType::ActiveCrown {
        let longer = crown::length_to_width(wind / TEN_METRE_OVER_TWENTY_FOOT).min(LENGTH_TO_WIDTH_MAX);
        spread = Spread { length_to_width: longer, eccentricity: (longer * longer - 1.0).sqrt() / longer, ..spread };
    }
    let heat = crown::heat_per_area_kj_m2(crown, trees.height_m, fire.share);
    Burning { spread, kind: fire.kind, heat_per_area_kj_m2: surface.heat_per_area_kj_m2 + heat }
}

/// What the front did in one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellFire {
    pub arrival_s: f64,
    /// Of the front across its own line, on the slope.
    pub rate_of_spread_mps: f64,
    pub fireline_intensity_kw_m: f64,
    pub flame_length_m: f64,
    pub fire_type: FireType,
}

/// A fire that is burning.
#[derive(Debug)]
pub struct Fire {
    march: March<FireGround>,
    /// Not yet lit, the latest first.
    waiting: Vec<Ignition>,
    lit: usize,
}

impl Fire {
    /// # Errors
    /// Bad weather; [`FireError::NoIgnition`]; an ignition with a time that is no number.
    pub fn new(
        landscape: &Arc<Landscape>,
        weather: &[Weather],
        ignitions: &[Ignition],
        options: FireOptions,
    ) -> Result<Self, FireError> {
        let ground = FireGround::new(landscape, weather, options)?;
        let waiting = in_order(weather, ignitions)?;
        let GridSpec { cols, rows, .. } = *landscape.spec();
        let starts = weather.iter().map(|w| w.start_s).collect();
        Ok(Self { march: March::new(ground, cols, rows, starts), waiting, lit: 0 })
    }

    /// Begins anew with another weather and other ignitions, keeping the memory.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn relight(&mut self, weather: &[Weather], ignitions: &[Ignition]) -> Result<(), FireError> {
        let source = self.march.source();
        let ground = FireGround::new(&source.landscape, weather, source.options)?;
        self.waiting = in_order(weather, ignitions)?;
        self.lit = 0;
        self.march.reset(ground, weather.iter().map(|w| w.start_s).collect());
        Ok(())
    }

    /// Burns on to `until`.
    ///
    /// # Errors
    /// [`Cancelled`]; the fire can go on from where it stopped.
    pub fn advance(&mut self, until: f64, cancel: &CancelToken) -> Result<(), Cancelled> {
        let mut stop = || cancel.is_cancelled();
        loop {
            cancel.check()?;
            let next = self.waiting.last().map_or(f64::INFINITY, |i| i.time_s);
            if next > until {
                break;
            }
            if !self.march.advance(next, &mut stop) {
                return Err(Cancelled);
            }
            if let Some(ignition) = self.waiting.pop() {
                self.lit += self.light(&ignition);
            }
        }
        if self.march.advance(until, &mut stop) { Ok(()) } else { Err(Cancelled) }
    }

    /// Cells that ignitions so far have set alight; none is a mistake worth telling.
    #[must_use]
    pub fn lit(&self) -> usize {
        self.lit
    }

    #[must_use]
    pub fn march(&self) -> &March<FireGround> {
        &self.march
    }

    #[must_use]
    pub fn clock_s(&self) -> f64 {
        self.march.clock_s()
    }

    /// Sets a burnable cell alight now or later, as an ember does.
    pub fn light_cell(&mut self, cell: usize, time_s: f64) {
        self.march.ignite(cell, time_s.max(self.march.clock_s()), [0.0; 2]);
    }

    pub fn take_trail(&mut self) -> Vec<u32> {
        self.march.take_trail()
    }

    /// `None` where the fire has not come.
    #[must_use]
    pub fn cell(&self, cell: usize) -> Option<CellFire> {
        let arrival_s = self.march.arrival_s(cell);
        if arrival_s == f64::INFINITY {
            return None;
        }
        let source = self.march.source();
        let Burning { spread, kind, heat_per_area_kj_m2 } = source.burning(cell, self.march.interval_at(arrival_s))?;
        let [gx, gy] = self.march.gradient(cell).map(f64::from);
        let ([w, h], ground) = (source.cell_size(), source.landscape.ground(cell));
        // Seconds per metre to the east and north, then upslope on the slope and along it.
        let (east, north) = (gx / w, -gy / h);
        let [ux, uy] = ground.upslope.map(f64::from);
        let k = f64::from(ground.slope_tan).hypot(1.0);
        let slowness = ((east * ux + north * uy) / k).hypot(east * uy - north * ux);
        // Where it was set alight the front has no direction yet; nothing is faster than the head.
        let rate = if slowness > 0.0 { (1.0 / slowness).min(spread.rate_mps) } else { spread.rate_mps };
        let intensity = heat_per_area_kj_m2 * rate;
        let flame_length_m =
            if kind == FireType::Surface { flame_length_m(intensity) } else { crown::flame_length_m(intensity) };
        Some(CellFire {
            arrival_s,
            rate_of_spread_mps: rate,
            fireline_intensity_kw_m: intensity,
            flame_length_m,
            fire_type: kind,
        })
    }

    #[must_use]
    pub fn spec(&self) -> &GridSpec {
        self.march.source().landscape.spec()
    }

    fn light(&mut self, ignition: &Ignition) -> usize {
        let t0 = ignition.time_s;
        match &ignition.shape {
            IgnitionShape::Point(p) => self.light_around(&[*p, *p], t0, 4.5),
            IgnitionShape::Line(line) => self.light_around(line, t0, 2.5),
            IgnitionShape::Area(rings) => {
                let inside = cells_inside(self.spec(), rings);
                for &cell in &inside {
                    self.march.ignite(cell, t0, [0.0; 2]);
                }
                inside.len() + rings.iter().map(|ring| self.light_around(ring, t0, 2.5)).sum::<usize>()
            }
        }
    }

    /// Exact times for the burnable cells within `reach` cells of a chain of points, along straight ways that cross
    /// nothing that does not burn. Exact over even ground; elsewhere an upper bound, which the march improves.
    fn light_around(&mut self, line: &[[f64; 2]], t0: f64, reach: f64) -> usize {
        let spec = self.spec().clone();
        let hour = self.march.interval_at(t0);
        let mut lit = 0;
        for leg in line.windows(2) {
            let (a, b) = (spec.cell_coordinates(leg[0]), spec.cell_coordinates(leg[1]));
            let range = |i: usize, n: usize| {
                let (low, high) = (a[i].min(b[i]) - reach, a[i].max(b[i]) + reach);
                low.clamp(0.0, n as f64) as usize..(high + 1.0).clamp(0.0, n as f64) as usize
            };
            for row in range(1, spec.rows) {
                for col in range(0, spec.cols) {
                    let x = [col as f64 + 0.5, row as f64 + 0.5];
                    let metric = self.march.source().metric(row * spec.cols + col, hour);
                    if !metric.burns() {
                        continue;
                    }
                    let v = metric.fastest_from(a, b, x);
                    if v[0].hypot(v[1]) > reach {
                        continue;
                    }
                    if let Some(seconds) = self.straight_time([x[0] - v[0], x[1] - v[1]], v, hour) {
                        lit += usize::from(v[0].abs() <= 0.5 && v[1].abs() <= 0.5);
                        self.march.ignite(row * spec.cols + col, t0 + seconds, metric.gradient(v));
                    }
                }
            }
        }
        lit
    }

    /// Seconds along a straight way, cell by cell; `None` when something on it does not burn or a corner is squeezed.
    fn straight_time(&self, from: [f64; 2], v: [f64; 2], hour: usize) -> Option<f64> {
        let spec = self.spec();
        let steps = ((v[0].abs().max(v[1].abs()) * 8.0).ceil() as usize).max(1);
        let burns = |col: usize, row: usize| {
            let metric = self.march.source().metric(row * spec.cols + col, hour);
            metric.burns().then_some(metric)
        };
        let part = [v[0] / steps as f64, v[1] / steps as f64];
        let mut seconds = 0.0;
        let mut before: Option<(usize, usize)> = None;
        for i in 0..steps {
            let t = i as f64 + 0.5;
            let at = [part[0].mul_add(t, from[0]), part[1].mul_add(t, from[1])];
            if at[0] < 0.0 || at[1] < 0.0 || at[0] >= spec.cols as f64 || at[1] >= spec.rows as f64 {
                return None;
            }
            let (col, row) = (at[0] as usize, at[1] as usize);
            seconds += burns(col, row)?.cost(part);
            if let Some((c, r)) = before
                && c != col
                && r != row
                && burns(c, row).is_none()
                && burns(col, r).is_none()
            {
                return None;
            }
            before = Some((col, row));
        }
        Some(seconds)
    }
}

/// Ignitions, the latest first.
fn in_order(weather: &[Weather], ignitions: &[Ignition]) -> Result<Vec<Ignition>, FireError> {
    let first = weather.first().map_or(0.0, |w| w.start_s);
    for ignition in ignitions {
        FireError::require("time", ignition.time_s, first, 1e9)?;
    }
    if ignitions.is_empty() {
        return Err(FireError::NoIgnition);
    }
    let mut waiting = ignitions.to_vec();
    waiting.sort_by(|a, b| b.time_s.total_cmp(&a.time_s));
    Ok(waiting)
}
