//! `island-twin simulate transport`: the bare kernel on rasters.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use super::fire_rasters::Reader;
use super::simulate_fire::Told;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::grid::{Grid, GridSpec};
use crate::io::crs::metres_per_unit;
use crate::io::export::{NO_CLASS, RasterOptions, write_raster};
use crate::io::import::WorkerProgram;
use crate::model::layer::LayerContent;
use crate::sim::transport::plane::{Carried, Plane};
use crate::sim::transport::rates::{Boundary, CellVelocity};
use crate::sim::transport::real::Real;
use crate::sim::transport::rows::Shape;
use crate::text::{Catalog, Language};

#[derive(Debug, Clone, clap::Args)]
pub struct SimulateTransportArgs {
    /// Eastward and northward.
    #[arg(long, num_args = 2, value_names = ["U", "V"], required = true)]
    pub velocity: Vec<PathBuf>,
    #[arg(long)]
    pub initial: PathBuf,
    /// m²/s.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub diffusivity: f64,
    /// Seconds.
    #[arg(long, allow_hyphen_values = true)]
    pub dt: f64,
    #[arg(long)]
    pub steps: u64,
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long, value_enum, default_value_t)]
    pub boundary: Edge,
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub inflow: f64,
    /// 1/s.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub decay: f64,
    #[arg(long, value_enum, default_value_t)]
    pub precision: Precision,
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Edge {
    #[default]
    Closed,
    Open,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Precision {
    #[default]
    F32,
    F64,
}

/// What was carried and what it took.
struct Carriage {
    cells: Vec<f32>,
    sums: [f64; 2],
    courant: f64,
    sub_steps: usize,
    seconds: f64,
}

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub fn run(args: &SimulateTransportArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let mut reader = Reader { worker, notices: Vec::new(), digests: Vec::new() };
    let mut read = |path: &Path| numbers(&mut reader, path, None);
    let initial = read(&args.initial)?;
    let [east, north] = [read(&args.velocity[0])?, read(&args.velocity[1])?];
    for (grid, path) in [(&east, &args.velocity[0]), (&north, &args.velocity[1])] {
        if !same_place(&grid.spec, &initial.spec) {
            return Err(Message::new("cli-transport-grid")
                .with("path", path.as_path())
                .with("other", args.initial.as_path()));
        }
    }
    let mut notices = reader.notices;
    let active: Vec<bool> = initial.cells.iter().map(|c| !c.is_nan()).collect();
    let closed = active.iter().filter(|a| !**a).count();
    if closed > 0 {
        notices.push(Message::new("cli-transport-closed-cells").with("cells", closed));
    }
    let unit = metres_per_unit(&initial.spec.crs).map_err(|e| e.to_message())?;
    let unit = unit.ok_or_else(|| Message::new("cli-transport-no-metres").with("path", args.initial.as_path()))?;
    let velocity = CellVelocity {
        shape: Shape::plane(initial.spec.cols, initial.spec.rows),
        cell_m: [initial.spec.cell_width() * unit, initial.spec.cell_height() * unit],
        east_mps: &east.cells,
        north_mps: &north.cells,
        active: (closed > 0).then_some(&active[..]),
        boundary: match args.boundary {
            Edge::Closed => Boundary::Closed,
            Edge::Open => Boundary::Open,
        },
        diffusivity_m2ps: args.diffusivity,
    };
    let carried = Carried { initial: &initial.cells, inflow: args.inflow, dt_s: args.dt, decay_per_s: args.decay };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads).build();
    let pool = pool.map_err(|e| Message::new("sim-no-thread").with("reason", e.to_string()))?;
    let done = pool.install(|| match args.precision {
        Precision::F32 => carry::<f32>(&velocity, &carried, args.steps),
        Precision::F64 => carry::<f64>(&velocity, &carried, args.steps),
    })?;
    if done.sub_steps > 1 {
        notices.push(
            Message::new("cli-transport-sub-steps")
                .with("parts", done.sub_steps)
                .with("step", args.dt)
                .with("courant", done.courant * done.sub_steps as f64),
        );
    }
    let area = velocity.cell_m[0] * velocity.cell_m[1];
    let [before, after] = done.sums.map(|s| s * area);
    let result = Grid { spec: initial.spec.clone(), cells: done.cells };
    write_raster(&result, &args.out, RasterOptions::default()).map_err(|e| e.to_message())?;
    let (least, most) = result.range().unwrap_or((f32::NAN, f32::NAN));
    let drift = if before == 0.0 { 0.0 } else { (after - before) / before };
    let text = if args.json {
        let told = json!({
            "mass_before": before, "mass_after": after, "relative_change": drift, "min": least, "max": most,
            "courant": done.courant, "sub_steps": done.sub_steps, "simulation_s": done.seconds, "out": args.out,
        });
        told.to_string()
    } else {
        let number = |v: f64| format!("{v:.6e}");
        let told = Message::new("cli-transport-done")
            .with("hours", args.dt * args.steps as f64 / 3600.0)
            .with("before", number(before))
            .with("after", number(after))
            .with("change", format!("{drift:.1e}"))
            .with("least", number(f64::from(least)))
            .with("most", number(f64::from(most)))
            .with("path", args.out.as_path());
        Catalog::load(language).text(&told)
    };
    Ok(Told { text, notices })
}

fn carry<T: Real>(velocity: &CellVelocity<'_>, carried: &Carried<'_>, steps: u64) -> Result<Carriage, Message> {
    let cancel = CancelToken::new();
    let mut plane = Plane::<T>::new(velocity, carried).map_err(|e| e.to_message())?;
    let before = plane.sum();
    let begun = Instant::now();
    plane.steps(steps as usize, &cancel).map_err(|_| Message::new("sim-cancelled"))?;
    let seconds = begun.elapsed().as_secs_f64();
    let takes_part = |cell: usize| velocity.active.is_none_or(|a| a[cell]);
    let cols = velocity.shape.cols;
    let cell = |i: usize| {
        if takes_part(i) { plane.field.get(i % cols, i / cols, 0).to_f64() as f32 } else { f32::NAN }
    };
    Ok(Carriage {
        cells: (0..cols * velocity.shape.rows).map(cell).collect(),
        sums: [before, plane.sum()],
        courant: plane.courant,
        sub_steps: plane.sub_steps,
        seconds,
    })
}

/// A raster in its own system or in another; classes count as numbers.
pub(super) fn numbers(reader: &mut Reader<'_>, path: &Path, crs: Option<&Crs>) -> Result<Grid<f32>, Message> {
    match reader.import(path, crs.cloned())? {
        LayerContent::Raster(grid) => Ok(std::sync::Arc::unwrap_or_clone(grid)),
        LayerContent::Classes(grid) => {
            let value = |c: &u16| if *c == NO_CLASS { f32::NAN } else { f32::from(*c) };
            Ok(Grid { spec: grid.spec.clone(), cells: grid.cells.iter().map(value).collect() })
        }
        LayerContent::Features(_) => Err(Message::new("cli-fire-not-raster").with("path", path)),
    }
}

/// The same cells, but for the last digits of their corner.
fn same_place(a: &GridSpec, b: &GridSpec) -> bool {
    let near = |i: usize| (a.transform[i] - b.transform[i]).abs() < 1e-3 * b.cell_width();
    a.cols == b.cols && a.rows == b.rows && a.crs == b.crs && (0..6).all(near)
}
