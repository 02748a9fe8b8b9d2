//! What is drawn over the map for a while: readings of a file, places of faults, features that were found.

use std::sync::Arc;

use super::apply::Session;
use crate::geo::shape::ShapeKind;
use crate::model::style::Rgba;
use crate::model::table::FeatureTable;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// A way of reading a file's coordinates, by its place in the list.
    Reading(usize),
    /// Features that were marked or found.
    Found,
    /// The place of a fault.
    Fault,
    /// From one thing to the one nearest to it.
    Link,
}

/// Colours of the readings, on the map as in the list: Okabe & Ito (2008), apart for every eye.
pub const READING_COLORS: [Rgba; 3] =
    [Rgba::opaque(213, 94, 0), Rgba::opaque(0, 158, 230), Rgba::opaque(204, 121, 167)];

/// Lines and dots, (east, north) in the site's CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub kind: MarkKind,
    pub lines: Vec<Vec<[f64; 2]>>,
    pub dots: Vec<[f64; 2]>,
}

/// Outlines that are drawn; of more features only their middles are shown, as dots.
const MOST_OUTLINED: usize = 1500;
/// Dots that are drawn, spread over what was found.
const MOST_DOTS: usize = 4000;

impl Mark {
    #[must_use]
    pub fn lines(kind: MarkKind, lines: Vec<Vec<[f64; 2]>>) -> Self {
        // Points come as lines of one.
        let (dots, lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.len() < 2);
        Self { kind, lines, dots: dots.into_iter().flatten().collect() }
    }

    /// Some rows of a table.
    #[must_use]
    pub fn rows(kind: MarkKind, table: &FeatureTable, rows: &[usize]) -> Self {
        let (mut lines, mut dots) = (Vec::new(), Vec::new());
        if rows.len() <= MOST_OUTLINED {
            for &row in rows {
                let shape = table.geometry.get(row);
                match shape.kind() {
                    ShapeKind::Point => dots.extend_from_slice(shape.points()),
                    _ => lines.extend(shape.rings().map(|r| r.points().to_vec())),
                }
            }
        } else {
            let step = rows.len().div_ceil(MOST_DOTS).max(1);
            let middle = |row: &usize| crate::geo::measure::anchor(table.geometry.get(*row));
            dots.extend(rows.iter().step_by(step).filter_map(middle));
        }
        Self { kind, lines, dots }
    }
}

impl Session {
    /// Everything that is to be drawn over the map now, the lowest first.
    #[must_use]
    pub fn marks(&self) -> Vec<Arc<Mark>> {
        let importing = self.importing.current().map(|r| r.marks.clone()).unwrap_or_default();
        importing
            .into_iter()
            .chain(self.marked.as_ref().map(|m| m.mark.clone()))
            .chain(self.ask.mark.clone())
            .chain(self.checks.mark.clone())
            .collect()
    }
}
