//! Floor 2: where things are: coordinate systems, the local frame, grids, shapes and their index. No I/O.

pub mod contour;
pub mod crs;
pub mod datum;
pub mod fill;
pub mod frame;
pub mod grid;
pub mod index;
pub mod measure;
pub mod outline;
pub mod patches;
pub mod segments;
pub mod shape;
pub mod split;
pub mod streamline;
pub mod sun;
pub mod terrain;
pub mod transform;
pub mod transverse_mercator;
