//! The layers that lie on the ground, prepared once for the painting threads.

use std::sync::Arc;

use super::super::resolve;
use crate::geo::grid::Grid;
use crate::geo::index::FeatureIndex;
use crate::model::layer::{Layer, LayerContent, LayerId};
use crate::model::project::Project;
use crate::model::style::{ColorRule, Rgba, Style, Symbol};
use crate::model::table::FeatureTable;
use crate::session::spatial::Indexes;

/// How one layer is painted.
pub enum Drape {
    Fill {
        features: Painted,
        outline: Option<(Rgba, f32)>,
    },
    Stroke {
        features: Painted,
        widths: Vec<f32>,
        casing: Option<Rgba>,
    },
    /// Blocks seen from so far that their meshes are not drawn.
    Footprints {
        features: Painted,
    },
    Raster {
        cells: Arc<Grid<f32>>,
        stops: Vec<(f64, Rgba)>,
    },
    Classes {
        cells: Arc<Grid<u16>>,
        colors: Vec<Rgba>,
    },
}

/// Features with their colours and their index.
pub struct Painted {
    pub table: Arc<FeatureTable>,
    pub index: Arc<FeatureIndex>,
    pub colors: Vec<Rgba>,
}

/// A prepared layer; made anew only when its content or its style changes.
pub struct DrapedLayer {
    pub id: LayerId,
    pub drape: Drape,
    source: Arc<Layer>,
}

impl DrapedLayer {
    /// `None` for a layer that is not painted on the ground.
    #[must_use]
    fn prepare(layer: &Arc<Layer>, indexes: &Indexes) -> Option<Self> {
        let painted = |table: &Arc<FeatureTable>, color: &ColorRule| Painted {
            table: table.clone(),
            index: indexes.of(table),
            colors: resolve::row_colors(table, color),
        };
        let drape = match (&layer.style.symbol, &layer.content) {
            (Symbol::Fill { color, outline }, LayerContent::Features(table)) => {
                Drape::Fill { features: painted(table, color), outline: *outline }
            }
            (Symbol::Stroke { color, width, casing }, LayerContent::Features(table)) => Drape::Stroke {
                features: painted(table, color),
                widths: resolve::row_metres(table, width),
                casing: *casing,
            },
            (Symbol::Extrude { color, .. }, LayerContent::Features(table)) => {
                Drape::Footprints { features: painted(table, color) }
            }
            (Symbol::Raster { color: ColorRule::Ramp { stops, .. } }, LayerContent::Raster(cells)) => {
                Drape::Raster { cells: cells.clone(), stops: stops.clone() }
            }
            (Symbol::Raster { color }, LayerContent::Classes(cells)) => {
                Drape::Classes { cells: cells.clone(), colors: class_colors(cells, color) }
            }
            _ => return None,
        };
        Some(Self { id: layer.id.clone(), drape, source: layer.clone() })
    }

    /// Whether this was prepared from the same content and symbol as `layer` has now.
    #[must_use]
    pub fn is_of(&self, layer: &Layer) -> bool {
        self.source.content.same(&layer.content) && self.source.style.symbol == layer.style.symbol
    }
}

/// The colour of each class number.
fn class_colors(cells: &Grid<u16>, rule: &ColorRule) -> Vec<Rgba> {
    let highest = cells.cells.iter().copied().filter(|c| *c != u16::MAX).max().unwrap_or(0);
    let clear = Rgba(0, 0, 0, 0);
    (0..=highest)
        .map(|class| match rule {
            ColorRule::Categories { classes, other, .. } => {
                classes.iter().find(|c| c.value.parse() == Ok(class)).map_or(*other, |c| c.color)
            }
            ColorRule::Ramp { stops, .. } => resolve::ramp_color(stops, f64::from(class)),
            ColorRule::Single(color) => *color,
            ColorRule::LandUse { .. } => clear,
        })
        .collect()
}

/// Everything that a painting thread needs to make any tile. A new one is made when a layer changes; tiles
/// remember the `version` that they were painted from.
pub struct Ground {
    pub terrain: Arc<Grid<f32>>,
    /// Origin of the site frame in the terrain's coordinates.
    pub origin: [f64; 2],
    /// Visible layers with their opacity, the lowest first.
    pub layers: Vec<(Arc<DrapedLayer>, f32)>,
    pub version: u64,
}

/// The visible part of [`Style`] that matters to the ground: what must be painted anew when it changes.
#[must_use]
pub fn is_draped(style: &Style) -> bool {
    matches!(style.symbol, Symbol::Fill { .. } | Symbol::Stroke { .. } | Symbol::Raster { .. } | Symbol::Extrude { .. })
}

/// Prepares the visible draped layers of a project, taking over what has not changed from `before`.
#[must_use]
pub fn prepare(project: &Project, indexes: &Indexes, before: &[Arc<DrapedLayer>]) -> Vec<(Arc<DrapedLayer>, f32)> {
    use rayon::prelude::*;
    let shown: Vec<_> = project.layers.iter().filter(|l| l.visible && is_draped(&l.style)).collect();
    shown
        .par_iter()
        .filter_map(|layer| {
            let kept = before.iter().find(|d| d.id == layer.id && d.is_of(layer)).cloned();
            let draped = match kept {
                Some(kept) => kept,
                None => Arc::new(DrapedLayer::prepare(layer, indexes)?),
            };
            Some((draped, layer.style.opacity))
        })
        .collect()
}
