//! What is asked of an import, and what it gives.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::remote::RemoteSource;
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::model::layer::LayerContent;

/// A file to read. What is `None` is found out from the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceSpec {
    pub path: PathBuf,
    /// A source on a network; `path` is then only its name.
    pub remote: Option<RemoteSource>,
    /// The layer inside a file that has several; else the first is read.
    pub sublayer: Option<String>,
    /// Overrides what the file says.
    pub crs: Option<Crs>,
    /// Overrides detection.
    pub encoding: Option<TextEncoding>,
    /// The same for single fields.
    pub field_encodings: Vec<(String, TextEncoding)>,
    /// A raster stays in its own system instead of the site's.
    pub own_crs: bool,
    /// The file's first coordinate is the northing, as surveyors write it.
    pub swap_xy: bool,
}

impl SourceSpec {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            remote: None,
            sublayer: None,
            crs: None,
            encoding: None,
            field_encodings: Vec::new(),
            own_crs: false,
            swap_xy: false,
        }
    }

    /// Reads one field, or every one, in this encoding; `None` finds it out again.
    pub fn set_encoding(&mut self, field: Option<String>, encoding: Option<TextEncoding>) {
        let Some(field) = field else {
            self.field_encodings.clear();
            self.encoding = encoding;
            return;
        };
        self.field_encodings.retain(|(f, _)| *f != field);
        self.field_encodings.extend(encoding.map(|e| (field, e)));
    }

    /// What the user names: a file, or a source on a network.
    #[must_use]
    pub fn named(text: &Path) -> Self {
        match text.to_str().and_then(RemoteSource::parse) {
            Some(remote) => Self { remote: Some(remote.clone()), ..Self::new(remote.shown()) },
            None => Self::new(text),
        }
    }
}

/// A layer's content in the site's CRS, and how the file came to it.
#[derive(Debug, Clone)]
pub struct Imported {
    pub content: LayerContent,
    /// The file's own system.
    pub crs: Crs,
    /// The encoding of the file's text, when it had letters beyond ASCII: "TCVN3".
    pub encoding: Option<String>,
    pub report: ImportReport,
}

/// "312 of 318 features; 6 rings not closed: rows 14, 77 …"
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    pub read: u64,
    pub kept: u64,
    pub refused: u64,
    /// The layers in a file that has several; one of them was read.
    pub sublayers: Vec<String>,
    /// How the text of each column with letters beyond ASCII was read.
    pub previews: Vec<EncodingPreview>,
    /// The first [`MAX_PROBLEMS`]; the counts above are of all.
    pub problems: Vec<Problem>,
}

/// A column's text in the encoding that was chosen and in the runner-up, for the user to judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncodingPreview {
    pub field: String,
    pub encoding: TextEncoding,
    /// Share of the accented words that are Vietnamese syllables, -1 to 1.
    pub score: f64,
    pub runner_up: TextEncoding,
    pub runner_up_score: f64,
    /// The same cells read both ways.
    pub examples: Vec<(String, String)>,
}

pub(super) const MAX_PROBLEMS: usize = 200;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Counted from 1, as table windows do.
    pub row: Option<u64>,
    pub message: Message,
}

impl ImportReport {
    pub(super) fn note(&mut self, row: Option<usize>, message: Message) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { row: row.map(|r| r as u64 + 1), message });
        }
    }
}
