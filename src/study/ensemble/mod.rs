//! Many members of one question: weather, places of fires and demand that nobody knows are drawn, every scenario is run
//! with each draw, and what is told are medians, ranges and differences.

pub mod digest;
pub mod draw;
pub mod error;
pub mod here;
pub mod member;
pub mod merge;
pub mod ready;
pub mod slurm;
pub mod spec;
