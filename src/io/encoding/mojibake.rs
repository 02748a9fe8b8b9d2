//! Legacy Vietnamese that some program took for Western text and passed on as Unicode: "Phó Quèc", "ThÃ nh phá»‘".

use std::collections::BTreeMap;

use super::preview::{Preview, preview};
use super::{TextEncoding, detect, score_of, windows};
use crate::model::table::TextColumn;

/// Cells from which the encoding is told, spread over the column.
const SAMPLES: usize = 2000;

/// A reading has to be this Vietnamese, and the text as it is has to be less than the other.
const CLEAR: f64 = 0.6;
const DOUBTFUL: f64 = 0.5;

/// Which encoding the bytes were in before a program took them for Windows-1252; `None` for text that is as it should be.
/// `cells` are those with letters beyond ASCII; the ones with letters beyond the Western are left aside.
pub(crate) fn origin(cells: &[&str], fixed: Option<TextEncoding>) -> Option<Preview> {
    let step = cells.len().div_ceil(SAMPLES).max(1);
    let bytes: Vec<Vec<u8>> = cells.iter().step_by(step).filter_map(|cell| as_bytes(cell)).collect();
    let samples: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    if samples.is_empty() {
        return None;
    }
    let encoding = if let Some(encoding) = fixed {
        encoding
    } else {
        let found = detect(&samples);
        let as_it_is = score_of(TextEncoding::Windows1252, &samples);
        Some(found.encoding).filter(|_| found.score > CLEAR && as_it_is < DOUBTFUL)?
    };
    (encoding != TextEncoding::Windows1252).then(|| preview(encoding, &samples))
}

/// Text that is taken as it came, beside what it would be if a program had taken it for Western before.
pub(crate) fn as_it_stands(cells: &[&str]) -> Preview {
    // Enough to be looked at: every column of every layer comes through here.
    let step = cells.len().div_ceil(SAMPLES / 10).max(1);
    let sample: Vec<&str> = cells.iter().copied().step_by(step).collect();
    let bytes: Vec<&[u8]> = sample.iter().map(|cell| cell.as_bytes()).collect();
    let mut found = preview(TextEncoding::Utf8, &bytes);
    let western: Vec<Vec<u8>> = sample.iter().filter_map(|cell| as_bytes(cell)).collect();
    let other = detect(&western.iter().map(Vec::as_slice).collect::<Vec<_>>());
    if other.encoding != TextEncoding::Utf8 {
        found.runner_up = (other.encoding, other.score);
        let both = |cell: &String| repaired(cell, other.encoding).unwrap_or_else(|| cell.clone());
        found.examples = found.examples.iter().map(|(cell, _)| (cell.clone(), both(cell))).collect();
    }
    found
}

/// Any bytes as Western text, one letter a byte, from which [`repair`] gets them back.
pub(crate) fn letter_by_letter(bytes: &[u8]) -> String {
    bytes.iter().map(|b| windows::cp1252(*b)).collect()
}

/// The column as it should have been read; cells that are right stay.
pub(crate) fn repair(column: &TextColumn, encoding: TextEncoding) -> TextColumn {
    let mut out = TextColumn::default();
    let (_, spans) = column.raw();
    // Values that repeat are kept once in both.
    let mut first_row: BTreeMap<[u32; 2], usize> = BTreeMap::new();
    for (row, span) in spans.iter().enumerate() {
        if let Some(earlier) = first_row.get(span) {
            out.push_again(*earlier);
            continue;
        }
        first_row.insert(*span, row);
        let cell = column.get(row);
        match cell.and_then(|cell| repaired(cell, encoding)) {
            Some(fixed) => out.push(Some(&fixed)),
            None => out.push(cell),
        }
    }
    out
}

/// `None` for a cell that is right, or cannot have been in this encoding.
pub(crate) fn repaired(cell: &str, encoding: TextEncoding) -> Option<String> {
    let bytes = as_bytes(cell)?;
    if encoding == TextEncoding::Utf8 && std::str::from_utf8(&bytes).is_err() {
        return None;
    }
    Some(encoding.decode(&bytes))
}

/// The bytes of a cell with letters beyond ASCII, all of them Western.
fn as_bytes(cell: &str) -> Option<Vec<u8>> {
    if cell.is_ascii() { None } else { cell.chars().map(windows::western_byte_of).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["Thị trấn Dương Đông", "Xã Cửa Cạn", "Đất ở tại đô thị", "Nguyễn Trung Trực"];

    fn taken_for_western(encoding: TextEncoding) -> Vec<String> {
        NAMES.iter().map(|n| TextEncoding::Windows1252.decode(&encoding.encode(n).unwrap())).collect()
    }

    #[test]
    fn every_encoding_comes_back_from_western_letters() {
        for encoding in TextEncoding::ALL.into_iter().filter(|e| *e != TextEncoding::Windows1252) {
            let wrong = taken_for_western(encoding);
            let found = origin(&wrong.iter().map(String::as_str).collect::<Vec<_>>(), None).unwrap();
            assert_eq!(found.encoding, encoding);
            for (cell, name) in wrong.iter().zip(NAMES) {
                assert_eq!(repaired(cell, encoding).unwrap().to_lowercase(), name.to_lowercase());
            }
        }
    }

    #[test]
    fn what_seems_right_is_shown_beside_what_it_might_be() {
        // Too little to be sure of: one word that is Vietnamese as it stands.
        let shown = as_it_stands(&["Phó"]);
        assert_eq!((shown.encoding, shown.examples[0].0.as_str()), (TextEncoding::Utf8, "Phó"));
        assert_eq!(as_it_stands(&["Phú Quốc"]).examples[0].0, "Phú Quốc");
    }

    #[test]
    fn what_is_right_stays() {
        assert!(origin(&NAMES, None).is_none());
        assert!(origin(&["Résidence François", "Müllerstraße"], None).is_none());
        assert!(origin(&["Phú", "Hà Tiên", "Cà Mau"], None).is_none());
        assert_eq!(repaired("Xã Cửa Cạn", TextEncoding::Tcvn3), None);
    }
}
