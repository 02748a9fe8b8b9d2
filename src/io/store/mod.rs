//! A project as one GeoPackage: its layers as tables and coverages that QGIS opens, and what only this program knows
//! (styles, order, provenance, bookmarks) as JSON in a table of its own.

mod cells;
mod commit;
mod error;
mod hold;
mod load;
mod record;
mod save;

pub use commit::{Commit, commit_project};
pub use error::StoreError;
pub use hold::{Hold, hold_project, let_go};
pub use load::{is_project, load_project};
pub use save::save_project;
