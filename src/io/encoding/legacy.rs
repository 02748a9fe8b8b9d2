//! The one- and two-byte encodings of the font era, from `assets/encodings/vn-legacy.csv` (checked against two
//! independent tables).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::windows;

pub(super) struct Table {
    encode: BTreeMap<char, Vec<u8>>,
    /// By one byte and by two; zero where there is none.
    one: [char; 256],
    two: BTreeMap<[u8; 2], char>,
}

pub(super) struct Tables {
    pub(super) tcvn3: Table,
    pub(super) vni: Table,
    pub(super) viscii: Table,
}

pub(super) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let csv = include_str!("../../../assets/encodings/vn-legacy.csv");
        let mut tables = Tables { tcvn3: Table::new(), vni: Table::new(), viscii: Table::new() };
        for line in csv.lines().skip(1) {
            let mut fields = line.split(',');
            let Some(letter) = fields.next().and_then(|f| f.chars().next()) else { continue };
            let codes = fields.skip(1).filter_map(hex);
            for (table, code) in [&mut tables.tcvn3, &mut tables.vni, &mut tables.viscii].into_iter().zip(codes) {
                table.insert(letter, code);
            }
        }
        tables
    })
}

fn hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

impl Table {
    fn new() -> Self {
        Self { encode: BTreeMap::new(), one: ['\0'; 256], two: BTreeMap::new() }
    }

    /// Capitals stand before their small letters in the file, so a byte shared by both decodes to the small one.
    fn insert(&mut self, letter: char, code: Vec<u8>) {
        match code[..] {
            [byte] => self.one[usize::from(byte)] = letter,
            [first, second] => {
                self.two.insert([first, second], letter);
            }
            _ => {}
        }
        self.encode.insert(letter, code);
    }

    /// Bytes beside the table are punctuation of code page 1252, in which these fonts were typed.
    pub(super) fn decode(&self, bytes: &[u8], out: &mut String) {
        let mut rest = bytes;
        while let [first, tail @ ..] = rest {
            if let Some(letter) = tail.first().and_then(|second| self.two.get(&[*first, *second])) {
                out.push(*letter);
                rest = &tail[1..];
                continue;
            }
            let letter = self.one[usize::from(*first)];
            out.push(if letter == '\0' { windows::cp1252(*first) } else { letter });
            rest = tail;
        }
    }

    pub(super) fn encode(&self, c: char, out: &mut Vec<u8>) -> bool {
        if let Some(code) = self.encode.get(&c) {
            out.extend_from_slice(code);
            return true;
        }
        match windows::western_byte_of(c).filter(|b| self.one[usize::from(*b)] == '\0') {
            Some(byte) => out.push(byte),
            None => return false,
        }
        true
    }

    #[cfg(test)]
    pub(super) fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.encode.keys().copied()
    }
}
