//! Which encoding a column of bytes is in: the one whose reading is most Vietnamese.

use super::TextEncoding;
use super::syllable::is_syllable;

/// What [`detect`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    pub encoding: TextEncoding,
    /// Share of the accented words that are Vietnamese syllables, -1 to 1; 1 when there is nothing but ASCII.
    pub score: f64,
    pub runner_up: (TextEncoding, f64),
}

/// Words that are looked at; more do not change the answer.
const ENOUGH_WORDS: usize = 4000;

/// Judges by the words that hold a byte outside ASCII. Text that is ASCII throughout is UTF-8.
#[must_use]
pub fn detect(samples: &[&[u8]]) -> Detection {
    let words = Words::of(samples);
    let mut scores: Vec<(TextEncoding, f64)> =
        TextEncoding::ALL.into_iter().map(|encoding| (encoding, score(encoding, &words))).collect();
    // A stable sort: on equal scores the order of `ALL` decides.
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    match scores[..] {
        [(encoding, score), runner_up, ..] => Detection { encoding, score, runner_up },
        _ => Detection { encoding: TextEncoding::Utf8, score: 1.0, runner_up: (TextEncoding::Utf8, 0.0) },
    }
}

/// How Vietnamese the samples are in one encoding, on the scale of [`Detection::score`].
#[must_use]
pub fn score_of(encoding: TextEncoding, samples: &[&[u8]]) -> f64 {
    score(encoding, &Words::of(samples))
}

/// The words that hold a byte outside ASCII, each with how often it is there.
struct Words<'a> {
    distinct: Vec<(&'a [u8], usize)>,
    total: usize,
}

impl<'a> Words<'a> {
    fn of(samples: &[&'a [u8]]) -> Self {
        let mut words: Vec<&[u8]> = samples
            .iter()
            .flat_map(|sample| sample.split(|b| b.is_ascii_whitespace() || b.is_ascii_punctuation()))
            .filter(|word| !word.is_ascii())
            .take(ENOUGH_WORDS)
            .collect();
        words.sort_unstable();
        let distinct = words.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect();
        Self { distinct, total: words.len() }
    }
}

fn score(encoding: TextEncoding, words: &Words<'_>) -> f64 {
    if words.total == 0 {
        return if encoding == TextEncoding::Utf8 { 1.0 } else { 0.0 };
    }
    // Whole numbers far below 2^53: exact in whatever order.
    let points: f64 =
        words.distinct.iter().map(|(word, times)| *times as f64 * word_score(encoding, word) as f64).sum();
    points / (2.0 * words.total as f64)
}

/// Two points for a syllable, one for some other word in valid UTF-8 (which is never an accident), minus two for
/// what cannot be text. A word that is no syllable speaks against the Vietnamese encodings, not against the Western.
fn word_score(encoding: TextEncoding, word: &[u8]) -> i64 {
    let text = encoding.decode(word).to_lowercase();
    let trimmed = text.trim_matches(|c: char| !c.is_alphabetic());
    if trimmed.split(|c: char| c.is_numeric()).all(is_syllable) {
        2
    } else if text.contains('\u{fffd}') || text.chars().any(char::is_control) {
        -2
    } else if encoding == TextEncoding::Utf8 {
        1
    } else if encoding == TextEncoding::Windows1252 {
        0
    } else {
        -1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = [
        "Thị trấn Dương Đông",
        "Xã Cửa Cạn",
        "Đất ở tại đô thị",
        "Nguyễn Trung Trực",
        "Đường Trần Hưng Đạo",
        "Rừng đặc dụng",
    ];

    #[test]
    fn each_encoding_is_told_from_the_others() {
        for encoding in TextEncoding::ALL.into_iter().filter(|e| *e != TextEncoding::Windows1252) {
            let bytes: Vec<Vec<u8>> = NAMES.iter().map(|n| encoding.encode(n).unwrap()).collect();
            let samples: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
            let found = detect(&samples);
            assert_eq!(found.encoding, encoding, "{found:?}");
            assert!(found.score > 0.9 && found.runner_up.1 < found.score - 0.3, "{found:?}");
        }
    }

    #[test]
    fn plain_ascii_and_other_languages_are_utf8() {
        assert_eq!(detect(&[b"ODT", b"ONT+CLN"]).encoding, TextEncoding::Utf8);
        assert_eq!(detect(&["Škoda".as_bytes(), "東京".as_bytes()]).encoding, TextEncoding::Utf8);
    }

    #[test]
    fn western_text_is_1252() {
        assert_eq!(detect(&[b"R\xe9sidence Fran\xe7ois", b"M\xfcllerstra\xdfe"]).encoding, TextEncoding::Windows1252);
    }
}
