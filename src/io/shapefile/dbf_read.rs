//! A dBASE table into columns. Text keeps its bytes until the encoding of its column is known.

use std::collections::BTreeMap;

use super::dbf_cells::{ROWS, gather};
use super::dbf_columns::{ReadColumn, columns};
use super::dbf_fields::{FieldSpec, field_specs};
use crate::io::encoding::preview::Preview;
use crate::io::encoding::{TextEncoding, detect};
use crate::model::table::{Column, Field};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DbfError {
    #[error("no table header")]
    NoHeader,
}

/// Which encoding the text is in, from what is beside the table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum EncodingHint {
    /// The user said so.
    Fixed(TextEncoding),
    /// A .cpg file said so; believed where the bytes agree.
    Declared(TextEncoding),
    Unknown,
}

pub(crate) struct DbfTable {
    pub(crate) schema: Vec<Field>,
    pub(crate) columns: Vec<Column>,
    /// Rows that are there in full.
    pub(crate) rows: usize,
    /// Rows marked as deleted.
    pub(crate) deleted: Vec<usize>,
    /// Encodings of the columns with letters beyond ASCII, each named once.
    pub(crate) encodings: Vec<TextEncoding>,
    /// (field, its text as it was read and as the runner-up would read it).
    pub(crate) previews: Vec<(String, Preview)>,
    /// What is wrong with the table itself.
    pub(crate) faults: Vec<DbfFault>,
}

/// A place in the table and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DbfFault {
    /// The fields' widths do not add up to the length of a record.
    Widths,
    /// The header promises another number of rows.
    Rows,
    /// A field without width, of an unknown type, or with more decimals than digits.
    Field(String),
    /// Its values lie in another file, which is not read.
    Memo(String),
    /// A name that an earlier field has; it was given a number.
    SameName(String),
    /// A cell that is no number (row, field).
    Number(usize, String),
    /// A cell that is no date (row, field).
    Date(usize, String),
    /// A cell with bytes that are no text in the column's encoding (row, field).
    Text(usize, String),
    /// A row whose mark of deletion is neither set nor unset.
    Mark(usize),
    /// The header's version byte is none that is known.
    Version,
    /// The list of fields does not end where it should.
    Fields,
    /// There is more after the last row.
    Surplus,
}

/// `fields` names those whose encoding the user has chosen by itself.
pub(crate) fn read(dbf: &[u8], hint: EncodingHint, fields: &[(String, TextEncoding)]) -> Result<DbfTable, DbfError> {
    let header = dbf.first_chunk::<32>().ok_or(DbfError::NoHeader)?;
    let promised = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
    let start = usize::from(u16::from_le_bytes([header[8], header[9]]));
    let record = usize::from(u16::from_le_bytes([header[10], header[11]]));
    if record == 0 || start < 33 || start > dbf.len() {
        return Err(DbfError::NoHeader);
    }
    let mut faults = Vec::new();
    if !KNOWN_VERSIONS.contains(&header[0]) {
        faults.push(DbfFault::Version);
    }
    let specs = field_specs(&dbf[32..start], record, &mut faults);
    let count = ((dbf.len() - start) / record).min(promised);
    let rows = &dbf[start..start + count * record];
    let chunks = gather(&specs, rows, record);
    let in_table = |i: usize, row: usize| i * ROWS + row;
    let deleted = chunks.iter().enumerate().flat_map(|(i, c)| c.deleted.iter().map(move |row| in_table(i, *row)));
    let deleted = deleted.collect();
    let odd_mark = chunks.iter().enumerate().find_map(|(i, chunk)| chunk.odd_mark.map(|row| in_table(i, row)));
    let names: Vec<&[u8]> = specs.iter().map(|s| s.name.as_slice()).collect();
    let name_encoding = detect(&names).encoding;
    let hint_for = |spec: &FieldSpec| {
        let name = name_encoding.decode(&spec.name);
        fields.iter().find(|(field, _)| *field == name).map_or(hint, |(_, chosen)| EncodingHint::Fixed(*chosen))
    };
    let hints: Vec<EncodingHint> = specs.iter().map(hint_for).collect();
    let read = columns(&specs, &hints, chunks);
    if count < promised {
        faults.push(DbfFault::Rows);
    } else if dbf.len() - start - rows.len() > 1 {
        // One byte marks the end, where a writer sets it.
        faults.push(DbfFault::Surplus);
    }
    if let Some(row) = odd_mark {
        faults.push(DbfFault::Mark(row));
    }
    let mut encodings: BTreeMap<TextEncoding, usize> = BTreeMap::new();
    let mut table = DbfTable {
        schema: Vec::new(),
        columns: Vec::new(),
        rows: count,
        deleted,
        encodings: Vec::new(),
        previews: Vec::new(),
        faults,
    };
    for (spec, ReadColumn { column, preview, first_bad }) in specs.iter().zip(read) {
        let mut name = name_encoding.decode(&spec.name);
        table.faults.extend(first_bad.map(|row| match spec.kind {
            b'N' | b'F' => DbfFault::Number(row, name.clone()),
            b'D' => DbfFault::Date(row, name.clone()),
            _ => DbfFault::Text(row, name.clone()),
        }));
        let taken = |name: &str| table.schema.iter().any(|f: &Field| f.name.eq_ignore_ascii_case(name));
        if taken(&name) {
            table.faults.push(DbfFault::SameName(name.clone()));
            let free = (1..=specs.len()).map(|n| format!("{name}_{n}")).find(|n| !taken(n));
            name = free.unwrap_or(name);
        }
        if let Some(preview) = preview {
            *encodings.entry(preview.encoding).or_default() += 1;
            table.previews.push((name.clone(), preview));
        }
        table.schema.push(Field { name, kind: column.kind() });
        table.columns.push(column);
    }
    table.encodings = encodings.into_keys().collect();
    Ok(table)
}

/// dBASE III to 7, FoxPro and their memo flags (the first byte of a table).
const KNOWN_VERSIONS: [u8; 14] = [2, 3, 4, 5, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8c, 0xcb, 0xf5];

#[cfg(test)]
mod tests {
    use super::super::dbf_write;
    use super::*;
    use crate::model::table::{FeatureTable, FieldKind, Value};

    fn table() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[
            ("TEN", FieldKind::Text),
            ("MA", FieldKind::Text),
            ("SO", FieldKind::Integer),
            ("DT", FieldKind::Real),
        ]);
        for (name, code, number, area) in [
            ("Đường Trần Hưng Đạo", "ODT", 7, 12.25),
            ("Ấp Cửa Lấp", "ONT", -4_000_000_000, 0.1),
            ("Thị trấn Dương Đông", "", 0, 1e9),
        ] {
            table.geometry.push_empty();
            table.push_row(&[Value::Text(name), Value::Text(code), Value::Integer(number), Value::Real(area)]);
        }
        table.geometry.push_empty();
        table.push_row(&[]);
        table
    }

    #[test]
    fn what_we_write_comes_back() {
        for encoding in TextEncoding::ALL.into_iter().filter(|e| *e != TextEncoding::Windows1252) {
            let written = table();
            let back = read(&dbf_write::write(&written, encoding).unwrap(), EncodingHint::Unknown, &[]).unwrap();
            assert_eq!(back.schema, written.schema, "{encoding}");
            assert_eq!(back.encodings, [encoding]);
            for row in 0..4 {
                for (a, b) in back.columns.iter().zip(&written.columns) {
                    match (a.get(row), b.get(row)) {
                        // Blanks do not tell empty from missing.
                        (Value::Null, Value::Text("")) => {}
                        // TCVN3 has no accented capitals.
                        (Value::Text(a), Value::Text(b)) if encoding == TextEncoding::Tcvn3 => {
                            assert_eq!(a.to_lowercase(), b.to_lowercase());
                        }
                        (a, b) => assert_eq!(a, b, "{encoding}"),
                    }
                }
            }
        }
    }

    #[test]
    fn an_encoding_that_was_chosen_also_mends_text_that_came_as_unicode() {
        let mut wrong = FeatureTable::with_fields(&[("TEN", FieldKind::Text), ("GHI", FieldKind::Text)]);
        for name in ["Xã Cửa Cạn", "Thị trấn Dương Đông"] {
            let western = TextEncoding::Windows1252.decode(&TextEncoding::Tcvn3.encode(name).unwrap());
            wrong.geometry.push_empty();
            wrong.push_row(&[Value::Text(&western), Value::Text(&western)]);
        }
        let dbf = dbf_write::write(&wrong, TextEncoding::Utf8).unwrap();
        let chosen = [("TEN".to_owned(), TextEncoding::Tcvn3), ("GHI".to_owned(), TextEncoding::Utf8)];
        let back = read(&dbf, EncodingHint::Unknown, &chosen).unwrap();
        assert_eq!(back.columns[0].get(0), Value::Text("Xã Cửa Cạn"));
        assert_eq!(back.columns[1], wrong.columns[1], "UTF-8 was chosen: it stays");
        assert_eq!(back.previews[0].1.encoding, TextEncoding::Tcvn3);
        // The same choice for bytes that are TCVN3 indeed.
        let mut right = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
        right.geometry.push_empty();
        right.push_row(&[Value::Text("Xã Cửa Cạn")]);
        let dbf = dbf_write::write(&right, TextEncoding::Tcvn3).unwrap();
        assert_eq!(read(&dbf, EncodingHint::Unknown, &chosen).unwrap().columns[0].get(0), Value::Text("Xã Cửa Cạn"));
    }

    #[test]
    fn a_cut_table_gives_its_whole_rows() {
        let dbf = dbf_write::write(&table(), TextEncoding::Utf8).unwrap();
        for end in 0..dbf.len() {
            if let Ok(back) = read(&dbf[..end], EncodingHint::Unknown, &[]) {
                assert!(back.rows <= 4 && back.columns.iter().all(|c| c.len() == back.rows));
            }
        }
    }

    #[test]
    fn a_number_with_a_fraction_makes_the_column_real() {
        let mut dbf = dbf_write::write(&table(), TextEncoding::Utf8).unwrap();
        let at = dbf.windows(11).position(|w| w == b"-4000000000").unwrap();
        dbf[at..at + 11].copy_from_slice(b"       -4.5");
        let back = read(&dbf, EncodingHint::Unknown, &[]).unwrap();
        assert_eq!(back.columns[2].get(1), Value::Real(-4.5));
        assert_eq!(back.columns[2].get(0), Value::Real(7.0));
    }
}
