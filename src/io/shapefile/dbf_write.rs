//! A dBASE III table from columns, with field widths fitted to the data.

use crate::io::encoding::{TextEncoding, Unencodable};
use crate::model::table::{Column, FeatureTable};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DbfWriteError {
    #[error("field {field}, row {row}: {source}")]
    Unencodable { field: String, row: usize, source: Unencodable },
    #[error("field {field}, row {row}: a text longer than 254 bytes")]
    TooLong { field: String, row: usize },
    #[error("more fields or rows than a .dbf can hold")]
    TooLarge,
}

/// The date in the header: always the same, so that the same table gives the same bytes.
const DATE: [u8; 3] = [126, 1, 1];
const MAX_DECIMALS: usize = 10;

struct Field {
    name: Vec<u8>,
    /// `C` or `N`.
    kind: u8,
    width: u8,
    decimals: u8,
    cells: Vec<Vec<u8>>,
}

/// The file's bytes. Missing values are blanks, and so is empty text.
pub(crate) fn write(table: &FeatureTable, encoding: TextEncoding) -> Result<Vec<u8>, DbfWriteError> {
    let mut fields: Vec<Field> = Vec::with_capacity(table.columns.len());
    for (field, column) in table.schema.iter().zip(&table.columns) {
        let mut made = match column {
            Column::Text(_) => text_field(&field.name, column, encoding)?,
            Column::Integer(_) | Column::Real(_) => number_field(column),
        };
        made.name = unique_name(&field.name, encoding, &fields);
        fields.push(made);
    }
    if fields.is_empty() {
        // A table must have a field; other programs expect one of this name.
        let cells = table.ids.iter().map(|id| id.to_string().into_bytes()).collect();
        fields.push(Field { name: b"FID".to_vec(), ..fitted(b'N', 0, cells) });
    }
    let record: usize = 1 + fields.iter().map(|f| usize::from(f.width)).sum::<usize>();
    let header = 33 + 32 * fields.len();
    let too_large = |_| DbfWriteError::TooLarge;
    let mut out = Vec::with_capacity(header + record * table.len() + 1);
    out.push(3);
    out.extend_from_slice(&DATE);
    out.extend_from_slice(&u32::try_from(table.len()).map_err(too_large)?.to_le_bytes());
    out.extend_from_slice(&u16::try_from(header).map_err(too_large)?.to_le_bytes());
    out.extend_from_slice(&u16::try_from(record).map_err(too_large)?.to_le_bytes());
    out.resize(32, 0);
    if encoding == TextEncoding::Windows1252 {
        out[29] = 0x57;
    }
    for field in &fields {
        let start = out.len();
        out.extend_from_slice(&field.name);
        out.resize(start + 11, 0);
        out.push(field.kind);
        out.resize(start + 16, 0);
        out.extend_from_slice(&[field.width, field.decimals]);
        out.resize(start + 32, 0);
    }
    out.push(b'\r');
    for row in 0..table.len() {
        out.push(b' ');
        for field in &fields {
            let cell = field.cells.get(row).map_or(&[][..], Vec::as_slice);
            let blanks = usize::from(field.width).saturating_sub(cell.len());
            let (before, after) = if field.kind == b'N' { (blanks, 0) } else { (0, blanks) };
            out.extend(std::iter::repeat_n(b' ', before));
            out.extend_from_slice(cell);
            out.extend(std::iter::repeat_n(b' ', after));
        }
    }
    out.push(0x1a);
    Ok(out)
}

fn text_field(name: &str, column: &Column, encoding: TextEncoding) -> Result<Field, DbfWriteError> {
    let mut cells = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let cell = encoding.encode(&column.get(row).to_string()).map_err(|source| DbfWriteError::Unencodable {
            field: name.to_owned(),
            row: row + 1,
            source,
        })?;
        if cell.len() > 254 {
            return Err(DbfWriteError::TooLong { field: name.to_owned(), row: row + 1 });
        }
        cells.push(cell);
    }
    Ok(fitted(b'C', 0, cells))
}

fn number_field(column: &Column) -> Field {
    let Column::Real(values) = column else {
        return fitted(b'N', 0, (0..column.len()).map(|row| column.get(row).to_string().into_bytes()).collect());
    };
    // At least one decimal: readers take a field without any for whole numbers.
    let decimals = values.iter().fold(1, |d, v| (d..MAX_DECIMALS).find(|d| is_exact(*v, *d)).unwrap_or(MAX_DECIMALS));
    let cells = values
        .iter()
        .map(|v| match format!("{v:.decimals$}") {
            _ if !v.is_finite() => Vec::new(),
            text if text.len() <= 24 => text.into_bytes(),
            _ => format!("{v:.15e}").into_bytes(),
        })
        .collect();
    fitted(b'N', decimals as u8, cells)
}

fn is_exact(value: f64, decimals: usize) -> bool {
    !value.is_finite() || format!("{value:.decimals$}").parse() == Ok(value)
}

fn fitted(kind: u8, decimals: u8, cells: Vec<Vec<u8>>) -> Field {
    let width = cells.iter().map(Vec::len).max().unwrap_or(0).max(usize::from(decimals) + 2);
    Field { name: Vec::new(), kind, width: u8::try_from(width).unwrap_or(254), decimals, cells }
}

/// At most ten bytes; a name that is taken gets a number.
fn unique_name(name: &str, encoding: TextEncoding, taken: &[Field]) -> Vec<u8> {
    let encoded = encoding.encode(name).unwrap_or_else(|_| name.bytes().filter(u8::is_ascii).collect());
    let cut = |n: usize| {
        let mut end = encoded.len().min(n);
        // Never half of a UTF-8 letter.
        while encoding == TextEncoding::Utf8 && end > 0 && encoded.get(end).is_some_and(|b| b & 0xc0 == 0x80) {
            end -= 1;
        }
        encoded[..end].to_vec()
    };
    let free = |n: &Vec<u8>| taken.iter().all(|f| !f.name.eq_ignore_ascii_case(n));
    let numbered = (1..).map(|i: u32| {
        let suffix = format!("_{i}");
        [cut(10 - suffix.len().min(9)), suffix.into_bytes()].concat()
    });
    std::iter::once(cut(10)).chain(numbered.take(taken.len() + 1)).find(free).unwrap_or_else(|| cut(10))
}
