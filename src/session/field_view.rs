//! A field of a simulation as it is laid over the ground: one description for every model.

use std::sync::Arc;

use crate::geo::grid::Grid;
use crate::model::style::Rgba;

/// What colours mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Shade {
    /// Catalogue key of what is shown.
    pub title: &'static str,
    /// Unit of the values below, as written.
    pub unit: &'static str,
    /// (value, colour), rising; in between they are mixed.
    pub stops: Vec<(f32, Rgba)>,
}

impl Shade {
    /// Lowest and highest value that has a colour of its own.
    #[must_use]
    pub fn range(&self) -> (f32, f32) {
        let first = self.stops.first().map_or(0.0, |s| s.0);
        (first, self.stops.last().map_or(1.0, |s| s.0).max(first + f32::EPSILON))
    }
}

/// A front that advances over the ground.
#[derive(Debug, Clone)]
pub struct Front {
    /// When each cell is reached, seconds of the run; NaN where it never is.
    pub arrival_s: Arc<Grid<f32>>,
    /// Cells that are reached later are not shown.
    pub now_s: f64,
    /// A line so often, seconds.
    pub isochrone_s: f64,
}

/// A field over the ground.
#[derive(Debug, Clone)]
pub struct FieldView {
    pub values: Arc<Grid<f32>>,
    /// Values are multiplied by this before `shade` colours them.
    pub factor: f32,
    pub shade: Shade,
    pub front: Option<Front>,
}
