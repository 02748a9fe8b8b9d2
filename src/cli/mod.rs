//! Floor 7: the command line, one file per subcommand.

pub mod args;
pub mod demo_data;
pub mod export;
pub mod files;
pub mod fire;
pub mod fire_spread;
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
