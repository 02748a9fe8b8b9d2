//! What carries pollution through air and water: advection, diffusion and decay that lose no mass.

mod bands;
pub mod column;
pub mod departure;
pub mod error;
pub mod field;
mod gather;
pub mod layers;
pub mod line;
pub mod particles;
pub mod plane;
pub mod rates;
pub mod real;
pub mod rows;
mod slab;
mod span;
pub mod tile;
pub mod wide;
