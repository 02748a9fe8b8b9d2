//! What a Shapefile says of itself and is not so: its length, its boxes, its numbers, its index
//! (ESRI Shapefile Technical Description, 1998).

use super::shp_read::{HEADER, be_i32, count, le_f64, le_i32};
use crate::geo::shape::{Shapes, bounds_of};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// The header gives another length than the file has.
    Length,
    /// The header's fixed numbers are others: its version, or what must be zero.
    Header,
    /// The header's box is not that of all records.
    HeaderBox,
    /// A record has another number than its place.
    Number,
    /// A record could not be found: the one before it ends at no record.
    Lost,
    /// A record's box is not that of its points.
    Box,
    /// A record's range of heights is not that of its points.
    Heights,
    /// A record is longer than what is in it.
    Surplus,
    /// The index (.shx) leads elsewhere.
    Index,
    /// A line or polygon without points, or with a part that has none.
    NoPoints,
    /// Points before the first part.
    FirstPart,
    /// A polygon whose points lie on one line.
    NoArea,
}

/// The header's length in bytes; it counts in 16-bit words.
pub(super) fn stated_length(shp: &[u8]) -> Option<usize> {
    usize::try_from(be_i32(shp, 24)?).ok()?.checked_mul(2)
}

/// Whether the fixed numbers of a .shp or .shx header are as they must be.
fn is_header(bytes: &[u8]) -> bool {
    be_i32(bytes, 0) == Some(9994)
        && le_i32(bytes, 28) == Some(1000)
        && bytes.get(4..24).is_some_and(|unused| unused.iter().all(|b| *b == 0))
}

pub(super) fn wrong_in_header(shp: &[u8]) -> impl Iterator<Item = Lie> {
    let length = (stated_length(shp) != Some(shp.len())).then_some(Lie::Length);
    let fixed = (!is_header(shp)).then_some(Lie::Header);
    length.into_iter().chain(fixed)
}

/// Other programs compute boxes from the same numbers; a billionth is for those that round.
fn near(told: f64, real: f64) -> bool {
    (told - real).abs() <= 1e-9 * real.abs().max(1.0)
}

/// Whether the header's box is not around the records. `at` is where the box stands.
pub(super) fn wrong_box(bytes: &[u8], at: usize, real: Option<[f64; 4]>) -> bool {
    real.is_some_and(|real| (0..4).any(|i| !le_f64(bytes, at + 8 * i).is_some_and(|told| near(told, real[i]))))
}

/// The first row that the index finds elsewhere or longer than the records are; no row for an index of another length
/// or with another header.
pub(super) fn wrong_in_index(shx: &[u8], shp: &[u8], records: &[&[u8]]) -> Option<(Option<usize>, Lie)> {
    let entries = shx.get(HEADER..).unwrap_or_default().chunks_exact(8);
    let whole = entries.len() == records.len()
        && entries.remainder().is_empty()
        && stated_length(shx) == Some(shx.len())
        && is_header(shx)
        && le_i32(shx, 32) == le_i32(shp, 32);
    let bytes = |entry: &[u8], at: usize| usize::try_from(be_i32(entry, at)?).ok()?.checked_mul(2);
    let mut at = HEADER;
    for (row, (entry, record)) in entries.zip(records).enumerate() {
        if bytes(entry, 0) != Some(at) || bytes(entry, 4) != Some(record.len()) {
            return Some((Some(row), Lie::Index));
        }
        at += 8 + record.len();
    }
    (!whole).then_some((None, Lie::Index))
}

/// What is not so in a record that has just been read as the last of `shapes`.
pub(super) fn wrong_in_record(content: &[u8], shapes: &Shapes) -> Option<Lie> {
    let code = le_i32(content, 0)?;
    let (has_z, has_m) = ((11..=18).contains(&code), code > 20);
    let of_point = match code {
        0 => Some(4),
        1 => Some(20),
        // A height may be followed by a measure.
        11 => Some(36),
        21 => Some(28),
        _ => None,
    };
    if let Some(most) = of_point {
        return (content.len() > most).then_some(Lie::Surplus);
    }
    let points = shapes.get(shapes.len() - 1).points();
    if points.is_empty() {
        return Some(Lie::NoPoints);
    }
    let real = bounds_of(points)?;
    if wrong_box(content, 4, Some(real)) {
        return Some(Lie::Box);
    }
    let parts = if matches!(code, 8 | 18 | 28) { None } else { Some(count(content, 36).ok()?) };
    let n = count(content, if parts.is_none() { 36 } else { 40 }).ok()?;
    let plain = if parts.is_none() { 40 } else { 44 } + 4 * parts.unwrap_or(0) + 16 * n;
    // Heights and measures, each with its range; writers may leave the measures out.
    let more = 16 + 8 * n;
    let most = plain
        + if has_z {
            2 * more
        } else if has_m {
            more
        } else {
            0
        };
    if content.len() > most {
        return Some(Lie::Surplus);
    }
    if has_z && wrong_heights(content, plain, n) {
        return Some(Lie::Heights);
    }
    let start = |part: usize| count(content, 44 + 4 * part).ok();
    let parts = parts.unwrap_or(0);
    if parts > 0 && start(0) != Some(0) {
        return Some(Lie::FirstPart);
    }
    if (1..parts).any(|part| start(part) == start(part - 1)) || (parts > 0 && start(parts - 1) == Some(n)) {
        return Some(Lie::NoPoints);
    }
    let flat = matches!(code, 5 | 15 | 25) && (real[0] == real[2] || real[1] == real[3]);
    flat.then_some(Lie::NoArea)
}

fn wrong_heights(content: &[u8], at: usize, n: usize) -> bool {
    let heights = (0..n).filter_map(|i| le_f64(content, at + 16 + 8 * i));
    let (low, high) = heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), z| (l.min(z), h.max(z)));
    let told = |i: usize| le_f64(content, at + 8 * i).unwrap_or(f64::NAN);
    low <= high && !(near(told(0), low) && near(told(1), high))
}
