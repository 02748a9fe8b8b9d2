//! Vietnamese letters taken apart into a plain letter, a shape (â, ă, ơ, đ) and a tone, and put together again.

use std::borrow::Cow;

/// The vowels, each with its six tones in the order of [`TONE_MARKS`].
const VOWELS: [[char; 6]; 12] = [
    ['a', 'à', 'ả', 'ã', 'á', 'ạ'],
    ['ă', 'ằ', 'ẳ', 'ẵ', 'ắ', 'ặ'],
    ['â', 'ầ', 'ẩ', 'ẫ', 'ấ', 'ậ'],
    ['e', 'è', 'ẻ', 'ẽ', 'é', 'ẹ'],
    ['ê', 'ề', 'ể', 'ễ', 'ế', 'ệ'],
    ['i', 'ì', 'ỉ', 'ĩ', 'í', 'ị'],
    ['o', 'ò', 'ỏ', 'õ', 'ó', 'ọ'],
    ['ô', 'ồ', 'ổ', 'ỗ', 'ố', 'ộ'],
    ['ơ', 'ờ', 'ở', 'ỡ', 'ớ', 'ợ'],
    ['u', 'ù', 'ủ', 'ũ', 'ú', 'ụ'],
    ['ư', 'ừ', 'ử', 'ữ', 'ứ', 'ự'],
    ['y', 'ỳ', 'ỷ', 'ỹ', 'ý', 'ỵ'],
];

/// Combining marks of the tones; the first tone has none.
const TONE_MARKS: [char; 6] = ['\0', '\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// Plain letter, combining mark, shaped letter.
const SHAPES: [(char, char, char); 6] = [
    ('a', '\u{306}', 'ă'),
    ('a', '\u{302}', 'â'),
    ('e', '\u{302}', 'ê'),
    ('o', '\u{302}', 'ô'),
    ('o', '\u{31b}', 'ơ'),
    ('u', '\u{31b}', 'ư'),
];

/// The tones that close syllables may carry, and no tone at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Level,
    Falling,
    Dipping,
    Broken,
    Rising,
    Heavy,
}

const TONES: [Tone; 6] = [Tone::Level, Tone::Falling, Tone::Dipping, Tone::Broken, Tone::Rising, Tone::Heavy];

/// A lower-case letter without its tone, and the tone: `ệ` is (`ê`, Heavy). Other letters pass with [`Tone::Level`].
#[must_use]
pub fn split_tone(letter: char) -> (char, Tone) {
    find(letter).map_or((letter, Tone::Level), |(row, tone)| (VOWELS[row][0], TONES[tone]))
}

/// A letter as the legacy Windows code page spells it: the letter without its tone, and the combining tone mark.
#[must_use]
pub fn split_mark(letter: char) -> Option<(char, char)> {
    let lower = lower_of(letter);
    let (row, tone) = find(lower).filter(|(_, tone)| *tone > 0)?;
    Some((like_case(VOWELS[row][0], letter != lower), TONE_MARKS[tone]))
}

/// Vietnamese letters in one piece (the composed form, NFC), whatever the order of their marks.
#[must_use]
pub fn compose(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_mark) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match out.chars().next_back().filter(|_| is_mark(c)).and_then(|last| Some((last, add_mark(last, c)?))) {
            Some((last, joined)) => {
                out.truncate(out.len() - last.len_utf8());
                out.push(joined);
            }
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{302}' | '\u{303}' | '\u{306}' | '\u{309}' | '\u{31b}' | '\u{323}')
}

fn add_mark(letter: char, mark: char) -> Option<char> {
    let lower = lower_of(letter);
    let (row, tone) = find(lower)?;
    let joined = if let Some(new_tone) = TONE_MARKS.iter().position(|m| *m == mark) {
        (tone == 0).then(|| VOWELS[row][new_tone])
    } else {
        let (.., shaped) = SHAPES.iter().find(|(plain, m, _)| *plain == VOWELS[row][0] && *m == mark)?;
        find(*shaped).map(|(row, _)| VOWELS[row][tone])
    }?;
    Some(like_case(joined, letter != lower))
}

/// Row and tone in [`VOWELS`].
fn find(lower: char) -> Option<(usize, usize)> {
    VOWELS.iter().enumerate().find_map(|(row, tones)| Some((row, tones.iter().position(|c| *c == lower)?)))
}

fn lower_of(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn like_case(c: char, upper: bool) -> char {
    if upper { c.to_uppercase().next().unwrap_or(c) } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_join_in_any_order() {
        assert_eq!(compose("Vie\u{302}\u{323}t"), "Việt");
        assert_eq!(compose("Vie\u{323}\u{302}t"), "Việt");
        assert_eq!(compose("U\u{31b}\u{301}"), "Ứ");
        assert_eq!(compose("n\u{303}"), "n\u{303}");
        assert!(matches!(compose("Phú Quốc"), Cow::Borrowed(_)));
    }

    #[test]
    fn tones_come_off() {
        assert_eq!(split_tone('ệ'), ('ê', Tone::Heavy));
        assert_eq!(split_tone('đ'), ('đ', Tone::Level));
        assert_eq!(split_mark('Ế'), Some(('Ê', '\u{301}')));
        assert_eq!(split_mark('Ê'), None);
    }
}
