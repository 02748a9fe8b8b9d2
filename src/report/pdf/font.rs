//! A TrueType font as far as a PDF needs it: which glyph a letter has and how wide it is (OpenType 1.9, tables `head`,
//! `hhea`, `hmtx`, `cmap`).

use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FontError {
    #[error("not a TrueType font: {0}")]
    Table(&'static str),
}

/// A font's figures; lengths in thousandths of the size.
#[derive(Debug, Clone)]
pub struct Font {
    pub bytes: Vec<u8>,
    pub ascent: f64,
    pub descent: f64,
    pub bounds: [f64; 4],
    glyphs: BTreeMap<char, u16>,
    widths: Vec<f64>,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn i16_at(bytes: &[u8], at: usize) -> Option<f64> {
    u16_at(bytes, at).map(|v| f64::from(v.cast_signed()))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn table<'a>(bytes: &'a [u8], name: &'static str) -> Result<&'a [u8], FontError> {
    let none = || FontError::Table(name);
    let count = u16_at(bytes, 4).ok_or_else(none)?;
    for i in 0..usize::from(count) {
        let at = 12 + i * 16;
        if bytes.get(at..at + 4) == Some(name.as_bytes()) {
            let from = u32_at(bytes, at + 8).ok_or_else(none)? as usize;
            let long = u32_at(bytes, at + 12).ok_or_else(none)? as usize;
            return bytes.get(from..from.saturating_add(long)).ok_or_else(none);
        }
    }
    Err(none())
}

impl Font {
    /// # Errors
    /// [`FontError`] when a table is missing or cut short.
    pub fn parse(bytes: &[u8]) -> Result<Self, FontError> {
        let short = FontError::Table;
        let head = table(bytes, "head")?;
        let units = u16_at(head, 18).filter(|u| *u > 0).ok_or_else(|| short("head"))?;
        let scale = 1000.0 / f64::from(units);
        let corner = |at: usize| i16_at(head, at).map(|v| v * scale).ok_or_else(|| short("head"));
        let hhea = table(bytes, "hhea")?;
        let of_hhea = |at: usize| i16_at(hhea, at).map(|v| v * scale).ok_or_else(|| short("hhea"));
        let measured = u16_at(hhea, 34).ok_or_else(|| short("hhea"))?;
        let hmtx = table(bytes, "hmtx")?;
        let widths: Vec<f64> =
            (0..usize::from(measured)).map_while(|i| u16_at(hmtx, i * 4).map(|w| f64::from(w) * scale)).collect();
        if widths.is_empty() {
            return Err(short("hmtx"));
        }
        Ok(Self {
            ascent: of_hhea(4)?,
            descent: of_hhea(6)?,
            bounds: [corner(36)?, corner(38)?, corner(40)?, corner(42)?],
            glyphs: letters(table(bytes, "cmap")?).ok_or_else(|| short("cmap"))?,
            widths,
            bytes: bytes.to_vec(),
        })
    }

    /// The glyph of a letter; 0, the box, where the font has none.
    #[must_use]
    pub fn glyph(&self, letter: char) -> u16 {
        self.glyphs.get(&letter).copied().unwrap_or(0)
    }

    #[must_use]
    pub fn width(&self, glyph: u16) -> f64 {
        self.widths.get(usize::from(glyph)).or(self.widths.last()).copied().unwrap_or(0.0)
    }

    /// Of a line of text at a size.
    #[must_use]
    pub fn measure(&self, text: &str, size: f64) -> f64 {
        text.chars().map(|c| self.width(self.glyph(c))).sum::<f64>() * size / 1000.0
    }
}

/// The best Unicode subtable: format 12, else 4.
fn letters(cmap: &[u8]) -> Option<BTreeMap<char, u16>> {
    let count = u16_at(cmap, 2)?;
    let mut best: Option<(u16, usize)> = None;
    for i in 0..usize::from(count) {
        let at = 4 + i * 8;
        let (platform, encoding) = (u16_at(cmap, at)?, u16_at(cmap, at + 2)?);
        let offset = u32_at(cmap, at + 4)? as usize;
        let format = u16_at(cmap, offset)?;
        let unicode = platform == 0 || (platform == 3 && (encoding == 1 || encoding == 10));
        if unicode && (format == 4 || format == 12) && best.is_none_or(|(f, _)| format > f) {
            best = Some((format, offset));
        }
    }
    let (format, offset) = best?;
    let sub = cmap.get(offset..)?;
    let mut found = BTreeMap::new();
    if format == 12 {
        for i in 0..u32_at(sub, 12)? as usize {
            let at = 16 + i * 12;
            let (from, to, glyph) = (u32_at(sub, at)?, u32_at(sub, at + 4)?, u32_at(sub, at + 8)?);
            for code in from..=to.min(from.saturating_add(0xffff)) {
                if let (Some(letter), Ok(glyph)) = (char::from_u32(code), u16::try_from(glyph + (code - from))) {
                    found.insert(letter, glyph);
                }
            }
        }
        return Some(found);
    }
    let segments = usize::from(u16_at(sub, 6)? / 2);
    let (ends, starts) = (14, 16 + segments * 2);
    let (deltas, offsets) = (starts + segments * 2, starts + segments * 4);
    for s in 0..segments {
        let (end, start) = (u16_at(sub, ends + s * 2)?, u16_at(sub, starts + s * 2)?);
        let (delta, range) = (u16_at(sub, deltas + s * 2)?, u16_at(sub, offsets + s * 2)?);
        for code in start..=end {
            let glyph = if range == 0 {
                code.wrapping_add(delta)
            } else {
                let at = offsets + s * 2 + usize::from(range) + usize::from(code - start) * 2;
                match u16_at(sub, at) {
                    Some(0) | None => 0,
                    Some(g) => g.wrapping_add(delta),
                }
            };
            if let Some(letter) = char::from_u32(u32::from(code)).filter(|_| glyph != 0 && code != 0xffff) {
                found.insert(letter, glyph);
            }
            if code == u16::MAX {
                break;
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second opinion on every letter that Vietnamese needs.
    #[test]
    fn glyphs_and_widths_are_those_of_ttf_parser() {
        let bytes = include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf");
        let (font, other) = (Font::parse(bytes).unwrap(), ttf_parser::Face::parse(bytes, 0).unwrap());
        let scale = 1000.0 / f64::from(other.units_per_em());
        for letter in "aăâđêôơưÁẶỆỖỢỰỹ0123456789.,·µ³²°–— ABCxyz".chars() {
            let glyph = other.glyph_index(letter).unwrap();
            assert_eq!(font.glyph(letter), glyph.0, "{letter}");
            assert_eq!(font.width(glyph.0), f64::from(other.glyph_hor_advance(glyph).unwrap()) * scale, "{letter}");
        }
        assert_eq!(font.glyph('\u{10ffff}'), 0);
    }

    #[test]
    fn a_cut_font_is_an_error() {
        let bytes = include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf");
        assert!(Font::parse(b"").is_err());
        for cut in [4, 100, 300, 2000] {
            assert!(Font::parse(&bytes[..cut]).is_err(), "{cut}");
        }
    }
}
