//! Microsoft's code pages 1252 (Western) and 1258 (Vietnamese, with combining tone marks).

/// Code page 1252 from 0x80 to 0x9f; the rest is Latin-1. `\0` is undefined.
const CP1252_HIGH: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•',
    '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
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

pub(super) fn cp1252(byte: u8) -> Option<char> {
    let c = match byte {
        0x80..=0x9f => CP1252_HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    };
    (c != '\0' || byte == 0).then_some(c)
}

pub(super) fn cp1258(byte: u8) -> Option<char> {
    let c = match CP1258_CHANGES.iter().find(|(b, _)| *b == byte) {
        Some((_, c)) => *c,
        None if byte == 0xfe => '₫',
        None => return cp1252(byte),
    };
    (c != '\0').then_some(c)
}

/// The byte of a letter in a code page given by its decoder.
pub(super) fn byte_of(c: char, decode: fn(u8) -> Option<char>) -> Option<u8> {
    u8::try_from(c).ok().filter(|b| decode(*b) == Some(c)).or_else(|| (0x80..=0xff).find(|b| decode(*b) == Some(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defined_byte_comes_back() {
        for decode in [cp1252, cp1258] {
            for byte in 0..=0xff {
                if let Some(c) = decode(byte) {
                    assert_eq!(byte_of(c, decode), Some(byte), "{c}");
                }
            }
        }
    }
}
