//! `island-twin export PROJECT LAYER OUT`: a layer in a format that others read.

use super::args::ExportArgs;
use super::files::Files;
use super::project_file;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::geo::index::FeatureIndex;
use crate::io::encoding::TextEncoding;
use crate::io::export::{
    GlbLayer, GlbScene, RasterOptions, VectorFormat, write_classes_in, write_features, write_glb, write_raster_in,
};
use crate::model::layer::{Layer, LayerContent};
use crate::model::mapping::without_personal;
use crate::model::project::Project;

/// Fields about people are left out unless asked for.
///
/// # Errors
/// A sentence that says what to do; the file is then as it was before.
pub fn export(args: &ExportArgs) -> Result<(), Message> {
    let files = Files::new()?;
    let project = project_file::open(&args.project, &files)?;
    if is_glb(args) {
        return export_glb(args, &project);
    }
    let layer = project_file::layer(&project, &args.layer)?;
    let from = &project.frame.crs;
    let to: Crs = args.crs.as_deref().and_then(|c| c.parse().ok()).unwrap_or_else(|| from.clone());
    match &layer.content {
        LayerContent::Features(table) => {
            let mut format = match &args.format {
                Some(name) => VectorFormat::named(name, &args.layer),
                None => VectorFormat::of_path(&args.out, &args.layer),
            }
            .ok_or_else(|| Message::new("cli-export-format").with("known", FORMATS))?;
            if let (VectorFormat::Shapefile { encoding }, Some(name)) = (&mut format, &args.encoding) {
                *encoding = name.parse().map_err(|_| {
                    Message::new("cli-encoding-unknown")
                        .with("encoding", name.as_str())
                        .with("known", TextEncoding::ALL.map(TextEncoding::name).join(", "))
                })?;
            }
            let public;
            let table = if args.personal {
                table
            } else {
                public = without_personal(table).into();
                &public
            };
            let within;
            let table = match args.extent {
                None => table,
                Some(extent) => {
                    within = table.select(&FeatureIndex::build(&table.geometry).in_box(extent)).into();
                    &within
                }
            };
            write_features(table, from, &to, &args.out, &format).map_err(|e| e.to_message())
        }
        LayerContent::Raster(grid) => {
            write_raster_in(grid, &to, &args.out, RasterOptions::default()).map_err(|e| e.to_message())
        }
        LayerContent::Classes(grid) => write_classes_in(grid, &to, &args.out).map_err(|e| e.to_message()),
    }
}

const FORMATS: &str = "shp, gpkg, geojson, kml, csv, fgb, dxf, city.json, glb; tif";

fn is_glb(args: &ExportArgs) -> bool {
    match &args.format {
        Some(format) => format.eq_ignore_ascii_case("glb") || format.eq_ignore_ascii_case("gltf"),
        None => args.out.extension().is_some_and(|e| e.eq_ignore_ascii_case("glb")),
    }
}

/// The project's ground with the named layers ("buildings,parcels") on it as blocks, in the project's own system.
fn export_glb(args: &ExportArgs, project: &Project) -> Result<(), Message> {
    let mut terrain = project.terrain();
    let mut layers: Vec<&Layer> = Vec::new();
    for name in args.layer.split(',').map(str::trim) {
        let layer = project_file::layer(project, name)?;
        match &layer.content {
            LayerContent::Features(_) => layers.push(layer),
            LayerContent::Raster(grid) => terrain = Some(grid),
            LayerContent::Classes(_) => {
                return Err(Message::new("cli-query-no-table").with("layer", layer.id.0.as_str()));
            }
        }
    }
    let solids: Vec<GlbLayer<'_>> = layers
        .iter()
        .filter_map(|layer| {
            Some(GlbLayer { name: &layer.id.0, table: layer.content.features()?, symbol: &layer.style.symbol })
        })
        .collect();
    let of_layers = solids
        .iter()
        .filter_map(|l| l.table.geometry.bounds())
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let extent = args.extent.or(of_layers).or_else(|| terrain.map(|grid| grid.spec.bounds()));
    let Some(extent) = extent else { return Err(Message::new("cli-export-format").with("known", FORMATS)) };
    let terrain = terrain.map(|grid| &**grid);
    let scene = GlbScene { crs: &project.frame.crs, extent, terrain, layers: &solids };
    write_glb(scene, &args.out).map(|_| ()).map_err(|e| e.to_message())
}
