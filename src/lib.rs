//! A desktop digital twin of an island. ARCHITECTURE.md says what each room does and who may know whom.

pub mod analysis;
pub mod base;
pub mod cli;
pub mod demo;
#[cfg(feature = "desktop")]
pub mod desktop;
pub mod geo;
pub mod io;
pub mod model;
pub mod report;
pub mod session;
pub mod sim;
pub mod study;
pub mod text;

/// A frame makes thousands of small things and drops them again: the system's allocator took a fifth of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
