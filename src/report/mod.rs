//! Floor 5: what is taken away on paper or by mail.

pub mod import;
pub mod map;
pub mod page;
pub mod pdf;
