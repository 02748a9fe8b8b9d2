//! Floor 7: the command line, one file per subcommand.

pub mod args;
pub mod demo_data;
pub mod export;
pub mod files;
pub mod fire;
pub mod fire_crown;
pub mod fire_danger;
pub mod fire_files;
pub mod fire_places;
pub mod fire_rasters;
pub mod fire_weather;
pub mod import;
pub mod import_worker;
pub mod info;
pub mod inspect;
pub mod language;
pub mod new_layer;
#[cfg(feature = "desktop")]
pub mod open;
mod project_file;
pub mod query;
#[cfg(feature = "desktop")]
pub mod render;
pub mod run;
pub mod simulate_args;
pub mod simulate_fire;
pub mod traffic_args;
pub mod traffic_assign;
