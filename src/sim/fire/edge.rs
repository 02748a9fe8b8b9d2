//! The fastest way to a cell from any point of an edge between two neighbours.

/// Arrival time along an edge: the line between its ends, and what the cubic adds.
pub struct Edge {
    start: f64,
    rise: f64,
    /// How much the slope at either end differs from the line's.
    near: f64,
    far: f64,
}

/// Travel time from the point at `t` on an edge to the cell: sqrt(c0 + 2 c1 t + c2 t^2) + bo + be t.
pub struct Travel {
    pub c0: f64,
    pub c1: f64,
    pub c2: f64,
    pub bo: f64,
    pub be: f64,
    pub det: f64,
}

impl Edge {
    #[must_use]
    pub fn new(start: f64, end: f64, slope_start: f64, slope_end: f64) -> Self {
        let rise = end - start;
        let (mut near, mut far) = (slope_start - rise, rise - slope_end);
        // Neither end may bend the edge much more than the other.
        let limit = 3.0 * near.abs().min(far.abs());
        near = near.clamp(-limit, limit);
        far = far.clamp(-limit, limit);
        Self { start, rise, near, far }
    }

    /// Least time over the edge, and where: Newton's method on the slope.
    #[must_use]
    pub fn least(&self, w: &Travel) -> (f64, f64) {
        // 't' of the cubic: rise t + t (1 - t) ((1 - t) near + t far).
        let (b2, b3) = (self.far - 2.0 * self.near, self.near - self.far);
        let slope = self.rise + self.near + w.be;
        let mut t = self.line_minimum(w);
        for _ in 0..3 {
            let q = (w.c2 * t + 2.0 * w.c1) * t + w.c0;
            let length = q.sqrt();
            let d1 = slope + t * (2.0 * b2 + 3.0 * b3 * t) + (w.c1 + w.c2 * t) / length;
            let d2 = 2.0 * b2 + 6.0 * b3 * t + w.det / (q * length);
            if d2 <= 0.0 {
                break;
            }
            let next = (t - d1 / d2).clamp(0.0, 1.0);
            let moved = (next - t).abs();
            t = next;
            if moved < 1e-3 {
                break;
            }
        }
        let length = ((w.c2 * t + 2.0 * w.c1) * t + w.c0).sqrt();
        (self.start + t * (self.rise + self.near + t * (b2 + t * b3)) + w.bo + w.be * t + length, t)
    }

    /// Closed form for the straight line.
    fn line_minimum(&self, w: &Travel) -> f64 {
        let slope = self.rise + w.be;
        let room = w.c2 - slope * slope;
        if room <= 0.0 {
            return if slope > 0.0 { 0.0 } else { 1.0 };
        }
        (-(slope * (w.det / room).sqrt() + w.c1) / w.c2).clamp(0.0, 1.0)
    }
}
