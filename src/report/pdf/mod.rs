//! PDF files: pages of text in embedded fonts, lines, areas and pictures. The same contents give the same bytes.

mod canvas;
mod font;
mod writer;

pub use canvas::{Canvas, Color};
pub use font::{Font, FontError};
pub use writer::{FontId, ImageId, Pdf};
