//! What the worker and its parent say to each other: small messages as postcard with their length before them,
//! and after a result its columns as plain memory.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use bytemuck::{AnyBitPattern, NoUninit};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ImportError;
use super::source::{ImportReport, Imported, SourceSpec};
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::grid::{Grid, GridSpec};
use crate::geo::shape::{ShapeArrays, Shapes};
use crate::model::layer::LayerContent;
use crate::model::table::{Column, FeatureTable, Field, FieldKind, TextColumn};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) sources: Vec<SourceSpec>,
    pub(super) frame: SiteFrame,
    /// A folder for private copies, which the parent takes away.
    pub(super) scratch: PathBuf,
    pub(super) memory_bytes: u64,
    pub(super) cpu_seconds: u64,
    pub(super) file_bytes: u64,
}

/// One source's answer; its blocks follow when it is a result.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) source: u32,
    pub(super) result: Result<Header, ImportError>,
}

/// An [`Imported`] without its columns.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    crs: Crs,
    encoding: Option<String>,
    report: ImportReport,
    content: ContentHeader,
    /// Bytes of each block that follows.
    blocks: Vec<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
enum ContentHeader {
    Features(Vec<Field>),
    Raster(GridSpec),
    Classes(GridSpec),
}

/// Messages are small; a longer one is none of ours.
const MAX_MESSAGE: u32 = 1 << 24;

pub(super) fn write_message<T: Serialize>(out: &mut impl Write, message: &T) -> io::Result<()> {
    let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len()).ok().filter(|n| *n <= MAX_MESSAGE);
    out.write_all(&length.ok_or_else(|| io::Error::other("message too long"))?.to_le_bytes())?;
    out.write_all(&bytes)
}

pub(super) fn read_message<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_MESSAGE {
        return Err(invalid("message too long"));
    }
    let mut bytes = vec![0; length as usize];
    input.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map_err(|e| invalid(&e.to_string()))
}

/// Sends one answer.
pub(super) fn write_reply(out: &mut impl Write, source: u32, result: Result<Imported, ImportError>) -> io::Result<()> {
    let imported = match result {
        Ok(imported) => imported,
        Err(error) => {
            write_message(out, &Reply { source, result: Err(error) })?;
            return out.flush();
        }
    };
    let (content, blocks) = match &imported.content {
        LayerContent::Features(table) => (ContentHeader::Features(table.schema.clone()), table_blocks(table)),
        LayerContent::Raster(grid) => (ContentHeader::Raster(grid.spec.clone()), vec![bytes(&grid.cells)]),
        LayerContent::Classes(grid) => (ContentHeader::Classes(grid.spec.clone()), vec![bytes(&grid.cells)]),
    };
    let header = Header {
        crs: imported.crs,
        encoding: imported.encoding,
        report: imported.report,
        content,
        blocks: blocks.iter().map(|b| b.len() as u64).collect(),
    };
    write_message(out, &Reply { source, result: Ok(header) })?;
    for block in &blocks {
        out.write_all(block)?;
    }
    out.flush()
}

fn bytes<T: NoUninit>(values: &[T]) -> Cow<'_, [u8]> {
    Cow::Borrowed(bytemuck::cast_slice(values))
}

fn table_blocks(table: &FeatureTable) -> Vec<Cow<'_, [u8]>> {
    let shapes = &table.geometry;
    let kinds = shapes.kinds().iter().map(|kind| *kind as u8).collect();
    let mut blocks = vec![bytes(&table.ids), Cow::Owned(kinds), bytes(shapes.xy()), bytes(shapes.z())];
    blocks.extend(shapes.ends().map(bytes));
    for column in &table.columns {
        match column {
            Column::Text(text) => {
                let (letters, spans) = text.raw();
                blocks.extend([Cow::Borrowed(letters.as_bytes()), bytes(spans)]);
            }
            Column::Integer(values) => {
                let present = values.iter().map(|v| u8::from(v.is_some())).collect();
                let plain: Vec<i64> = values.iter().map(|v| v.unwrap_or(0)).collect();
                blocks.extend([Cow::Owned(bytemuck::cast_slice(&plain).to_vec()), Cow::Owned(present)]);
            }
            Column::Real(values) => blocks.push(bytes(values)),
        }
    }
    blocks
}

/// The blocks of one answer, in order.
struct Blocks<'a, R> {
    input: &'a mut R,
    lengths: std::vec::IntoIter<u64>,
}

impl<R: Read> Blocks<'_, R> {
    /// Memory is taken as the bytes arrive, not as they are promised.
    fn next<T: AnyBitPattern + NoUninit>(&mut self) -> io::Result<Vec<T>> {
        const STEP: usize = 1 << 24;
        let length =
            self.lengths.next().and_then(|n| usize::try_from(n).ok()).ok_or_else(|| invalid("a block is missing"))?;
        if length % size_of::<T>() != 0 {
            return Err(invalid("a block of odd length"));
        }
        let mut values: Vec<T> = Vec::new();
        let mut left = length / size_of::<T>();
        while left > 0 {
            let (start, step) = (values.len(), left.min(STEP));
            values.resize(start + step, T::zeroed());
            self.input.read_exact(bytemuck::cast_slice_mut(&mut values[start..]))?;
            left -= step;
        }
        Ok(values)
    }
}

/// Takes in what follows a [`Reply`]. The worker has read a hostile file, so nothing it says is trusted.
pub(super) fn read_content(input: &mut impl Read, header: Header) -> io::Result<Imported> {
    let Header { crs, encoding, report, content, blocks } = header;
    let mut blocks = Blocks { input, lengths: blocks.into_iter() };
    let content = match content {
        ContentHeader::Features(schema) => LayerContent::Features(read_table(&mut blocks, schema)?.into()),
        ContentHeader::Raster(spec) => LayerContent::Raster(read_grid(&mut blocks, spec)?.into()),
        ContentHeader::Classes(spec) => LayerContent::Classes(read_grid(&mut blocks, spec)?.into()),
    };
    Ok(Imported { content, crs, encoding, report })
}

fn read_grid<T: AnyBitPattern + NoUninit>(blocks: &mut Blocks<'_, impl Read>, spec: GridSpec) -> io::Result<Grid<T>> {
    let cells = blocks.next()?;
    if spec.cols.checked_mul(spec.rows) != Some(cells.len()) || spec.is_empty() {
        return Err(invalid("a raster of another size"));
    }
    Ok(Grid { spec, cells })
}

fn read_table(blocks: &mut Blocks<'_, impl Read>, schema: Vec<Field>) -> io::Result<FeatureTable> {
    let ids: Vec<u64> = blocks.next()?;
    let arrays = ShapeArrays {
        kinds: blocks.next()?,
        xy: blocks.next()?,
        z: blocks.next()?,
        ring_ends: blocks.next()?,
        part_ends: blocks.next()?,
        feature_ends: blocks.next()?,
    };
    let geometry = Shapes::from_arrays(arrays).ok_or_else(|| invalid("shapes that do not fit together"))?;
    let mut columns = Vec::with_capacity(schema.len());
    for field in &schema {
        columns.push(match field.kind {
            FieldKind::Text => {
                let letters = String::from_utf8(blocks.next()?).map_err(|_| invalid("text that is none"))?;
                Column::Text(TextColumn::from_raw(letters, blocks.next()?))
            }
            FieldKind::Integer => {
                let values: Vec<i64> = blocks.next()?;
                let present: Vec<u8> = blocks.next()?;
                if values.len() != present.len() {
                    return Err(invalid("columns of different length"));
                }
                Column::Integer(values.into_iter().zip(present).map(|(v, p)| (p != 0).then_some(v)).collect())
            }
            FieldKind::Real => Column::Real(blocks.next()?),
        });
    }
    if geometry.len() != ids.len() || columns.iter().any(|c| c.len() != ids.len()) {
        return Err(invalid("columns of different length"));
    }
    Ok(FeatureTable { schema, ids, geometry, columns })
}

fn invalid(detail: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::Value;

    fn imported() -> Imported {
        let mut table =
            FeatureTable::with_fields(&[("ten", FieldKind::Text), ("so", FieldKind::Integer), ("dt", FieldKind::Real)]);
        table.geometry.push_polygon(&[&[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 0.0]]]);
        table.push_row(&[Value::Text("Dương Đông"), Value::Integer(7), Value::Real(3.5)]);
        table.geometry.push_empty();
        table.push_row(&[]);
        let content = LayerContent::Features(table.into());
        Imported { content, crs: Crs::Epsg(9207), encoding: Some("TCVN3".into()), report: ImportReport::default() }
    }

    fn sent() -> Vec<u8> {
        let mut out = Vec::new();
        write_reply(&mut out, 5, Ok(imported())).unwrap();
        out
    }

    fn receive(mut bytes: &[u8]) -> io::Result<Imported> {
        let reply: Reply = read_message(&mut bytes)?;
        read_content(&mut bytes, reply.result.map_err(io::Error::other)?)
    }

    #[test]
    fn a_table_arrives_as_it_was_sent() {
        let (LayerContent::Features(got), LayerContent::Features(wanted)) =
            (receive(&sent()).unwrap().content, imported().content)
        else {
            panic!()
        };
        assert_eq!((&got.schema, &got.ids, &got.geometry), (&wanted.schema, &wanted.ids, &wanted.geometry));
        for name in ["ten", "so", "dt"] {
            assert_eq!(got.value(0, name), wanted.value(0, name));
            assert_eq!(got.value(1, name), Value::Null);
        }
    }

    #[test]
    fn a_damaged_answer_is_an_error_or_harmless() {
        let good = sent();
        for end in 0..good.len() {
            assert!(receive(&good[..end]).is_err(), "{end}");
        }
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x81;
            if let Ok(Imported { content: LayerContent::Features(table), .. }) = receive(&bad) {
                for row in 0..table.len() {
                    let _ = (table.geometry.get(row).points(), table.value(row, "ten"));
                }
            }
        }
    }
}
