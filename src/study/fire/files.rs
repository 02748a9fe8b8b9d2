//! The files of a simulated fire: rasters, hourly perimeters, the manifest; all complete or none.

use std::path::Path;

use rayon::prelude::*;

use crate::base::message::{Message, ToMessage};
use crate::geo::contour::{perimeter, polygons};
use crate::geo::grid::Grid;
use crate::geo::measure::ring_area;
use crate::geo::shape::ShapeKind;
use crate::io::export::{NO_CLASS, RasterOptions, VectorFormat, write_classes, write_features, write_raster};
use crate::io::staging::FolderStaging;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::sim::fields::Snapshot;
use crate::sim::fire::simulation::{ARRIVAL, FLAME, INTENSITY, RATE, TYPE};

/// What is written beside the fire's own fields.
#[derive(Debug, Default)]
pub struct Extra<'a> {
    /// (file name, field).
    pub rasters: Vec<(&'a str, &'a Grid<f32>)>,
    /// (file name, content).
    pub texts: Vec<(&'a str, String)>,
}

/// Writes everything; `clock` tells a moment of the run as people read it.
///
/// # Errors
/// The message of what could not be written; the folder is then as it was, but for having been made.
pub fn write(last: &Snapshot, extra: &Extra<'_>, clock: &dyn Fn(f64) -> String, out: &Path) -> Result<(), Message> {
    let failed = |e: std::io::Error| Message::new("study-fire-write").with("reason", e.to_string()).with("path", out);
    let staging = FolderStaging::inside(out).map_err(failed)?;
    let raster = |grid: &Grid<f32>, name: &str| {
        write_raster(grid, &staging.path(name), RasterOptions::default()).map_err(|e| e.to_message())
    };
    for (field, name) in [
        (ARRIVAL, "arrival_time.tif"),
        (RATE, "rate_of_spread.tif"),
        (FLAME, "flame_length.tif"),
        (INTENSITY, "fireline_intensity.tif"),
    ] {
        if let Some(grid) = last.field(field) {
            raster(grid, name)?;
        }
    }
    if let Some(grid) = last.field(TYPE) {
        let cells = grid.cells.iter().map(|v| if v.is_nan() { NO_CLASS } else { *v as u16 }).collect();
        let types = Grid { spec: grid.spec.clone(), cells };
        write_classes(&types, &staging.path("fire_type.tif")).map_err(|e| e.to_message())?;
    }
    for (name, grid) in &extra.rasters {
        raster(grid, name)?;
    }
    if let Some(arrival) = last.field(ARRIVAL) {
        let table = perimeters(arrival, last.time_s, clock);
        let crs = &arrival.spec.crs;
        let format = VectorFormat::GeoPackage { layer: "perimeters".to_owned() };
        write_features(&table, crs, crs, &staging.path("perimeters.gpkg"), &format).map_err(|e| e.to_message())?;
    }
    for (name, text) in &extra.texts {
        std::fs::write(staging.path(name), text).map_err(failed)?;
    }
    staging.commit().map_err(failed)
}

/// The fire's outline every hour and at the end.
fn perimeters(arrival: &Grid<f32>, end_s: f64, clock: &dyn Fn(f64) -> String) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("time_s", FieldKind::Real),
        ("hour", FieldKind::Real),
        ("clock", FieldKind::Text),
        ("area_ha", FieldKind::Real),
    ]);
    let hours = (end_s / 3600.0).ceil().max(1.0) as u32;
    let outline = |hour: u32| {
        let time_s = (f64::from(hour) * 3600.0).min(end_s);
        (time_s, polygons(perimeter(arrival, time_s)))
    };
    let outlines: Vec<_> = (1..=hours).into_par_iter().map(outline).collect();
    for (time_s, parts) in outlines.into_iter().filter(|(_, parts)| !parts.is_empty()) {
        let square_metres: f64 = parts.iter().flatten().map(|ring| ring_area(ring)).sum();
        let rings: Vec<Vec<&[[f64; 2]]>> = parts.iter().map(|p| p.iter().map(Vec::as_slice).collect()).collect();
        let borrowed: Vec<&[&[[f64; 2]]]> = rings.iter().map(Vec::as_slice).collect();
        table.geometry.push_parts(ShapeKind::Polygon, &borrowed);
        let told = clock(time_s);
        table.push_row(&[
            Value::Real(time_s),
            Value::Real(time_s / 3600.0),
            Value::Text(&told),
            Value::Real(square_metres / 10_000.0),
        ]);
    }
    table
}
