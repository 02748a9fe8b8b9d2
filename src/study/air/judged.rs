//! What is held against a limit: at each place the highest mean over the limit's hours that the run has.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::geo::grid::Grid;

/// Takes the hours as they come.
#[derive(Debug, Clone)]
pub struct Judged {
    hours: usize,
    window: VecDeque<Arc<Grid<f32>>>,
    sums: Vec<f64>,
    highest: Vec<f32>,
}

impl Judged {
    #[must_use]
    pub fn new(hours: usize) -> Self {
        Self { hours: hours.max(1), window: VecDeque::new(), sums: Vec::new(), highest: Vec::new() }
    }

    /// The mean of the next hour.
    pub fn take(&mut self, grid: &Arc<Grid<f32>>) {
        self.sums.resize(grid.cells.len(), 0.0);
        self.highest.resize(grid.cells.len(), f32::NEG_INFINITY);
        self.window.push_back(Arc::clone(grid));
        let gone = if self.window.len() > self.hours { self.window.pop_front() } else { None };
        let whole = self.window.len() == self.hours;
        for (i, sum) in self.sums.iter_mut().enumerate() {
            *sum += f64::from(grid.cells[i]) - gone.as_ref().map_or(0.0, |g| f64::from(g.cells[i]));
            if whole {
                self.highest[i] = self.highest[i].max((*sum / self.hours as f64) as f32);
            }
        }
    }

    /// After the last hour; a run that is not longer than the limit's hours is judged by its own `mean`.
    #[must_use]
    pub fn grid(self, mean: &Arc<Grid<f32>>) -> Arc<Grid<f32>> {
        if self.highest.iter().all(|v| *v == f32::NEG_INFINITY) {
            return Arc::clone(mean);
        }
        Arc::new(Grid { spec: mean.spec.clone(), cells: self.highest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    fn judged(hours: usize, values: &[[f32; 2]]) -> Vec<f32> {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 100.0, 100.0, 2, 1);
        let grid = |cells: &[f32]| Arc::new(Grid { spec: spec.clone(), cells: cells.to_vec() });
        let mut judged = Judged::new(hours);
        values.iter().for_each(|cells| judged.take(&grid(cells)));
        let mean = [0, 1].map(|c| values.iter().map(|v| v[c]).sum::<f32>() / values.len() as f32);
        judged.grid(&grid(&mean)).cells.clone()
    }

    #[test]
    fn each_place_has_its_own_worst_hours() {
        let hours = [[9.0, 0.0], [3.0, 0.0], [0.0, 6.0], [0.0, 8.0]];
        assert_eq!(judged(1, &hours), [9.0, 8.0]);
        assert_eq!(judged(2, &hours), [6.0, 7.0]);
        assert_eq!(judged(4, &hours), [3.0, 3.5]);
        assert_eq!(judged(24, &hours), [3.0, 3.5], "too short for the limit: its own mean");
    }
}
