//! What a command changed, so that a view rebuilds only that.

use std::collections::BTreeSet;

use crate::model::layer::LayerId;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    pub fn merge(&mut self, other: Self) {
        self.project_replaced |= other.project_replaced;
        self.layers.extend(other.layers);
        self.order |= other.order;
        self.time |= other.time;
        self.selection |= other.selection;
        self.language |= other.language;
    }
}
