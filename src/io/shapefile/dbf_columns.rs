//! Chunks of cells into whole columns: numbers one after another, texts decoded once each, after all of a column was
//! seen (whether it is TCVN3 is a question of the column and not of a cell).

use rayon::prelude::*;

use super::dbf_cells::{Cells, CellsOfColumn, Chunk, Distinct, ROWS, hash, reals_of};
use super::dbf_fields::FieldSpec;
use super::dbf_read::EncodingHint;
use crate::io::encoding::preview::{Preview, preview};
use crate::io::encoding::{TextEncoding, detect, mojibake, score_of};
use crate::model::table::{Column, Kept, TextColumn};

pub(super) struct ReadColumn {
    pub(super) column: Column,
    pub(super) preview: Option<Preview>,
    /// The first row whose cell is not what the field says.
    pub(super) first_bad: Option<usize>,
}

/// One column a field. `hints` are as many.
pub(super) fn columns(specs: &[FieldSpec], hints: &[EncodingHint], chunks: Vec<Chunk<'_>>) -> Vec<ReadColumn> {
    let mut by_column: Vec<Vec<CellsOfColumn<'_>>> = specs.iter().map(|_| Vec::with_capacity(chunks.len())).collect();
    for chunk in chunks {
        for (column, cells) in by_column.iter_mut().zip(chunk.columns) {
            column.push(cells);
        }
    }
    specs.par_iter().zip(hints).zip(by_column).map(|((spec, hint), parts)| column(spec, *hint, parts)).collect()
}

fn column(spec: &FieldSpec, hint: EncodingHint, parts: Vec<CellsOfColumn<'_>>) -> ReadColumn {
    let no_number = parts.iter().enumerate().find_map(|(i, part)| part.no_number.map(|row| i * ROWS + row));
    let mut texts = Vec::new();
    let mut numbers = Vec::new();
    for part in parts {
        match part.cells {
            Cells::Texts(distinct) => texts.push(distinct),
            other => numbers.push(other),
        }
    }
    if !numbers.is_empty() {
        return ReadColumn { column: number_column(numbers), preview: None, first_bad: no_number };
    }
    match spec.kind {
        // A table without rows: numbers without decimals are whole.
        b'F' | b'O' => ReadColumn { column: Column::Real(Vec::new()), preview: None, first_bad: None },
        b'N' if spec.decimals > 0 => ReadColumn { column: Column::Real(Vec::new()), preview: None, first_bad: None },
        b'N' | b'I' | b'+' | b'L' => ReadColumn { column: Column::Integer(Vec::new()), preview: None, first_bad: None },
        b'D' => date_column(&texts),
        _ => {
            let (column, preview) = text_column(&texts, hint);
            let first_bad = first_garbled(&column);
            ReadColumn { column: Column::Text(column), preview, first_bad }
        }
    }
}

/// Whole numbers where every chunk's are.
fn number_column(parts: Vec<Cells<'_>>) -> Column {
    if parts.iter().all(|part| matches!(part, Cells::Integers(_))) {
        let whole = parts.into_iter().flat_map(|part| if let Cells::Integers(v) = part { v } else { Vec::new() });
        return Column::Integer(whole.collect());
    }
    let real = parts.into_iter().flat_map(|part| match part {
        Cells::Integers(whole) => reals_of(&whole),
        Cells::Reals(values) => values,
        Cells::Texts(_) => Vec::new(),
    });
    Column::Real(real.collect())
}

/// The row of the first cell for which this holds.
fn first_row(parts: &[Distinct<'_>], is_bad: impl Fn(&[u8]) -> bool) -> Option<usize> {
    parts.iter().enumerate().find_map(|(i, part)| {
        let bad: Vec<bool> = part.cells.iter().map(|cell| is_bad(cell)).collect();
        let row = part.codes.iter().position(|code| bad.get(usize::from(*code)) == Some(&true))?;
        Some(i * ROWS + row)
    })
}

fn date_column(parts: &[Distinct<'_>]) -> ReadColumn {
    let column = join(parts, |cell, column| match std::str::from_utf8(cell).map(str::trim) {
        Ok(date) if date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()) && date != "00000000" => {
            column.keep(Some(&format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])))
        }
        _ => column.keep(None),
    });
    ReadColumn { column: Column::Text(column), preview: None, first_bad: first_row(parts, is_no_date) }
}

/// Blanks, zeros and stars stand for no date.
fn is_no_date(cell: &[u8]) -> bool {
    let blank = cell.iter().all(|b| matches!(b, 0 | b' ' | b'0' | b'*' | b'/' | b'-'));
    let digits = cell.len() == 8 && cell.iter().all(u8::is_ascii_digit);
    let two = |at: usize| 10 * u32::from(cell[at] - b'0') + u32::from(cell[at + 1] - b'0');
    let date = digits && (1..=12).contains(&two(4)) && (1..=31).contains(&two(6));
    !blank && !date
}

/// Cells from which the encoding is told, spread over the table.
const SAMPLES: usize = 2000;

fn trimmed(cell: &[u8]) -> &[u8] {
    let end = cell.iter().rposition(|b| *b != b' ' && *b != 0).map_or(0, |i| i + 1);
    &cell[..end]
}

fn text_column(parts: &[Distinct<'_>], hint: EncodingHint) -> (TextColumn, Option<Preview>) {
    let cells = parts.iter().flat_map(|part| &part.cells).map(|cell| trimmed(cell));
    let accented: Vec<&[u8]> = cells.filter(|cell| !cell.is_ascii()).collect();
    let sample: Vec<&[u8]> = accented.iter().copied().step_by(accented.len().div_ceil(SAMPLES).max(1)).collect();
    let encoding = match hint {
        EncodingHint::Fixed(encoding) => encoding,
        _ if accented.is_empty() => TextEncoding::Utf8,
        // The code page that a Windows program writes by itself says nothing about the fonts that were used.
        EncodingHint::Declared(TextEncoding::Windows1252) | EncodingHint::Unknown => detect(&sample).encoding,
        EncodingHint::Declared(TextEncoding::Utf8) if accented.iter().any(|c| std::str::from_utf8(c).is_err()) => {
            detect(&sample).encoding
        }
        EncodingHint::Declared(encoding) => encoding,
    };
    if let Some(found) = passed_on_as_unicode(&accented, &sample, hint, encoding) {
        return (mojibake::repair(&decoded(parts, TextEncoding::Utf8), found.encoding), Some(found));
    }
    let preview = (!accented.is_empty()).then(|| preview(encoding, &sample));
    (decoded(parts, encoding), preview)
}

/// Legacy text that some program took for Western and wrote as UTF-8. Where somebody chose the encoding, that is what it was
/// before; UTF-8 then means that it is right as it stands.
fn passed_on_as_unicode(
    accented: &[&[u8]],
    sample: &[&[u8]],
    hint: EncodingHint,
    encoding: TextEncoding,
) -> Option<Preview> {
    let fixed = if let EncodingHint::Fixed(chosen) = hint { Some(chosen) } else { None };
    let may_be = match fixed {
        Some(chosen) => chosen != TextEncoding::Utf8 && accented.iter().all(|cell| std::str::from_utf8(cell).is_ok()),
        None => encoding == TextEncoding::Utf8,
    };
    if !may_be || accented.is_empty() {
        return None;
    }
    let cells: Vec<&str> = sample.iter().filter_map(|cell| std::str::from_utf8(cell).ok()).collect();
    let found = mojibake::origin(&cells, fixed)?;
    // Bytes of a chosen encoding can be UTF-8 by accident: the better reading of the two.
    (fixed.is_none() || found.score > score_of(encoding, sample)).then_some(found)
}

fn decoded(parts: &[Distinct<'_>], encoding: TextEncoding) -> TextColumn {
    join(parts, |cell, column| match std::str::from_utf8(cell) {
        Ok("") => column.keep(None),
        Ok(ascii) if cell.is_ascii() && encoding != TextEncoding::Viscii => column.keep(Some(ascii)),
        _ => column.keep(Some(&encoding.decode(cell))),
    })
}

/// Codes, villages and streets repeat from chunk to chunk: what a hash last stood for. A clash costs another decoding.
const PLACES: usize = 1 << 12;

/// `keep` turns a cell without its blanks into a value of the column.
fn join(parts: &[Distinct<'_>], keep: impl Fn(&[u8], &mut TextColumn) -> Kept) -> TextColumn {
    let mut column = TextColumn::default();
    column.reserve(parts.iter().map(|part| part.codes.len()).sum());
    let mut recent: Vec<Option<(&[u8], Kept)>> = vec![None; PLACES];
    for part in parts {
        let mut kept = Vec::with_capacity(part.cells.len());
        for cell in part.cells.iter().map(|cell| trimmed(cell)) {
            let place = hash(cell) as usize % PLACES;
            let value = match recent[place] {
                Some((known, value)) if known == cell => value,
                _ => keep(cell, &mut column),
            };
            recent[place] = Some((cell, value));
            kept.push(value);
        }
        column.extend_kept(part.codes.iter().filter_map(|code| kept.get(usize::from(*code)).copied()));
    }
    column
}

/// The first row with a byte that is no letter in the column's encoding.
fn first_garbled(text: &TextColumn) -> Option<usize> {
    let (letters, spans) = text.raw();
    let garbled = |c: char| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    let at = u32::try_from(letters.find(garbled)?).ok()?;
    spans.iter().position(|[start, end]| (*start..*end).contains(&at))
}
