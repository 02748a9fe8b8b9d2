//! Vector layers through GDAL.

use std::path::Path;

use gdal::vector::{Feature, LayerAccess, OGRFieldType};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use super::ImportError;
use super::coordinates::{self, Placed};
use super::local::Read;
use super::source::{ImportReport, SourceSpec};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::geo::shape::Shapes;
use crate::io::encoding::{TextEncoding, detect, score_of};
use crate::io::{crs, gdal_setup, wkb};
use crate::model::layer::LayerContent;
use crate::model::table::{Column, FeatureTable, Field, FieldKind, TextColumn, Value};

/// Which columns hold places is decided by ourselves: in Vietnamese tables plain X and Y are northing and easting.
const CSV_OPTIONS: [&str; 1] = ["AUTODETECT_TYPE=YES"];

/// # Errors
/// [`ImportError`] when there is no such layer or its coordinate system is not known.
pub(super) fn read(
    copy: &Path,
    drivers: &[&str],
    spec: &SourceSpec,
    cancel: &CancelToken,
) -> Result<Read, ImportError> {
    gdal_setup::prepare();
    gdal_setup::take_failure();
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
    let Rows { ids, columns, wkbs, mut report, .. } = reader;
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
    let encoding =
        if LEGACY_TEXT.iter().any(|d| drivers == [*d]) { repair_text(&mut table.columns, spec.encoding) } else { None };
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
    columns: Vec<Column>,
    wkbs: Vec<Option<Vec<u8>>>,
    report: ImportReport,
    path: &'a Path,
}

impl<'a> Rows<'a> {
    fn new(fields: &'a [(usize, Field)], path: &'a Path) -> Self {
        let columns = fields.iter().map(|(_, f)| Column::new(f.kind)).collect();
        Self { fields, ids: Vec::new(), columns, wkbs: Vec::new(), report: ImportReport::default(), path }
    }

    /// Ids are those of the file where it has stable ones, else row numbers.
    fn push(&mut self, feature: &Feature<'_>, keep_fid: bool) {
        let row = self.ids.len() as u64 + 1;
        self.ids.push(if keep_fid { feature.fid().unwrap_or(row) } else { row });
        for ((i, field), column) in self.fields.iter().zip(&mut self.columns) {
            match field.kind {
                FieldKind::Integer => {
                    column.push(feature.field_as_integer64(*i).ok().flatten().map_or(Value::Null, Value::Integer));
                }
                FieldKind::Real => {
                    column.push(feature.field_as_double(*i).ok().flatten().map_or(Value::Null, Value::Real));
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

/// Formats whose text may be in any code page; all others are UTF-8 by their standards.
const LEGACY_TEXT: [&str; 4] = ["CSV", "DXF", "MapInfo File", "DGN"];

/// Drawing programs and tables pass legacy Vietnamese bytes off as Western text; turned back, they are told apart.
fn repair_text(columns: &mut [Column], fixed: Option<TextEncoding>) -> Option<String> {
    let mut name = None;
    for column in columns {
        let Column::Text(text) = column else { continue };
        let rows: Vec<Option<Vec<u8>>> = (0..text.len())
            .map(|row| text.get(row).map(|t| TextEncoding::Windows1252.encode(t)).transpose())
            .collect::<Result<_, _>>()
            // A letter beyond the Western ones: the text has been read rightly.
            .unwrap_or_default();
        let samples: Vec<&[u8]> = rows.iter().flatten().filter(|b| !b.is_ascii()).map(Vec::as_slice).collect();
        if samples.is_empty() {
            continue;
        }
        let encoding = fixed.unwrap_or_else(|| {
            let found = detect(&samples);
            let as_it_is = score_of(TextEncoding::Windows1252, &samples);
            if found.score > 0.6 && as_it_is < 0.5 { found.encoding } else { TextEncoding::Windows1252 }
        });
        if matches!(encoding, TextEncoding::Windows1252 | TextEncoding::Utf8) {
            continue;
        }
        let mut repaired = TextColumn::default();
        for (row, bytes) in rows.iter().enumerate() {
            match bytes {
                Some(bytes) if !bytes.is_empty() => repaired.push(Some(&encoding.decode(bytes))),
                _ => repaired.push(text.get(row)),
            }
        }
        *text = repaired;
        name = Some(encoding.name().to_owned());
    }
    name
}
