//! The ground of a fire from bare rasters: the fuel raster gives the grid, the others are brought onto it.

use std::path::{Path, PathBuf};

use super::simulate_args::SimulateFireArgs;
use crate::base::cancel::CancelToken;
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::grid::{Grid, GridSpec};
use crate::io::crs::{Projector, metres_per_unit};
use crate::io::export::NO_CLASS;
use crate::io::import::{ImportError, Imported, SourceSpec, WorkerProgram, import_isolated};
use crate::model::layer::LayerContent;
use crate::sim::fire::align;
use crate::sim::fire::fuel::FuelSet;
use crate::sim::fire::landscape::{Landscape, NO_FUEL};
use crate::sim::run::InputDigest;

/// A landscape, and what had to be done to its rasters.
#[derive(Debug)]
pub struct RasterGround {
    pub landscape: Landscape,
    pub notices: Vec<Message>,
    pub digests: Vec<InputDigest>,
}

/// Lower than any land: a file that says -9999 for "nothing" without declaring it.
const LOWEST_M: f32 = -500.0;

/// # Errors
/// A file that cannot be read, has no system, knows an unknown fuel, or lies elsewhere.
pub fn read(args: &SimulateFireArgs, worker: &WorkerProgram) -> Result<RasterGround, Message> {
    let mut reader = Reader { worker, notices: Vec::new(), digests: Vec::new() };
    let path = args.fuel.as_deref().unwrap_or(Path::new(""));
    let fuel = reader.fuel(path)?;
    let spec = fuel.spec.clone();
    let dem = args.dem.as_deref().map(|p| reader.numbers(p, &spec, "elevation")).transpose()?;
    if dem.is_none() {
        reader.notices.push(Message::new("cli-fire-flat"));
    }
    let dem = dem.map(|mut dem| {
        dem.cells.iter_mut().filter(|z| **z < LOWEST_M).for_each(|z| *z = f32::NAN);
        dem
    });
    let about = |e: crate::sim::fire::error::FireError| {
        Message::new("cli-fire-raster").with("reason", e.to_message()).with("path", path)
    };
    let own = args.fuel_models.as_deref().map(super::fire::fuel_models).transpose().map_err(|e| e.to_message())?;
    let set = own.as_ref().unwrap_or(FuelSet::standard());
    let mut landscape = Landscape::new(&fuel, dem.as_ref(), set).map_err(about)?;
    if let (Some(cover), Some(height)) = (&args.canopy_cover, &args.canopy_height) {
        let mut cover = reader.numbers(cover, &spec, "canopy")?;
        let height = reader.numbers(height, &spec, "canopy")?;
        // Per cent, unless nothing is above 1.
        if cover.range().is_some_and(|(_, most)| most > 1.0) {
            cover.cells.iter_mut().for_each(|c| *c /= 100.0);
        }
        landscape = landscape.with_canopy(&cover, &height).map_err(|e| e.to_message())?;
    }
    Ok(RasterGround { landscape, notices: reader.notices, digests: reader.digests })
}

/// Reads rasters as they are, and keeps what had to be told of them.
pub(super) struct Reader<'a> {
    pub(super) worker: &'a WorkerProgram,
    pub(super) notices: Vec<Message>,
    pub(super) digests: Vec<InputDigest>,
}

impl Reader<'_> {
    /// Fuel numbers, in metres.
    fn fuel(&mut self, path: &Path) -> Result<Grid<u16>, Message> {
        let mut content = self.import(path, None)?;
        let spec = spec_of(&content).cloned().ok_or_else(|| not_a_raster(path))?;
        let unit = metres_per_unit(&spec.crs).map_err(|e| e.to_message())?;
        if unit.is_none_or(|m| (m - 1.0).abs() > 1e-6) {
            let crs = utm(&spec)?;
            self.notices.push(
                Message::new("cli-fire-reprojected")
                    .with("path", path)
                    .with("from", spec.crs.label())
                    .with("to", crs.label()),
            );
            content = self.import(path, Some(crs))?;
        }
        let mut missing = 0_usize;
        let grid = match content {
            LayerContent::Classes(grid) => {
                let number = |c: &u16| if *c == NO_CLASS { NO_FUEL } else { *c };
                Grid { spec: grid.spec.clone(), cells: grid.cells.iter().map(number).collect() }
            }
            LayerContent::Raster(grid) => {
                let mut cells = Vec::with_capacity(grid.cells.len());
                for value in &grid.cells {
                    if value.is_nan() || *value < 0.0 {
                        missing += 1;
                        cells.push(NO_FUEL);
                    } else if value.fract() != 0.0 || *value > 65_000.0 {
                        return Err(Message::new("cli-fire-not-fuel")
                            .with("value", f64::from(*value))
                            .with("path", path));
                    } else {
                        cells.push(*value as u16);
                    }
                }
                Grid { spec: grid.spec.clone(), cells }
            }
            LayerContent::Features(_) => return Err(not_a_raster(path)),
        };
        if missing > 0 {
            self.notices.push(Message::new("cli-fire-no-fuel-cells").with("cells", missing).with("path", path));
        }
        Ok(grid)
    }

    /// Values on the fuel's grid.
    fn numbers(&mut self, path: &Path, spec: &GridSpec, what: &'static str) -> Result<Grid<f32>, Message> {
        let own = self.import(path, None)?;
        let same_system = spec_of(&own).is_some_and(|s| s.crs == spec.crs);
        let content = if same_system { own } else { self.import(path, Some(spec.crs.clone()))? };
        let grid = match content {
            LayerContent::Raster(grid) => std::sync::Arc::unwrap_or_clone(grid),
            LayerContent::Classes(grid) => {
                let value = |c: &u16| if *c == NO_CLASS { f32::NAN } else { f32::from(*c) };
                Grid { spec: grid.spec.clone(), cells: grid.cells.iter().map(value).collect() }
            }
            LayerContent::Features(_) => return Err(not_a_raster(path)),
        };
        if grid.spec == *spec {
            return Ok(grid);
        }
        let there = align::numbers(&grid, spec, what).map_err(|e| e.to_message())?;
        if there.cells.iter().all(|v| v.is_nan()) {
            return Err(Message::new("cli-fire-no-overlap").with("path", path));
        }
        self.notices.push(Message::new("cli-fire-resampled").with("path", path));
        Ok(there)
    }

    /// In its own system, or in another.
    pub(super) fn import(&mut self, path: &Path, crs: Option<Crs>) -> Result<LayerContent, Message> {
        let mut source = SourceSpec { own_crs: crs.is_none(), ..SourceSpec::new(path) };
        let frame = SiteFrame { crs: crs.unwrap_or(Crs::WGS84), origin: [0.0; 2] };
        let mut answer = self.read(&source, &frame);
        if let Some(Err(ImportError::NoCrs { .. })) = answer {
            // A raster of a model or a test: metres from somewhere.
            let taken = Crs::VN2000_TM3_104_30;
            self.notices.push(Message::new("cli-fire-no-crs").with("path", path).with("crs", taken.label()));
            source.crs = Some(taken);
            answer = self.read(&source, &frame);
        }
        let imported = answer.ok_or_else(|| not_a_raster(path))?.map_err(|e| e.to_message())?;
        if let Some(warning) = crate::io::scene::partial(&imported, path) {
            self.notices.push(warning.message);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if self.digests.iter().all(|d| d.name != name) {
            self.digests.push(digest(path, name));
        }
        Ok(imported.content)
    }

    fn read(&self, source: &SourceSpec, frame: &SiteFrame) -> Option<Result<Imported, ImportError>> {
        let mut answer = None;
        let (progress, cancel) = (Progress::new(), CancelToken::new());
        let sources = std::slice::from_ref(source);
        import_isolated(sources, frame, self.worker, &progress, &cancel, |_, r| answer = Some(r));
        answer
    }
}

/// Of a whole file; a file that has gone since it was read has the digest of nothing.
pub(super) fn digest(path: &Path, name: String) -> InputDigest {
    let bytes = std::fs::read(path).unwrap_or_default();
    InputDigest { name, digest: Digest::of(&bytes).to_string() }
}

fn spec_of(content: &LayerContent) -> Option<&GridSpec> {
    match content {
        LayerContent::Raster(grid) => Some(&grid.spec),
        LayerContent::Classes(grid) => Some(&grid.spec),
        LayerContent::Features(_) => None,
    }
}

fn not_a_raster(path: &Path) -> Message {
    Message::new("cli-fire-not-raster").with("path", PathBuf::from(path).as_path())
}

/// The UTM zone (WGS 84) of a raster's middle.
fn utm(spec: &GridSpec) -> Result<Crs, Message> {
    let [west, south, east, north] = spec.bounds();
    let mut middle = [[f64::midpoint(west, east), f64::midpoint(south, north)]];
    Projector::between(&spec.crs, &Crs::WGS84).map_err(|e| e.to_message())?.apply_all(&mut middle);
    let [lon, lat] = middle[0];
    if !(lon.is_finite() && lat.abs() <= 84.0) {
        return Err(Message::new("cli-fire-no-metres").with("crs", spec.crs.label()));
    }
    let zone = (((lon + 180.0).rem_euclid(360.0) / 6.0) as u32).min(59) + 1;
    Ok(Crs::Epsg(if lat < 0.0 { 32_700 } else { 32_600 } + zone))
}
