//! What was clicked.

use crate::model::layer::LayerId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub layer: LayerId,
    /// The feature's id in its table.
    pub feature: u64,
}

/// All features under one click, the topmost first.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    pub hits: Vec<Hit>,
    /// Which of `hits` the panel shows.
    pub active: usize,
    /// Where the click met the ground or a roof: site metres (east, north, up).
    pub at: [f64; 3],
    /// On the plan that stands beside the shown one.
    pub beside: bool,
}

impl Selection {
    #[must_use]
    pub fn active_hit(&self) -> Option<&Hit> {
        self.hits.get(self.active)
    }
}
