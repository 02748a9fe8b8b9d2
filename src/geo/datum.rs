//! VN-2000 to WGS 84 and back: EPSG:6960, coordinate frame rotation (EPSG method 9607), both on the WGS 84
//! ellipsoid. The often copied `+towgs84` recipe with the other rotation signs is 0.56 m off.

/// WGS 84 semi-major axis, metres.
pub const SEMI_MAJOR_M: f64 = 6_378_137.0;
pub const FLATTENING: f64 = 1.0 / 298.257_223_563;
const E2: f64 = FLATTENING * (2.0 - FLATTENING);

const TRANSLATION_M: [f64; 3] = [-191.904_414_29, -39.303_182_79, -111.450_328_35];
const ARC_SECOND: f64 = std::f64::consts::PI / 648_000.0;
const ROTATION_RAD: [f64; 3] = [-0.009_288_36 * ARC_SECOND, 0.019_754_79 * ARC_SECOND, -0.004_273_72 * ARC_SECOND];
const SCALE: f64 = 1.0 + 0.252_906_278e-6;

/// Geodetic (longitude, latitude) in radians on VN-2000 to WGS 84, ellipsoidal height 0 as PROJ's 2D pipeline.
#[must_use]
pub fn wgs84_from_vn2000(lon_lat: [f64; 2]) -> [f64; 2] {
    let [x, y, z] = geocentric(lon_lat);
    let [rx, ry, rz] = ROTATION_RAD;
    let [tx, ty, tz] = TRANSLATION_M;
    geodetic([
        SCALE * (rz * y + x - ry * z) + tx,
        SCALE * (rx * z + y - rz * x) + ty,
        SCALE * (ry * x + z - rx * y) + tz,
    ])
}

/// The inverse of [`wgs84_from_vn2000`]: the transposed rotation matrix.
#[must_use]
pub fn vn2000_from_wgs84(lon_lat: [f64; 2]) -> [f64; 2] {
    let [x, y, z] = geocentric(lon_lat);
    let [rx, ry, rz] = ROTATION_RAD;
    let [tx, ty, tz] = TRANSLATION_M;
    let (x, y, z) = ((x - tx) / SCALE, (y - ty) / SCALE, (z - tz) / SCALE);
    geodetic([x - rz * y + ry * z, y - rx * z + rz * x, z - ry * x + rx * y])
}

fn geocentric([lon, lat]: [f64; 2]) -> [f64; 3] {
    let (sin_lat, cos_lat) = lat.sin_cos();
    let (sin_lon, cos_lon) = lon.sin_cos();
    let normal = SEMI_MAJOR_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    [normal * cos_lat * cos_lon, normal * cos_lat * sin_lon, normal * (1.0 - E2) * sin_lat]
}

/// Bowring (1976), "Transformation from spatial to geographical coordinates", eq. 8: one pass is below 1e-11 rad
/// within 10 km of the ellipsoid. The parametric latitude is only ever needed as sine and cosine.
fn geodetic([x, y, z]: [f64; 3]) -> [f64; 2] {
    const SEMI_MINOR_M: f64 = SEMI_MAJOR_M * (1.0 - FLATTENING);
    const SECOND_E2: f64 = E2 / (1.0 - E2);
    let p = (x * x + y * y).sqrt();
    let (rise, run) = (z * SEMI_MAJOR_M, p * SEMI_MINOR_M);
    let length = (rise * rise + run * run).sqrt();
    let (sin_b, cos_b) = (rise / length, run / length);
    let up = z + SECOND_E2 * SEMI_MINOR_M * sin_b * sin_b * sin_b;
    let out = p - E2 * SEMI_MAJOR_M * cos_b * cos_b * cos_b;
    [y.atan2(x), up.atan2(out)]
}
