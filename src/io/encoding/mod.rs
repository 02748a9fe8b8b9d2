//! Text as Vietnamese offices have written it: Unicode and the five legacy encodings, and telling them apart.

pub mod detect;
mod legacy;
pub mod letters;
pub(crate) mod mojibake;
pub(crate) mod preview;
mod syllable;
mod text_encoding;
mod windows;

pub use detect::{Detection, detect, score_of};
pub use text_encoding::{TextEncoding, Unencodable};
