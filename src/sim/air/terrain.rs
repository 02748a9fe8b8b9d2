//! Hills in the way of a plume: two plume states, weighted by what the dividing streamline lets over and what it
//! leads around.
//!
//! Snyder et al. (1985), J. Fluid Mech. 152, 249-288, for the dividing height; Cimorelli et al. (2005), J. Appl.
//! Meteorol. 44, 682-693, eqs. 5 to 8, for the weights. A screening view: it knows heights, not valleys that steer.

use super::meteorology::Meteorology;
use super::plume;
use super::release::Release;
use crate::geo::grid::Grid;

/// A hill matters to a receptor when it rises above it by a tenth of the way (AERMAP's rule, EPA-454/B-03-003).
const LEAST_SLOPE: f64 = 0.1;
/// A rise that no plume minds, metres.
const LEAST_RISE_M: f64 = 10.0;
/// Plumes from lower down follow the ground (ISC3, sect. 1.2.3: area sources know no terrain); those that rise to here
/// or higher may find a hill in their way.
const RAISED_M: f64 = 10.0;
/// Ground that is less above a source's foot is level, metres: both states are the same plume.
pub(super) const LEVEL_M: f64 = 1.0;
/// Hills are looked for on squares of about this side, metres.
const COARSE_M: f64 = 400.0;

/// Where receptors stand and what rises beside them.
#[derive(Debug, Clone)]
pub struct Hills {
    /// (middle, greatest height), the highest first.
    tops: Vec<([f64; 2], f64)>,
}

impl Hills {
    #[must_use]
    pub fn new(terrain: &Grid<f32>) -> Self {
        let spec = &terrain.spec;
        let block = |side: f64| ((COARSE_M / side).round() as usize).max(1);
        let (wide, high) = (block(spec.cell_width()), block(spec.cell_height()));
        let mut tops = Vec::new();
        for row in (0..spec.rows).step_by(high) {
            for col in (0..spec.cols).step_by(wide) {
                let cells = (row..(row + high).min(spec.rows))
                    .flat_map(|r| (col..(col + wide).min(spec.cols)).map(move |c| (c, r)));
                let above = |best: Option<(usize, usize)>, at: (usize, usize)| {
                    let higher = |b: (usize, usize)| terrain.get(at.0, at.1) > terrain.get(b.0, b.1);
                    if terrain.get(at.0, at.1) > 0.0 && best.is_none_or(higher) { Some(at) } else { best }
                };
                if let Some((c, r)) = cells.fold(None, above) {
                    tops.push((spec.centre(c, r), f64::from(terrain.get(c, r))));
                }
            }
        }
        tops.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self { tops }
    }

    /// Height of the hill that a receptor feels, at least its own ground, metres above the sea.
    #[must_use]
    pub fn height_scale_m(&self, at: [f64; 2], ground_m: f64) -> f64 {
        let felt = |(top, height): &&([f64; 2], f64)| {
            let rise = height - ground_m;
            rise > 0.0 && crate::geo::measure::distance(*top, at) * LEAST_SLOPE <= rise
        };
        // What rises little is no hill, and all that follows is lower.
        let higher = self.tops.partition_point(|(_, height)| height - ground_m > LEAST_RISE_M);
        self.tops[..higher].iter().find(felt).map_or(ground_m, |(_, height)| height.max(ground_m))
    }
}

/// Height above the source's foot below which stable air goes around a hill of this height: where its motion is just
/// enough to climb the rest, u(H)^2/2 = N^2 (h - H)^2/2. Zero where the air is not stable or there is no hill.
#[must_use]
pub fn dividing_height_m(air: &Meteorology, hill_m: f64) -> f64 {
    let Some(n2) = air.stability_parameter().filter(|_| hill_m > 0.0) else { return 0.0 };
    let climbs = |height: f64| air.wind_at(height) >= n2.sqrt() * (hill_m - height);
    if climbs(0.0) {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, hill_m);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if climbs(middle) { high = middle } else { low = middle }
    }
    high
}

/// Weight of the plume that goes on level, by the share of it below the dividing height.
#[must_use]
pub fn level_weight(share_below: f64) -> f64 {
    0.5 * (1.0 + share_below)
}

/// Whether hills matter to a plume: by the height that it rises to, not by that of its stack.
#[must_use]
pub fn is_raised(release: &Release) -> bool {
    release.final_height_m() >= RAISED_M
}

/// Concentration for a unit of emission, s/m3, by the exact equations at a place whose ground, and whose hill, are so far
/// above the source's foot.
#[must_use]
pub fn unit_on_hill(
    release: &Release,
    [along_m, across_m]: [f64; 2],
    height_m: f64,
    ground_m: f64,
    hill_m: f64,
) -> f64 {
    let following = release.unit(along_m, across_m, height_m);
    if ground_m < LEVEL_M || along_m <= 0.0 || !is_raised(release) {
        return following;
    }
    let dividing_m = dividing_height_m(&release.air, hill_m);
    let section = release.section(along_m);
    let share =
        if dividing_m > 0.0 { plume::share_below(dividing_m, section.height_m, section.sigma.z_m) } else { 0.0 };
    let level = release.unit(along_m, across_m, ground_m + height_m);
    level_weight(share).mul_add(level - following, following)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;
    use crate::sim::air::stability::StabilityClass::{D, F};

    /// Constant wind: H = h - u/N (Snyder et al., eq. 5).
    #[test]
    fn stable_air_goes_around() {
        let air = Meteorology::new(2.0, 0.0, F.into());
        let n = air.stability_parameter().unwrap().sqrt();
        let h = dividing_height_m(&air, 60.0);
        let wind = air.wind_at(h);
        assert!((h - (60.0 - wind / n)).abs() < 1e-6 && h < 60.0, "{h}");
        assert_eq!(dividing_height_m(&Meteorology::new(2.0, 0.0, D.into()), 60.0), 0.0);
        assert!(dividing_height_m(&air, 300.0) > 80.0);
        assert_eq!(dividing_height_m(&air, 0.0), 0.0);
        assert_eq!((level_weight(0.0), level_weight(1.0)), (0.5, 1.0));
    }

    #[test]
    fn a_hill_is_felt_within_ten_times_its_height() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 10_000.0, 100.0, 100, 100);
        let mut terrain = Grid::filled(spec, 1.0);
        terrain.set(50, 50, 301.0);
        let hills = Hills::new(&terrain);
        assert_eq!(hills.height_scale_m([5050.0 - 2900.0, 4950.0], 1.0), 301.0);
        assert_eq!(hills.height_scale_m([5050.0 - 3100.0, 4950.0], 1.0), 1.0);
    }
}
