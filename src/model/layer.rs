//! Layers: content with a name, an origin and a look.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::style::{Style, Text2};
use super::table::FeatureTable;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;

/// Stable name of a layer within its project: "parcels".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LayerId(pub String);

impl LayerId {
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl std::fmt::Display for LayerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where numbers come from; shown beside every number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Surveyed, registered or mapped.
    Measured,
    /// Made up by a generator, for demonstration.
    Generated,
    Simulated,
    Assumed,
    #[default]
    Unknown,
}

/// Where a layer came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The file, as the scene or the user named it.
    pub path: PathBuf,
    /// The layer inside a file that has several.
    pub sublayer: Option<String>,
    /// The file's own system, before it was brought into the site's.
    pub crs: Option<Crs>,
    /// The text encoding that was decoded, e.g. "TCVN3".
    pub encoding: Option<String>,
    pub origin: Origin,
    /// Whom to credit: "© OpenStreetMap contributors, ODbL".
    pub credit: String,
}

/// What a layer holds, in the site's CRS. Shared: a copy of a project copies pointers.
#[derive(Debug, Clone)]
pub enum LayerContent {
    Features(Arc<FeatureTable>),
    Raster(Arc<Grid<f32>>),
    Classes(Arc<Grid<u16>>),
}

impl LayerContent {
    /// (west, south, east, north) in the site's CRS.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 4]> {
        match self {
            Self::Features(table) => table.geometry.bounds(),
            Self::Raster(grid) => Some(grid.spec.bounds()),
            Self::Classes(grid) => Some(grid.spec.bounds()),
        }
    }

    #[must_use]
    pub fn features(&self) -> Option<&Arc<FeatureTable>> {
        match self {
            Self::Features(table) => Some(table),
            _ => None,
        }
    }

    /// Features, or cells of a raster.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Features(table) => table.len(),
            Self::Raster(grid) => grid.spec.len(),
            Self::Classes(grid) => grid.spec.len(),
        }
    }

    /// Whether both are the same piece of memory: what a view asks to know if it must build anew.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Features(a), Self::Features(b)) => Arc::ptr_eq(a, b),
            (Self::Raster(a), Self::Raster(b)) => Arc::ptr_eq(a, b),
            (Self::Classes(a), Self::Classes(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Layer {
    pub id: LayerId,
    pub title: Text2,
    /// Heading in the layer panel.
    pub group: Text2,
    pub source: Provenance,
    pub content: LayerContent,
    pub style: Style,
    pub visible: bool,
    pub role: LayerRole,
}

/// What the program uses a layer for beyond drawing it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LayerRole {
    #[default]
    Plain,
    /// Elevation of the ground and, below zero, of the sea floor.
    Terrain,
    Coast,
    Communes,
    Parcels,
    LandUsePlan,
    Buildings,
    Roads,
    LandCover,
    WaterMains,
    Sensors,
}
