//! MQTT 3.1.1: `link` alone knows the library; `source` and `publisher` keep the connection alive.

pub mod link;
pub mod publisher;
pub mod source;
