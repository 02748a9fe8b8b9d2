//! A Shapefile into a table, with a report of what could not be read.

use std::collections::BTreeSet;
use std::path::Path;

use super::ImportError;
use super::format::sibling;
use super::local::Read;
use super::source::{EncodingPreview, ImportReport, SourceSpec};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::io::crs::{CrsError, identify_wkt};
use crate::io::encoding::TextEncoding;
use crate::io::encoding::preview::Preview;
use crate::io::shapefile::dbf_read::{self, DbfFault, EncodingHint};
use crate::io::shapefile::lies::Lie;
use crate::io::shapefile::shp_read;
use crate::model::layer::LayerContent;
use crate::model::table::FeatureTable;

/// A coordinate system takes a page at most; PROJ is not asked about a larger text.
const MOST_PRJ: usize = 1 << 16;

/// # Errors
/// [`ImportError`] when the geometry cannot be read at all or the coordinate system is not known.
pub(super) fn read(shp_path: &Path, spec: &SourceSpec, cancel: &CancelToken) -> Result<Read, ImportError> {
    let named = &spec.path;
    let cancelled = |_| ImportError::Cancelled { path: named.clone() };
    let load = |extension: &str| std::fs::read(sibling(shp_path, extension));
    let shp = load("shp").map_err(|e| ImportError::io(&shp_path.with_extension("shp"), &e))?;
    let crs = match (&spec.crs, load("prj")) {
        (Some(crs), _) => crs.clone(),
        (None, Ok(prj)) if prj.len() > MOST_PRJ => {
            let detail = format!(".prj: {} B", prj.len());
            return Err(ImportError::crs(named)(CrsError::Unknown { crs: "?".to_owned(), detail }));
        }
        (None, Ok(prj)) => identify_wkt(&String::from_utf8_lossy(&prj)).map_err(ImportError::crs(named))?,
        (None, Err(_)) => return Err(ImportError::NoCrs { path: named.clone() }),
    };
    let dbf = load("dbf").ok();
    cancel.check().map_err(cancelled)?;
    let hint = match (spec.encoding, load("cpg").ok().and_then(|cpg| String::from_utf8_lossy(&cpg).parse().ok())) {
        (Some(encoding), _) => EncodingHint::Fixed(encoding),
        (None, Some(encoding)) => EncodingHint::Declared(encoding),
        (None, None) => EncodingHint::Unknown,
    };
    let shx = load("shx").ok();
    let (geometry, attributes) = rayon::join(
        || shp_read::read(&shp, shx.as_deref()),
        || dbf.as_deref().map(|bytes| dbf_read::read(bytes, hint, &spec.field_encodings)).transpose(),
    );
    let geometry = geometry.map_err(|e| ImportError::damaged(named, e))?;
    cancel.check().map_err(cancelled)?;

    let mut report = ImportReport { read: geometry.shapes.len() as u64, ..ImportReport::default() };
    if geometry.truncated {
        // The record that is cut is the one after the last that is whole.
        report.note(Some(geometry.shapes.len()), Message::new("io-problem-file-cut"));
    }
    for &row in &geometry.closed {
        report.note(Some(row), Message::new("io-problem-ring-closed"));
    }
    for (row, error) in &geometry.refused {
        report.note(Some(*row), Message::new("io-problem-record").with("detail", error.to_string()));
    }
    for (row, lie) in &geometry.lies {
        let key = match lie {
            Lie::Length => "io-problem-header-length",
            Lie::Header => "io-problem-header-fixed",
            Lie::HeaderBox => "io-problem-header-box",
            Lie::Lost => "io-problem-record-lost",
            Lie::Heights => "io-problem-record-heights",
            Lie::FirstPart => "io-problem-record-first-part",
            Lie::Number => "io-problem-record-number",
            Lie::Box => "io-problem-record-box",
            Lie::Surplus => "io-problem-record-surplus",
            Lie::Index => "io-problem-index",
            Lie::NoPoints => "io-problem-record-empty",
            Lie::NoArea => "io-problem-record-no-area",
        };
        report.note(*row, Message::new(key));
    }
    let (mut schema, mut columns, mut encoding, mut leave_out) = (Vec::new(), Vec::new(), None, Vec::new());
    match attributes {
        Ok(Some(mut table)) => {
            if table.rows != geometry.shapes.len() {
                let message = Message::new("io-problem-table-length")
                    .with("rows", table.rows)
                    .with("shapes", geometry.shapes.len());
                // The first that has only one of the two.
                report.note(Some(table.rows.min(geometry.shapes.len())), message);
            }
            for fault in &table.faults {
                note_fault(fault, table.rows, &mut report);
            }
            for column in &mut table.columns {
                column.resize(geometry.shapes.len());
            }
            leave_out = table.deleted;
            encoding = encoding_names(table.encodings.iter().copied());
            report.previews = table.previews.into_iter().map(preview).collect();
            (schema, columns) = (table.schema, table.columns);
        }
        Ok(None) => report.note(None, Message::new("io-problem-no-table")),
        Err(error) => report.note(None, Message::new("io-problem-table").with("detail", error.to_string())),
    }
    leave_out.retain(|row| *row < geometry.shapes.len());
    if !leave_out.is_empty() {
        report.note(None, Message::new("io-problem-deleted-rows").with("rows", leave_out.len()));
    }
    leave_out.extend(geometry.refused.iter().map(|(row, _)| *row));
    let ids = (1..=geometry.shapes.len() as u64).collect();
    let table = FeatureTable { schema, ids, geometry: geometry.shapes, columns };
    Ok(Read { content: LayerContent::Features(table.into()), crs, encoding, report, leave_out })
}

fn note_fault(fault: &DbfFault, rows: usize, report: &mut ImportReport) {
    let of_field = |key: &str, field: &String| Message::new(key).with("field", field.as_str());
    match fault {
        DbfFault::Widths => report.note(None, Message::new("io-problem-field-widths")),
        DbfFault::Rows => report.note(None, Message::new("io-problem-table-header").with("rows", rows)),
        DbfFault::Field(field) => report.note(None, of_field("io-problem-field", field)),
        DbfFault::Memo(field) => report.note(None, of_field("io-problem-field-memo", field)),
        DbfFault::SameName(field) => report.note(None, of_field("io-problem-field-twice", field)),
        DbfFault::Version => report.note(None, Message::new("io-problem-table-version")),
        DbfFault::Fields => report.note(None, Message::new("io-problem-field-list")),
        DbfFault::Surplus => report.note(None, Message::new("io-problem-table-surplus").with("rows", rows)),
        DbfFault::Mark(row) => report.note(Some(*row), Message::new("io-problem-row-mark")),
        DbfFault::Date(row, field) => report.note(Some(*row), of_field("io-problem-field-date", field)),
        DbfFault::Text(row, field) => report.note(Some(*row), of_field("io-problem-field-text", field)),
        DbfFault::Number(row, field) => report.note(Some(*row), of_field("io-problem-field-number", field)),
    }
}

pub(super) fn preview((field, preview): (String, Preview)) -> EncodingPreview {
    let Preview { encoding, score, runner_up: (runner_up, runner_up_score), examples } = preview;
    EncodingPreview { field, encoding, score, runner_up, runner_up_score, examples }
}

/// Each named once.
pub(super) fn encoding_names(encodings: impl Iterator<Item = TextEncoding>) -> Option<String> {
    let names: BTreeSet<TextEncoding> = encodings.collect();
    let names: Vec<&str> = names.into_iter().map(TextEncoding::name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
