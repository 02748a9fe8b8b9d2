//! Before and after: one fire twice, without and with what is done against it.

use std::sync::Arc;

use super::case::FireResult;
use super::headline;
use super::impact::Impact;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::sim::fire::simulation::ARRIVAL;

#[derive(Debug, Clone)]
pub struct Comparison {
    pub before: Impact,
    pub after: Impact,
    /// Where only the unhindered fire burns: its arrival time, seconds; NaN elsewhere.
    pub spared: Arc<Grid<f32>>,
    /// Where both burn: how much later the hindered one comes, seconds; NaN elsewhere.
    pub delay: Arc<Grid<f32>>,
    pub headlines: Vec<Message>,
}

/// `None` when one of the two has no arrival times or they lie on different grids.
#[must_use]
pub fn compare(before: &FireResult, after: &FireResult) -> Option<Comparison> {
    let (a, b) = (before.last.field(ARRIVAL)?, after.last.field(ARRIVAL)?);
    if a.spec != b.spec {
        return None;
    }
    let cells = |of: fn(f32, f32) -> f32| a.cells.iter().zip(&b.cells).map(|(a, b)| of(*a, *b)).collect();
    let grid = |cells: Vec<f32>| Arc::new(Grid { spec: a.spec.clone(), cells });
    let mut comparison = Comparison {
        before: before.impact.clone(),
        after: after.impact.clone(),
        spared: grid(cells(|a, b| if b.is_nan() { a } else { f32::NAN })),
        delay: grid(cells(|a, b| b - a)),
        headlines: Vec::new(),
    };
    comparison.headlines = headline::of_comparison(&comparison);
    Some(comparison)
}
