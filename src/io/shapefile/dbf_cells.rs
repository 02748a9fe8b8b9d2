//! The cells of a dBASE table, gathered row after row: a million rows of thirty columns are half a gigabyte, which is
//! walked once, in its own order, by all cores. Walking it a column at a time took three times as long.

use rayon::prelude::*;

use super::dbf_fields::FieldSpec;

/// Rows on one thread at a time; the code of a text in a chunk fits into two bytes.
pub(super) const ROWS: usize = 8192;

/// One chunk's cells of one column.
pub(super) enum Cells<'a> {
    Texts(Distinct<'a>),
    Integers(Vec<Option<i64>>),
    /// NaN where there is no number.
    Reals(Vec<f64>),
}

pub(super) struct CellsOfColumn<'a> {
    pub(super) cells: Cells<'a>,
    /// The first row of the chunk that holds no number in a field of numbers.
    pub(super) no_number: Option<usize>,
}

/// What each row of a chunk says, each text once.
pub(super) struct Distinct<'a> {
    /// As they stand in the file, with their blanks. One may be there twice.
    pub(super) cells: Vec<&'a [u8]>,
    /// Each row's place in `cells`.
    pub(super) codes: Vec<u16>,
    /// Place in `cells`, counted from one, of the text last seen with a hash.
    slots: Vec<u16>,
}

pub(super) struct Chunk<'a> {
    pub(super) columns: Vec<CellsOfColumn<'a>>,
    /// Rows of the chunk that are marked as deleted.
    pub(super) deleted: Vec<usize>,
    /// The first whose mark is neither set nor unset.
    pub(super) odd_mark: Option<usize>,
}

/// `rows` are whole records of `length` bytes one after another.
pub(super) fn gather<'a>(specs: &[FieldSpec], rows: &'a [u8], length: usize) -> Vec<Chunk<'a>> {
    rows.par_chunks(ROWS * length).map(|rows| gather_chunk(specs, rows, length)).collect()
}

fn gather_chunk<'a>(specs: &[FieldSpec], rows: &'a [u8], length: usize) -> Chunk<'a> {
    let count = rows.len() / length;
    let columns = specs.iter().map(|spec| CellsOfColumn { cells: Cells::new(spec, count), no_number: None }).collect();
    let mut chunk = Chunk { columns, deleted: Vec::new(), odd_mark: None };
    for (row, record) in rows.chunks_exact(length).enumerate() {
        match record[0] {
            b' ' => {}
            b'*' => chunk.deleted.push(row),
            _ => chunk.odd_mark = chunk.odd_mark.or(Some(row)),
        }
        for (spec, column) in specs.iter().zip(&mut chunk.columns) {
            let cell = record.get(spec.start..spec.start + spec.width).unwrap_or_default();
            if !column.cells.push(spec, cell) && column.no_number.is_none() {
                column.no_number = Some(row);
            }
        }
    }
    chunk
}

impl<'a> Cells<'a> {
    fn new(spec: &FieldSpec, rows: usize) -> Self {
        match spec.kind {
            b'N' if spec.decimals == 0 => Self::Integers(Vec::with_capacity(rows)),
            b'N' | b'F' | b'O' => Self::Reals(Vec::with_capacity(rows)),
            b'I' | b'+' | b'L' => Self::Integers(Vec::with_capacity(rows)),
            _ => Self::Texts(Distinct { cells: Vec::new(), codes: Vec::with_capacity(rows), slots: vec![0; SLOTS] }),
        }
    }

    /// Whether the cell is what the field says.
    fn push(&mut self, spec: &FieldSpec, cell: &'a [u8]) -> bool {
        match self {
            Self::Texts(texts) => {
                texts.push(cell);
                true
            }
            Self::Integers(values) => {
                let value = match spec.kind {
                    b'N' => {
                        let digits = number_in(cell);
                        if digits.is_empty() || digits.starts_with('*') {
                            values.push(None);
                            return digits.is_empty() || !is_no_number(cell);
                        }
                        let Ok(whole) = digits.parse() else {
                            // One with a fraction makes all of them numbers with fractions.
                            let mut reals = reals_of(values);
                            let fits = push_real(&mut reals, cell);
                            *self = Self::Reals(reals);
                            return fits;
                        };
                        Some(whole)
                    }
                    b'L' => match cell.first() {
                        Some(b'T' | b't' | b'Y' | b'y') => Some(1),
                        Some(b'F' | b'f' | b'N' | b'n') => Some(0),
                        _ => None,
                    },
                    _ => cell.try_into().ok().map(|b| i64::from(i32::from_le_bytes(b))),
                };
                values.push(value);
                true
            }
            Self::Reals(values) if spec.kind == b'O' => {
                values.push(cell.try_into().map_or(f64::NAN, f64::from_le_bytes));
                true
            }
            Self::Reals(values) => push_real(values, cell),
        }
    }
}

/// Places of a hash; a clash only means that a text stands twice among the distinct.
const SLOTS: usize = 1 << 12;

impl<'a> Distinct<'a> {
    fn push(&mut self, cell: &'a [u8]) {
        let slot = hash(cell) as usize % SLOTS;
        let known = usize::from(self.slots[slot]);
        if known > 0 && self.cells[known - 1] == cell {
            self.codes.push(self.slots[slot] - 1);
            return;
        }
        let code = self.cells.len() as u16;
        self.cells.push(cell);
        self.codes.push(code);
        self.slots[slot] = code + 1;
    }
}

/// Eight bytes at a time, folded so that the low bits know of all.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let step = |h: u64, word: u64| (h.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, rest) = bytes.as_chunks::<8>();
    let last = rest.iter().fold(bytes.len() as u64, |w, b| (w << 8) | u64::from(*b));
    let h = words.iter().fold(step(0, last), |h, word| step(h, u64::from_le_bytes(*word)));
    h ^ (h >> 32)
}

/// Integers that turned out to be among numbers with fractions.
pub(super) fn reals_of(whole: &[Option<i64>]) -> Vec<f64> {
    whole.iter().map(|v| v.map_or(f64::NAN, |v| v as f64)).collect()
}

fn push_real(values: &mut Vec<f64>, cell: &[u8]) -> bool {
    let text = number_in(cell);
    let number = if text.contains(',') { text.replace(',', ".").parse() } else { text.parse() };
    values.push(*number.as_ref().unwrap_or(&f64::NAN));
    number.is_ok_and(f64::is_finite) || !is_no_number(cell)
}

/// Without the blanks around it.
fn number_in(cell: &[u8]) -> &str {
    let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
    let from = cell.iter().position(|b| !blank(b)).unwrap_or(cell.len());
    let to = cell.iter().rposition(|b| !blank(b)).map_or(from, |i| i + 1);
    std::str::from_utf8(&cell[from..to]).unwrap_or_default()
}

/// Stars are what programs write when a number does not fit.
fn is_no_number(cell: &[u8]) -> bool {
    let known = |b: &u8| {
        b.is_ascii_digit() || b.is_ascii_whitespace() || matches!(b, 0 | b'+' | b'-' | b'.' | b',' | b'e' | b'E')
    };
    !cell.iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(kind: u8, width: usize) -> FieldSpec {
        FieldSpec { name: b"F".to_vec(), kind, start: 1, width, decimals: 0 }
    }

    fn rows_of(cells: &[&str]) -> Vec<u8> {
        cells.iter().flat_map(|cell| format!(" {cell:>4}").into_bytes()).collect()
    }

    #[test]
    fn a_fraction_late_in_a_chunk_makes_all_its_numbers_real() {
        let rows = rows_of(&["7", "", "****", "4.5", "1,5"]);
        let chunks = gather(&[spec(b'N', 4)], &rows, 5);
        let Cells::Reals(values) = &chunks[0].columns[0].cells else { panic!("reals") };
        assert_eq!((values[0], values[3], values[4]), (7.0, 4.5, 1.5));
        assert!(values[1].is_nan() && values[2].is_nan());
        assert_eq!(chunks[0].columns[0].no_number, Some(2));
    }

    #[test]
    fn a_text_that_repeats_is_kept_once_and_marks_are_told() {
        let mut rows = rows_of(&["ODT", "ONT", "ODT", "ODT"]);
        rows[5] = b'*';
        rows[15] = b'?';
        let chunks = gather(&[spec(b'C', 4)], &rows, 5);
        let Cells::Texts(texts) = &chunks[0].columns[0].cells else { panic!("texts") };
        assert_eq!((texts.cells.as_slice(), texts.codes.as_slice()), (&[&b" ODT"[..], b" ONT"][..], &[0, 1, 0, 0][..]));
        assert_eq!((chunks[0].deleted.as_slice(), chunks[0].odd_mark), (&[1][..], Some(3)));
    }

    #[test]
    fn more_texts_than_places_all_come_back() {
        let cells: Vec<String> = (0..ROWS).map(|i| format!("{i:>4}")).collect();
        let rows: Vec<u8> = cells.iter().flat_map(|c| format!(" {c}").into_bytes()).collect();
        let chunks = gather(&[spec(b'C', 4)], &rows, 5);
        let Cells::Texts(texts) = &chunks[0].columns[0].cells else { panic!("texts") };
        assert!(texts.codes.iter().zip(&cells).all(|(code, cell)| texts.cells[usize::from(*code)] == cell.as_bytes()));
    }
}
