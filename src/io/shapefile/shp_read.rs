//! `.shp` into shapes, on all cores.
//! Long because finding the records again behind a broken one needs all that is known of a record.

use rayon::prelude::*;

use super::lies::{Lie, wrong_box, wrong_in_header, wrong_in_index, wrong_in_record};
use crate::geo::measure::{ring_area, ring_contains};
use crate::geo::shape::{ShapeKind, Shapes};

/// What was read: as many shapes as records.
#[derive(Debug, Default)]
pub(crate) struct ShpTable {
    pub(crate) shapes: Shapes,
    /// (record, why) of those that could not be read; their shapes are empty.
    pub(crate) refused: Vec<(usize, RecordError)>,
    /// Records whose rings were open and have been closed.
    pub(crate) closed: Vec<usize>,
    /// The file ends within a record.
    pub(crate) truncated: bool,
    /// What the file says of itself and is not so; the records were read all the same.
    pub(crate) lies: Vec<(Option<usize>, Lie)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShpError {
    #[error("no Shapefile header")]
    NoHeader,
    #[error("the header says shape type {0}, which is not read")]
    UnknownType(i32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the record ends too early")]
    Truncated,
    #[error("the record before it does not lead to it")]
    Lost,
    #[error("shape type {0} in a file of another type")]
    OtherType(i32),
    #[error("a ring of fewer than three corners")]
    ShortRing,
    #[error("part boundaries out of order")]
    BadParts,
}

/// Records on one thread at a time.
const CHUNK: usize = 4096;
pub(super) const HEADER: usize = 100;

/// `shx` helps only where the records cannot be walked one after another.
pub(crate) fn read(shp: &[u8], shx: Option<&[u8]>) -> Result<ShpTable, ShpError> {
    if shp.len() < HEADER || be_i32(shp, 0) != Some(9994) {
        return Err(ShpError::NoHeader);
    }
    let file_type = le_i32(shp, 32).unwrap_or(0);
    let kind = match file_type {
        0 => ShapeKind::Empty,
        1 | 8 | 11 | 18 | 21 | 28 => ShapeKind::Point,
        3 | 13 | 23 => ShapeKind::Line,
        5 | 15 | 25 => ShapeKind::Polygon,
        other => return Err(ShpError::UnknownType(other)),
    };
    let mut lies: Vec<(Option<usize>, Lie)> = wrong_in_header(shp).map(|lie| (None, lie)).collect();
    let Walk { mut records, lost, mut truncated } = walk(shp, file_type, &mut lies);
    if let Some(shx) = shx {
        lies.extend(wrong_in_index(shx, shp, &records));
    }
    let broken = truncated || !lost.is_empty();
    if broken && let Some(indexed) = shx.and_then(|shx| from_index(shp, shx)).filter(|r| r.len() >= records.len()) {
        records = indexed;
        truncated = false;
    }
    let chunks: Vec<ShpTable> = records
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut table = ShpTable::default();
            for (i, record) in chunk.iter().enumerate() {
                match read_record(record, file_type, kind, &mut table.shapes) {
                    Ok(closed) => {
                        if closed {
                            table.closed.push(i);
                        }
                        table.lies.extend(wrong_in_record(record, &table.shapes).map(|lie| (Some(i), lie)));
                    }
                    Err(error) => {
                        table.shapes.push_empty();
                        table.refused.push((i, error));
                    }
                }
            }
            table
        })
        .collect();
    let mut all = ShpTable { truncated, lies, ..ShpTable::default() };
    all.shapes.reserve_for(chunks.iter().map(|c| &c.shapes));
    for chunk in chunks {
        let start = all.shapes.len();
        all.shapes.append(&chunk.shapes);
        all.refused.extend(chunk.refused.into_iter().map(|(i, error)| (start + i, error)));
        all.closed.extend(chunk.closed.into_iter().map(|i| start + i));
        all.lies.extend(chunk.lies.into_iter().map(|(i, lie)| (i.map(|i| start + i), lie)));
    }
    if all.refused.is_empty() && !all.truncated && wrong_box(shp, 36, all.shapes.bounds()) {
        all.lies.push((None, Lie::HeaderBox));
    }
    Ok(all)
}

/// The records' contents one after another.
struct Walk<'a> {
    /// Empty for those that were lost.
    records: Vec<&'a [u8]>,
    lost: Vec<usize>,
    /// The last does not end where the file does.
    truncated: bool,
}

fn walk<'a>(shp: &'a [u8], file_type: i32, lies: &mut Vec<(Option<usize>, Lie)>) -> Walk<'a> {
    let mut walk = Walk { records: Vec::new(), lost: Vec::new(), truncated: false };
    let mut at = HEADER;
    while at < shp.len() {
        let Some(content) = record_at(shp, at) else {
            let Some(next) = next_record(shp, at, file_type, walk.records.len()) else {
                walk.truncated = true;
                return walk;
            };
            let row = walk.records.len();
            walk.lost.extend(row..next.row);
            lies.push((Some(row), Lie::Lost));
            walk.records.resize(next.row, &[]);
            at = next.at;
            continue;
        };
        let numbered = be_i32(shp, at) == i32::try_from(walk.records.len() + 1).ok();
        // One is enough: after it all others are off.
        if !numbered && !lies.iter().any(|(_, l)| *l == Lie::Number) {
            lies.push((Some(walk.records.len()), Lie::Number));
        }
        at += 8 + content.len();
        walk.records.push(content);
    }
    walk
}

/// The content of a record that starts here.
fn record_at(shp: &[u8], at: usize) -> Option<&[u8]> {
    let words = usize::try_from(be_i32(shp, at + 4)?).ok()?;
    let end = words.checked_mul(2)?.checked_add(at + 8)?;
    shp.get(at + 8..end).filter(|content| content.len() >= 4)
}

struct Found {
    at: usize,
    row: usize,
}

/// After a place where no record starts: the next one that is numbered as it must be, holds what the file holds, and ends
/// where another begins or the file ends.
fn next_record(shp: &[u8], from: usize, file_type: i32, rows: usize) -> Option<Found> {
    let numbered = |at: usize| usize::try_from(be_i32(shp, at)?).ok()?.checked_sub(1);
    (from + 1..shp.len()).find_map(|at| {
        // The least that a record takes, so that no number makes room for rows that never were.
        let most = rows + 1 + (at - from) / 12;
        let row = numbered(at).filter(|row| (rows..=most).contains(row))?;
        let content = record_at(shp, at)?;
        let code = le_i32(content, 0)?;
        let end = at + 8 + content.len();
        let follows = end == shp.len() || numbered(end) == Some(row + 1);
        (follows && (code == 0 || code == file_type)).then_some(Found { at, row })
    })
}

fn from_index<'a>(shp: &'a [u8], shx: &[u8]) -> Option<Vec<&'a [u8]>> {
    shx.get(HEADER..)?
        .chunks_exact(8)
        .map(|entry| {
            let start = usize::try_from(be_i32(entry, 0)?).ok()?.checked_mul(2)?.checked_add(8)?;
            let length = usize::try_from(be_i32(entry, 4)?).ok()?.checked_mul(2)?;
            shp.get(start..start.checked_add(length)?).filter(|c| c.len() >= 4)
        })
        .collect()
}

/// Whether a ring had to be closed. On an error nothing has been appended.
fn read_record(content: &[u8], file_type: i32, kind: ShapeKind, shapes: &mut Shapes) -> Result<bool, RecordError> {
    let code = le_i32(content, 0).ok_or(RecordError::Lost)?;
    if code == 0 {
        shapes.push_empty();
        return Ok(false);
    }
    if code != file_type {
        return Err(RecordError::OtherType(code));
    }
    let has_z = (11..=18).contains(&code);
    match code {
        1 | 11 | 21 => {
            let xy = point(content, 4).ok_or(RecordError::Truncated)?;
            if has_z {
                shapes.add_point_z(xy, le_f64(content, 20).ok_or(RecordError::Truncated)?);
            } else {
                shapes.add_point(xy);
            }
            shapes.finish_ring();
            shapes.finish_part();
            shapes.finish_feature(kind);
            Ok(false)
        }
        8 | 18 | 28 => {
            let n = count(content, 36)?;
            let points = Points::at(content, 40, n, has_z)?;
            for i in 0..n {
                points.push(i, shapes);
                shapes.finish_ring();
                shapes.finish_part();
            }
            shapes.finish_feature(if n == 0 { ShapeKind::Empty } else { kind });
            Ok(false)
        }
        _ => {
            let (parts, n) = (count(content, 36)?, count(content, 40)?);
            let starts_end = parts.checked_mul(4).and_then(|p| p.checked_add(44)).ok_or(RecordError::Truncated)?;
            let starts = content.get(44..starts_end).ok_or(RecordError::Truncated)?;
            let points = Points::at(content, starts_end, n, has_z)?;
            let mut bounds: Vec<usize> = Vec::with_capacity(parts + 1);
            for i in 0..parts {
                bounds.push(count(starts, 4 * i)?);
            }
            bounds.push(n);
            if !bounds.is_sorted() {
                return Err(RecordError::BadParts);
            }
            let rings: Vec<(usize, usize)> =
                bounds.windows(2).map(|w| (w[0], w[1])).filter(|(from, to)| from < to).collect();
            if rings.is_empty() {
                shapes.push_empty();
                return Ok(false);
            }
            if kind == ShapeKind::Polygon {
                return push_polygon(&points, &rings, shapes);
            }
            for (from, to) in rings {
                (from..to).for_each(|i| points.push(i, shapes));
                shapes.finish_ring();
                shapes.finish_part();
            }
            shapes.finish_feature(kind);
            Ok(false)
        }
    }
}

struct FileRing {
    from: usize,
    to: usize,
    xy: Vec<[f64; 2]>,
    area: f64,
    open: bool,
}

/// Outer rings of a file turn right, holes left, and each hole lies in some outer ring. A file in which every ring
/// turns left has them all outer.
fn push_polygon(points: &Points<'_>, rings: &[(usize, usize)], shapes: &mut Shapes) -> Result<bool, RecordError> {
    if let [(from, to)] = *rings {
        return push_single(points, from, to, shapes);
    }
    let mut read = Vec::with_capacity(rings.len());
    for &(from, to) in rings {
        let mut xy: Vec<[f64; 2]> = (from..to).map(|i| points.xy(i)).collect();
        let open = xy.first() != xy.last() && xy.iter().flatten().all(|v| v.is_finite());
        if open {
            xy.push(xy[0]);
        }
        if xy.len() < 4 {
            return Err(RecordError::ShortRing);
        }
        let area = ring_area(&xy);
        read.push(FileRing { from, to, xy, area, open });
    }
    let is_outer = |r: &FileRing| r.area <= 0.0 || r.area.is_nan();
    let mut outers: Vec<usize> = (0..read.len()).filter(|&i| is_outer(&read[i])).collect();
    if outers.is_empty() {
        outers = (0..read.len()).collect();
    }
    let mut holes_of: Vec<Vec<usize>> = vec![Vec::new(); read.len()];
    for hole in 0..read.len() {
        if outers.binary_search(&hole).is_ok() {
            continue;
        }
        let home = if outers.len() == 1 {
            Some(outers[0])
        } else {
            let inside = |i: usize| ring_contains(&read[i].xy, read[hole].xy[0]);
            outers
                .iter()
                .copied()
                .filter(|&i| inside(i))
                .min_by(|a, b| read[*a].area.abs().total_cmp(&read[*b].area.abs()))
        };
        // A hole in nothing is land that was drawn the wrong way round.
        holes_of[home.unwrap_or(hole)].push(hole);
    }
    for part in 0..read.len() {
        let holes = &holes_of[part];
        if outers.binary_search(&part).is_err() && !holes.contains(&part) {
            continue;
        }
        push_ring(points, &read[part], true, shapes);
        for &hole in holes.iter().filter(|&&h| h != part) {
            push_ring(points, &read[hole], false, shapes);
        }
        shapes.finish_part();
    }
    shapes.finish_feature(ShapeKind::Polygon);
    Ok(read.iter().any(|r| r.open))
}

/// A polygon of one ring, as most are: without the lists that holes need.
fn push_single(points: &Points<'_>, from: usize, to: usize, shapes: &mut Shapes) -> Result<bool, RecordError> {
    let start = points.xy(from);
    let open = start != points.xy(to - 1) && points.range(from, to).flatten().all(f64::is_finite);
    if to - from + usize::from(open) < 4 {
        return Err(RecordError::ShortRing);
    }
    // Twice the area, taken from the first point as `ring_area` does; the closing edge adds nothing.
    let (mut area, mut last) = (0.0, [0.0; 2]);
    for p in points.range(from, to) {
        let here = [p[0] - start[0], p[1] - start[1]];
        area += last[0] * here[1] - here[0] * last[1];
        last = here;
    }
    if points.z.is_none() {
        let closing = open.then_some(start);
        if area > 0.0 {
            shapes.add_points(points.range(from, to).chain(closing));
        } else {
            shapes.add_points(closing.into_iter().chain(points.range(from, to).rev()));
        }
    } else if area > 0.0 {
        (from..to).chain(open.then_some(from)).for_each(|i| points.push(i, shapes));
    } else {
        open.then_some(from).into_iter().chain((from..to).rev()).for_each(|i| points.push(i, shapes));
    }
    shapes.finish_ring();
    shapes.finish_part();
    shapes.finish_feature(ShapeKind::Polygon);
    Ok(open)
}

fn push_ring(points: &Points<'_>, ring: &FileRing, outer: bool, shapes: &mut Shapes) {
    let first = ring.from;
    let closing = ring.open.then_some(first);
    let order = (ring.from..ring.to).chain(closing);
    if (ring.area > 0.0) == outer {
        order.for_each(|i| points.push(i, shapes));
    } else {
        order.rev().for_each(|i| points.push(i, shapes));
    }
    shapes.finish_ring();
}

/// Coordinates within a record.
struct Points<'a> {
    xy: &'a [u8],
    z: Option<&'a [u8]>,
}

impl<'a> Points<'a> {
    fn at(content: &'a [u8], start: usize, n: usize, has_z: bool) -> Result<Self, RecordError> {
        let slice = |from: usize, size: usize| content.get(from..from.checked_add(size)?);
        let bytes = n.checked_mul(16).ok_or(RecordError::Truncated)?;
        let xy = slice(start, bytes).ok_or(RecordError::Truncated)?;
        // After the points: the range of heights, then the heights.
        let z = if has_z { Some(slice(start + bytes + 16, n * 8).ok_or(RecordError::Truncated)?) } else { None };
        Ok(Self { xy, z })
    }

    fn xy(&self, i: usize) -> [f64; 2] {
        point(self.xy, 16 * i).unwrap_or([f64::NAN; 2])
    }

    fn range(&self, from: usize, to: usize) -> impl DoubleEndedIterator<Item = [f64; 2]> + ExactSizeIterator {
        let coordinate = |bytes: &[u8]| bytes.first_chunk().map_or(f64::NAN, |b| f64::from_le_bytes(*b));
        let all = self.xy.get(16 * from..16 * to).unwrap_or_default();
        all.chunks_exact(16).map(move |pair| [coordinate(pair), coordinate(&pair[8..])])
    }

    fn push(&self, i: usize, shapes: &mut Shapes) {
        match self.z {
            Some(z) => shapes.add_point_z(self.xy(i), le_f64(z, 8 * i).unwrap_or(0.0)),
            None => shapes.add_point(self.xy(i)),
        }
    }
}

pub(super) fn count(bytes: &[u8], at: usize) -> Result<usize, RecordError> {
    le_i32(bytes, at).and_then(|n| usize::try_from(n).ok()).ok_or(RecordError::Truncated)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(super) fn be_i32(bytes: &[u8], at: usize) -> Option<i32> {
    array(bytes, at).map(i32::from_be_bytes)
}

pub(super) fn le_i32(bytes: &[u8], at: usize) -> Option<i32> {
    array(bytes, at).map(i32::from_le_bytes)
}

pub(super) fn le_f64(bytes: &[u8], at: usize) -> Option<f64> {
    array(bytes, at).map(f64::from_le_bytes)
}

fn point(bytes: &[u8], at: usize) -> Option<[f64; 2]> {
    Some([le_f64(bytes, at)?, le_f64(bytes, at + 8)?])
}

#[cfg(test)]
mod tests {
    use super::super::shp_write;
    use super::*;

    const SQUARE: [[f64; 2]; 5] = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
    const HOLE: [[f64; 2]; 5] = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]];

    fn moved(ring: &[[f64; 2]], by: f64) -> Vec<[f64; 2]> {
        ring.iter().map(|p| [p[0] + by, p[1]]).collect()
    }

    #[test]
    fn what_we_write_comes_back() {
        let mut polygons = Shapes::new();
        polygons.push_polygon(&[&SQUARE, &HOLE]);
        polygons.push_empty();
        let (far, far_hole) = (moved(&SQUARE, 10.0), moved(&HOLE, 10.0));
        polygons.push_parts(ShapeKind::Polygon, &[&[&SQUARE, &HOLE], &[&far, &far_hole]]);
        let mut lines = Shapes::new();
        lines.push_parts(ShapeKind::Line, &[&[&SQUARE], &[&far]]);
        let mut points = Shapes::new();
        points.push_point([1.0, 2.0]);
        points.push_point([3.0, 4.0]);
        let mut clouds = Shapes::new();
        clouds.push_parts(ShapeKind::Point, &[&[&[[1.0, 2.0]]], &[&[[3.0, 4.0]]]]);
        let mut with_z = Shapes::new();
        for (i, p) in SQUARE.iter().enumerate() {
            with_z.add_point_z(*p, i as f64);
        }
        with_z.finish_ring();
        with_z.finish_part();
        with_z.finish_feature(ShapeKind::Polygon);
        for shapes in [polygons, lines, points, clouds, with_z] {
            let files = shp_write::write(&shapes).unwrap();
            let back = read(&files.shp, None).unwrap();
            assert_eq!(back.shapes, shapes);
            assert!(!back.truncated && back.refused.is_empty() && back.closed.is_empty());
        }
    }

    #[test]
    fn cut_files_keep_their_whole_records() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&SQUARE]);
        shapes.push_polygon(&[&SQUARE]);
        let shp = shp_write::write(&shapes).unwrap().shp;
        for end in 0..shp.len() {
            match read(&shp[..end], None) {
                Ok(table) => assert!(table.shapes.len() < 2 && (table.truncated || end == 100 || end == 236), "{end}"),
                Err(error) => assert!(end < 100, "{end} {error}"),
            }
        }
    }

    #[test]
    fn bad_records_are_refused_one_by_one() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&SQUARE]);
        shapes.push_polygon(&[&SQUARE]);
        let mut shp = shp_write::write(&shapes).unwrap().shp;
        shp[108] = 3;
        let table = read(&shp, None).unwrap();
        assert_eq!(table.refused, [(0, RecordError::OtherType(3))]);
        assert_eq!(table.shapes.get(1).points(), &SQUARE);
        // 2^31 - 1 points in a record of 128 bytes.
        shp[108] = 5;
        shp[148..152].copy_from_slice(&i32::MAX.to_le_bytes());
        assert_eq!(read(&shp, None).unwrap().refused, [(0, RecordError::Truncated)]);
    }

    #[test]
    fn what_a_file_says_wrongly_of_itself_is_told() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&SQUARE]);
        shapes.push_polygon(&[&HOLE]);
        let files = shp_write::write(&shapes).unwrap();
        let lies = |change: &dyn Fn(&mut Vec<u8>, &mut Vec<u8>)| {
            let (mut shp, mut shx) = (files.shp.clone(), files.shx.clone());
            change(&mut shp, &mut shx);
            read(&shp, Some(&shx)).unwrap().lies
        };
        assert_eq!(lies(&|_, _| {}), []);
        assert_eq!(lies(&|shp, _| shp[27] += 1), [(None, Lie::Length)]);
        assert_eq!(lies(&|shp, _| shp[103] = 9), [(Some(0), Lie::Number)]);
        assert_eq!(lies(&|shp, _| shp[236 + 8 + 11] ^= 1), [(Some(1), Lie::Box)]);
        assert_eq!(lies(&|_, shx| shx[111] += 1), [(Some(1), Lie::Index)]);
        assert_eq!(lies(&|_, shx| shx.truncate(108)), [(None, Lie::Index)]);
    }

    #[test]
    fn open_rings_are_closed() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&SQUARE[..4]]);
        let shp = shp_write::write(&shapes).unwrap().shp;
        let table = read(&shp, None).unwrap();
        assert_eq!(table.lies, []);
        let ring = table.shapes.get(0).points();
        assert_eq!((table.closed.len(), ring.len(), ring.first() == ring.last()), (1, 5, true));
        assert!(ring_area(ring) > 0.0);
    }
}
