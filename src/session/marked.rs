//! Many features of one layer at once: marked in the table, found by a question, to be exported.

use std::sync::Arc;

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::marks::{Mark, MarkKind};
use crate::model::layer::LayerId;

#[derive(Debug, Clone)]
pub struct Marked {
    pub layer: LayerId,
    /// Ascending.
    pub ids: Arc<Vec<u64>>,
    pub(super) mark: Arc<Mark>,
}

impl Marked {
    #[must_use]
    pub fn contains(&self, layer: &LayerId, id: u64) -> bool {
        self.layer == *layer && self.ids.binary_search(&id).is_ok()
    }
}

impl Session {
    #[must_use]
    pub fn marked(&self) -> Option<&Marked> {
        self.marked.as_ref()
    }

    pub(super) fn mark_features(&mut self, layer: LayerId, mut ids: Vec<u64>) -> Result<Effects, SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let found = project.layer(&layer).ok_or_else(|| SessionError::NoLayer(layer.clone()))?;
        let table = found.content.features().ok_or_else(|| SessionError::NoTable(layer.clone()))?;
        ids.sort_unstable();
        ids.dedup();
        let rows: Vec<usize> = ids.iter().filter_map(|id| table.row_of(*id)).collect();
        let mark = Arc::new(Mark::rows(MarkKind::Found, table, &rows));
        self.marked = (!rows.is_empty()).then(|| Marked { layer, ids: Arc::new(ids), mark });
        self.arrange_if_marked_only()?;
        Ok(Effects { selection: true, ..Effects::default() })
    }
}
