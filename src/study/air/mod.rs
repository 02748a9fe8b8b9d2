//! Pollution of the air in a project: sources from its roads and from the user, the field, who breathes it.

pub mod between;
mod built;
pub mod case;
pub mod coming;
pub mod coming_map;
pub mod coming_words;
pub mod commune_day;
pub mod contour;
pub mod day_files;
pub mod day_headline;
pub mod error;
pub mod excess;
pub mod exposure;
pub mod files;
pub mod finding_map;
pub mod finding_words;
pub mod headline;
pub mod inputs;
pub mod judged;
pub mod limit;
pub mod receptors;
pub mod roads;
pub mod rows;
pub mod station_past;
pub mod transient;
pub mod wind_ahead;
