//! The technician's panels: import, check report, attribute table, styles, questions, export.

mod ask;
mod ask_answer;
pub(super) mod desk;
mod export;
mod fields;
mod letters;
mod place;
mod report;
mod server;
mod statistics;
mod style;
mod style_colors;
mod style_labels;
mod table;
mod table_grid;
mod wizard;
