//! The travel time of a fire across one cell, as a Randers metric.
//!
//! A fire that starts at a point burns an ellipse with the point in its rear focus (Anderson 1983; Finney 1998,
//! RMRS-RP-4). Travel time along `v` is then F(v) = a |v| - b.v with a = 1 / (R (1 - e)) and b = e a d, where R is
//! the head's rate, e the eccentricity and d the head's direction: a norm, shifted (Randers 1941). On a slope |v| and d
//! are those of the tilted plane, which makes |v| an elliptic norm of the horizontal `v`.

use super::rothermel::Spread;

/// F(v) = sqrt(v' A v) - b.v in seconds, for `v` in cells (x to the east, y to the south).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub xx: f32,
    pub xy: f32,
    pub yy: f32,
    pub bx: f32,
    pub by: f32,
}

/// The ground of a cell, as the metric wants it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ground {
    /// Rise over run.
    pub slope_tan: f32,
    /// Unit vector upslope, (east, north).
    pub upslope: [f32; 2],
}

impl Default for Ground {
    fn default() -> Self {
        Self { slope_tan: 0.0, upslope: [0.0, 1.0] }
    }
}

impl Ground {
    /// `upslope_rad` clockwise from north.
    #[must_use]
    pub fn new(slope_tan: f64, upslope_rad: f64) -> Self {
        let (sin, cos) = upslope_rad.sin_cos();
        Self { slope_tan: slope_tan as f32, upslope: [sin as f32, cos as f32] }
    }

    /// Of a rise per metre (to the east, to the north).
    #[must_use]
    pub fn from_gradient([east, north]: [f32; 2]) -> Self {
        let slope_tan = (east * east + north * north).sqrt();
        if slope_tan > 0.0 {
            Self { slope_tan, upslope: [east / slope_tan, north / slope_tan] }
        } else {
            Self::default()
        }
    }

    /// The inverse of [`Self::from_gradient`].
    #[must_use]
    pub fn gradient(self) -> [f32; 2] {
        self.upslope.map(|u| self.slope_tan * u)
    }
}

/// Squared slowness of cells that count as alike differs at most by this factor.
const LIKE: f32 = 1.5;

impl Metric {
    /// A cell that fire does not cross.
    pub const NEVER: Self = Self { xx: f32::INFINITY, xy: 0.0, yy: f32::INFINITY, bx: 0.0, by: 0.0 };

    #[must_use]
    pub fn burns(&self) -> bool {
        self.xx < f32::INFINITY
    }

    /// Whether a fire goes on about as fast in another cell: the same fuel, or nearly.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let (here, there) = (self.xx + self.yy, other.xx + other.yy);
        here <= LIKE * there && there <= LIKE * here
    }

    /// The metric of a fire on a cell of `cell` (width, height) metres.
    #[must_use]
    pub fn new(fire: &Spread, ground: Ground, cell: [f64; 2]) -> Self {
        // Slower than a metre a day is out.
        if fire.rate_mps.is_nan() || fire.rate_mps < 1e-5 {
            return Self::NEVER;
        }
        let e = fire.eccentricity;
        let a = 1.0 / (fire.rate_mps * (1.0 - e));
        // Length on the slope of a horizontal metre upslope.
        let k = f64::from(ground.slope_tan).mul_add(f64::from(ground.slope_tan), 1.0).sqrt();
        let up = ground.upslope.map(f64::from);
        let right = [up[1], -up[0]];
        let [head_up, head_right] = fire.head;
        let form = |i: usize, j: usize| a * a * (k * k * up[i] * up[j] + right[i] * right[j]);
        let shift = |i: usize| e * a * (head_up * k * up[i] + head_right * right[i]);
        let [w, h] = cell;
        Self {
            xx: (w * w * form(0, 0)) as f32,
            xy: (-w * h * form(0, 1)) as f32,
            yy: (h * h * form(1, 1)) as f32,
            bx: (w * shift(0)) as f32,
            by: (-h * shift(1)) as f32,
        }
    }

    /// Seconds along `v`, in cells.
    #[must_use]
    pub fn cost(&self, v: [f64; 2]) -> f64 {
        self.length(v) - (f64::from(self.bx) * v[0] + f64::from(self.by) * v[1])
    }

    /// The symmetric part of [`Self::cost`].
    #[must_use]
    pub fn length(&self, [x, y]: [f64; 2]) -> f64 {
        (f64::from(self.xx) * x * x + 2.0 * f64::from(self.xy) * x * y + f64::from(self.yy) * y * y).sqrt()
    }

    /// By how much a neighbour that this cell's time depends on may burn later than this cell, seconds: a ray within
    /// half a right angle of the edge's end gains at most this much from the wind.
    #[must_use]
    pub fn look_ahead(&self) -> f64 {
        let (xx, xy, yy) = (f64::from(self.xx), f64::from(self.xy), f64::from(self.yy));
        let across = (xx * yy - xy * xy).max(0.0).sqrt().sqrt();
        (f64::from(self.bx).hypot(f64::from(self.by)) - std::f64::consts::FRAC_1_SQRT_2 * across).max(0.0)
    }

    /// Whether marching in the order of time plus `drift` finds every neighbour final: what is left of the shift is small
    /// against the norm (below cos 45° of the ring's triangles, with room for a slope).
    #[must_use]
    pub fn suits(&self, drift: [f64; 2]) -> bool {
        let (xx, xy, yy) = (f64::from(self.xx), f64::from(self.xy), f64::from(self.yy));
        let (x, y) = (f64::from(self.bx) - drift[0], f64::from(self.by) - drift[1]);
        yy * x * x - 2.0 * xy * x * y + xx * y * y <= 0.45 * (xx * yy - xy * xy)
    }

    /// The way `v` to `x` that is fastest from any point of the segment from `a` to `b` (closed form: the slope of the
    /// cost along the segment is zero).
    #[must_use]
    pub fn fastest_from(&self, a: [f64; 2], b: [f64; 2], x: [f64; 2]) -> [f64; 2] {
        let (xx, xy, yy) = (f64::from(self.xx), f64::from(self.xy), f64::from(self.yy));
        let (e, w) = ([b[0] - a[0], b[1] - a[1]], [x[0] - a[0], x[1] - a[1]]);
        let form = |p: [f64; 2], q: [f64; 2]| xx * p[0] * q[0] + xy * (p[0] * q[1] + p[1] * q[0]) + yy * p[1] * q[1];
        let (c0, c1, c2) = (form(w, w), -form(w, e), form(e, e));
        let slope = f64::from(self.bx) * e[0] + f64::from(self.by) * e[1];
        let room = c2 - slope * slope;
        let t = if c2 > 0.0 && room > 0.0 {
            (-(slope * ((c0 * c2 - c1 * c1).max(0.0) / room).sqrt() + c1) / c2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        [w[0] - t * e[0], w[1] - t * e[1]]
    }

    /// Gradient of arrival time where a fire arrives along `v`, seconds per cell.
    #[must_use]
    pub fn gradient(&self, v: [f64; 2]) -> [f32; 2] {
        let length = self.length(v);
        if length <= 0.0 {
            return [0.0; 2];
        }
        let (xx, xy, yy) = (f64::from(self.xx), f64::from(self.xy), f64::from(self.yy));
        [
            ((xx * v[0] + xy * v[1]) / length - f64::from(self.bx)) as f32,
            ((xy * v[0] + yy * v[1]) / length - f64::from(self.by)) as f32,
        ]
    }

    /// Seconds per cell of a straight front with unit normal `n`: the positive root of |s n + b| = 1 in the dual norm.
    #[must_use]
    pub fn front_slowness(&self, [nx, ny]: [f64; 2]) -> f64 {
        let (xx, xy, yy) = (f64::from(self.xx), f64::from(self.xy), f64::from(self.yy));
        let (bx, by) = (f64::from(self.bx), f64::from(self.by));
        let det = xx * yy - xy * xy;
        let dual =
            |p: [f64; 2], q: [f64; 2]| (yy * p[0] * q[0] - xy * (p[0] * q[1] + p[1] * q[0]) + xx * p[1] * q[1]) / det;
        let (n, b) = ([nx, ny], [bx, by]);
        let (nn, nb, bb) = (dual(n, n), dual(n, b), dual(b, b));
        (-nb + (nb * nb - nn * (bb - 1.0)).max(0.0).sqrt()) / nn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ellipse(eccentricity: f64, ground: Ground) -> Metric {
        Metric::new(
            &Spread { rate_mps: 1.0, head: [1.0, 0.0], eccentricity, ..Spread::default() },
            ground,
            [30.0, 30.0],
        )
    }

    #[test]
    fn head_back_and_flank_take_their_times() {
        let e: f64 = 0.8;
        let m = ellipse(e, Ground::new(0.0, std::f64::consts::FRAC_PI_2));
        assert!((m.cost([1.0, 0.0]) - 30.0).abs() < 1e-4);
        assert!((m.cost([-1.0, 0.0]) - 30.0 * (1.0 + e) / (1.0 - e)).abs() < 1e-3);
        assert!((m.cost([0.0, 1.0]) - 30.0 / (1.0 - e)).abs() < 1e-3);
        // A straight flank moves by the half width of the ellipse of one second.
        let flank = (1.0 - e) / (1.0 - e * e).sqrt();
        assert!((m.front_slowness([0.0, -1.0]) - 30.0 / flank).abs() < 1e-3);
        assert!((m.front_slowness([1.0, 0.0]) - 30.0).abs() < 1e-4);
    }

    #[test]
    fn a_metre_upslope_is_longer_than_on_the_map() {
        let m = ellipse(0.0, Ground::new(0.75, 0.0));
        assert!((m.cost([0.0, -1.0]) - 37.5).abs() < 1e-4);
        assert!((m.cost([1.0, 0.0]) - 30.0).abs() < 1e-4);
    }
}
