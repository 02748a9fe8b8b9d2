//! Tables as Apache Parquet files, as plain as the format allows: required columns, plain encoding, no compression
//! (Apache Parquet Format 2.10: File format, Thrift definitions). The metadata is written in Thrift's compact protocol.

use std::io::{self, Write};

/// Rows that are written together.
const GROUP: usize = 100_000;
const MAGIC: &[u8; 4] = b"PAR1";

/// A column's kind: Parquet's physical type and how it is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Milliseconds since 1970, UTC.
    Moment,
    Real,
}

impl Kind {
    /// (physical type, converted type)
    fn codes(self) -> (usize, Option<usize>) {
        match self {
            Self::Text => (6, Some(0)),
            Self::Moment => (2, Some(9)),
            Self::Real => (5, None),
        }
    }
}

/// A value for a column of the same kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Text(&'a str),
    Moment(i64),
    Real(f64),
}

/// Where a column of a group lies.
struct Chunk {
    offset: u64,
    size: u64,
}

struct Group {
    rows: usize,
    chunks: Vec<Chunk>,
}

pub struct ParquetWriter<W: Write> {
    out: W,
    at: u64,
    columns: Vec<(String, Kind)>,
    /// Plain values of the group that is being filled, a column each.
    filling: Vec<Vec<u8>>,
    rows: usize,
    groups: Vec<Group>,
}

impl<W: Write> ParquetWriter<W> {
    /// # Errors
    /// When it cannot be written to.
    pub fn new(mut out: W, columns: &[(&str, Kind)]) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        Ok(Self {
            out,
            at: MAGIC.len() as u64,
            columns: columns.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
            filling: vec![Vec::new(); columns.len()],
            rows: 0,
            groups: Vec::new(),
        })
    }

    /// Adds a row: a cell for every column, in their order and of their kinds.
    ///
    /// # Errors
    /// When it cannot be written, or the cells are not those of the columns.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        let fits = |(cell, (_, kind)): (&Cell<'_>, &(String, Kind))| {
            matches!(
                (cell, kind),
                (Cell::Text(_), Kind::Text) | (Cell::Moment(_), Kind::Moment) | (Cell::Real(_), Kind::Real)
            )
        };
        if cells.len() != self.columns.len() || !cells.iter().zip(&self.columns).all(fits) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "cells of another table"));
        }
        for (bytes, cell) in self.filling.iter_mut().zip(cells) {
            match cell {
                Cell::Text(text) => {
                    bytes.extend((text.len() as u32).to_le_bytes());
                    bytes.extend(text.as_bytes());
                }
                Cell::Moment(ms) => bytes.extend(ms.to_le_bytes()),
                Cell::Real(value) => bytes.extend(value.to_le_bytes()),
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.finish_group() } else { Ok(()) }
    }

    fn finish_group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut chunks = Vec::new();
        for bytes in &mut self.filling {
            let mut header = Thrift::default();
            header.int(1, 0);
            header.int(2, bytes.len());
            header.int(3, bytes.len());
            header.open(5);
            header.int(1, self.rows);
            header.int(2, 0);
            header.int(3, 3);
            header.int(4, 3);
            header.close();
            let header = header.end();
            self.out.write_all(&header)?;
            self.out.write_all(bytes)?;
            let size = (header.len() + bytes.len()) as u64;
            chunks.push(Chunk { offset: self.at, size });
            self.at += size;
            bytes.clear();
        }
        self.groups.push(Group { rows: std::mem::take(&mut self.rows), chunks });
        Ok(())
    }

    /// Writes the rest and the directory; a file without it is none.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.finish_group()?;
        let footer = self.footer();
        self.out.write_all(&footer)?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn footer(&self) -> Vec<u8> {
        let mut t = Thrift::default();
        t.int(1, 1);
        t.list(2, STRUCT, self.columns.len() + 1);
        t.element();
        t.text(4, "readings");
        t.int(5, self.columns.len());
        t.close();
        for (name, kind) in &self.columns {
            let (physical, converted) = kind.codes();
            t.element();
            t.int(1, physical);
            t.int(3, 0);
            t.text(4, name);
            if let Some(converted) = converted {
                t.int(6, converted);
            }
            t.close();
        }
        t.long(3, self.groups.iter().map(|g| g.rows as u64).sum());
        t.list(4, STRUCT, self.groups.len());
        for group in &self.groups {
            t.element();
            t.list(1, STRUCT, group.chunks.len());
            for (chunk, (name, kind)) in group.chunks.iter().zip(&self.columns) {
                t.element();
                t.long(2, chunk.offset);
                t.open(3);
                t.int(1, kind.codes().0);
                t.list(2, INT, 1);
                t.zigzag(0);
                t.list(3, BINARY, 1);
                t.bytes(name.as_bytes());
                t.int(4, 0);
                t.long(5, group.rows as u64);
                t.long(6, chunk.size);
                t.long(7, chunk.size);
                t.long(9, chunk.offset);
                t.close();
                t.close();
            }
            t.long(2, group.chunks.iter().map(|c| c.size).sum());
            t.long(3, group.rows as u64);
            t.close();
        }
        t.text(6, "island-twin");
        t.end()
    }
}

const INT: u8 = 5;
const LONG: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// A writer of Thrift's compact protocol: fields by rising number within nested structs.
#[derive(Default)]
struct Thrift {
    out: Vec<u8>,
    last: i16,
    outer: Vec<i16>,
}

impl Thrift {
    fn field(&mut self, id: i16, kind: u8) {
        // Our field numbers rise in steps below 16.
        self.out.push(((id - self.last) as u8) << 4 | kind);
        self.last = id;
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    fn int(&mut self, id: i16, value: usize) {
        self.field(id, INT);
        self.zigzag((value as u64).cast_signed());
    }

    fn long(&mut self, id: i16, value: u64) {
        self.field(id, LONG);
        self.zigzag(value.cast_signed());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.out.extend(bytes);
    }

    fn text(&mut self, id: i16, text: &str) {
        self.field(id, BINARY);
        self.bytes(text.as_bytes());
    }

    fn list(&mut self, id: i16, kind: u8, count: usize) {
        self.field(id, LIST);
        if count < 15 {
            self.out.push((count as u8) << 4 | kind);
        } else {
            self.out.push(0xf0 | kind);
            self.varint(count as u64);
        }
    }

    /// A struct in a field.
    fn open(&mut self, id: i16) {
        self.field(id, STRUCT);
        self.element();
    }

    /// A struct in a list.
    fn element(&mut self) {
        self.outer.push(self.last);
        self.last = 0;
    }

    fn close(&mut self) {
        self.out.push(0);
        self.last = self.outer.pop().unwrap_or(0);
    }

    fn end(mut self) -> Vec<u8> {
        self.out.push(0);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_and_ends_as_parquet_does_and_holds_its_values_plainly() {
        let columns = [("stream", Kind::Text), ("time", Kind::Moment), ("value", Kind::Real)];
        let mut writer = ParquetWriter::new(Vec::new(), &columns).unwrap();
        writer.row(&[Cell::Text("KK-01/pm25"), Cell::Moment(7), Cell::Real(12.5)]).unwrap();
        assert!(writer.row(&[Cell::Real(1.0)]).is_err());
        let bytes = writer.finish().unwrap();
        assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&MAGIC[..], &MAGIC[..]));
        let length = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap()) as usize;
        let footer = &bytes[bytes.len() - 8 - length..bytes.len() - 8];
        // version 1; four schema elements: field 1 int zigzag(1), field 2 list of 4 structs.
        assert_eq!(&footer[..4], &[0x15, 0x02, 0x19, 0x4c]);
        assert!(bytes.windows(8).any(|w| w == 12.5_f64.to_le_bytes()));
        assert!(bytes.windows(14).any(|w| w == b"\x0a\0\0\0KK-01/pm25"));
    }

    #[test]
    fn varints_are_those_of_the_protocol() {
        let mut t = Thrift::default();
        for value in [0, -1, 1, 63, 64, -64, 300] {
            t.zigzag(value);
        }
        assert_eq!(t.out, [0, 1, 2, 126, 0x80, 0x01, 127, 0xd8, 0x04]);
    }
}
