//! The cheapest way over land between two places: short, gentle, off the lots.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::hydrology::neighbours;
use super::lattice::resample;
use super::regions::thin;
use super::shore::coarser;
use super::source::round_mm;
use super::terrain::Ground;
use crate::geo::grid::Grid;
use crate::geo::terrain::slope_aspect;

/// What a metre of road costs in each 60 m cell; infinite at sea.
#[derive(Debug, Clone)]
pub struct RouteCost(Grid<f64>);

impl RouteCost {
    #[must_use]
    pub fn new(ground: &Ground, free: &Grid<bool>) -> Self {
        let mut cost = Grid::filled(coarser(&ground.height.spec, 2), f64::INFINITY);
        for row in 0..cost.spec.rows {
            for col in 0..cost.spec.cols {
                let p = cost.spec.centre(col, row);
                let Some((c, r)) = ground.height.spec.cell_at(p) else { continue };
                let shore = f64::from(ground.shore.get(c, r));
                if shore > 40.0 {
                    let slope = slope_aspect(&ground.height, c, r).0.tan();
                    let built = if free.at(p).unwrap_or(true) { 0.0 } else { 14.0 };
                    let beach = if shore < 120.0 { 3.0 } else { 0.0 };
                    cost.set(col, row, 1.0 + (slope / 0.06).powi(2) + built + beach);
                }
            }
        }
        Self(cost)
    }

    /// Dijkstra's shortest path (1959) over the cells, smoothed; the ends are met exactly. `None` when the sea lies
    /// between.
    #[must_use]
    pub fn way(&self, from: [f64; 2], to: [f64; 2]) -> Option<Vec<[f64; 2]>> {
        let spec = &self.0.spec;
        let index = |p| spec.cell_at(p).map(|(c, r)| r * spec.cols + c);
        let (start, goal) = (index(from)?, index(to)?);
        let mut best = vec![f64::INFINITY; spec.len()];
        let mut before = vec![usize::MAX; spec.len()];
        let mut queue = BinaryHeap::new();
        best[start] = 0.0;
        queue.push(Reverse((0_u64, start)));
        while let Some(Reverse((bits, cell))) = queue.pop() {
            if cell == goal {
                break;
            }
            if f64::from_bits(bits) > best[cell] {
                continue;
            }
            for (next, length) in neighbours(cell, spec.cols, spec.rows) {
                let along = best[cell] + length * f64::midpoint(self.0.cells[cell].min(1e6), self.0.cells[next]);
                if along < best[next] {
                    best[next] = along;
                    before[next] = cell;
                    queue.push(Reverse((along.to_bits(), next)));
                }
            }
        }
        if !best[goal].is_finite() {
            return None;
        }
        let mut cells = vec![goal];
        while let Some(&last) = cells.last().filter(|c| **c != start) {
            cells.push(before[last]);
        }
        cells.reverse();
        let inner = cells.get(1..cells.len().saturating_sub(1)).unwrap_or(&[]);
        let mut line = vec![from];
        line.extend(inner.iter().map(|c| spec.centre(c % spec.cols, c / spec.cols)));
        line.push(to);
        Some(smooth(&line))
    }
}

/// Rounds the corners of a grid path into road curves.
fn smooth(line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let Some(last) = line.last() else { return Vec::new() };
    let mut points = resample(line, 30.0);
    points.push(*last);
    for _ in 0..14 {
        let before = points.clone();
        for (i, w) in before.windows(3).enumerate() {
            points[i + 1] = [0, 1].map(|k| (w[0][k] + w[1][k] + w[2][k]) / 3.0);
        }
    }
    let mut thinned: Vec<[f64; 2]> = thin(&points, 1.5).into_iter().map(round_mm).collect();
    thinned.dedup();
    thinned
}
