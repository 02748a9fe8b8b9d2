//! Coordinate reference systems by EPSG code, and the parameters of those that this program transforms itself.

use serde::{Deserialize, Serialize};

/// A coordinate reference system. Coordinates are always in (x = east or longitude, y = north or latitude) order,
/// whatever the authority's axis order says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Crs {
    Epsg(u32),
    /// A WKT or PROJ string without an EPSG code; only `io` can transform it.
    Custom(String),
}

impl Crs {
    pub const WGS84: Self = Self::Epsg(4326);
    /// VN-2000 / TM-3 104-30, An Giang's (before 2025 Kiên Giang's) zone.
    pub const VN2000_TM3_104_30: Self = Self::Epsg(9207);

    /// The parameters, when this program knows them by itself.
    #[must_use]
    pub fn definition(&self) -> Option<Definition> {
        match self {
            Self::Epsg(code) => definition(*code),
            Self::Custom(_) => None,
        }
    }

    /// Whether coordinates are degrees of longitude and latitude.
    #[must_use]
    pub fn is_geographic(&self) -> bool {
        matches!(self.definition(), Some(Definition { projection: Projection::Geographic, .. }))
    }

    /// A name for people: "VN-2000 / TM-3 104°30'", or the code.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Epsg(code) => match (definition(*code), code) {
                (_, 4326) => "WGS 84".to_owned(),
                (_, 4756) => "VN-2000".to_owned(),
                (_, 3857) => "WGS 84 / Pseudo-Mercator".to_owned(),
                (Some(Definition { datum: Datum::Vn2000, projection: Projection::TransverseMercator(tm) }), _) => {
                    let width = if tm.scale > 0.9998 { "TM-3" } else { "UTM" };
                    let minutes = (tm.central_meridian_deg * 60.0).round();
                    format!("VN-2000 / {width} {:.0}°{:02.0}'", (minutes / 60.0).floor(), minutes % 60.0)
                }
                _ => format!("EPSG:{code}"),
            },
            Self::Custom(text) => text.chars().take(40).collect(),
        }
    }
}

impl std::fmt::Display for Crs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Epsg(code) => write!(f, "EPSG:{code}"),
            Self::Custom(text) => f.write_str(text),
        }
    }
}

impl std::str::FromStr for Crs {
    type Err = std::convert::Infallible;

    /// "EPSG:9207", "epsg:9207" and "9207" are codes; everything else is kept as it is.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let digits = trimmed.get(..5).filter(|p| p.eq_ignore_ascii_case("epsg:")).map_or(trimmed, |_| &trimmed[5..]);
        Ok(digits.parse().map_or_else(|_| Self::Custom(trimmed.to_owned()), Self::Epsg))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datum {
    Wgs84,
    /// VN-2000 on the WGS 84 ellipsoid; see [`super::datum`].
    Vn2000,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TmParams {
    pub central_meridian_deg: f64,
    pub scale: f64,
    pub false_easting_m: f64,
    pub false_northing_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Projection {
    Geographic,
    TransverseMercator(TmParams),
    /// Spherical ("Pseudo") Mercator, EPSG method 1024.
    WebMercator,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Definition {
    pub datum: Datum,
    pub projection: Projection,
}

/// VN-2000 / TM-3 zones: (EPSG code, central meridian in degrees), from the EPSG registry.
pub const VN2000_TM3: [(u32, f64); 15] = [
    (9205, 103.0),
    (9206, 104.0),
    (9207, 104.5),
    (9208, 104.75),
    (9209, 105.5),
    (9210, 105.75),
    (9211, 106.0),
    (9212, 106.25),
    (9213, 106.5),
    (9214, 107.0),
    (9215, 107.25),
    (9216, 107.5),
    (9217, 108.25),
    (9218, 108.5),
    (5899, 107.75),
];

fn definition(code: u32) -> Option<Definition> {
    let tm = |datum, central_meridian_deg, scale, false_northing_m| Definition {
        datum,
        projection: Projection::TransverseMercator(TmParams {
            central_meridian_deg,
            scale,
            false_easting_m: 500_000.0,
            false_northing_m,
        }),
    };
    let utm_meridian = |zone: u32| f64::from(zone) * 6.0 - 183.0;
    Some(match code {
        4326 => Definition { datum: Datum::Wgs84, projection: Projection::Geographic },
        4756 => Definition { datum: Datum::Vn2000, projection: Projection::Geographic },
        3857 => Definition { datum: Datum::Wgs84, projection: Projection::WebMercator },
        3405 | 3406 => tm(Datum::Vn2000, utm_meridian(code - 3405 + 48), 0.9996, 0.0),
        5896 => tm(Datum::Vn2000, 102.0, 0.9999, 0.0),
        5897 => tm(Datum::Vn2000, 105.0, 0.9999, 0.0),
        5898 => tm(Datum::Vn2000, 108.0, 0.9999, 0.0),
        32601..=32660 => tm(Datum::Wgs84, utm_meridian(code - 32600), 0.9996, 0.0),
        32701..=32760 => tm(Datum::Wgs84, utm_meridian(code - 32700), 0.9996, 10_000_000.0),
        _ => {
            let (_, meridian) = VN2000_TM3.iter().find(|(c, _)| *c == code)?;
            tm(Datum::Vn2000, *meridian, 0.9999, 0.0)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_the_usual_spellings() {
        for text in ["EPSG:9207", "epsg:9207", " 9207 "] {
            assert_eq!(text.parse::<Crs>(), Ok(Crs::Epsg(9207)));
        }
        assert_eq!("+proj=tmerc".parse::<Crs>(), Ok(Crs::Custom("+proj=tmerc".to_owned())));
    }

    #[test]
    fn labels_name_the_zone() {
        assert_eq!(Crs::Epsg(9208).label(), "VN-2000 / TM-3 104°45'");
        assert_eq!(Crs::Epsg(3405).label(), "VN-2000 / UTM 105°00'");
        assert_eq!(Crs::Epsg(2154).label(), "EPSG:2154");
    }
}
