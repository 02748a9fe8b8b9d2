//! Text, tables and pictures set on A4 pages, one below another.

use super::pdf::{Canvas, Color, Font, FontError, FontId, Pdf};

const WIDTH: f64 = 595.28;
const HEIGHT: f64 = 841.89;
const MARGIN: f64 = 48.0;
/// Room for the foot of a page.
const FOOT: f64 = 40.0;
/// Lines stand so far apart, in sizes.
const LEADING: f64 = 1.38;

/// Where and how text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    pub title: String,
    /// Share of the page's width.
    pub share: f64,
    pub align: Align,
}

/// A document in the making.
pub struct Document {
    pub pdf: Pdf,
    canvas: Canvas,
    fonts: [FontId; 2],
    /// Where the next line goes, from the page's bottom.
    y: f64,
    footer: String,
    page: usize,
}

impl Document {
    /// # Errors
    /// [`FontError`]: none with the fonts that ship.
    pub fn new(title: &str, language: &str, footer: &str) -> Result<Self, FontError> {
        let mut pdf = Pdf::new(title, language);
        let regular = Font::parse(include_bytes!("../../assets/fonts/NotoSans-Regular.ttf"))?;
        let bold = Font::parse(include_bytes!("../../assets/fonts/NotoSans-SemiBold.ttf"))?;
        let fonts = [pdf.add_font("NotoSans-Regular", regular), pdf.add_font("NotoSans-SemiBold", bold)];
        Ok(Self { pdf, canvas: Canvas::new(), fonts, y: HEIGHT - MARGIN, footer: footer.to_owned(), page: 1 })
    }

    /// Width between the margins, points.
    #[must_use]
    pub fn width(&self) -> f64 {
        WIDTH - 2.0 * MARGIN
    }

    fn id(&self, weight: Weight) -> FontId {
        self.fonts[usize::from(weight == Weight::Bold)]
    }

    fn put(&mut self, at: [f64; 2], size: f64, weight: Weight, color: Color, text: &str) {
        let id = self.id(weight);
        self.canvas.text(at, size, (id, self.pdf.font(id)), color, text);
    }

    fn measure(&self, text: &str, size: f64, weight: Weight) -> f64 {
        self.pdf.font(self.id(weight)).measure(text, size)
    }

    /// Begins a new page when less than this is left of the present one.
    pub fn need(&mut self, height: f64) {
        if self.y - height < MARGIN + FOOT {
            self.break_page();
        }
    }

    pub fn break_page(&mut self) {
        let number = self.page.to_string();
        let footer = self.footer.clone();
        self.canvas.line(&[[MARGIN, MARGIN + 14.0], [WIDTH - MARGIN, MARGIN + 14.0]], Color::LIGHT, 0.5);
        self.put([MARGIN, MARGIN], 8.0, Weight::Regular, Color::GREY, &footer);
        let width = self.measure(&number, 8.0, Weight::Regular);
        self.put([WIDTH - MARGIN - width, MARGIN], 8.0, Weight::Regular, Color::GREY, &number);
        self.pdf.add_page([WIDTH, HEIGHT], std::mem::take(&mut self.canvas));
        self.page += 1;
        self.y = HEIGHT - MARGIN;
    }

    pub fn space(&mut self, points: f64) {
        self.y -= points;
    }

    /// A text in lines that fit a width.
    #[must_use]
    pub fn wrap(&self, text: &str, size: f64, weight: Weight, width: f64) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split(' ').filter(|w| !w.is_empty()) {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.measure(&longer, size, weight) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                // A word wider than the column is cut.
                for letter in word.chars() {
                    if self.measure(&format!("{line}{letter}"), size, weight) > width && !line.is_empty() {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push(letter);
                }
            }
            lines.push(line);
        }
        lines
    }

    pub fn paragraph(&mut self, text: &str, size: f64, weight: Weight, color: Color) {
        self.indented(text, size, weight, color, 0.0);
    }

    fn indented(&mut self, text: &str, size: f64, weight: Weight, color: Color, indent: f64) {
        for line in self.wrap(text, size, weight, self.width() - indent) {
            self.need(size * LEADING);
            self.y -= size * LEADING;
            self.put([MARGIN + indent, self.y], size, weight, color, &line);
        }
    }

    pub fn heading(&mut self, text: &str) {
        self.need(60.0);
        self.space(12.0);
        self.paragraph(text, 14.0, Weight::Bold, Color(0.05, 0.30, 0.42));
        self.space(4.0);
    }

    pub fn list(&mut self, items: &[String]) {
        for item in items {
            self.need(9.5 * LEADING);
            let top = self.y - 9.5 * LEADING;
            self.put([MARGIN + 4.0, top], 9.5, Weight::Regular, Color::GREY, "•");
            self.indented(item, 9.5, Weight::Regular, Color::BLACK, 14.0);
            self.space(2.0);
        }
    }

    /// A table whose head comes again on every page. Cells: text and colour.
    pub fn table(&mut self, columns: &[Column], rows: &[Vec<(String, Color)>]) {
        let size = 8.5;
        self.space(7.0);
        self.need(60.0);
        let head: Vec<(String, Color)> = columns.iter().map(|c| (c.title.clone(), Color::WHITE)).collect();
        self.row(columns, &head, size, Weight::Bold, Some(Color(0.05, 0.30, 0.42)));
        for (i, row) in rows.iter().enumerate() {
            let height = self.row_height(columns, row, size, Weight::Regular);
            if self.y - height < MARGIN + FOOT {
                self.break_page();
                self.row(columns, &head, size, Weight::Bold, Some(Color(0.05, 0.30, 0.42)));
            }
            let shade = (i % 2 == 1).then_some(Color(0.95, 0.965, 0.975));
            self.row(columns, row, size, Weight::Regular, shade);
        }
        self.space(6.0);
    }

    fn cells(&self, columns: &[Column], row: &[(String, Color)], size: f64, weight: Weight) -> Vec<Vec<String>> {
        let width = self.width();
        columns.iter().zip(row).map(|(c, (text, _))| self.wrap(text, size, weight, c.share * width - 8.0)).collect()
    }

    fn row_height(&self, columns: &[Column], row: &[(String, Color)], size: f64, weight: Weight) -> f64 {
        let lines = self.cells(columns, row, size, weight).iter().map(Vec::len).max().unwrap_or(1);
        lines as f64 * size * LEADING + 6.0
    }

    fn row(&mut self, columns: &[Column], row: &[(String, Color)], size: f64, weight: Weight, shade: Option<Color>) {
        let cells = self.cells(columns, row, size, weight);
        let height = self.row_height(columns, row, size, weight);
        if let Some(shade) = shade {
            self.canvas.rect([MARGIN, self.y - height, self.width(), height], shade);
        }
        let mut x = MARGIN;
        for ((column, lines), (_, color)) in columns.iter().zip(&cells).zip(row) {
            let wide = column.share * self.width();
            for (i, line) in lines.iter().enumerate() {
                let left = match column.align {
                    Align::Left => x + 4.0,
                    Align::Right => x + wide - 4.0 - self.measure(line, size, weight),
                };
                let y = self.y - 3.0 - size - i as f64 * size * LEADING;
                self.put([left, y], size, weight, *color, line);
            }
            x += wide;
        }
        self.y -= height;
        self.canvas.line(&[[MARGIN, self.y], [WIDTH - MARGIN, self.y]], Color::LIGHT, 0.4);
    }

    /// Room for drawings side by side: each is given its frame (x, y, width, height).
    pub fn pictures(
        &mut self,
        count: usize,
        height: f64,
        mut draw: impl FnMut(usize, [f64; 4], &mut Canvas, &mut Pdf, [FontId; 2]),
    ) {
        self.need(height + 8.0);
        let gap = 12.0;
        let wide = (self.width() - gap * count.saturating_sub(1) as f64) / count.max(1) as f64;
        for i in 0..count {
            let frame = [MARGIN + i as f64 * (wide + gap), self.y - height, wide, height];
            draw(i, frame, &mut self.canvas, &mut self.pdf, self.fonts);
        }
        self.y -= height + 8.0;
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.break_page();
        self.pdf.finish()
    }
}
