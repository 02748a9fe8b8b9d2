//! The file itself (ISO 32000-1:2008): objects, pages, fonts by glyph number with a table back to letters, pictures with
//! transparency, all streams deflated. No dates and no random ids.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::canvas::Canvas;
use super::font::Font;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FontId(pub usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageId(pub usize);

struct Image {
    cols: usize,
    rows: usize,
    rgb: Vec<u8>,
    alpha: Vec<u8>,
}

/// A document that grows page by page.
#[derive(Default)]
pub struct Pdf {
    pub title: String,
    /// "vi", "en".
    pub language: String,
    fonts: Vec<(String, Font)>,
    images: Vec<Image>,
    pages: Vec<([f64; 2], Canvas)>,
}

/// Packs as hard as is worth the time.
const LEVEL: u8 = 7;

impl Pdf {
    #[must_use]
    pub fn new(title: &str, language: &str) -> Self {
        Self { title: title.to_owned(), language: language.to_owned(), ..Self::default() }
    }

    pub fn add_font(&mut self, name: &str, font: Font) -> FontId {
        self.fonts.push((name.to_owned(), font));
        FontId(self.fonts.len() - 1)
    }

    #[must_use]
    pub fn font(&self, id: FontId) -> &Font {
        &self.fonts[id.0].1
    }

    /// A picture, row by row from the top: (red, green, blue, opacity).
    pub fn add_image(&mut self, cols: usize, rows: usize, pixels: &[[u8; 4]]) -> ImageId {
        let rgb = pixels.iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
        self.images.push(Image { cols, rows, rgb, alpha: pixels.iter().map(|p| p[3]).collect() });
        ImageId(self.images.len() - 1)
    }

    /// Adds a page of a size in points.
    pub fn add_page(&mut self, size: [f64; 2], canvas: Canvas) {
        self.pages.push((size, canvas));
    }

    #[must_use]
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The whole file.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let mut out = Objects::default();
        let (catalog, pages, info) = (out.reserve(), out.reserve(), out.reserve());
        let fonts: Vec<usize> = (0..self.fonts.len()).map(|i| self.write_font(i, &mut out)).collect();
        let images: Vec<usize> = self.images.iter().map(|image| write_image(image, &mut out)).collect();
        let mut resources = String::from("<< /Font <<");
        for (i, object) in fonts.iter().enumerate() {
            let _ = write!(resources, " /F{i} {object} 0 R");
        }
        resources.push_str(" >> /XObject <<");
        for (i, object) in images.iter().enumerate() {
            let _ = write!(resources, " /I{i} {object} 0 R");
        }
        resources.push_str(" >> >>");
        let resources = out.add(resources.into_bytes());
        let mut kids = String::new();
        for (size, canvas) in &self.pages {
            let content = out.stream("", canvas.content.as_bytes());
            let page = out.add(
                format!(
                    "<< /Type /Page /Parent {pages} 0 R /MediaBox [0 0 {:.2} {:.2}] /Resources {resources} 0 R \
                     /Contents {content} 0 R >>",
                    size[0], size[1]
                )
                .into_bytes(),
            );
            let _ = write!(kids, "{page} 0 R ");
        }
        out.put(pages, format!("<< /Type /Pages /Count {} /Kids [{kids}] >>", self.pages.len()).into_bytes());
        out.put(
            catalog,
            format!(
                "<< /Type /Catalog /Pages {pages} 0 R /Lang ({}) /ViewerPreferences << /DisplayDocTitle true >> >>",
                self.language
            )
            .into_bytes(),
        );
        let producer = concat!("island-twin ", env!("CARGO_PKG_VERSION"));
        out.put(info, format!("<< /Title <FEFF{}> /Producer ({producer}) >>", utf16(&self.title)).into_bytes());
        out.finish(catalog, info)
    }

    fn write_font(&self, index: usize, out: &mut Objects) -> usize {
        let (name, font) = &self.fonts[index];
        let letters: BTreeSet<char> = self
            .pages
            .iter()
            .flat_map(|(_, canvas)| &canvas.letters)
            .filter(|(id, _)| id.0 == index)
            .map(|(_, letter)| *letter)
            .collect();
        let file = out.stream(&format!("/Length1 {}", font.bytes.len()), &font.bytes);
        let [w, s, e, n] = font.bounds;
        let descriptor = out.add(
            format!(
                "<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{w:.0} {s:.0} {e:.0} {n:.0}] \
                 /ItalicAngle 0 /Ascent {:.0} /Descent {:.0} /CapHeight 714 /StemV 80 /FontFile2 {file} 0 R >>",
                font.ascent, font.descent
            )
            .into_bytes(),
        );
        let mut glyphs: Vec<(u16, char)> = letters.iter().map(|c| (font.glyph(*c), *c)).collect();
        glyphs.sort_unstable();
        glyphs.dedup_by_key(|g| g.0);
        let mut widths = String::new();
        let mut map = String::new();
        for (glyph, letter) in &glyphs {
            let _ = write!(widths, "{glyph} [{:.0}] ", font.width(*glyph));
            let code = utf16(letter.encode_utf8(&mut [0; 4]));
            let _ = writeln!(map, "1 beginbfchar <{glyph:04X}> <{code}> endbfchar");
        }
        let descendant = out.add(
            format!(
                "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) \
                 /Ordering (Identity) /Supplement 0 >> /FontDescriptor {descriptor} 0 R /CIDToGIDMap /Identity /W [{widths}] >>"
            )
            .into_bytes(),
        );
        let cmap = format!(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) \
             /Ordering (UCS) /Supplement 0 >> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def\n\
             1 begincodespacerange <0000> <FFFF> endcodespacerange\n{map}\
             endcmap CMapName currentdict /CMap defineresource pop end end"
        );
        let to_unicode = out.stream("", cmap.as_bytes());
        out.add(
            format!(
                "<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H \
                 /DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>"
            )
            .into_bytes(),
        )
    }
}

fn write_image(image: &Image, out: &mut Objects) -> usize {
    let size =
        format!("/Type /XObject /Subtype /Image /Width {} /Height {} /BitsPerComponent 8", image.cols, image.rows);
    let mask = out.stream(&format!("{size} /ColorSpace /DeviceGray"), &image.alpha);
    out.stream(&format!("{size} /ColorSpace /DeviceRGB /SMask {mask} 0 R"), &image.rgb)
}

/// UTF-16 in hexadecimal.
fn utf16(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut all, unit| {
        let _ = write!(all, "{unit:04X}");
        all
    })
}

/// Objects by number, from 1.
#[derive(Default)]
struct Objects {
    bodies: Vec<Vec<u8>>,
}

impl Objects {
    fn reserve(&mut self) -> usize {
        self.add(Vec::new())
    }

    fn add(&mut self, body: Vec<u8>) -> usize {
        self.bodies.push(body);
        self.bodies.len()
    }

    fn put(&mut self, number: usize, body: Vec<u8>) {
        if let Some(place) = self.bodies.get_mut(number - 1) {
            *place = body;
        }
    }

    fn stream(&mut self, entries: &str, bytes: &[u8]) -> usize {
        let packed = compress_to_vec_zlib(bytes, LEVEL);
        let mut body = format!("<< {entries} /Filter /FlateDecode /Length {} >>\nstream\n", packed.len()).into_bytes();
        body.extend_from_slice(&packed);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    fn finish(self, catalog: usize, info: usize) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        let mut places = Vec::with_capacity(self.bodies.len());
        for (i, body) in self.bodies.iter().enumerate() {
            places.push(out.len());
            out.extend_from_slice(format!("{} 0 obj\n", i + 1).as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
        for place in &places {
            let _ = writeln!(table, "{place:010} 00000 n ");
        }
        let _ = write!(
            table,
            "trailer\n<< /Size {} /Root {catalog} 0 R /Info {info} 0 R >>\nstartxref\n{start}\n%%EOF\n",
            places.len() + 1
        );
        out.extend_from_slice(table.as_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::pdf::Color;

    fn sample() -> Vec<u8> {
        let mut pdf = Pdf::new("Phú Quốc", "vi");
        let font = Font::parse(include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf")).unwrap();
        let regular = pdf.add_font("NotoSans", font);
        let image = pdf.add_image(2, 1, &[[255, 0, 0, 255], [0, 0, 255, 128]]);
        let mut canvas = Canvas::new();
        canvas.text([50.0, 700.0], 12.0, (regular, pdf.font(regular)), Color::BLACK, "Đặc khu Phú Quốc");
        canvas.image([50.0, 500.0, 100.0, 50.0], image);
        pdf.add_page([595.28, 841.89], canvas);
        pdf.finish()
    }

    /// Every place in the table of objects is where that object begins, and the file is the same each time.
    #[test]
    fn the_table_of_objects_is_true() {
        let bytes = sample();
        assert_eq!(bytes, sample());
        let find = |needle: &[u8]| bytes.windows(needle.len()).rposition(|w| w == needle).unwrap();
        let start = find(b"startxref\n") + 10;
        let digits: String = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).map(|b| *b as char).collect();
        let table = digits.parse::<usize>().unwrap();
        assert!(bytes[table..].starts_with(b"xref\n"));
        let rows = std::str::from_utf8(&bytes[table..]).unwrap().lines().skip(3);
        let mut count = 0;
        for (i, row) in rows.take_while(|r| r.ends_with("n ")).enumerate() {
            let place: usize = row[..10].parse().unwrap();
            assert!(bytes[place..].starts_with(format!("{} 0 obj\n", i + 1).as_bytes()), "object {}", i + 1);
            count += 1;
        }
        assert!(count > 10, "{count}");
    }
}
