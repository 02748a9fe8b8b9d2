//! The attribute table of a layer: which rows are shown and in which order, however many there are.

use std::cmp::Ordering;
use std::path::Path;
use std::sync::{Arc, Weak};

use rayon::prelude::*;

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::jobs::{JobKind, Outcome};
use crate::analysis::expr::{ExprError, Expression};
use crate::analysis::statistics::{Statistics, statistics};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::fold::fold_accents;
use crate::model::layer::LayerId;
use crate::model::table::{Column, FeatureTable, Value};

/// What the table window asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableWish {
    pub filter: String,
    /// A field and whether the largest comes first.
    pub sort: Option<(String, bool)>,
    /// Only the features that are marked.
    pub marked_only: bool,
}

#[derive(Debug, Default)]
pub struct TableDesk {
    pub layer: Option<LayerId>,
    pub wish: TableWish,
    /// What is wrong with the filter; the rows are then those from before.
    pub error: Option<ExprError>,
    /// Rows of the layer's table in the order in which they are shown.
    pub rows: Arc<Vec<u32>>,
    /// The table that `rows` is about.
    table: Weak<FeatureTable>,
    /// Of a field, over the rows that are shown.
    pub statistics: Option<(String, Statistics)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TableCommand {
    /// `None` closes the table.
    Open(Option<LayerId>),
    Arrange(TableWish),
    /// `None` puts them away.
    Statistics(Option<String>),
    /// Marks all rows that are shown on the map.
    MarkShown,
}

impl TableDesk {
    /// Whether the rows are those of this table as it is now.
    #[must_use]
    pub fn is_current(&self, table: &Arc<FeatureTable>) -> bool {
        std::ptr::eq(self.table.as_ptr(), Arc::as_ptr(table))
    }
}

impl Session {
    #[must_use]
    pub fn table(&self) -> &TableDesk {
        &self.table
    }

    pub(super) fn command_table(&mut self, command: TableCommand) -> Result<Effects, SessionError> {
        match command {
            TableCommand::Open(None) => {
                self.jobs.cancel(|j| j.kind == JobKind::Table);
                self.table = TableDesk::default();
            }
            TableCommand::Open(layer @ Some(_)) if self.table.layer != layer => {
                self.table = TableDesk { layer, ..TableDesk::default() };
                self.arrange()?;
            }
            TableCommand::Open(_) => {}
            TableCommand::Arrange(wish) => {
                self.table.wish = wish;
                self.arrange()?;
            }
            TableCommand::Statistics(field) => {
                self.table.statistics = None;
                if let (Some(field), Some(table)) = (field, self.shown_table()) {
                    let column = table.column(&field).ok_or_else(|| self.no_field(&field))?;
                    let found = statistics(column, self.table.rows.iter().map(|&row| row as usize));
                    self.table.statistics = Some((field, found));
                }
            }
            TableCommand::MarkShown => {
                if let (Some(layer), Some(table)) = (self.table.layer.clone(), self.shown_table()) {
                    let ids = self.table.rows.iter().filter_map(|&row| table.ids.get(row as usize).copied()).collect();
                    return self.mark_features(layer, ids);
                }
            }
        }
        Ok(Effects::default())
    }

    /// The table whose rows are shown.
    fn shown_table(&self) -> Option<Arc<FeatureTable>> {
        let layer = self.project()?.layer(self.table.layer.as_ref()?)?;
        layer.content.features().cloned()
    }

    fn no_field(&self, field: &str) -> SessionError {
        let layer = self.table.layer.clone().unwrap_or_else(|| LayerId::new(""));
        SessionError::NoField { layer, field: field.to_owned() }
    }

    pub(super) fn arrange_if_marked_only(&mut self) -> Result<(), SessionError> {
        if self.table.wish.marked_only { self.arrange() } else { Ok(()) }
    }

    /// After an edit or an undo the rows may be others.
    pub(super) fn follow_table(&mut self) {
        let Some(layer) = self.table.layer.clone() else { return };
        match self.shown_table() {
            None => self.table = TableDesk::default(),
            Some(table) if !self.table.is_current(&table) => {
                // An edit of a cell leaves the rows where they are until they are sorted anew: nothing jumps under
                // the cursor.
                let same_rows = self.table.table.upgrade().is_some_and(|old| old.ids == table.ids);
                self.table.layer = Some(layer);
                self.table.statistics = None;
                if same_rows && !self.table.rows.is_empty() {
                    self.table.table = Arc::downgrade(&table);
                } else if let Err(error) = self.arrange() {
                    tracing::warn!("{error}");
                }
            }
            Some(_) => {}
        }
    }

    fn arrange(&mut self) -> Result<(), SessionError> {
        self.jobs.cancel(|j| j.kind == JobKind::Table);
        let table = self.shown_table().ok_or(SessionError::NoProject)?;
        self.table.statistics = None;
        let wish = self.table.wish.clone();
        let filter = match wish.filter.trim() {
            "" => None,
            text => match Expression::parse(text, &table.schema) {
                Ok(expression) => Some(expression),
                Err(error) => {
                    self.table.error = Some(error);
                    return Ok(());
                }
            },
        };
        self.table.error = None;
        let layer = self.table.layer.clone();
        let marked = self.marked.as_ref().filter(|m| wish.marked_only && Some(&m.layer) == layer.as_ref());
        let only = wish.marked_only.then(|| marked.map(|m| m.ids.clone()).unwrap_or_default());
        let name = layer.map(|l| l.0).unwrap_or_default();
        self.start(JobKind::Table, Path::new(&name), move |_, cancel| {
            let rows = arranged(&table, filter.as_ref(), only.as_deref().map(Vec::as_slice), &wish, cancel)?;
            let rows = Arc::new(rows);
            Ok(Outcome::then(move |session| {
                let desk = &mut session.table;
                if desk.wish == wish && session.shown_table().is_some_and(|now| Arc::ptr_eq(&now, &table)) {
                    session.table.rows = rows;
                    session.table.table = Arc::downgrade(&table);
                }
                Effects::default()
            }))
        })
    }
}

/// The rows that are to be shown, in their order.
fn arranged(
    table: &FeatureTable,
    filter: Option<&Expression>,
    only: Option<&[u64]>,
    wish: &TableWish,
    cancel: &CancelToken,
) -> Result<Vec<u32>, Cancelled> {
    let all = || (0..table.len()).collect();
    let mut rows: Vec<usize> = filter.map_or_else(all, |f| f.rows(table));
    cancel.check()?;
    if let Some(only) = only {
        rows.retain(|row| only.binary_search(&table.ids[*row]).is_ok());
    }
    let column = wish.sort.as_ref().and_then(|(field, largest)| Some((table.column(field)?, *largest)));
    if let Some((column, largest_first)) = column {
        sort(&mut rows, column, largest_first);
        cancel.check()?;
    }
    Ok(rows.into_iter().filter_map(|row| u32::try_from(row).ok()).collect())
}

/// Numbers by value, texts as people look them up: accents and case decide only between equals. Rows without a value
/// come last either way; equal ones stay in the order of the table.
fn sort(rows: &mut [usize], column: &Column, largest_first: bool) {
    let turned = |order: Ordering| if largest_first { order.reverse() } else { order };
    match column {
        Column::Text(_) => {
            let text = |row: usize| match column.get(row) {
                Value::Text(text) => Some((fold_accents(text), text)),
                _ => None,
            };
            let mut keyed: Vec<_> = rows.par_iter().map(|&row| (text(row), row)).collect();
            keyed.par_sort_by(|(a, row_a), (b, row_b)| {
                let order = match (a, b) {
                    (Some(a), Some(b)) => turned(a.cmp(b)),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                };
                order.then(row_a.cmp(row_b))
            });
            for (place, (_, row)) in rows.iter_mut().zip(keyed) {
                *place = row;
            }
        }
        Column::Integer(_) | Column::Real(_) => {
            let number = |row: usize| column.get(row).as_f64();
            rows.par_sort_by(|&a, &b| {
                let order = match (number(a), number(b)) {
                    (Some(a), Some(b)) => turned(a.total_cmp(&b)),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                };
                order.then(a.cmp(&b))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;

    fn table() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text), ("DT", FieldKind::Real)]);
        for (name, area) in [("Ông Lang", 3.0), ("An Thới", f64::NAN), ("", 1.0), ("ông lang", 2.0), ("Bãi Dài", 2.0)]
        {
            table.geometry.push_empty();
            table.push_row(&[if name.is_empty() { Value::Null } else { Value::Text(name) }, Value::Real(area)]);
        }
        table
    }

    fn order(filter: &str, sort: Option<(&str, bool)>, only: Option<&[u64]>) -> Vec<u32> {
        let table = table();
        let wish = TableWish { sort: sort.map(|(f, l)| (f.to_owned(), l)), ..TableWish::default() };
        let filter = (!filter.is_empty()).then(|| Expression::parse(filter, &table.schema).unwrap());
        arranged(&table, filter.as_ref(), only, &wish, &CancelToken::new()).unwrap()
    }

    #[test]
    fn rows_are_sorted_as_people_look_them_up() {
        assert_eq!(order("", None, None), [0, 1, 2, 3, 4]);
        assert_eq!(order("", Some(("TEN", false)), None), [1, 4, 0, 3, 2], "the empty one comes last");
        assert_eq!(order("", Some(("TEN", true)), None), [3, 0, 4, 1, 2]);
        assert_eq!(order("", Some(("DT", false)), None), [2, 3, 4, 0, 1]);
        assert_eq!(order("", Some(("DT", true)), None), [0, 3, 4, 2, 1]);
    }

    #[test]
    fn rows_are_filtered_and_narrowed_to_the_marked() {
        assert_eq!(order("DT >= 2", Some(("DT", true)), None), [0, 3, 4]);
        assert_eq!(order("DT >= 2", None, Some(&[1, 2, 5])), [0, 4]);
        assert_eq!(order("", None, Some(&[])), [] as [u32; 0]);
    }
}
