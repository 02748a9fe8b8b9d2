//! Difference maps of two scenarios: fields cell by cell, roads piece by piece.

use std::collections::BTreeMap;

use crate::geo::grid::Grid;
use crate::study::effects::traffic_air::Piece;

/// Second less first on the second's grid; a missing value counts as nothing there. `None` when cells do not match.
#[must_use]
pub fn difference(a: &Grid<f32>, b: &Grid<f32>) -> Option<Grid<f32>> {
    if a.spec.crs != b.spec.crs || a.spec.transform[1] != b.spec.transform[1] {
        return None;
    }
    let at = |i: usize| {
        let here = b.spec.centre(i % b.spec.cols, i / b.spec.cols);
        let (was, is) = (a.at(here).unwrap_or(f32::NAN), b.cells[i]);
        let none = |v: f32| if v.is_nan() { 0.0 } else { v };
        if was.is_nan() && is.is_nan() { f32::NAN } else { none(is) - none(was) }
    };
    Some(Grid { spec: b.spec.clone(), cells: (0..b.spec.len()).map(at).collect() })
}

/// A piece of road in both networks, or in one of them.
#[derive(Debug, Clone, Copy)]
pub struct RoadChange<'a> {
    pub before: Option<&'a Piece>,
    pub after: Option<&'a Piece>,
    /// Whichever there is, the second first.
    piece: &'a Piece,
}

impl<'a> RoadChange<'a> {
    #[must_use]
    pub fn piece(&self) -> &'a Piece {
        self.piece
    }

    /// Second less first; a road that is not there carries nothing.
    #[must_use]
    pub fn change(&self, of: impl Fn(&Piece) -> f64) -> f64 {
        self.after.map_or(0.0, &of) - self.before.map_or(0.0, &of)
    }
}

/// Pieces of both networks by their ends: roads that are cut anew, added or closed are on one side only.
#[must_use]
pub fn road_changes<'a>(a: &'a [Piece], b: &'a [Piece]) -> Vec<RoadChange<'a>> {
    let key = |p: &Piece| {
        let end = |at: Option<&[f64; 2]>| at.map_or([0, 0], |at| at.map(|v| (v * 2.0).round() as i64));
        let (x, y) = (end(p.line.first()), end(p.line.last()));
        (x.min(y), x.max(y), p.length_m.round() as i64)
    };
    let before: BTreeMap<_, &Piece> = a.iter().map(|p| (key(p), p)).collect();
    let after: BTreeMap<_, &Piece> = b.iter().map(|p| (key(p), p)).collect();
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let of = |key| {
        let (before, after) = (before.get(key).copied(), after.get(key).copied());
        after.or(before).map(|piece| RoadChange { before, after, piece })
    };
    keys.into_iter().filter_map(of).collect()
}
