//! What must never happen, looked for after a step.

use super::engine::{Engine, is_on_road};

/// Two vehicles in one place: rows of their trips and the link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Collision {
    pub link: u64,
    pub trips: [u32; 2],
}

/// Counts what must be nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    pub collisions: Vec<Collision>,
    /// Vehicles off the road or past its end.
    pub astray: u32,
}

impl Engine {
    pub(super) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        for (link, live) in (0..).zip(&self.lives) {
            let street = &self.streets.streets[link as usize];
            for (i, v) in live.vehicles.iter().enumerate() {
                if !(is_on_road(&self.streets, link, v) && v.x_m < street.length_m && v.x_m >= 0.0) {
                    faults.astray += 1;
                }
                for behind in &live.vehicles[i + 1..] {
                    if behind.x_m <= v.rear_m() {
                        break;
                    }
                    // A hand's breadth is rounding.
                    let overlap = (v.y_m - behind.y_m).abs() < 0.5 * (v.width_m + behind.width_m) - 0.02;
                    if overlap && v.rear_m() < behind.x_m - 0.02 && behind.rear_m() < v.x_m {
                        faults.collisions.push(Collision { link: street.id, trips: [v.trip, behind.trip] });
                    }
                }
            }
        }
        faults
    }
}
