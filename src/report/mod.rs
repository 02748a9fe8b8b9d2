//! Floor 5: what is taken away on paper or by mail.

pub mod import;
