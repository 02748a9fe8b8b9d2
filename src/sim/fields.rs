//! What every simulation speaks: fields on grids and plain numbers at a moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::geo::grid::Grid;

/// Name of a field with its unit: "arrival_time_s".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FieldKey(pub String);

impl FieldKey {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl std::borrow::Borrow<str> for FieldKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Things that move by themselves, at one moment: vehicles. Columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentTable {
    /// Stays with a thing through the run.
    pub id: Vec<u32>,
    /// What it is; the model says what the numbers mean.
    pub kind: Vec<u8>,
    /// East and north of its front, in the site's CRS.
    pub at: Vec<[f64; 2]>,
    /// Clockwise from north.
    pub heading_rad: Vec<f32>,
    pub speed_mps: Vec<f32>,
}

impl AgentTable {
    #[must_use]
    pub fn len(&self) -> usize {
        self.id.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }
}

/// A simulation's state at one moment, ready to be drawn, exported or compared. Fields are shared: a snapshot is
/// cheap to keep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// Since the start of the run.
    pub time_s: f64,
    pub fields: BTreeMap<FieldKey, Arc<Grid<f32>>>,
    pub agents: Option<Arc<AgentTable>>,
    pub scalars: BTreeMap<String, f64>,
}

impl Snapshot {
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Arc<Grid<f32>>> {
        self.fields.get(name)
    }
}
