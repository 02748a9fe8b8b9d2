//! The files that lie on the desk before they are imported, and what a technician can do with them.

use std::path::PathBuf;

use super::accept::LetterCase;
use super::review::Review;
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::io::import::SourceSpec;

#[derive(Debug, Default)]
pub struct ImportDesk {
    pub reviews: Vec<Review>,
    /// Which of them is looked at.
    pub active: usize,
    /// The map has gone to the first file whose place is in doubt; once is enough.
    pub(super) shown_doubtful: bool,
}

impl ImportDesk {
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.reviews.is_empty()
    }

    #[must_use]
    pub fn current(&self) -> Option<&Review> {
        self.reviews.get(self.active)
    }

    /// How many files would become layers now.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.reviews.iter().filter(|r| r.wanted && r.is_ready()).count()
    }
}

/// Of the file at this place in the list, where one is named.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportCommand {
    /// Puts a source on the desk that somebody named, and reads it: also one on a network.
    AddSource(Box<SourceSpec>),
    Activate(usize),
    SetWanted {
        file: usize,
        wanted: bool,
    },
    /// Reads the file again in another system.
    SetSystem {
        file: usize,
        crs: Crs,
        swap_xy: bool,
    },
    /// Reads the file again with another encoding: of one field, or of all. `None` finds it out again.
    SetEncoding {
        file: usize,
        field: Option<String>,
        encoding: Option<TextEncoding>,
    },
    SetCase {
        file: usize,
        field: String,
        case: LetterCase,
    },
    /// Puts the other layers of a file on the desk too.
    AddSublayers(usize),
    SetMapped {
        file: usize,
        mapped: bool,
    },
    /// Empty: the field keeps its own name.
    SetTarget {
        file: usize,
        source: String,
        target: String,
    },
    LoadTemplate {
        file: usize,
        path: PathBuf,
    },
    SaveTemplate {
        file: usize,
        path: PathBuf,
    },
    /// Shows where a reading puts the file.
    ZoomTo {
        file: usize,
        reading: usize,
    },
    /// Makes layers of all files that are wanted and ready.
    Accept,
    /// Puts everything away; nothing was changed.
    Close,
}
