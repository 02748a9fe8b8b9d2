//! `island-twin export PROJECT LAYER OUT`: a layer in a format that others read.

use super::args::ExportArgs;
use super::files::Files;
use super::project_file;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::io::export::{RasterOptions, VectorFormat, write_classes, write_features, write_raster};
use crate::model::layer::LayerContent;
use crate::model::mapping::without_personal;

/// Fields about people are left out unless asked for.
///
/// # Errors
/// A sentence that says what to do; the file is then as it was before.
pub fn export(args: &ExportArgs) -> Result<(), Message> {
    let files = Files::new()?;
    let project = project_file::open(&args.project, &files)?;
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
            write_features(table, from, &to, &args.out, &format).map_err(|e| e.to_message())
        }
        LayerContent::Raster(_) | LayerContent::Classes(_) if to != *from => {
            Err(Message::new("cli-export-raster-crs").with("crs", from.to_string()))
        }
        LayerContent::Raster(grid) => {
            write_raster(grid, &args.out, RasterOptions::default()).map_err(|e| e.to_message())
        }
        LayerContent::Classes(grid) => write_classes(grid, &args.out).map_err(|e| e.to_message()),
    }
}

const FORMATS: &str = "shp, gpkg, geojson, kml, csv, fgb, dxf, city.json";
