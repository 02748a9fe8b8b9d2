//! Floor 4: sensors as they report. The only room that opens sockets; it keeps its own history of readings.

pub mod address;
pub mod alarm;
pub mod backoff;
pub mod batch;
pub mod board;
pub mod config;
pub mod decode;
pub mod desk;
pub mod edge;
pub mod error;
pub mod forecast;
pub mod history;
pub mod hub;
pub mod moment;
pub mod mqtt;
pub mod payload;
pub mod quality;
pub mod replay;
pub mod secret;
pub mod sensorthings;
pub mod simulated;
pub mod source;
pub mod tls;
pub mod unit;
