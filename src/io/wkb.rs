//! Well-known binary (OGC 06-103r4): how GDAL and GeoPackage pass geometry.

use crate::geo::measure::ring_area;
use crate::geo::shape::{Shape, ShapeKind, Shapes};

/// A geometry that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WkbError {
    #[error("the geometry ends too early")]
    Truncated,
    #[error("geometry type {0} is not drawn")]
    Unsupported(u32),
    #[error("a collection of different kinds of geometry")]
    Mixed,
    #[error("a ring of fewer than four points")]
    ShortRing,
}

/// The OGC type code that holds every feature of `kind`; single when no feature has several parts.
pub(crate) fn type_code(kind: ShapeKind, multi: bool, z: bool) -> u32 {
    let base = match kind {
        ShapeKind::Empty => return 0,
        ShapeKind::Point => 1,
        ShapeKind::Line => 2,
        ShapeKind::Polygon => 3,
    };
    base + if multi { 3 } else { 0 } + if z { 1000 } else { 0 }
}

/// Appends the WKB of a feature; `None` for one without geometry.
pub(crate) fn write(shape: Shape<'_>, multi: bool, z: bool) -> Option<Vec<u8>> {
    let kind = shape.kind();
    let mut out = Vec::with_capacity(64 + shape.points().len() * 24);
    let header = |out: &mut Vec<u8>, code: u32| {
        out.push(1);
        out.extend_from_slice(&code.to_le_bytes());
    };
    let count =
        |out: &mut Vec<u8>, n: usize| out.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
    if kind == ShapeKind::Empty {
        return None;
    }
    if multi {
        header(&mut out, type_code(kind, true, z));
        count(&mut out, shape.parts().len());
    }
    for part in shape.parts() {
        header(&mut out, type_code(kind, false, z));
        if kind == ShapeKind::Polygon {
            count(&mut out, part.rings().len());
        }
        for ring in part.rings() {
            if kind != ShapeKind::Point {
                count(&mut out, ring.points().len());
            }
            for (i, [x, y]) in ring.points().iter().enumerate() {
                out.extend_from_slice(&x.to_le_bytes());
                out.extend_from_slice(&y.to_le_bytes());
                if z {
                    out.extend_from_slice(&ring.z().get(i).copied().unwrap_or(0.0).to_le_bytes());
                }
            }
        }
    }
    Some(out)
}

/// Appends one feature to `shapes`. With `z`, heights are kept (0 where a geometry has none). On an error nothing
/// has been appended.
pub(crate) fn read(bytes: &[u8], z: bool, shapes: &mut Shapes) -> Result<(), WkbError> {
    let mut reader = Reader { bytes, out: Collected::default() };
    reader.geometry(0)?;
    reader.out.push_to(shapes, z);
    Ok(())
}

/// Whether a WKB geometry carries heights.
pub(crate) fn has_z(bytes: &[u8]) -> bool {
    let Some(code) = bytes.get(1..5).and_then(|b| <[u8; 4]>::try_from(b).ok()) else { return false };
    let code = if bytes.first() == Some(&1) { u32::from_le_bytes(code) } else { u32::from_be_bytes(code) };
    code & 0x8000_0000 != 0 || matches!(code / 1000, 1 | 3)
}

/// Parts and rings as they are met: (kind, whether a new part starts here, points).
#[derive(Default)]
struct Collected {
    kind: Option<ShapeKind>,
    rings: Vec<(bool, Vec<[f64; 3]>)>,
}

impl Collected {
    fn set_kind(&mut self, kind: ShapeKind) -> Result<(), WkbError> {
        if self.kind.is_some_and(|k| k != kind) {
            return Err(WkbError::Mixed);
        }
        self.kind = Some(kind);
        Ok(())
    }

    fn push_to(self, shapes: &mut Shapes, z: bool) {
        let Some(kind) = self.kind.filter(|_| !self.rings.is_empty()) else { return shapes.push_empty() };
        for (i, (starts_part, ring)) in self.rings.iter().enumerate() {
            if *starts_part && i > 0 {
                shapes.finish_part();
            }
            let mut add =
                |p: &[f64; 3]| if z { shapes.add_point_z([p[0], p[1]], p[2]) } else { shapes.add_point([p[0], p[1]]) };
            let flat: Vec<[f64; 2]> = ring.iter().map(|p| [p[0], p[1]]).collect();
            // Outer rings turn left, holes right, whatever the file does.
            if kind == ShapeKind::Polygon && (ring_area(&flat) > 0.0) != *starts_part {
                ring.iter().rev().for_each(&mut add);
            } else {
                ring.iter().for_each(&mut add);
            }
            shapes.finish_ring();
        }
        shapes.finish_part();
        shapes.finish_feature(kind);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    out: Collected,
}

/// Collections inside collections beyond this are an attack, not a map.
const MAX_DEPTH: u32 = 8;

impl Reader<'_> {
    fn geometry(&mut self, depth: u32) -> Result<(), WkbError> {
        let little = *self.take::<1>()?.first().unwrap_or(&1) == 1;
        let raw = self.u32(little)?;
        let (has_z, has_m) = (
            raw & 0x8000_0000 != 0 || matches!((raw & 0xffff) / 1000, 1 | 3),
            raw & 0x4000_0000 != 0 || matches!((raw & 0xffff) / 1000, 2 | 3),
        );
        let dims = 2 + usize::from(has_z) + usize::from(has_m);
        let code = (raw & 0xffff) % 1000;
        match code {
            1 => {
                let point = self.points(1, dims, has_z, little)?;
                self.out.set_kind(ShapeKind::Point)?;
                // An empty point is written as NaN.
                if point.iter().any(|p| !p[0].is_nan()) {
                    self.out.rings.push((true, point));
                }
            }
            2 => {
                let n = self.u32(little)?;
                let line = self.points(n, dims, has_z, little)?;
                self.out.set_kind(ShapeKind::Line)?;
                if line.len() >= 2 {
                    self.out.rings.push((true, line));
                }
            }
            3 | 17 => {
                let rings = self.u32(little)?;
                self.out.set_kind(ShapeKind::Polygon)?;
                for i in 0..rings {
                    let n = self.u32(little)?;
                    let mut ring = self.points(n, dims, has_z, little)?;
                    if let (Some(first), Some(last)) = (ring.first().copied(), ring.last().copied())
                        && (first[0], first[1]) != (last[0], last[1])
                    {
                        ring.push(first);
                    }
                    if ring.len() < 4 {
                        return Err(WkbError::ShortRing);
                    }
                    self.out.rings.push((i == 0, ring));
                }
            }
            4..=7 | 15 | 16 => {
                if depth >= MAX_DEPTH {
                    return Err(WkbError::Unsupported(raw));
                }
                for _ in 0..self.u32(little)? {
                    self.geometry(depth + 1)?;
                }
            }
            _ => return Err(WkbError::Unsupported(raw)),
        }
        Ok(())
    }

    fn points(&mut self, n: u32, dims: usize, has_z: bool, little: bool) -> Result<Vec<[f64; 3]>, WkbError> {
        let size = (n as usize).checked_mul(dims * 8).ok_or(WkbError::Truncated)?;
        let (head, tail) = self.bytes.split_at_checked(size).ok_or(WkbError::Truncated)?;
        self.bytes = tail;
        let number = |chunk: &[u8], i: usize| {
            let mut raw = [0; 8];
            raw.copy_from_slice(&chunk[8 * i..8 * i + 8]);
            if little { f64::from_le_bytes(raw) } else { f64::from_be_bytes(raw) }
        };
        Ok(head
            .chunks_exact(dims * 8)
            .map(|chunk| [number(chunk, 0), number(chunk, 1), if has_z { number(chunk, 2) } else { 0.0 }])
            .collect())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], WkbError> {
        let (head, tail) = self.bytes.split_first_chunk::<N>().ok_or(WkbError::Truncated)?;
        self.bytes = tail;
        Ok(*head)
    }

    fn u32(&mut self, little: bool) -> Result<u32, WkbError> {
        self.take().map(if little { u32::from_le_bytes } else { u32::from_be_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 5] = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
    const HOLE: [[f64; 2]; 5] = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]];

    #[test]
    fn features_make_the_round_trip() {
        let mut shapes = Shapes::new();
        shapes.push_point([9.0, 8.0]);
        shapes.push_line(&[[0.0, 0.0], [1.0, 1.0]]);
        shapes.push_polygon(&[&SQUARE, &HOLE]);
        shapes.push_parts(ShapeKind::Polygon, &[&[&SQUARE, &HOLE], &[&SQUARE]]);
        let mut back = Shapes::new();
        for shape in shapes.iter() {
            read(&write(shape, shape.parts().len() > 1, false).unwrap(), false, &mut back).unwrap();
        }
        assert_eq!(back, shapes);
    }

    #[test]
    fn rings_are_turned_and_closed() {
        let clockwise: Vec<[f64; 2]> = SQUARE.iter().rev().skip(1).copied().collect();
        let mut open = Shapes::new();
        open.push_polygon(&[&clockwise]);
        let mut back = Shapes::new();
        read(&write(open.get(0), false, false).unwrap(), false, &mut back).unwrap();
        let ring = back.get(0).points();
        assert!(ring_area(ring) > 0.0 && ring.first() == ring.last() && ring.len() == 5);
    }

    #[test]
    fn damaged_bytes_are_errors_and_leave_nothing() {
        let mut shapes = Shapes::new();
        shapes.push_polygon(&[&SQUARE]);
        let bytes = write(shapes.get(0), false, false).unwrap();
        let mut back = Shapes::new();
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end], false, &mut back), Err(WkbError::Truncated));
        }
        assert_eq!(read(&[1, 8, 0, 0, 0], false, &mut back), Err(WkbError::Unsupported(8)));
        assert!(back.is_empty());
    }
}
