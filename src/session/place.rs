//! Places between the site's metres and longitude and latitude, and titles in a language.

use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::transform::Transform;
use crate::model::style::Text2;
use crate::text::Language;

/// (longitude, latitude) in degrees, WGS 84, of site metres (east, north). `None` when the site's system is not one
/// that this program converts by itself.
#[must_use]
pub fn lon_lat_from_site(frame: &SiteFrame, east_north: [f64; 2]) -> Option<[f64; 2]> {
    Some(Transform::between(&frame.crs, &Crs::WGS84)?.apply(frame.crs_from_site(east_north)))
}

/// The inverse of [`lon_lat_from_site`].
#[must_use]
pub fn site_from_lon_lat(frame: &SiteFrame, lon_lat: [f64; 2]) -> Option<[f64; 2]> {
    Some(frame.site_from_crs(Transform::between(&Crs::WGS84, &frame.crs)?.apply(lon_lat)))
}

/// (west, south, east, north) in the site's CRS to site metres.
#[must_use]
pub fn site_box(frame: &SiteFrame, [west, south, east, north]: [f64; 4]) -> [f64; 4] {
    let ([w, s], [e, n]) = (frame.site_from_crs([west, south]), frame.site_from_crs([east, north]));
    [w, s, e, n]
}

/// A data title in a language; the other language's when this one is missing.
#[must_use]
pub fn title(text: &Text2, language: Language) -> &str {
    let (first, second) = match language {
        Language::Vi => (&text.vi, &text.en),
        Language::En => (&text.en, &text.vi),
    };
    if first.is_empty() { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn site_metres_and_degrees_are_each_others_inverse() {
        let frame = SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [441_000.0, 1_130_000.0] };
        let lon_lat = lon_lat_from_site(&frame, [377.8, -129.7]).unwrap();
        assert!((lon_lat[0] - 103.9667).abs() < 1e-5 && (lon_lat[1] - 10.2167).abs() < 1e-5, "{lon_lat:?}");
        let back = site_from_lon_lat(&frame, lon_lat).unwrap();
        assert!((back[0] - 377.8).abs() < 1e-3 && (back[1] + 129.7).abs() < 1e-3, "{back:?}");
    }

    #[test]
    fn a_missing_title_falls_back_to_the_other_language() {
        let text = Text2 { vi: "Thửa đất".to_owned(), en: String::new() };
        assert_eq!(title(&text, Language::En), "Thửa đất");
    }
}
