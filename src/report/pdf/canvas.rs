//! What is drawn on a page, in points from its lower left corner.

use std::fmt::Write as _;

use super::font::Font;
use super::writer::{FontId, ImageId};
use crate::model::style::Rgba;

/// Red, green, blue, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Color(pub f64, pub f64, pub f64);

impl Color {
    pub const BLACK: Self = Self(0.1, 0.12, 0.14);
    pub const GREY: Self = Self(0.42, 0.45, 0.48);
    pub const LIGHT: Self = Self(0.85, 0.87, 0.89);
    pub const WHITE: Self = Self(1.0, 1.0, 1.0);
}

impl From<Rgba> for Color {
    fn from(c: Rgba) -> Self {
        Self(f64::from(c.0) / 255.0, f64::from(c.1) / 255.0, f64::from(c.2) / 255.0)
    }
}

/// The drawing instructions of a page.
#[derive(Debug, Clone, Default)]
pub struct Canvas {
    pub(super) content: String,
    /// Letters that were written in each font, so that a reader can search and copy them.
    pub(super) letters: Vec<(FontId, char)>,
}

// Writing to a String does not fail, below. Two decimals are a seven-hundredth of a millimetre.

impl Canvas {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn text(&mut self, at: [f64; 2], size: f64, font: (FontId, &Font), color: Color, text: &str) {
        let mut hex = String::with_capacity(text.len() * 4);
        for letter in text.chars() {
            let _ = write!(hex, "{:04X}", font.1.glyph(letter));
            self.letters.push((font.0, letter));
        }
        self.fill(color);
        let _ = writeln!(self.content, "BT /F{} {size:.2} Tf {:.2} {:.2} Td <{hex}> Tj ET", font.0.0, at[0], at[1]);
    }

    fn fill(&mut self, Color(r, g, b): Color) {
        let _ = writeln!(self.content, "{r:.3} {g:.3} {b:.3} rg");
    }

    fn stroke(&mut self, Color(r, g, b): Color, width: f64) {
        let _ = writeln!(self.content, "{r:.3} {g:.3} {b:.3} RG {width:.2} w 1 J 1 j");
    }

    fn path(&mut self, points: &[[f64; 2]], close: bool) {
        for (i, [x, y]) in points.iter().enumerate() {
            let _ = writeln!(self.content, "{x:.2} {y:.2} {}", if i == 0 { "m" } else { "l" });
        }
        if close {
            self.content.push_str("h\n");
        }
    }

    pub fn line(&mut self, points: &[[f64; 2]], color: Color, width: f64) {
        if points.len() > 1 {
            self.stroke(color, width);
            self.path(points, false);
            self.content.push_str("S\n");
        }
    }

    /// Rings that together bound an area; a ring inside another is a hole.
    pub fn area(&mut self, rings: &[Vec<[f64; 2]>], color: Color) {
        self.fill(color);
        for ring in rings {
            self.path(ring, true);
        }
        self.content.push_str("f*\n");
    }

    pub fn rect(&mut self, [x, y, w, h]: [f64; 4], color: Color) {
        self.fill(color);
        let _ = writeln!(self.content, "{x:.2} {y:.2} {w:.2} {h:.2} re f");
    }

    pub fn frame(&mut self, [x, y, w, h]: [f64; 4], color: Color, width: f64) {
        self.stroke(color, width);
        let _ = writeln!(self.content, "{x:.2} {y:.2} {w:.2} {h:.2} re S");
    }

    pub fn image(&mut self, [x, y, w, h]: [f64; 4], image: ImageId) {
        let _ = writeln!(self.content, "q {w:.2} 0 0 {h:.2} {x:.2} {y:.2} cm /I{} Do Q", image.0);
    }

    /// What `draw` draws shows only inside a rectangle.
    pub fn clipped(&mut self, [x, y, w, h]: [f64; 4], draw: impl FnOnce(&mut Self)) {
        let _ = writeln!(self.content, "q {x:.2} {y:.2} {w:.2} {h:.2} re W n");
        draw(self);
        self.content.push_str("Q\n");
    }
}
