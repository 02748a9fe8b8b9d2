//! What flows over the ground, for lines on the map: the sea's current, or a day's wind.

use std::sync::Arc;

use super::apply::Session;
use crate::geo::grid::Grid;
use crate::sim::fields::Snapshot;

#[derive(Debug, Clone, Copy)]
pub struct ShownFlow<'a> {
    /// m/s towards the east and the north; NaN where nothing flows.
    pub towards: [&'a Arc<Grid<f32>>; 2],
    /// Of the whole map, m/s.
    pub fastest_mps: f64,
}

impl Session {
    /// Of the open study at the clock's second; air flows over hills too, the sea does not.
    #[must_use]
    pub fn flow(&self) -> Option<ShownFlow<'_>> {
        let second = self.second_of_day()?;
        if self.sea().open {
            let outcome = self.sea().outcome.as_ref()?;
            return Some(ShownFlow { towards: outcome.current(second)?, fastest_mps: outcome.fastest(second) });
        }
        let day = self.air().day.as_ref().filter(|_| self.air().open)?;
        Some(ShownFlow { towards: day.wind(second)?, fastest_mps: day.fastest(second) })
    }
}

/// Of each snapshot, m/s.
pub(super) fn fastest(snapshots: &[Arc<Snapshot>], [east, north]: [&'static str; 2]) -> Vec<f64> {
    let of = |s: &Arc<Snapshot>| {
        let (Some(east), Some(north)) = (s.field(east), s.field(north)) else { return 0.0 };
        let speeds = east.cells.iter().zip(&north.cells).map(|(u, v)| u.hypot(*v)).filter(|s| !s.is_nan());
        f64::from(speeds.fold(0.0, f32::max))
    };
    snapshots.iter().map(of).collect()
}
