//! The ground: a quadtree of terrain tiles, each painted with everything that lies on it.

pub mod base;
pub mod drape;
pub mod paint;
pub mod plugin;
pub mod quadtree;
pub mod tile_mesh;
