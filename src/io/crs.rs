//! Coordinate systems as files spell them, and transformations that may need PROJ.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use serde::{Deserialize, Serialize};

use super::gdal_setup;
use crate::base::message::{Message, ToMessage};
use crate::geo::crs::{Crs, VN2000_TM3};
use crate::geo::patches::transform_all;
use crate::geo::transform::Transform;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum CrsError {
    #[error("unknown coordinate system {crs}; give an EPSG code or a WKT text ({detail})")]
    Unknown { crs: String, detail: String },
    #[error("coordinates cannot be brought from {from} to {to}: {detail}")]
    NoPath { from: String, to: String, detail: String },
}

impl ToMessage for CrsError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unknown { crs, detail } => {
                Message::new("io-crs-unknown").with("crs", crs.as_str()).with("detail", detail.as_str())
            }
            Self::NoPath { from, to, detail } => Message::new("io-crs-no-path")
                .with("from", from.as_str())
                .with("to", to.as_str())
                .with("detail", detail.as_str()),
        }
    }
}

/// GDAL's object for a system, x before y whatever the authority says.
///
/// # Errors
/// [`CrsError::Unknown`] when PROJ knows no such system.
pub(crate) fn spatial_ref(crs: &Crs) -> Result<SpatialRef, CrsError> {
    gdal_setup::prepare();
    let unknown = |e: gdal::errors::GdalError| CrsError::Unknown { crs: crs.to_string(), detail: e.to_string() };
    let mut found = match crs {
        Crs::Epsg(code) => SpatialRef::from_epsg(*code).map_err(unknown)?,
        Crs::Custom(text) => SpatialRef::from_wkt(text)
            .or_else(|_| SpatialRef::from_esri(text))
            .or_else(|_| SpatialRef::from_proj4(text))
            .map_err(unknown)?,
    };
    found.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(found)
}

/// Metres in a unit of a projected system; `None` where coordinates are degrees.
///
/// # Errors
/// [`CrsError::Unknown`] when PROJ knows no such system.
pub fn metres_per_unit(crs: &Crs) -> Result<Option<f64>, CrsError> {
    let found = spatial_ref(crs)?;
    Ok((!found.is_geographic()).then(|| found.linear_units()))
}

/// What a `.prj` file holds for a system.
///
/// # Errors
/// [`CrsError::Unknown`] when PROJ knows no such system.
pub(crate) fn esri_wkt(crs: &Crs) -> Result<String, CrsError> {
    let esri = spatial_ref(crs)?;
    esri.morph_to_esri()
        .and_then(|()| esri.to_wkt())
        .map_err(|e| CrsError::Unknown { crs: crs.to_string(), detail: e.to_string() })
}

/// The system that a WKT text (of a .prj or of a dataset) means; by its EPSG code where one can be found.
///
/// # Errors
/// [`CrsError::Unknown`] when the text is no coordinate system.
pub(crate) fn identify_wkt(wkt: &str) -> Result<Crs, CrsError> {
    gdal_setup::prepare();
    let trimmed = wkt.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
    let unknown = |e: gdal::errors::GdalError| CrsError::Unknown {
        crs: trimmed.chars().take(80).collect(),
        detail: e.to_string(),
    };
    let found = SpatialRef::from_wkt(trimmed).or_else(|_| SpatialRef::from_esri(trimmed)).map_err(unknown)?;
    Ok(identify(found, trimmed))
}

/// As [`identify_wkt`] for an object that GDAL has already made.
pub(crate) fn identify(mut found: SpatialRef, wkt: &str) -> Crs {
    if let Some(code) = epsg_code(&found) {
        return Crs::Epsg(code);
    }
    if let Some(code) = code_by_parameters(&found) {
        return Crs::Epsg(code);
    }
    if found.auto_identify_epsg().is_ok()
        && let Some(code) = epsg_code(&found)
    {
        return Crs::Epsg(code);
    }
    Crs::Custom(wkt.to_owned())
}

fn epsg_code(found: &SpatialRef) -> Option<u32> {
    (found.auth_name().as_deref() == Some("EPSG"))
        .then(|| found.auth_code().ok())
        .flatten()
        .and_then(|c| c.try_into().ok())
}

/// VN-2000 and WGS 84 by name and parameters: offices' .prj files seldom carry a code.
fn code_by_parameters(found: &SpatialRef) -> Option<u32> {
    let name_of = |node: &str| found.get_attr_value(node, 0).ok().flatten().unwrap_or_default();
    let names = ["PROJCS", "GEOGCS", "DATUM"].map(name_of).concat().to_ascii_uppercase().replace([' ', '-', '_'], "");
    let vn2000 = ["VN2000", "VIETNAM2000"].iter().any(|n| names.contains(n));
    if !vn2000 && !names.contains("WGS1984") && !names.contains("WGS84") {
        return None;
    }
    if found.is_geographic() {
        return Some(if vn2000 { 4756 } else { 4326 });
    }
    if names.contains("WEBMERCATOR") || names.contains("PSEUDOMERCATOR") {
        return Some(3857);
    }
    let projection = name_of("PROJECTION");
    let parameter = |name: &str| found.get_proj_param(name).ok().flatten();
    let (meridian, scale) = (parameter("central_meridian")?, parameter("scale_factor")?);
    let north = parameter("false_northing").unwrap_or(0.0);
    let plain = projection == "Transverse_Mercator"
        && parameter("latitude_of_origin").is_none_or(|v| v == 0.0)
        && parameter("false_easting") == Some(500_000.0)
        && found.linear_units() == 1.0;
    let near = |wanted: f64| (meridian - wanted).abs() < 1e-6;
    let is_utm = (scale - 0.9996).abs() < 1e-9;
    let zone = (meridian + 183.0) / 6.0;
    let utm_zone = (zone.fract() == 0.0 && (1.0..=60.0).contains(&zone)).then_some(zone as u32);
    if !plain {
        None
    } else if vn2000 && north == 0.0 && (scale - 0.9999).abs() < 1e-9 {
        let of_three_degrees = [(5896, 102.0), (5897, 105.0), (5898, 108.0)];
        of_three_degrees.iter().chain(&VN2000_TM3).find(|(_, m)| near(*m)).map(|(code, _)| *code)
    } else if vn2000 && north == 0.0 && is_utm {
        [(3405, 105.0), (3406, 111.0)].iter().find(|(_, m)| near(*m)).map(|(code, _)| *code)
    } else if !vn2000 && is_utm && north == 0.0 {
        utm_zone.map(|z| 32_600 + z)
    } else if !vn2000 && is_utm && north == 10_000_000.0 {
        utm_zone.map(|z| 32_700 + z)
    } else {
        None
    }
}

/// A transformation, by our own formulas where both systems are known and by PROJ otherwise.
pub(crate) enum Projector {
    Known(Transform),
    Proj(CoordTransform),
}

impl Projector {
    /// # Errors
    /// [`CrsError`] when a system is unknown or PROJ has no way between the two.
    pub(crate) fn between(from: &Crs, to: &Crs) -> Result<Self, CrsError> {
        if let Some(known) = Transform::between(from, to) {
            return Ok(Self::Known(known));
        }
        let (source, target) = (spatial_ref(from)?, spatial_ref(to)?);
        CoordTransform::new(&source, &target).map(Self::Proj).map_err(|e| CrsError::NoPath {
            from: from.to_string(),
            to: to.to_string(),
            detail: e.to_string(),
        })
    }

    /// Points that cannot be transformed become NaN.
    pub(crate) fn apply_all(&self, xy: &mut [[f64; 2]]) {
        match self {
            Self::Known(transform) => transform_all(transform, xy),
            Self::Proj(transform) => {
                let (mut x, mut y): (Vec<f64>, Vec<f64>) = xy.iter().map(|p| (p[0], p[1])).unzip();
                if transform.transform_coords(&mut x, &mut y, &mut []).is_err() {
                    // One bad point fails the whole call: find it by asking for each alone.
                    for (point, (x, y)) in xy.iter().zip(x.iter_mut().zip(&mut y)) {
                        let (mut one_x, mut one_y) = ([point[0]], [point[1]]);
                        let ok = transform.transform_coords(&mut one_x, &mut one_y, &mut []).is_ok();
                        (*x, *y) = if ok { (one_x[0], one_y[0]) } else { (f64::NAN, f64::NAN) };
                    }
                }
                for (point, (x, y)) in xy.iter_mut().zip(x.into_iter().zip(y)) {
                    *point = if x.is_finite() && y.is_finite() { [x, y] } else { [f64::NAN; 2] };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prj_text_of_every_vietnamese_zone_is_recognised() {
        let others = [4326, 4756, 3405, 3406, 5896, 5897, 5898, 32648, 3857];
        for code in VN2000_TM3.iter().map(|(code, _)| *code).chain(others) {
            let wkt = esri_wkt(&Crs::Epsg(code)).unwrap();
            assert_eq!(identify_wkt(&wkt), Ok(Crs::Epsg(code)), "{wkt}");
        }
    }

    #[test]
    fn an_offices_own_name_for_the_zone_is_recognised() {
        let wkt = r#"PROJCS["Kien Giang 104-30",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",104.5],PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
        assert_eq!(identify_wkt(wkt), Ok(Crs::Epsg(9207)));
    }

    #[test]
    fn units_are_metres_feet_or_degrees() {
        assert_eq!(metres_per_unit(&Crs::VN2000_TM3_104_30), Ok(Some(1.0)));
        assert_eq!(metres_per_unit(&Crs::WGS84), Ok(None));
        assert!(metres_per_unit(&Crs::Epsg(2263)).unwrap().is_some_and(|m| (m - 0.3048).abs() < 1e-4));
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(matches!(identify_wkt("hello"), Err(CrsError::Unknown { .. })));
        assert!(matches!(Projector::between(&Crs::Epsg(1), &Crs::WGS84), Err(CrsError::Unknown { .. })));
    }

    #[test]
    fn proj_and_our_own_formulas_agree() {
        let definition =
            "+proj=tmerc +lat_0=0 +lon_0=104.5 +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 +units=m +no_defs";
        let mut by_proj = vec![[441_377.0, 1_129_870.0], [f64::NAN, 1.0], [450_000.0, 1_140_000.0]];
        let mut by_us = by_proj.clone();
        Projector::between(&Crs::Custom(definition.into()), &Crs::Epsg(4756)).unwrap().apply_all(&mut by_proj);
        Projector::between(&Crs::Epsg(9207), &Crs::Epsg(4756)).unwrap().apply_all(&mut by_us);
        for (a, b) in [(by_proj[0], by_us[0]), (by_proj[2], by_us[2])] {
            assert!((a[0] - b[0]).abs() < 1e-8 && (a[1] - b[1]).abs() < 1e-8, "{a:?} {b:?}");
        }
        assert!(by_proj[1][0].is_nan());
    }
}
