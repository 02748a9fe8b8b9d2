//! Slope and aspect of a terrain, and the ray that hits it.

use super::grid::Grid;

/// Slope (radians) and aspect (clockwise from north, downslope, radians) of a cell.
///
/// Horn (1981), "Hill shading and the reflectance map", eq. for the third-order finite difference. Cells on the
/// edge repeat their neighbours; NaN beside missing cells.
#[must_use]
pub fn slope_aspect(terrain: &Grid<f32>, col: usize, row: usize) -> (f64, f64) {
    let (cols, rows) = (terrain.spec.cols, terrain.spec.rows);
    let z = |dc: isize, dr: isize| {
        let c = col.saturating_add_signed(dc).min(cols - 1);
        let r = row.saturating_add_signed(dr).min(rows - 1);
        f64::from(terrain.get(c, r))
    };
    let east = (z(1, -1) + 2.0 * z(1, 0) + z(1, 1)) - (z(-1, -1) + 2.0 * z(-1, 0) + z(-1, 1));
    let north = (z(-1, -1) + 2.0 * z(0, -1) + z(1, -1)) - (z(-1, 1) + 2.0 * z(0, 1) + z(1, 1));
    let (dz_dx, dz_dy) = (east / (8.0 * terrain.spec.cell_width()), north / (8.0 * terrain.spec.cell_height()));
    (dz_dx.hypot(dz_dy).atan(), (-dz_dx).atan2(-dz_dy).rem_euclid(std::f64::consts::TAU))
}

/// Where a ray first meets the terrain: `origin` and unit `direction` as (east, north, up) in the grid's
/// coordinates, heights in metres. Missing cells and the sea floor count as height `sea_level`.
#[must_use]
pub fn intersect_ray(
    terrain: &Grid<f32>,
    origin: [f64; 3],
    direction: [f64; 3],
    sea_level: f64,
    reach: f64,
) -> Option<[f64; 3]> {
    let height = |p: [f64; 3]| {
        let z = f64::from(terrain.bilinear([p[0], p[1]]));
        if z.is_nan() { sea_level } else { z.max(sea_level) }
    };
    let at = |t: f64| [0, 1, 2].map(|i| t.mul_add(direction[i], origin[i]));
    if origin[2] < height(origin) {
        return None;
    }
    let (mut before, mut t) = (0.0, 0.0);
    while t < reach {
        let p = at(t);
        let clearance = p[2] - height(p);
        if clearance <= 0.0 {
            let (mut above, mut below) = (before, t);
            for _ in 0..40 {
                let middle = f64::midpoint(above, below);
                let p = at(middle);
                if p[2] > height(p) { above = middle } else { below = middle }
            }
            return Some(at(below));
        }
        before = t;
        // No slope here is steeper than 2:1, so a ray this far above cannot meet the ground sooner.
        t += (clearance * 0.4).max(terrain.spec.cell_width() * 0.25);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    /// z = 0.5 east + 100.
    fn plane() -> Grid<f32> {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 1000.0, 10.0, 100, 100);
        let mut grid = Grid::filled(spec, 0.0);
        for row in 0..100 {
            for col in 0..100 {
                let z = grid.spec.centre(col, row)[0].mul_add(0.5, 100.0) as f32;
                grid.set(col, row, z);
            }
        }
        grid
    }

    #[test]
    fn a_plane_has_its_slope_and_faces_west() {
        let (slope, aspect) = slope_aspect(&plane(), 50, 50);
        assert!((slope.tan() - 0.5).abs() < 1e-6);
        assert!((aspect.to_degrees() - 270.0).abs() < 1e-6);
    }

    #[test]
    fn a_ray_from_above_lands_on_the_plane() {
        let down = [0.6, 0.0, -0.8];
        let hit = intersect_ray(&plane(), [100.0, 500.0, 600.0], down, 0.0, 5000.0).unwrap();
        assert!((hit[2] - (hit[0] * 0.5 + 100.0)).abs() < 0.01, "{hit:?}");
        assert!(intersect_ray(&plane(), [100.0, 500.0, 600.0], [0.0, 0.0, 1.0], 0.0, 5000.0).is_none());
    }
}
