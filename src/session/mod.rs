//! Floor 6: the whole application without a window. State changes only through [`command::Command`]s.

mod apply;
pub mod ask;
pub mod checks;
mod columns;
pub mod command;
mod edit;
pub mod effects;
pub mod error;
pub mod export;
pub mod field_view;
pub mod fields;
pub mod fire;
mod history;
pub mod import;
pub mod inspect;
pub mod io;
pub mod jobs;
pub mod legend;
pub mod live;
pub mod live_chart;
pub mod marked;
pub mod marks;
pub mod measure;
pub mod notice;
pub mod place;
pub mod rights;
pub mod search;
pub mod selection;
pub mod settings;
pub mod spatial;
pub mod styling;
pub mod table;
pub mod view_state;
mod work;

pub use apply::Session;
