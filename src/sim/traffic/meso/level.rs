//! How good traffic is on a link in an hour.

use super::input::Roads;
use super::record::Record;

/// One row of the table by link and interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkState {
    pub vehicles: u32,
    pub motorbikes: u32,
    pub speed_mps: f64,
    /// Vehicles a metre, in the mean.
    pub density_per_m: f64,
    /// Of one vehicle, in the mean.
    pub delay_s: f64,
    /// Vehicles held up at one moment, in the mean (Little's law).
    pub queue: f64,
    /// A to F.
    pub level: char,
}

/// Level of service of a street by speed against free speed: Highway Capacity Manual 2010, exhibit 17-2.
#[must_use]
pub fn level_of_service(speed_share: f64) -> char {
    let steps = [(0.85, 'A'), (0.67, 'B'), (0.50, 'C'), (0.40, 'D'), (0.30, 'E')];
    steps.iter().find(|s| speed_share > s.0).map_or('F', |s| s.1)
}

/// Some intervals of a link together; those that entered in them count. Edie's definitions (1963): density is time
/// spent over length and duration.
#[must_use]
pub fn state(roads: &Roads, record: &Record, intervals: std::ops::Range<usize>, link: u32) -> LinkState {
    let duration_s = record.interval_s * intervals.len() as f64;
    let c = record.sum(intervals, link);
    let d = &roads.diagrams[link as usize];
    let n = f64::from(c.vehicles);
    let (mean_s, free_s) =
        if c.vehicles == 0 { (d.free_time_s(), d.free_time_s()) } else { (c.time_s / n, c.free_time_s / n) };
    let delay_s = (mean_s - free_s).max(0.0);
    LinkState {
        vehicles: c.vehicles,
        motorbikes: c.passing,
        speed_mps: d.length_m / mean_s,
        density_per_m: c.time_s / duration_s / d.length_m,
        delay_s,
        queue: delay_s * n / duration_s,
        level: level_of_service(free_s / mean_s),
    }
}
