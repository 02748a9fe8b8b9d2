//! The saved thing: layers, how they look, and where to stand.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::layer::{Layer, LayerId, LayerRole};
use super::scenario::Scenario;
use super::style::Text2;
use crate::geo::frame::SiteFrame;
use crate::geo::grid::Grid;
use crate::model::layer::LayerContent;

/// The newest project version that this program reads.
pub const PROJECT_VERSION: u32 = 1;

/// A camera place to come back to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bookmark {
    /// Stable name for the command line: "duong-dong".
    pub id: String,
    pub title: Text2,
    /// Longitude and latitude in degrees (WGS 84), height in metres above the sea.
    pub eye: [f64; 3],
    pub look: [f64; 3],
}

/// Everything Save keeps. Cloning is cheap: layer contents are shared.
#[derive(Debug, Clone)]
pub struct Project {
    pub version: u32,
    pub title: Text2,
    pub frame: SiteFrame,
    pub utc_offset_hours: f64,
    /// The moment that is shown, as (UTC) time.
    pub time: jiff::Timestamp,
    /// Drawn in this order, the first lowest.
    pub layers: Vec<Arc<Layer>>,
    pub bookmarks: Vec<Bookmark>,
    pub scenarios: Vec<Scenario>,
}

impl Project {
    #[must_use]
    pub fn layer(&self, id: &LayerId) -> Option<&Arc<Layer>> {
        self.layers.iter().find(|l| l.id == *id)
    }

    /// The first layer with a role.
    #[must_use]
    pub fn with_role(&self, role: LayerRole) -> Option<&Arc<Layer>> {
        self.layers.iter().find(|l| l.role == role)
    }

    #[must_use]
    pub fn terrain(&self) -> Option<&Arc<Grid<f32>>> {
        match &self.with_role(LayerRole::Terrain)?.content {
            LayerContent::Raster(grid) => Some(grid),
            _ => None,
        }
    }

    /// (west, south, east, north) of the terrain, or of all layers when there is none.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 4]> {
        if let Some(terrain) = self.terrain() {
            return Some(terrain.spec.bounds());
        }
        self.layers
            .iter()
            .filter_map(|l| l.content.bounds())
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
    }
}
