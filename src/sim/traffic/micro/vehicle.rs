//! One vehicle on the road: 64 bytes, copied as it moves.

/// No link, no connection.
pub const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vehicle {
    /// Front, along the link from its beginning, and middle, from the right edge of the road.
    pub x_m: f32,
    pub y_m: f32,
    pub speed_mps: f32,
    pub sideways_mps: f32,
    pub length_m: f32,
    pub width_m: f32,
    /// Row of the trip.
    pub trip: u32,
    /// The next link of the way stands there among all links of all ways.
    pub at: u32,
    /// The link after this one; [`NONE`] on the last.
    pub next: u32,
    /// How it gets there from its lane; [`NONE`] when it does not.
    pub connection: u32,
    /// Seconds of standing.
    pub waits_s: f32,
    pub lane: u8,
    pub driver: u8,
    /// Steps until it may change lanes again.
    pub settled: u8,
    /// Can no longer stop before the junction.
    pub committed: bool,
}

impl Vehicle {
    #[must_use]
    pub fn rear_m(&self) -> f32 {
        self.x_m - self.length_m
    }

    /// Whether one would run into the other if one followed: their widths share some of the road.
    #[must_use]
    pub fn in_file_with(&self, other: &Self) -> bool {
        self.in_file_at(self.y_m, other)
    }

    /// The same if this one were at `y_m`.
    #[must_use]
    pub fn in_file_at(&self, y_m: f32, other: &Self) -> bool {
        (y_m - other.y_m).abs() < 0.5 * (self.width_m + other.width_m)
    }
}
