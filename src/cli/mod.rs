//! Floor 7: the command line, one file per subcommand.

pub mod fire;
pub mod demo_data;
