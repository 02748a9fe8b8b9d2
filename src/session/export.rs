//! Layers out of the window: as a job, in a system and a format that somebody chose.

use std::path::PathBuf;
use std::sync::Arc;

use super::apply::Session;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::io::export::{ExportError, RasterOptions, VectorFormat, write_classes_in, write_features, write_raster_in};
use crate::model::layer::{LayerContent, LayerId};
use crate::model::mapping::without_personal;
use crate::model::table::FeatureTable;

#[derive(Debug, Clone, PartialEq)]
pub struct ExportWish {
    pub layer: LayerId,
    /// Only the features that are marked.
    pub marked_only: bool,
    /// Its ending says the format.
    pub path: PathBuf,
    /// `None`: the site's.
    pub crs: Option<Crs>,
    /// Of a Shapefile's text.
    pub encoding: TextEncoding,
    /// With the fields about people.
    pub personal: bool,
}

impl Session {
    pub(super) fn start_export(&mut self, wish: ExportWish) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let layer = project.layer(&wish.layer).cloned().ok_or_else(|| SessionError::NoLayer(wish.layer.clone()))?;
        let marked = self.marked.as_ref().filter(|m| wish.marked_only && m.layer == wish.layer);
        let ids = wish.marked_only.then(|| marked.map(|m| m.ids.clone()).unwrap_or_default());
        let (site, path) = (project.frame.crs.clone(), wish.path.clone());
        self.start(JobKind::Export, &path, move |progress, cancel| {
            progress.stage(Message::new("gis-exporting"), 0);
            cancel.check()?;
            let to = wish.crs.as_ref().unwrap_or(&site);
            let count = match &layer.content {
                LayerContent::Features(table) => write_table(table, ids, &wish, &site)?,
                LayerContent::Raster(grid) => {
                    write_raster_in(grid, to, &wish.path, RasterOptions::default()).map_err(failed)?;
                    grid.spec.len()
                }
                LayerContent::Classes(grid) => {
                    write_classes_in(grid, to, &wish.path).map_err(failed)?;
                    grid.spec.len()
                }
            };
            Ok(Outcome::then(move |session| {
                let message = Message::new("gis-exported").with("count", count);
                session.notices.push(Level::Info, message, None, Some(wish.path));
                super::effects::Effects::default()
            }))
        })
    }
}

fn failed(error: ExportError) -> IoFailure {
    error.to_message().into()
}

/// How many features were written.
fn write_table(
    table: &Arc<FeatureTable>,
    ids: Option<Arc<Vec<u64>>>,
    wish: &ExportWish,
    site: &Crs,
) -> Result<usize, IoFailure> {
    let known = "shp, gpkg, geojson, kml, csv, fgb, dxf, city.json";
    let mut format = VectorFormat::of_path(&wish.path, &wish.layer.0)
        .ok_or_else(|| Message::new("cli-export-format").with("known", known))?;
    if let VectorFormat::Shapefile { encoding } = &mut format {
        *encoding = wish.encoding;
    }
    let mut chosen = match ids {
        Some(ids) => {
            let rows: Vec<usize> = ids.iter().filter_map(|id| table.row_of(*id)).collect();
            Arc::new(table.select(&rows))
        }
        None => table.clone(),
    };
    if !wish.personal {
        chosen = Arc::new(without_personal(&chosen));
    }
    let to = wish.crs.as_ref().unwrap_or(site);
    write_features(&chosen, site, to, &wish.path, &format).map_err(failed)?;
    Ok(chosen.len())
}
