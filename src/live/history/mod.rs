//! What was measured, kept: in a file beside the project or in an office's database.

pub mod contract;
pub mod export;
pub mod keeper;
pub mod parquet;
mod pg_tls;
pub mod place;
pub mod postgres;
pub mod sqlite;
mod thin;
