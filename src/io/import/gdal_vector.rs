//! Vector layers through GDAL.

use std::path::Path;

use gdal::vector::{Feature, LayerAccess, OGRFieldType};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use super::ImportError;
use super::coordinates::{self, Placed};
use super::dgn_text;
use super::legacy_text::{self, CodePage};
use super::local::Read;
use super::shapefile::{encoding_names, preview};
use super::source::{EncodingPreview, ImportReport, SourceSpec};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::geo::shape::Shapes;
use crate::io::encoding::{TextEncoding, mojibake};
use crate::io::{crs, gdal_setup, wkb};
use crate::model::layer::LayerContent;
use crate::model::table::{Column, FeatureTable, Field, FieldKind, Value};

/// Which columns hold places is decided by ourselves: in Vietnamese tables plain X and Y are northing and easting.
const CSV_OPTIONS: [&str; 1] = ["AUTODETECT_TYPE=YES"];

/// The second knows no attributes, but does not fail on tracks without times as the first does.
pub(super) const KML: [&str; 2] = ["LIBKML", "KML"];

fn holds(path: &Path, word: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.windows(word.len()).any(|w| w == word))
}

/// # Errors
/// [`ImportError`] when there is no such layer or its coordinate system is not known.
pub(super) fn read(
    copy: &Path,
    drivers: &[&str],
    spec: &SourceSpec,
    cancel: &CancelToken,
) -> Result<Read, ImportError> {
    let read = read_in(copy, drivers, spec, cancel, CodePage::AsSaid)?;
    let garbled = |table: &FeatureTable| {
        table.columns.iter().any(|c| matches!(c, Column::Text(text) if text.raw().0.contains('\u{fffd}')))
    };
    // MapInfo's tables that say nothing of their code page come through only as UTF-8.
    if drivers == ["MapInfo File"] && read.content.features().is_some_and(|table| garbled(table)) {
        return read_in(copy, drivers, spec, cancel, CodePage::Western);
    }
    Ok(read)
}

fn read_in(
    copy: &Path,
    drivers: &[&str],
    spec: &SourceSpec,
    cancel: &CancelToken,
    code_page: CodePage,
) -> Result<Read, ImportError> {
    gdal_setup::prepare();
    gdal_setup::take_failure();
    let drivers = if drivers == KML && holds(copy, b"gx:Track") { &KML[1..] } else { drivers };
    let readable = legacy_text::readable(copy, drivers, code_page).map_err(|e| ImportError::io(copy, &e))?;
    let copy = readable.as_ref().map_or(copy, |r| r.path.as_path());
    let open_options = (drivers == ["CSV"]).then_some(&CSV_OPTIONS[..]);
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR,
        allowed_drivers: Some(drivers),
        open_options,
        ..DatasetOptions::default()
    };
    let dataset =
        Dataset::open_ex(copy, options).map_err(|e| ImportError::damaged(copy, without_copy(&e.to_string())))?;
    let mut layer = match &spec.sublayer {
        Some(wanted) => dataset.layer_by_name(wanted).map_err(|_| no_layer(&dataset, copy, wanted))?,
        None => dataset.layers().next().ok_or_else(|| ImportError::damaged(copy, "no layer"))?,
    };
    let promised = layer.try_feature_count();
    let crs = match (&spec.crs, layer.spatial_ref()) {
        (Some(crs), _) => Some(crs.clone()),
        (None, Some(found)) => {
            let wkt = found.to_wkt().unwrap_or_default();
            // GeoPackage's own two "undefined" systems.
            (!wkt.contains("Undefined ") && !wkt.contains("unknown")).then(|| crs::identify(found, &wkt))
        }
        (None, None) => None,
    };

    let fields: Vec<(usize, Field)> = layer
        .defn()
        .fields()
        .enumerate()
        .filter_map(|(i, f)| Some((i, Field { name: f.name(), kind: kind_of(f.field_type())? })))
        .collect();
    let keep_fid = drivers == ["GPKG"];
    let mut reader = Rows::new(&fields, &spec.path);
    for feature in layer.features() {
        if reader.ids.len().is_multiple_of(1024) {
            cancel.check().map_err(|_| ImportError::Cancelled { path: spec.path.clone() })?;
        }
        reader.push(&feature, keep_fid);
    }
    let Rows { ids, fids, mut columns, wkbs, mut report, .. } = reader;
    if drivers == ["DGN"]
        && let Some(at) = fields.iter().position(|(_, field)| field.name == "Text")
        && let Some(Column::Text(column)) = columns.get_mut(at)
    {
        let dgn = std::fs::read(copy).map_err(|e| ImportError::io(copy, &e))?;
        dgn_text::restore(column, &fids, &dgn);
    }
    if dataset.layer_count() > 1 {
        report.sublayers = dataset.layers().take(MOST_SUBLAYERS).map(|l| l.name()).collect();
    }
    if let Some(failure) = gdal_setup::take_failure() {
        report.note(None, Message::new("io-problem-gdal").with("detail", without_copy(&failure)));
    }
    if let Some(promised) = promised.filter(|n| *n > ids.len() as u64) {
        let promised = i64::try_from(promised).unwrap_or(i64::MAX);
        report.note(None, Message::new("io-problem-rows-missing").with("rows", ids.len()).with("promised", promised));
    }
    let z = wkbs.iter().flatten().any(|bytes| wkb::has_z(bytes));
    let mut geometry = Shapes::new();
    let mut leave_out = Vec::new();
    for (row, bytes) in wkbs.iter().enumerate() {
        let Some(bytes) = bytes else {
            geometry.push_empty();
            continue;
        };
        if let Err(error) = wkb::read(bytes, z, &mut geometry) {
            geometry.push_empty();
            leave_out.push(row);
            report.note(Some(row), Message::new("io-problem-record").with("detail", error.to_string()));
        }
    }
    report.read = ids.len() as u64;
    let schema = fields.into_iter().map(|(_, field)| field).collect();
    let mut table = FeatureTable { schema, ids, geometry, columns };
    if drivers.first() == Some(&"LIBKML") {
        drop_drawing_fields(&mut table);
    }
    let repaired = repair_text(&mut table, spec, &mut report.previews);
    let encoding = encoding_names(repaired.into_iter());
    let placed = if table.geometry.vertex_count() == 0 && (drivers == ["CSV"] || drivers == ["XLSX"]) {
        coordinates::place(&mut table, &mut report)
    } else {
        Placed::Nowhere
    };
    // A table without any geometry needs no system.
    let crs = match crs {
        Some(crs) => crs,
        None if placed == Placed::Degrees => {
            report.note(None, Message::new("io-problem-crs-assumed").with("crs", Crs::WGS84.label()));
            Crs::WGS84
        }
        None if table.geometry.vertex_count() == 0 => Crs::WGS84,
        None => return Err(ImportError::NoCrs { path: spec.path.clone() }),
    };
    Ok(Read { content: LayerContent::Features(table.into()), crs, encoding, report, leave_out })
}

/// A file of more layers is listed in part.
const MOST_SUBLAYERS: usize = 200;

fn no_layer(dataset: &Dataset, copy: &Path, wanted: &str) -> ImportError {
    let names: Vec<String> = dataset.layers().take(20).map(|l| l.name()).collect();
    ImportError::NoLayer { path: copy.to_owned(), wanted: wanted.to_owned(), available: names.join(", ") }
}

/// GDAL's messages name the private copy; the user knows the file by another name.
pub(super) fn without_copy(detail: &str) -> String {
    detail.split_whitespace().filter(|word| !word.contains("/island-twin-")).collect::<Vec<_>>().join(" ")
}

fn kind_of(ogr: OGRFieldType::Type) -> Option<FieldKind> {
    Some(match ogr {
        OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => FieldKind::Integer,
        OGRFieldType::OFTReal => FieldKind::Real,
        OGRFieldType::OFTBinary => return None,
        _ => FieldKind::Text,
    })
}

struct Rows<'a> {
    fields: &'a [(usize, Field)],
    ids: Vec<u64>,
    /// As the driver numbers its features.
    fids: Vec<u64>,
    columns: Vec<Column>,
    wkbs: Vec<Option<Vec<u8>>>,
    report: ImportReport,
    path: &'a Path,
}

impl<'a> Rows<'a> {
    fn new(fields: &'a [(usize, Field)], path: &'a Path) -> Self {
        let columns = fields.iter().map(|(_, f)| Column::new(f.kind)).collect();
        Self {
            fields,
            ids: Vec::new(),
            fids: Vec::new(),
            columns,
            wkbs: Vec::new(),
            report: ImportReport::default(),
            path,
        }
    }

    /// Ids are those of the file where it has stable ones, else row numbers.
    fn push(&mut self, feature: &Feature<'_>, keep_fid: bool) {
        let row = self.ids.len() as u64 + 1;
        self.fids.push(feature.fid().unwrap_or(u64::MAX));
        self.ids.push(if keep_fid { feature.fid().unwrap_or(row) } else { row });
        for ((i, field), column) in self.fields.iter().zip(&mut self.columns) {
            match field.kind {
                FieldKind::Integer => {
                    let value = feature.field_as_integer64(*i).ok().flatten();
                    let value = value.filter(|v| *v != 0 || is_set(feature, *i));
                    column.push(value.map_or(Value::Null, Value::Integer));
                }
                FieldKind::Real => {
                    let value = feature.field_as_double(*i).ok().flatten();
                    let value = value.filter(|v| *v != 0.0 || is_set(feature, *i));
                    column.push(value.map_or(Value::Null, Value::Real));
                }
                FieldKind::Text => match feature.field_as_string(*i) {
                    Ok(Some(text)) => column.push(Value::Text(&text)),
                    _ => column.push(Value::Null),
                },
            }
        }
        let geometry = feature.geometry().filter(|g| g.has_gdal_ptr() && !g.is_empty());
        self.wkbs
            .push(geometry.and_then(|g| g.wkb().map_err(|e| tracing::debug!("{}: {e}", self.path.display())).ok()));
    }
}

/// A number that a feature does not have comes as 0; as text it is empty.
fn is_set(feature: &Feature<'_>, field: usize) -> bool {
    feature.field_as_string(field).ok().flatten().is_some_and(|text| !text.is_empty())
}

/// What KML says of how a placemark is drawn is no attribute of it; times are left out where there are none.
fn drop_drawing_fields(table: &mut FeatureTable) {
    const DRAWING: [&str; 6] = ["altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"];
    const TIMES: [&str; 6] = ["timestamp", "begin", "end", "snippet", "description", "Name"];
    let empty = |column: &Column| (0..column.len()).all(|row| matches!(column.get(row), Value::Null | Value::Text("")));
    // A label that is another field's text, as this program writes it.
    let told_twice = |label: &Column| {
        let same = |other: &Column| (0..label.len()).all(|row| label.get(row) == other.get(row));
        table.columns.iter().filter(|other| matches!(other, Column::Text(_)) && same(other)).count() > 1
    };
    let dropped = |field: &Field, column: &Column| {
        DRAWING.contains(&field.name.as_str())
            || (TIMES.contains(&field.name.as_str()) && empty(column))
            || (field.name == "Name" && told_twice(column))
    };
    let kept: Vec<bool> = table.schema.iter().zip(&table.columns).map(|(f, c)| !dropped(f, c)).collect();
    let mut keep = kept.iter();
    table.schema.retain(|_| *keep.next().unwrap_or(&true));
    let mut keep = kept.iter();
    table.columns.retain(|_| *keep.next().unwrap_or(&true));
}

/// Columns whose legacy Vietnamese was taken for Western text are read anew; what they were in.
fn repair_text(table: &mut FeatureTable, spec: &SourceSpec, previews: &mut Vec<EncodingPreview>) -> Vec<TextEncoding> {
    let mut repaired = Vec::new();
    for (field, column) in table.schema.iter_mut().zip(&mut table.columns) {
        if let Some(found) = mojibake::origin(&[&field.name], spec.encoding)
            && found.score > 0.9
        {
            field.name = mojibake::repaired(&field.name, found.encoding).unwrap_or_else(|| field.name.clone());
        }
        let Column::Text(text) = column else { continue };
        let chosen = spec.field_encodings.iter().find(|(name, _)| *name == field.name).map(|(_, encoding)| *encoding);
        let fixed = chosen.or(spec.encoding);
        let accented: Vec<&str> = (0..text.len()).filter_map(|row| text.get(row)).filter(|t| !t.is_ascii()).collect();
        if let Some(found) = mojibake::origin(&accented, fixed) {
            *text = mojibake::repair(text, found.encoding);
            repaired.push(found.encoding);
            previews.push(preview((field.name.clone(), found)));
        } else if !accented.is_empty() {
            // Right as it seems; listed all the same, so that somebody who sees better can choose.
            previews.push(preview((field.name.clone(), mojibake::as_it_stands(&accented))));
        }
    }
    repaired
}
