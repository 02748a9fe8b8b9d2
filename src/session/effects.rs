//! What a command changed, so that a view rebuilds only that.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::layer::LayerId;
use crate::model::project::Project;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, not states")]
pub struct Effects {
    /// Another project is open: everything is new.
    pub project_replaced: bool,
    /// Content, style, visibility, opacity, title or presence of these changed.
    pub layers: BTreeSet<LayerId>,
    pub order: bool,
    pub time: bool,
    pub selection: bool,
    pub language: bool,
}

impl Effects {
    /// What differs between two states of one project.
    #[must_use]
    pub fn between(before: &Project, after: &Project) -> Self {
        let changed = |from: &Project, to: &Project| -> Vec<LayerId> {
            let same = |l: &Arc<_>| to.layers.iter().any(|o| Arc::ptr_eq(o, l));
            from.layers.iter().filter(|l| !same(l)).map(|l| l.id.clone()).collect()
        };
        let mut layers: BTreeSet<LayerId> = changed(before, after).into_iter().collect();
        layers.extend(changed(after, before));
        Self {
            layers,
            order: !before.layers.iter().map(|l| &l.id).eq(after.layers.iter().map(|l| &l.id)),
            time: before.time != after.time,
            ..Self::default()
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.project_replaced |= other.project_replaced;
        self.layers.extend(other.layers);
        self.order |= other.order;
        self.time |= other.time;
        self.selection |= other.selection;
        self.language |= other.language;
    }
}
