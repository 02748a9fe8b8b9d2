//! A dBASE table into columns. Text keeps its bytes until the encoding of its column is known.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::io::encoding::preview::{Preview, preview};
use crate::io::encoding::{TextEncoding, detect, mojibake};
use crate::model::table::{Column, Field, TextColumn};

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

struct FieldSpec {
    name: Vec<u8>,
    kind: u8,
    start: usize,
    width: usize,
    decimals: u8,
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
    let records: Vec<&[u8]> = dbf[start..].chunks_exact(record).take(promised).collect();
    let deleted = records.iter().enumerate().filter(|(_, r)| r[0] == b'*').map(|(i, _)| i).collect();
    let names: Vec<&[u8]> = specs.iter().map(|s| s.name.as_slice()).collect();
    let name_encoding = detect(&names).encoding;
    let hint_for = |spec: &FieldSpec| {
        let name = name_encoding.decode(&spec.name);
        fields.iter().find(|(field, _)| *field == name).map_or(hint, |(_, chosen)| EncodingHint::Fixed(*chosen))
    };
    let read: Vec<(Column, Option<Preview>)> =
        specs.par_iter().map(|spec| read_column(spec, &records, hint_for(spec))).collect();
    if records.len() < promised {
        faults.push(DbfFault::Rows);
    } else if dbf.len() - start - records.len() * record > 1 {
        // One byte marks the end, where a writer sets it.
        faults.push(DbfFault::Surplus);
    }
    if let Some(row) = records.iter().position(|r| !matches!(r[0], b' ' | b'*')) {
        faults.push(DbfFault::Mark(row));
    }
    let mut encodings: BTreeMap<TextEncoding, usize> = BTreeMap::new();
    let mut table = DbfTable {
        schema: Vec::new(),
        columns: Vec::new(),
        rows: records.len(),
        deleted,
        encodings: Vec::new(),
        previews: Vec::new(),
        faults,
    };
    for (spec, (column, preview)) in specs.iter().zip(read) {
        let mut name = name_encoding.decode(&spec.name);
        table.faults.extend(first_bad_cell(spec, &records, &column, &name));
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

/// The first cell of a column that is not what the field says.
fn first_bad_cell(spec: &FieldSpec, records: &[&[u8]], column: &Column, name: &str) -> Option<DbfFault> {
    let first = |bad: &dyn Fn(&[u8]) -> bool| records.iter().position(|r| bad(cell_of(spec, r)));
    let named = |fault: fn(usize, String) -> DbfFault| move |row| fault(row, name.to_owned());
    match (spec.kind, column) {
        (b'N' | b'F', _) => first(&is_no_number).map(named(DbfFault::Number)),
        (b'D', _) => first(&is_no_date).map(named(DbfFault::Date)),
        (_, Column::Text(text)) => first_garbled(text).map(named(DbfFault::Text)),
        _ => None,
    }
}

/// Fields that lie within a record; memos and pictures live in other files and are left out.
fn field_specs(bytes: &[u8], record: usize, faults: &mut Vec<DbfFault>) -> Vec<FieldSpec> {
    let mut start = 1;
    let mut specs = Vec::new();
    let described = bytes.chunks_exact(32).take_while(|raw| raw[0] != b'\r' && raw[0] != 0);
    if bytes.get(32 * described.clone().count()) != Some(&b'\r') {
        faults.push(DbfFault::Fields);
    }
    for raw in described {
        let name: Vec<u8> = raw[..11].iter().copied().take_while(|b| *b != 0).collect();
        // Long text fields of some writers carry the high byte of their width in the place of the decimals.
        let kind = raw[11].to_ascii_uppercase();
        let width = usize::from(raw[16]) + if kind == b'C' { usize::from(raw[17]) << 8 } else { 0 };
        let named = || String::from_utf8_lossy(name.trim_ascii_end()).into_owned();
        if start + width > record {
            faults.push(DbfFault::Widths);
            return specs;
        }
        let number = matches!(kind, b'N' | b'F');
        if width == 0 || !kind.is_ascii_graphic() || (number && raw[17] > 0 && usize::from(raw[17]) >= width) {
            faults.push(DbfFault::Field(named()));
        }
        if matches!(kind, b'M' | b'G' | b'P' | b'B') {
            faults.push(DbfFault::Memo(named()));
        }
        if !matches!(kind, b'M' | b'G' | b'P' | b'B' | b'0') {
            specs.push(FieldSpec { name: name.trim_ascii_end().to_vec(), kind, start, width, decimals: raw[17] });
        }
        start += width;
    }
    if start != record {
        faults.push(DbfFault::Widths);
    }
    specs
}

fn cell_of<'a>(spec: &FieldSpec, record: &'a [u8]) -> &'a [u8] {
    record.get(spec.start..spec.start + spec.width).unwrap_or_default()
}

/// Stars are what programs write when a number does not fit.
fn is_no_number(cell: &[u8]) -> bool {
    let known = |b: &u8| {
        b.is_ascii_digit() || b.is_ascii_whitespace() || matches!(b, 0 | b'+' | b'-' | b'.' | b',' | b'e' | b'E')
    };
    !cell.iter().all(known)
}

/// The first row with a byte that is no letter in the column's encoding.
fn first_garbled(text: &TextColumn) -> Option<usize> {
    let (letters, spans) = text.raw();
    let garbled = |c: char| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    let at = u32::try_from(letters.find(garbled)?).ok()?;
    spans.iter().position(|[start, end]| (*start..*end).contains(&at))
}

/// Blanks, zeros and stars stand for no date.
fn is_no_date(cell: &[u8]) -> bool {
    let blank = cell.iter().all(|b| matches!(b, 0 | b' ' | b'0' | b'*' | b'/' | b'-'));
    let digits = cell.len() == 8 && cell.iter().all(u8::is_ascii_digit);
    let two = |at: usize| 10 * u32::from(cell[at] - b'0') + u32::from(cell[at + 1] - b'0');
    let date = digits && (1..=12).contains(&two(4)) && (1..=31).contains(&two(6));
    !blank && !date
}

fn read_column(spec: &FieldSpec, records: &[&[u8]], hint: EncodingHint) -> (Column, Option<Preview>) {
    let cells = records.iter().map(|record| cell_of(spec, record));
    match spec.kind {
        b'N' | b'F' => (numbers(cells, spec), None),
        b'I' | b'+' => (
            Column::Integer(cells.map(|c| c.try_into().ok().map(|b| i64::from(i32::from_le_bytes(b)))).collect()),
            None,
        ),
        b'O' => (Column::Real(cells.map(|c| c.try_into().map_or(f64::NAN, f64::from_le_bytes)).collect()), None),
        b'L' => {
            let truth = |cell: &[u8]| match cell.first()? {
                b'T' | b't' | b'Y' | b'y' => Some(1),
                b'F' | b'f' | b'N' | b'n' => Some(0),
                _ => None,
            };
            (Column::Integer(cells.map(truth).collect()), None)
        }
        b'D' => (Column::Text(dates(cells)), None),
        _ => texts(cells, hint),
    }
}

/// Whole numbers where the field says so and every cell is one.
fn numbers<'a>(cells: impl Iterator<Item = &'a [u8]> + Clone, spec: &FieldSpec) -> Column {
    let text = |cell: &'a [u8]| {
        let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
        let from = cell.iter().position(|b| !blank(b)).unwrap_or(cell.len());
        let to = cell.iter().rposition(|b| !blank(b)).map_or(from, |i| i + 1);
        std::str::from_utf8(&cell[from..to]).unwrap_or_default()
    };
    if spec.kind == b'N' && spec.decimals == 0 {
        let whole: Option<Vec<Option<i64>>> = cells
            .clone()
            .map(|cell| match text(cell) {
                empty if empty.is_empty() || empty.starts_with('*') => Some(None),
                digits => digits.parse().ok().map(Some),
            })
            .collect();
        if let Some(values) = whole {
            return Column::Integer(values);
        }
    }
    Column::Real(cells.map(|cell| text(cell).replace(',', ".").parse().unwrap_or(f64::NAN)).collect())
}

fn dates<'a>(cells: impl Iterator<Item = &'a [u8]>) -> TextColumn {
    let mut column = TextColumn::default();
    for cell in cells {
        match std::str::from_utf8(cell).map(str::trim) {
            Ok(date) if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) && date != "00000000" => {
                column.push(Some(&format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])));
            }
            _ => column.push(None),
        }
    }
    column
}

/// Cells from which the encoding is told, spread over the table.
const SAMPLES: usize = 2000;

fn texts<'a>(cells: impl Iterator<Item = &'a [u8]> + Clone, hint: EncodingHint) -> (Column, Option<Preview>) {
    let trimmed = cells.map(|cell| {
        let end = cell.iter().rposition(|b| *b != b' ' && *b != 0).map_or(0, |i| i + 1);
        &cell[..end]
    });
    let accented: Vec<&[u8]> = trimmed.clone().filter(|cell| !cell.is_ascii()).collect();
    let sample = || {
        let step = accented.len().div_ceil(SAMPLES).max(1);
        accented.iter().copied().step_by(step).collect::<Vec<_>>()
    };
    let encoding = match hint {
        EncodingHint::Fixed(encoding) => encoding,
        _ if accented.is_empty() => TextEncoding::Utf8,
        // The code page that a Windows program writes by itself says nothing about the fonts that were used.
        EncodingHint::Declared(TextEncoding::Windows1252) | EncodingHint::Unknown => detect(&sample()).encoding,
        EncodingHint::Declared(TextEncoding::Utf8) if accented.iter().any(|c| std::str::from_utf8(c).is_err()) => {
            detect(&sample()).encoding
        }
        EncodingHint::Declared(encoding) => encoding,
    };
    let mut column = TextColumn::default();
    let mut recent = Recent::default();
    for (row, cell) in trimmed.enumerate() {
        if cell.is_empty() {
            column.push(None);
        } else if let Some(earlier) = recent.row_of(cell, row) {
            column.push_again(earlier);
        } else {
            match std::str::from_utf8(cell) {
                Ok(ascii) if cell.is_ascii() && encoding != TextEncoding::Viscii => column.push(Some(ascii)),
                _ => column.push(Some(&encoding.decode(cell))),
            }
        }
    }
    if encoding == TextEncoding::Utf8 && !accented.is_empty() && !matches!(hint, EncodingHint::Fixed(_)) {
        let cells = || sample().into_iter().filter_map(|cell| std::str::from_utf8(cell).ok());
        if let Some(found) = mojibake::origin(&cells().collect::<Vec<_>>(), None) {
            return (Column::Text(mojibake::repair(&column, found.encoding)), Some(found));
        }
    }
    let preview = (!accented.is_empty()).then(|| preview(encoding, &sample()));
    (Column::Text(column), preview)
}

/// Codes, villages and streets repeat row after row: where a value was last seen, so that it is decoded and kept
/// once. One place a hash; a clash only costs another decoding.
struct Recent<'a>(Vec<(&'a [u8], usize)>);

impl Default for Recent<'_> {
    fn default() -> Self {
        Self(vec![(&[], 0); 1 << 12])
    }
}

impl<'a> Recent<'a> {
    /// The row that holds the same bytes; else this row is remembered.
    fn row_of(&mut self, cell: &'a [u8], row: usize) -> Option<usize> {
        // FNV-1a (Fowler, Noll & Vo 1991), folded to the table's size.
        let hash =
            cell.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
        let at = (hash ^ (hash >> 32)) as usize % self.0.len();
        let place = self.0.get_mut(at)?;
        if place.0 == cell {
            return Some(place.1);
        }
        *place = (cell, row);
        None
    }
}

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
