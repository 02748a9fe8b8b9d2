//! New columns from expressions.

use std::sync::Arc;

use super::apply::Session;
use super::edit::{self, Edit};
use super::effects::Effects;
use super::error::SessionError;
use crate::analysis::expr::Expression;
use crate::base::message::Message;
use crate::model::layer::{LayerContent, LayerId};
use crate::model::table::Field;

impl Session {
    /// Adds a column, or replaces the one of this name (undo).
    pub(super) fn add_column(&mut self, id: &LayerId, name: &str, text: &str) -> Result<Effects, SessionError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(SessionError::NoName);
        }
        let project = self.project().ok_or(SessionError::NoProject)?;
        let layer = project.layer(id).ok_or_else(|| SessionError::NoLayer(id.clone()))?;
        let table = layer.content.features().ok_or_else(|| SessionError::NoTable(id.clone()))?;
        let expression = Expression::parse(text, &table.schema).map_err(SessionError::Expression)?;
        let column = expression.column(table);
        let field = Field { name: name.to_owned(), kind: column.kind() };
        let mut changed = (**table).clone();
        if let Some(at) = changed.field_index(name) {
            (changed.schema[at], changed.columns[at]) = (field, column);
        } else {
            changed.schema.push(field);
            changed.columns.push(column);
        }
        let title = super::place::title(&layer.title, self.language()).to_owned();
        let mut next = (**project).clone();
        edit::change_layer(&mut next, id, |l| l.content = LayerContent::Features(Arc::new(changed)))?;
        let label = Message::new("gis-undo-column").with("field", name).with("layer", title.as_str());
        Ok(self.commit(Edit { project: next, label, merge: None }))
    }
}
