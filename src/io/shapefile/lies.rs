//! What a Shapefile says of itself and is not so: its length, its boxes, its numbers, its index.

use super::shp_read::{HEADER, be_i32, count, le_f64, le_i32};
use crate::geo::shape::{Shapes, bounds_of};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// The header gives another length than the file has.
    Length,
    /// A record has another number than its place.
    Number,
    /// A record's box is not that of its points.
    Box,
    /// A record is longer than what is in it.
    Surplus,
    /// The index (.shx) leads elsewhere.
    Index,
    /// A line or polygon without points, or with a part that has none.
    NoPoints,
    /// A polygon whose points lie on one line.
    NoArea,
}

/// The header's length in bytes; it counts in 16-bit words.
pub(super) fn stated_length(shp: &[u8]) -> Option<usize> {
    usize::try_from(be_i32(shp, 24)?).ok()?.checked_mul(2)
}

/// The first row that the index finds elsewhere or longer than the records are; no row for an index of another length.
pub(super) fn wrong_in_index(shx: &[u8], records: &[&[u8]]) -> Option<(Option<usize>, Lie)> {
    let entries = shx.get(HEADER..).unwrap_or_default().chunks_exact(8);
    let same_length = entries.len() == records.len() && stated_length(shx) == Some(shx.len());
    let bytes = |entry: &[u8], at: usize| usize::try_from(be_i32(entry, at)?).ok()?.checked_mul(2);
    let mut at = HEADER;
    for (row, (entry, record)) in entries.zip(records).enumerate() {
        if bytes(entry, 0) != Some(at) || bytes(entry, 4) != Some(record.len()) {
            return Some((Some(row), Lie::Index));
        }
        at += 8 + record.len();
    }
    (!same_length).then_some((None, Lie::Index))
}

/// What is not so in a record that has just been read as the last of `shapes`.
pub(super) fn wrong_in_record(content: &[u8], shapes: &Shapes) -> Option<Lie> {
    let code = le_i32(content, 0)?;
    let points = shapes.get(shapes.len() - 1).points();
    if matches!(code, 0 | 1 | 11 | 21) {
        return None;
    }
    if points.is_empty() {
        return Some(Lie::NoPoints);
    }
    let real = bounds_of(points)?;
    let told = [le_f64(content, 4)?, le_f64(content, 12)?, le_f64(content, 20)?, le_f64(content, 28)?];
    // Other programs compute the box from the same numbers; a millionth is for those that round.
    let near = |(told, real): (&f64, &f64)| (told - real).abs() <= 1e-6 * real.abs().max(1.0);
    if !told.iter().zip(&real).all(near) {
        return Some(Lie::Box);
    }
    let parts = if matches!(code, 8 | 18 | 28) { 0 } else { count(content, 36).ok()? };
    let n = count(content, if parts == 0 { 36 } else { 40 }).ok()?;
    // Parts, points, heights and measures, each with its range; writers may leave the measures out.
    let most = 44 + 4 * parts + 16 * n + 2 * (16 + 8 * n);
    if content.len() > most {
        return Some(Lie::Surplus);
    }
    let start = |part: usize| count(content, 44 + 4 * part).ok();
    if (1..parts).any(|part| start(part) == start(part - 1)) {
        return Some(Lie::NoPoints);
    }
    let flat = matches!(code, 5 | 15 | 25) && (real[0] == real[2] || real[1] == real[3]);
    flat.then_some(Lie::NoArea)
}
