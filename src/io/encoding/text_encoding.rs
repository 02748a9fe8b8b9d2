//! The encodings that Vietnamese tables come in.

use serde::{Deserialize, Serialize};

use super::legacy::tables;
use super::{letters, windows};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TextEncoding {
    #[default]
    Utf8,
    /// TCVN 5712:1993 VN3 ("ABC"), one byte a letter. Most accented capitals have no byte of their own: offices
    /// switched to a font with capitals instead (.VnTimeH).
    Tcvn3,
    /// VNI for Windows, one or two bytes a letter.
    VniWindows,
    /// VISCII 1.1 (RFC 1456).
    Viscii,
    /// Microsoft's Vietnamese code page, tones as combining marks.
    Windows1258,
    /// Microsoft's Western code page.
    Windows1252,
}

/// A letter that an encoding has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{character:?} cannot be written in {encoding}")]
pub struct Unencodable {
    pub character: char,
    pub encoding: TextEncoding,
}

impl TextEncoding {
    pub const ALL: [Self; 6] =
        [Self::Utf8, Self::Tcvn3, Self::VniWindows, Self::Viscii, Self::Windows1258, Self::Windows1252];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Tcvn3 => "TCVN3",
            Self::VniWindows => "VNI-Windows",
            Self::Viscii => "VISCII",
            Self::Windows1258 => "Windows-1258",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// Text in composed letters (NFC). Bytes that mean nothing become U+FFFD.
    ///
    /// In TCVN3 a small accented letter may stand for a capital: in a word or a whole cell with two or more plain
    /// capitals and no plain small letter it is read as one ("NGUYÔN V¡N Hµ" is "NGUYỄN VĂN HÀ"). In a short word among
    /// others ("Hµ Néi") it stays small.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        if let Ok(text) = std::str::from_utf8(bytes)
            && (self == Self::Utf8 || (text.is_ascii() && !bytes.iter().any(u8::is_ascii_control)))
        {
            return letters::compose(text).into_owned();
        }
        let mut out = String::with_capacity(bytes.len() * 2);
        match self {
            Self::Utf8 => out.push_str(&String::from_utf8_lossy(bytes)),
            Self::Tcvn3 => {
                tables().tcvn3.decode(bytes, &mut out);
                return restore_capitals(&out);
            }
            Self::VniWindows => tables().vni.decode(bytes, &mut out),
            Self::Viscii => tables().viscii.decode(bytes, &mut out),
            Self::Windows1258 => out.extend(bytes.iter().map(|b| windows::cp1258(*b).unwrap_or('\u{fffd}'))),
            Self::Windows1252 => out.extend(bytes.iter().map(|b| windows::cp1252(*b))),
        }
        letters::compose(&out).into_owned()
    }

    /// Bytes of a text; TCVN3 writes capitals without a byte of their own as small letters.
    ///
    /// # Errors
    /// [`Unencodable`] with the first letter that this encoding cannot write.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, Unencodable> {
        if self == Self::Utf8 || (text.is_ascii() && !text.bytes().any(|b| b.is_ascii_control())) {
            return Ok(text.as_bytes().to_vec());
        }
        let mut out = Vec::with_capacity(text.len());
        for character in letters::compose(text).chars() {
            let written = match self {
                Self::Utf8 => true,
                Self::Tcvn3 => tables().tcvn3.encode(character, &mut out),
                Self::VniWindows => tables().vni.encode(character, &mut out),
                Self::Viscii => tables().viscii.encode(character, &mut out),
                Self::Windows1252 => push_byte(windows::western_byte_of(character), &mut out),
                Self::Windows1258 => encode_1258(character, &mut out),
            };
            if !written {
                return Err(Unencodable { character, encoding: self });
            }
        }
        Ok(out)
    }
}

fn push_byte(byte: Option<u8>, out: &mut Vec<u8>) -> bool {
    out.extend(byte);
    byte.is_some()
}

fn encode_1258(c: char, out: &mut Vec<u8>) -> bool {
    let byte = |c| windows::byte_of(c, windows::cp1258);
    if let Some(whole) = byte(c) {
        out.push(whole);
        return true;
    }
    let pair = letters::split_mark(c).and_then(|(letter, mark)| Some([byte(letter)?, byte(mark)?]));
    out.extend(pair.into_iter().flatten());
    pair.is_some()
}

fn restore_capitals(text: &str) -> String {
    let all_capitals = is_in_capitals(text);
    text.split_inclusive(|c: char| !c.is_alphabetic())
        .flat_map(|word| {
            let raise = all_capitals || is_in_capitals(word);
            word.chars().map(move |c| if raise { c.to_uppercase().next().unwrap_or(c) } else { c })
        })
        .collect()
}

/// Two plain capitals and no plain small letter: what is small in it had no capital.
fn is_in_capitals(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_uppercase).count() >= 2 && !text.bytes().any(|b| b.is_ascii_lowercase())
}

impl std::fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no encoding that this program reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown text encoding {0:?}")]
pub struct UnknownEncoding(pub String);

impl std::str::FromStr for TextEncoding {
    type Err = UnknownEncoding;

    /// The names above and what .cpg files say, case ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim().to_ascii_uppercase();
        Ok(match wanted.as_str() {
            "UTF-8" | "UTF8" | "65001" => Self::Utf8,
            "TCVN3" | "TCVN" | "ABC" => Self::Tcvn3,
            "VNI-WINDOWS" | "VNI" => Self::VniWindows,
            "VISCII" => Self::Viscii,
            "WINDOWS-1258" | "CP1258" | "1258" | "ANSI 1258" => Self::Windows1258,
            "WINDOWS-1252" | "CP1252" | "1252" | "ANSI 1252" | "ISO-8859-1" | "ISO88591" | "LATIN1" => {
                Self::Windows1252
            }
            _ => return Err(UnknownEncoding(text.to_owned())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_makes_the_round_trip() {
        for encoding in TextEncoding::ALL.into_iter().filter(|e| *e != TextEncoding::Windows1252) {
            let mut count = 0;
            for letter in tables().tcvn3.letters() {
                let bytes = encoding.encode(&letter.to_string()).unwrap();
                let back = encoding.decode(&bytes);
                let small = letter.to_lowercase().to_string();
                // Only TCVN3 may turn a capital into its small letter.
                assert!(
                    back == letter.to_string() || (encoding == TextEncoding::Tcvn3 && back == small),
                    "{encoding} {letter} {back}"
                );
                count += 1;
            }
            assert_eq!(count, 134);
        }
    }

    #[test]
    fn known_bytes() {
        // "Phú Quốc" as the four font encodings write it.
        assert_eq!(TextEncoding::Tcvn3.decode(b"Ph\xf3 Qu\xe8c"), "Phú Quốc");
        assert_eq!(TextEncoding::VniWindows.decode(b"Phu\xf9 Quo\xe1c"), "Phú Quốc");
        assert_eq!(TextEncoding::Viscii.decode(b"Ph\xfa Qu\xafc"), "Phú Quốc");
        assert_eq!(TextEncoding::Windows1258.decode(b"Ph\xfa Qu\xf4\xecc"), "Phú Quốc");
        assert_eq!(TextEncoding::Utf8.decode("Phu\u{301}".as_bytes()), "Phú");
        assert_eq!(TextEncoding::Utf8.decode(b"a\xff"), "a\u{fffd}");
    }

    #[test]
    fn capitals_of_tcvn3_come_back_in_capital_words() {
        let bytes = TextEncoding::Tcvn3.encode("NGUYỄN VĂN HÀ, Hà Nội").unwrap();
        assert_eq!(TextEncoding::Tcvn3.decode(&bytes), "NGUYỄN VĂN Hà, Hà Nội");
        let bytes = TextEncoding::Tcvn3.encode("NGUYỄN VĂN HÀ").unwrap();
        assert_eq!(TextEncoding::Tcvn3.decode(&bytes), "NGUYỄN VĂN HÀ");
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        assert_eq!(
            TextEncoding::Tcvn3.encode("日").unwrap_err(),
            Unencodable { character: '日', encoding: TextEncoding::Tcvn3 }
        );
        assert!(TextEncoding::Windows1252.encode("ệ").is_err());
    }

    #[test]
    fn names_are_read_back() {
        for encoding in TextEncoding::ALL {
            assert_eq!(encoding.name().parse(), Ok(encoding));
        }
        assert!("KOI8-R".parse::<TextEncoding>().is_err());
    }
}
