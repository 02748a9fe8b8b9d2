//! `.shp` and `.shx` from shapes.

use crate::geo::shape::{Shape, ShapeKind, Shapes};

/// The two files' bytes.
pub(crate) struct ShpFiles {
    pub(crate) shp: Vec<u8>,
    pub(crate) shx: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShpWriteError {
    #[error("row {0} is another kind of geometry than the rows before")]
    Mixed(usize),
    #[error("more than 4 GB of geometry")]
    TooLarge,
}

const HEADER: usize = 100;

/// One file holds one kind of geometry; rows without any are null shapes.
pub(crate) fn write(shapes: &Shapes) -> Result<ShpFiles, ShpWriteError> {
    let (kind, z) = (shapes.main_kind(), shapes.has_z());
    let multi_point = kind == ShapeKind::Point && shapes.iter().any(|s| s.points().len() > 1);
    let code: i32 = match kind {
        ShapeKind::Empty => 0,
        ShapeKind::Point if multi_point => 8,
        ShapeKind::Point => 1,
        ShapeKind::Line => 3,
        ShapeKind::Polygon => 5,
    } + if z { 10 } else { 0 };
    let mut shp = vec![0; HEADER];
    let mut shx = vec![0; HEADER];
    let mut z_range = Range::default();
    for (row, shape) in shapes.iter().enumerate() {
        let mut record = Vec::with_capacity(64 + shape.points().len() * 16);
        match shape.kind() {
            ShapeKind::Empty => push_i32(&mut record, 0),
            k if k == kind => {
                push_i32(&mut record, code);
                write_shape(shape, multi_point, z, &mut record, &mut z_range);
            }
            _ => return Err(ShpWriteError::Mixed(row + 1)),
        }
        let (offset, length) = (words(shp.len())?, words(record.len())?);
        shx.extend_from_slice(&offset.to_be_bytes());
        shx.extend_from_slice(&length.to_be_bytes());
        shp.extend_from_slice(&i32::try_from(row + 1).unwrap_or(i32::MAX).to_be_bytes());
        shp.extend_from_slice(&length.to_be_bytes());
        shp.append(&mut record);
    }
    let bounds = shapes.bounds().unwrap_or([0.0; 4]);
    for file in [&mut shp, &mut shx] {
        write_header(file, code, bounds, z_range)?;
    }
    Ok(ShpFiles { shp, shx })
}

fn write_header(file: &mut [u8], code: i32, bounds: [f64; 4], z: Range) -> Result<(), ShpWriteError> {
    let length = words(file.len())?;
    file[0..4].copy_from_slice(&9994_i32.to_be_bytes());
    file[24..28].copy_from_slice(&length.to_be_bytes());
    file[28..32].copy_from_slice(&1000_i32.to_le_bytes());
    file[32..36].copy_from_slice(&code.to_le_bytes());
    let [z_low, z_high] = z.0.unwrap_or([0.0; 2]);
    for (i, value) in bounds.into_iter().chain([z_low, z_high]).enumerate() {
        file[36 + 8 * i..44 + 8 * i].copy_from_slice(&value.to_le_bytes());
    }
    Ok(())
}

fn write_shape(shape: Shape<'_>, multi_point: bool, z: bool, out: &mut Vec<u8>, z_range: &mut Range) {
    // The format turns outer rings right and holes left; ours turn the other way.
    let backwards = shape.kind() == ShapeKind::Polygon;
    let order = |n: usize| (0..n).map(move |i| if backwards { n - 1 - i } else { i });
    let heights: Vec<f64> = shape
        .rings()
        .flat_map(|ring| order(ring.points().len()).map(move |i| ring.z().get(i).copied().unwrap_or(0.0)))
        .collect();
    let own_range = heights.iter().fold(Range::default(), |r, h| r.with(*h));
    if z {
        *z_range = heights.iter().fold(*z_range, |r, h| r.with(*h));
    }
    let single_point = shape.kind() == ShapeKind::Point && !multi_point;
    if !single_point {
        for value in shape.bounds().unwrap_or([0.0; 4]) {
            push_f64(out, value);
        }
        if !multi_point {
            push_i32(out, count(shape.rings().count()));
        }
        push_i32(out, count(shape.points().len()));
        if !multi_point {
            let mut start = 0;
            for ring in shape.rings() {
                push_i32(out, count(start));
                start += ring.points().len();
            }
        }
    }
    for ring in shape.rings() {
        for i in order(ring.points().len()) {
            push_f64(out, ring.points()[i][0]);
            push_f64(out, ring.points()[i][1]);
        }
    }
    if z {
        if !single_point {
            own_range.0.unwrap_or([0.0; 2]).iter().for_each(|v| push_f64(out, *v));
        }
        for height in heights {
            push_f64(out, height);
        }
        if single_point {
            // A measure, which only single points must have.
            push_f64(out, 0.0);
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Range(Option<[f64; 2]>);

impl Range {
    fn with(self, value: f64) -> Self {
        Self(Some(self.0.map_or([value; 2], |[low, high]| [low.min(value), high.max(value)])))
    }
}

/// Lengths are counted in 16-bit words.
fn words(bytes: usize) -> Result<i32, ShpWriteError> {
    i32::try_from(bytes / 2).map_err(|_| ShpWriteError::TooLarge)
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn push_i32(out: &mut Vec<u8>, value: i32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn push_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_le_bytes());
}
