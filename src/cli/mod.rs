//! Floor 7: the command line, one file per subcommand.

pub mod air_args;
pub mod air_files;
pub mod air_find;
pub mod air_forecast;
pub mod air_point;
pub mod air_quantity;
pub mod air_sources;
pub mod air_weather;
pub mod args;
pub mod compare;
pub mod demo_data;
pub mod export;
pub mod files;
pub mod fire;
pub mod fire_crown;
pub mod fire_danger;
pub mod fire_places;
pub mod fire_rasters;
pub mod fire_weather;
pub mod import;
pub mod import_worker;
pub mod info;
pub mod inspect;
pub mod language;
mod link_columns;
#[cfg(feature = "desktop")]
pub mod open;
mod project_file;
pub mod query;
#[cfg(feature = "desktop")]
pub mod render;
pub mod report;
mod report_maps;
pub mod rows;
pub mod run;
pub mod scenario;
pub mod sensors;
pub mod sensors_args;
pub mod sensors_check;
pub mod simulate_air;
pub mod simulate_air_transient;
pub mod simulate_all;
pub mod simulate_args;
pub mod simulate_fire;
pub mod simulate_traffic;
pub mod simulate_transport;
mod simulate_vehicles;
pub mod simulate_water;
#[cfg(feature = "desktop")]
pub mod story;
pub mod traffic_args;
pub mod traffic_assign;
mod traffic_case;
pub mod traffic_meso;
pub mod traffic_micro;
mod whatif;
pub mod whatif_args;
