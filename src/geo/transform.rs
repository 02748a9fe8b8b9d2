//! Coordinates from one known system to another, point by point, without PROJ.

use super::crs::{Crs, Datum, Definition, Projection};
use super::datum::{self, SEMI_MAJOR_M};
use super::transverse_mercator as tm;

/// A transformation between two systems that this program knows by itself. The same answer as PROJ's EPSG:6960
/// pipeline within 0.1 mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transform {
    from: Definition,
    to: Definition,
}

impl Transform {
    /// `None` when either system is not known here; `io` then asks PROJ.
    #[must_use]
    pub fn between(from: &Crs, to: &Crs) -> Option<Self> {
        Some(Self { from: from.definition()?, to: to.definition()? })
    }

    /// (x, y) in the source's units to (x, y) in the target's: metres, or degrees as (longitude, latitude).
    /// NaN and coordinates that the projection cannot reach come back as NaN.
    #[must_use]
    pub fn apply(&self, xy: [f64; 2]) -> [f64; 2] {
        if self.from == self.to {
            return xy;
        }
        let source = to_radians(&self.from.projection, xy);
        let geodetic = match (self.from.datum, self.to.datum) {
            (Datum::Vn2000, Datum::Wgs84) => datum::wgs84_from_vn2000(source),
            (Datum::Wgs84, Datum::Vn2000) => datum::vn2000_from_wgs84(source),
            _ => source,
        };
        from_radians(&self.to.projection, geodetic)
    }

    #[must_use]
    pub fn from_projection(&self) -> Projection {
        self.from.projection
    }

    #[must_use]
    pub fn to_projection(&self) -> Projection {
        self.to.projection
    }

    #[must_use]
    pub fn inverse(&self) -> Self {
        Self { from: self.to, to: self.from }
    }
}

fn to_radians(projection: &Projection, [x, y]: [f64; 2]) -> [f64; 2] {
    match projection {
        Projection::Geographic => [x.to_radians(), y.to_radians()],
        Projection::TransverseMercator(params) => tm::unproject(params, [x, y]),
        Projection::WebMercator => [x / SEMI_MAJOR_M, (y / SEMI_MAJOR_M).sinh().atan()],
    }
}

fn from_radians(projection: &Projection, [lon, lat]: [f64; 2]) -> [f64; 2] {
    match projection {
        Projection::Geographic => [lon.to_degrees(), lat.to_degrees()],
        Projection::TransverseMercator(params) => tm::project(params, [lon, lat]),
        Projection::WebMercator => [lon * SEMI_MAJOR_M, lat.tan().asinh() * SEMI_MAJOR_M],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(from: u32, to: u32, xy: [f64; 2], expected: [f64; 2], tolerance: f64) {
        let got = Transform::between(&Crs::Epsg(from), &Crs::Epsg(to)).unwrap().apply(xy);
        let error = (got[0] - expected[0]).abs().max((got[1] - expected[1]).abs());
        assert!(error <= tolerance, "{from} -> {to}: {got:?}, expected {expected:?}");
    }

    /// Reference points made with PROJ 9.1 and 9.6 (`cs2cs EPSG:4326 EPSG:9207` and so on).
    #[test]
    fn agrees_with_proj_to_a_millimetre() {
        let p = [103.9667, 10.2167];
        assert_near(4326, 9207, p, [441_377.762, 1_129_870.262], 1e-3);
        assert_near(4326, 9208, p, [413_987.366, 1_129_926.241], 1e-3);
        assert_near(4326, 3405, p, [386_629.450, 1_129_664.394], 1e-3);
    }

    #[test]
    fn there_and_back_is_the_same_place() {
        for (code, xy) in [(9207, [441_377.8, 1_129_870.3]), (5899, [700_000.0, 2_300_000.0]), (3857, [1.16e7, 1.14e6])]
        {
            let forward = Transform::between(&Crs::Epsg(code), &Crs::WGS84).unwrap();
            let back = forward.inverse().apply(forward.apply(xy));
            // The datum shift passes on no height, as PROJ's 2D pipeline: 0.3 mm are lost there and back.
            assert!((back[0] - xy[0]).abs() < 1e-3 && (back[1] - xy[1]).abs() < 1e-3, "{code}: {back:?}");
        }
    }

    /// `echo "16 105" | cs2cs -f %.11f EPSG:4756 EPSG:4326` with PROJ 9.1.1; the wrong rotation signs would be 0.56 m off.
    #[test]
    fn the_datum_shift_is_what_epsg_6960_says() {
        assert_near(4756, 4326, [105.0, 16.0], [105.001_829_752_50, 15.999_003_748_47], 1e-9);
    }

    /// The same tool for zones far from the point: 4.5 degrees and more from the central meridian.
    #[test]
    fn far_zones_agree_with_proj() {
        let p = [103.9667, 10.2167];
        assert_near(4326, 9218, p, [2_669.891_77, 1_133_318.585_59], 1e-3);
        assert_near(4326, 3406, p, [-272_327.972_60, 1_137_925.338_61], 1e-3);
        assert_near(4326, 5896, p, [715_304.986_96, 1_130_476.787_52], 1e-3);
        assert_near(4326, 3857, p, [11_573_520.103_46, 1_143_393.273_50], 1e-3);
    }

    #[test]
    fn nan_stays_nan() {
        let t = Transform::between(&Crs::WGS84, &Crs::Epsg(9207)).unwrap();
        assert!(t.apply([f64::NAN, 10.0])[0].is_nan());
    }
}
