//! Sources of the air from a layer: points are stacks or volumes, lines are roads and belts, polygons are areas.

use std::path::Path;

use super::air_source_shape::{Cells, Given, Outline};
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::shape::{Shape, ShapeKind};
use crate::io::import::{SourceSpec, WorkerProgram, import_isolated};
use crate::io::scene::partial;
use crate::model::layer::LayerContent;
use crate::model::table::{FeatureTable, Value};
use crate::sim::air::error::AirError;
use crate::sim::air::source::Source;

/// Shapefiles know only so many letters of a column's name.
const SHAPEFILE_LETTERS: usize = 10;

/// Columns as [`Given::read`]; whatever system the file is in. Messages: what was wrong with the rest of the file.
///
/// # Errors
/// A file that cannot be read, a missing column, a source that cannot be.
pub fn read(path: &Path, crs: &Crs, worker: &WorkerProgram) -> Result<(Vec<Source>, Vec<Message>), Message> {
    let frame = SiteFrame { crs: crs.clone(), origin: [0.0; 2] };
    let (mut answer, progress, cancel) = (None, Progress::new(), CancelToken::new());
    import_isolated(&[SourceSpec::new(path)], &frame, worker, &progress, &cancel, |_, r| answer = Some(r));
    let no_rows = || AirError::NoRows { path: path.to_owned() }.to_message();
    let imported = answer.ok_or_else(no_rows)?.map_err(|e| e.to_message())?;
    let notices = partial(&imported, path).into_iter().map(|w| w.message).collect();
    let LayerContent::Features(table) = &imported.content else { return Err(no_rows()) };
    if table.is_empty() {
        return Err(no_rows());
    }
    let sources = (0..table.len()).map(|row| of_row(table, row, path)).collect::<Result<_, _>>();
    Ok((sources.map_err(|e| e.to_message())?, notices))
}

fn of_row(table: &FeatureTable, row: usize, path: &Path) -> Result<Source, AirError> {
    let given = Given::read(&Feature { table, row, path })?;
    given.source(
        &outlines(table.geometry.get(row)).map_err(|why| AirError::BadShape { source_id: given.id.clone(), why })?,
    )
}

/// `Err`: the end of the sentence's key.
fn outlines(shape: Shape<'_>) -> Result<Vec<Outline>, &'static str> {
    match shape.kind() {
        ShapeKind::Empty => Ok(Vec::new()),
        ShapeKind::Point => Ok(shape.points().iter().map(|p| Outline::Point(*p)).collect()),
        ShapeKind::Line => Ok(shape.rings().map(|r| Outline::Line(r.points().to_vec())).collect()),
        ShapeKind::Polygon => shape
            .parts()
            .map(|part| match &part.rings().collect::<Vec<_>>()[..] {
                [outer] => Ok(Outline::Ring(outer.points().to_vec())),
                _ => Err("hole"),
            })
            .collect(),
    }
}

struct Feature<'a> {
    table: &'a FeatureTable,
    row: usize,
    path: &'a Path,
}

impl Feature<'_> {
    fn value(&self, column: &str) -> Value<'_> {
        let short = column.get(..SHAPEFILE_LETTERS).unwrap_or(column);
        let name = if self.table.field_index(column).is_some() { column } else { short };
        self.table.value(self.row, name)
    }
}

impl Cells for Feature<'_> {
    fn text(&self, column: &str) -> Option<String> {
        match self.value(column) {
            Value::Null => None,
            value => Some(value.to_string()).filter(|t| !t.trim().is_empty()),
        }
    }

    fn real(&self, column: &str) -> Result<Option<f64>, AirError> {
        let value = match self.value(column) {
            Value::Null => return Ok(None),
            // Tables without types of their own bring numbers as words.
            Value::Text(text) if text.trim().is_empty() => return Ok(None),
            Value::Text(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        value.filter(|v| v.is_finite()).map(Some).ok_or_else(|| self.bad(column))
    }

    fn bad(&self, column: &str) -> AirError {
        AirError::BadRow { line: self.row + 1, what: column.to_owned(), path: self.path.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;
    use crate::sim::air::source::Place;

    fn table() -> FeatureTable {
        let real = |name| (name, FieldKind::Real);
        let fields = [("id", FieldKind::Text), real("rate_g_s"), real("height_m"), real("width_m"), real("temperatur")];
        FeatureTable::with_fields(&fields)
    }

    #[test]
    fn lines_and_areas_of_a_layer_become_sources() {
        let mut table = table();
        table.geometry.push_line(&[[0.0, 0.0], [100.0, 0.0]]);
        table.push_row(&[Value::Text("L"), Value::Real(2.0), Value::Real(0.5), Value::Real(8.0), Value::Null]);
        let ring = [[0.0, 0.0], [50.0, 0.0], [50.0, 50.0], [0.0, 0.0]];
        table.geometry.push_polygon(&[&ring]);
        table.push_row(&[Value::Text("A"), Value::Real(1.0), Value::Real(0.0), Value::Null, Value::Real(400.0)]);
        let of = |row| of_row(&table, row, Path::new("s.gpkg"));
        assert!(matches!(of(0).unwrap().parts[0].0, Place::Line { width_m: 8.0, .. }));
        assert!(matches!(&of(1).unwrap().parts[0].0, Place::Area { ring, .. } if ring.len() == 4));
        let feature = Feature { table: &table, row: 1, path: Path::new("s.shp") };
        assert_eq!(feature.real("temperature_k"), Ok(Some(400.0)), "as a Shapefile cuts the name");
    }

    #[test]
    fn a_hole_and_a_missing_number_are_told() {
        let mut table = table();
        let ring = |a: f64, b: f64| [[a, a], [b, a], [b, b], [a, b], [a, a]];
        table.geometry.push_polygon(&[&ring(0.0, 90.0), &ring(20.0, 40.0)]);
        table.push_row(&[Value::Text("A"), Value::Real(1.0), Value::Real(0.0), Value::Null, Value::Null]);
        table.geometry.push_empty();
        table.push_row(&[Value::Text("B"), Value::Null, Value::Real(0.0), Value::Null, Value::Null]);
        let of = |row| of_row(&table, row, Path::new("s.gpkg")).unwrap_err();
        assert!(matches!(of(0), AirError::BadShape { why: "hole", .. }));
        assert!(matches!(of(1), AirError::BadRow { line: 2, .. }), "{}", of(1));
    }
}
