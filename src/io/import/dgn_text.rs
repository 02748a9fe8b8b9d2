//! The bytes of the texts in a MicroStation drawing (Intergraph Standard File Formats, 1987: DGN version 7). Cadastral
//! drawings are written in the fonts of TCVN3 and VNI; GDAL hands such texts over as if they were UTF-8, and what they
//! said is lost. So the bytes are taken from the file, by the number of their element, which is GDAL's feature id.

use std::collections::BTreeMap;

use crate::io::encoding::mojibake;
use crate::model::table::TextColumn;

const TEXT: u8 = 17;
const SETTINGS: u8 = 9;
/// In the settings: whether elements have heights.
const DIMENSIONS: usize = 1214;
/// What a writer puts in place of the length where each letter takes two bytes; GDAL reads those right.
const WIDE: [u8; 2] = [0xff, 0xfd];

/// Texts that are not UTF-8, by the number of their element.
pub(crate) fn texts(dgn: &[u8]) -> BTreeMap<u64, &[u8]> {
    let mut found = BTreeMap::new();
    let mut solid = false;
    let mut rest = dgn;
    let mut number = 0;
    while let [_, kind, low, high, ..] = *rest {
        let length = 4 + 2 * usize::from(u16::from_le_bytes([low, high]));
        let Some(element) = rest.get(..length) else { break };
        // The mark of the end.
        if element.starts_with(&[0xff, 0xff]) {
            break;
        }
        match kind & 0x7f {
            SETTINGS => solid = element.get(DIMENSIONS).is_some_and(|b| b & 0x40 != 0),
            TEXT => {
                if let Some(text) = text_of(element, solid).filter(|text| std::str::from_utf8(text).is_err()) {
                    found.insert(number, text);
                }
            }
            _ => {}
        }
        number += 1;
        rest = &rest[length..];
    }
    found
}

fn text_of(element: &[u8], solid: bool) -> Option<&[u8]> {
    let at = if solid { 74 } else { 58 };
    let text = element.get(at + 2..)?;
    if text.starts_with(&WIDE) {
        return None;
    }
    let text = text.get(..usize::from(*element.get(at)?))?;
    text.split(|b| *b == 0).next()
}

/// Puts the bytes in, one Western letter each; which encoding they were in is told afterwards, as of any column.
pub(super) fn restore(column: &mut TextColumn, features: &[u64], dgn: &[u8]) {
    let texts = texts(dgn);
    for (row, feature) in features.iter().enumerate() {
        if let Some(bytes) = texts.get(feature) {
            column.set(row, Some(&mojibake::letter_by_letter(bytes)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(kind: u8, body: &[u8]) -> Vec<u8> {
        let words = (body.len().div_ceil(2)) as u16;
        let mut bytes = vec![0, kind];
        bytes.extend(words.to_le_bytes());
        bytes.extend(body);
        bytes.resize(4 + 2 * usize::from(words), 0);
        bytes
    }

    fn text(at: usize, text: &[u8]) -> Vec<u8> {
        let mut body = vec![0; at - 4];
        body.extend([text.len() as u8, 0]);
        body.extend(text);
        element(TEXT, &body)
    }

    #[test]
    fn texts_are_found_by_element_in_flat_and_solid_drawings() {
        let mut settings = vec![0; 1532];
        let flat = [element(SETTINGS, &settings), text(58, b"ODT"), text(58, b"Th\xf6a 12"), vec![0xff, 0xff]].concat();
        assert_eq!(texts(&flat), BTreeMap::from([(2, &b"Th\xf6a 12"[..])]));
        settings[DIMENSIONS - 4] = 0x40;
        let solid = [element(SETTINGS, &settings), element(4, &[0; 8]), text(74, b"\xa7\xabng")].concat();
        assert_eq!(texts(&solid), BTreeMap::from([(2, &b"\xa7\xabng"[..])]));
        for end in 0..flat.len() {
            assert!(texts(&flat[..end]).len() <= 1);
        }
    }
}
