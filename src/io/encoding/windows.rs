//! Microsoft's code pages 1252 (Western) and 1258 (Vietnamese, with combining tone marks).

/// Code page 1252 from 0x80 to 0x9f; the rest is Latin-1. Five places without a letter are control characters, as
/// browsers read them (WHATWG Encoding Standard): so any bytes taken for 1252 can be had back.
const CP1252_HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Where code page 1258 differs from 1252.
const CP1258_CHANGES: [(u8, char); 17] = [
    (0x8a, '\0'),
    (0x8e, '\0'),
    (0x9a, '\0'),
    (0x9e, '\0'),
    (0xc3, 'Ă'),
    (0xcc, '\u{300}'),
    (0xd0, 'Đ'),
    (0xd2, '\u{309}'),
    (0xd5, 'Ơ'),
    (0xdd, 'Ư'),
    (0xde, '\u{303}'),
    (0xe3, 'ă'),
    (0xec, '\u{301}'),
    (0xf0, 'đ'),
    (0xf2, '\u{323}'),
    (0xf5, 'ơ'),
    (0xfd, 'ư'),
];

pub(super) fn cp1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => CP1252_HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

pub(super) fn cp1258(byte: u8) -> Option<char> {
    let c = match CP1258_CHANGES.iter().find(|(b, _)| *b == byte) {
        Some((_, c)) => *c,
        None if byte == 0xfe => '₫',
        None => cp1252(byte),
    };
    (c != '\0').then_some(c)
}

/// The byte of a letter in a code page given by its decoder.
pub(super) fn byte_of(c: char, decode: fn(u8) -> Option<char>) -> Option<u8> {
    u8::try_from(c).ok().filter(|b| decode(*b) == Some(c)).or_else(|| (0x80..=0xff).find(|b| decode(*b) == Some(c)))
}

/// The same for code page 1252.
pub(super) fn western_byte_of(c: char) -> Option<u8> {
    byte_of(c, |byte| Some(cp1252(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defined_byte_comes_back() {
        for byte in 0..=0xff {
            assert_eq!(western_byte_of(cp1252(byte)), Some(byte));
            if let Some(c) = cp1258(byte) {
                assert_eq!(byte_of(c, cp1258), Some(byte), "{c}");
            }
        }
    }
}
