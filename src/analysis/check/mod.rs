//! What is wrong with a table: its geometry row by row, its parcels against each other, its attributes.

mod attributes;
mod gaps;
mod issue;
mod mosaic;
mod repair;
mod rings;
mod run;
mod touches;

pub use attributes::{AttributeRule, default_rules};
pub use issue::{CheckReport, Issue, IssueKind, Repair};
pub use repair::{Repaired, repair};
pub use run::{CheckOptions, check};
