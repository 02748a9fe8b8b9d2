//! One spatial index a feature table, built when first asked for and kept as long as the table lives.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::geo::index::FeatureIndex;
use crate::model::project::Project;
use crate::model::table::FeatureTable;

type Entry = (Weak<FeatureTable>, Arc<FeatureIndex>);

/// Clones share their indexes.
#[derive(Debug, Clone, Default)]
pub struct Indexes(Arc<Mutex<Vec<Entry>>>);

impl Indexes {
    /// The index of a table; building one for 60,000 parcels takes some 30 ms.
    #[must_use]
    pub fn of(&self, table: &Arc<FeatureTable>) -> Arc<FeatureIndex> {
        if let Some(index) = self.find(table) {
            return index;
        }
        // Built outside the lock: at worst two threads build the same one.
        let index = Arc::new(FeatureIndex::build(&table.geometry));
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|(t, _)| t.strong_count() > 0);
        entries.push((Arc::downgrade(table), index.clone()));
        index
    }

    /// Builds what is missing for a project on a thread of its own, so that the first click finds it ready.
    pub fn warm(&self, project: &Arc<Project>) {
        let (indexes, project) = (self.clone(), project.clone());
        let work = move || {
            for table in project.layers.iter().filter_map(|l| l.content.features()) {
                let _ = indexes.of(table);
            }
        };
        // Without the thread the first click builds them.
        let _ = std::thread::Builder::new().name("index".to_owned()).spawn(work);
    }

    fn find(&self, table: &Arc<FeatureTable>) -> Option<Arc<FeatureIndex>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|(t, _)| std::ptr::eq(t.as_ptr(), Arc::as_ptr(table))).map(|(_, index)| index.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_built_once_and_forgotten_with_its_table() {
        let indexes = Indexes::default();
        let table = Arc::new(FeatureTable::default());
        assert!(Arc::ptr_eq(&indexes.of(&table), &indexes.of(&table)));
        drop(table);
        let other = Arc::new(FeatureTable::default());
        let _ = indexes.of(&other);
        assert_eq!(indexes.0.lock().unwrap().len(), 1);
    }
}
