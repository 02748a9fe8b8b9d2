//! Which zone coordinates are really in: every Vietnamese system is tried, and judged by where the points fall.

use serde::{Deserialize, Serialize};

use crate::base::message::Message;
use crate::geo::crs::{Crs, VN2000_TM3};
use crate::geo::frame::SiteFrame;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{contains, distance};
use crate::geo::shape::{Shapes, bounds_of};
use crate::geo::transform::Transform;

/// What is known of the site; all coordinates in its system.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    pub frame: &'a SiteFrame,
    /// The coast or the boundary of the district.
    pub land: &'a Shapes,
    /// Layers that are loaded already, with their indexes.
    pub layers: &'a [(&'a Shapes, &'a FeatureIndex)],
    /// Towns by name, to say where the points fall.
    pub places: &'a [(String, [f64; 2])],
}

/// One way of reading the coordinates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ZoneGuess {
    pub crs: Crs,
    /// Surveyors write X for north: the file's first number is the northing.
    pub swapped: bool,
    /// Share of the points that fall on land, 0 to 1.
    pub on_land: f64,
    /// Share that falls on features of the loaded layers.
    pub on_layers: f64,
    /// (west, south, east, north) of the points in the site's system.
    pub bounds: Option<[f64; 4]>,
    /// The nearest named place, and its distance to the middle of the points in metres.
    pub place: Option<(String, f64)>,
    pub reason: Message,
}

impl ZoneGuess {
    #[must_use]
    pub fn score(&self) -> f64 {
        0.5_f64.mul_add(self.on_layers, self.on_land)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The file's own system puts the points where they belong.
    Fits,
    /// The file does not say its system.
    Missing,
    /// In the file's own system the points miss the site, and in another they do not.
    Disagrees,
    /// No system that is known puts the points on the site.
    Elsewhere,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suspicion {
    pub verdict: Verdict,
    /// As the file says.
    pub declared: Option<ZoneGuess>,
    /// The best two readings, the better first; none when nothing fits.
    pub guesses: Vec<ZoneGuess>,
}

/// Points that are tried; more do not change the answer.
const ENOUGH: usize = 500;

/// Of points that belong to the site, at least this share falls on land: a chart of moorings may not.
const ENOUGH_ON_LAND: f64 = 0.5;

/// Every system in which Vietnamese data come.
#[must_use]
pub fn vietnamese_systems() -> Vec<Crs> {
    let zones = VN2000_TM3.iter().map(|(code, _)| *code);
    zones.chain([3405, 3406, 5896, 5897, 5898, 32648, 32649, 3857, 4756, 4326]).map(Crs::Epsg).collect()
}

/// `points` as they stand in the file.
#[must_use]
pub fn suspect(points: &[[f64; 2]], declared: Option<&Crs>, site: Site<'_>) -> Suspicion {
    let step = points.len().div_ceil(ENOUGH).max(1);
    let sample: Vec<[f64; 2]> =
        points.iter().copied().filter(|p| p.iter().all(|v| v.is_finite())).step_by(step).collect();
    let as_told = declared.and_then(|crs| judge(&sample, crs, false, site));
    let mut guesses: Vec<ZoneGuess> = Vec::new();
    for crs in vietnamese_systems() {
        for swapped in [false, true] {
            guesses.extend(judge(&sample, &crs, swapped, site).filter(|g| g.on_land >= ENOUGH_ON_LAND));
        }
    }
    // On equal scores what the file says comes first, then the site's own system, then the order of the list.
    let rank = |g: &ZoneGuess| (Some(&g.crs) != declared, g.crs != site.frame.crs, g.swapped);
    guesses.sort_by(|a, b| b.score().total_cmp(&a.score()).then_with(|| rank(a).cmp(&rank(b))));
    guesses.truncate(2);
    let verdict = match (&as_told, guesses.first()) {
        (_, None) => Verdict::Elsewhere,
        (None, Some(_)) => Verdict::Missing,
        // Another reading has to be better by more than chance.
        (Some(told), Some(best)) if told.on_land >= ENOUGH_ON_LAND && best.score() < told.score() + 0.2 => {
            Verdict::Fits
        }
        (Some(_), Some(_)) => Verdict::Disagrees,
    };
    Suspicion { verdict, declared: as_told, guesses }
}

fn judge(sample: &[[f64; 2]], crs: &Crs, swapped: bool, site: Site<'_>) -> Option<ZoneGuess> {
    let transform = Transform::between(crs, &site.frame.crs)?;
    let (first, degrees) = (sample.first()?, |p: &[f64; 2]| p[0].abs() <= 180.0 && p[1].abs() <= 180.0);
    if degrees(first) != crs.is_geographic() {
        return None;
    }
    let placed: Vec<[f64; 2]> =
        sample.iter().map(|&[x, y]| transform.apply(if swapped { [y, x] } else { [x, y] })).collect();
    let share =
        |hit: &dyn Fn([f64; 2]) -> bool| placed.iter().filter(|p| hit(**p)).count() as f64 / placed.len() as f64;
    let on_land = share(&|p| site.land.iter().any(|shape| contains(shape, p)));
    let on_layers = share(&|p| {
        site.layers.iter().any(|(shapes, index)| {
            !index.containing(shapes, p).is_empty() || index.nearest(shapes, p, NEAR_M).is_some()
        })
    });
    let middle = median(&placed);
    let place = site
        .places
        .iter()
        .map(|(name, at)| (name.clone(), distance(*at, middle)))
        .filter(|(_, d)| d.is_finite())
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let bounds = bounds_of(&placed);
    let reason = reason(crs, swapped, on_land, place.as_ref());
    Some(ZoneGuess { crs: crs.clone(), swapped, on_land, on_layers, bounds, place, reason })
}

/// A point this near to a line or a point of another layer lies on it, metres.
const NEAR_M: f64 = 5.0;

/// Towns are named when the points are within sight of them, metres.
const IN_TOWN_M: f64 = 10_000.0;

fn reason(crs: &Crs, swapped: bool, on_land: f64, place: Option<&(String, f64)>) -> Message {
    let percent = (100.0 * on_land).round() as i64;
    let near = place.filter(|(_, d)| *d < IN_TOWN_M && percent > 0);
    let key = match (near, percent) {
        (_, 0) => "analysis-zone-sea",
        (Some(_), _) => "analysis-zone-town",
        (None, _) => "analysis-zone-land",
    };
    let message = Message::new(key).with("crs", crs.label());
    let message = match (near, percent) {
        (_, 0) => message,
        (Some((name, _)), _) => message.with("percent", percent).with("place", name.as_str()),
        (None, _) => message.with("percent", percent),
    };
    if swapped { Message::new("analysis-zone-swapped").with("reason", message) } else { message }
}

fn median(points: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let mut values: Vec<f64> = points.iter().map(|p| p[axis]).filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> SiteFrame {
        SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [441_000.0, 1_130_000.0] }
    }

    /// An island of 24 km by 40 km around the site.
    fn land() -> Shapes {
        let mut land = Shapes::new();
        let (w, s, e, n) = (430_000.0, 1_110_000.0, 454_000.0, 1_150_000.0);
        land.push_polygon(&[&[[w, s], [e, s], [e, n], [w, n], [w, s]]]);
        land
    }

    /// Corners of plots in the west of the island, in the site's system.
    fn plots() -> Vec<[f64; 2]> {
        (0..400).map(|i| [441_000.0 + f64::from(i % 20) * 20.0, 1_129_500.0 + f64::from(i / 20) * 20.0]).collect()
    }

    fn written_in(code: u32) -> Vec<[f64; 2]> {
        let out = Transform::between(&Crs::VN2000_TM3_104_30, &Crs::Epsg(code)).unwrap();
        plots().into_iter().map(|p| out.apply(p)).collect()
    }

    fn asked(points: &[[f64; 2]], declared: Option<u32>) -> Suspicion {
        let (frame, land) = (frame(), land());
        let places = [("Dương Đông".to_owned(), [441_400.0, 1_129_900.0])];
        let site = Site { frame: &frame, land: &land, layers: &[], places: &places };
        suspect(points, declared.map(Crs::Epsg).as_ref(), site)
    }

    #[test]
    fn every_zone_is_found_back() {
        for crs in vietnamese_systems() {
            let Crs::Epsg(code) = crs else { panic!() };
            let found = asked(&written_in(code), None);
            assert_eq!(found.verdict, Verdict::Missing, "{code}");
            // Systems some hundred metres apart cannot be told by a coast alone: then the zone is among the two, or
            // the one that is offered is within half a kilometre.
            let offered = &found.guesses[0];
            let [west, south, ..] = offered.bounds.unwrap();
            let off = distance([west, south], plots()[0]);
            assert!(off < 500.0, "{code}: {:?} is {off} m off", offered.crs);
        }
    }

    #[test]
    fn a_wrong_prj_is_told_with_the_reason() {
        let found = asked(&written_in(9208), Some(9207));
        assert_eq!(found.verdict, Verdict::Disagrees);
        assert_eq!(found.declared.unwrap().reason.key, "analysis-zone-sea");
        let best = &found.guesses[0];
        assert_eq!((best.crs.clone(), best.swapped), (Crs::Epsg(9208), false));
        assert_eq!(best.reason.key, "analysis-zone-town");
        assert_eq!(best.place.as_ref().unwrap().0, "Dương Đông");
    }

    #[test]
    fn a_right_prj_is_left_alone() {
        assert_eq!(asked(&written_in(9207), Some(9207)).verdict, Verdict::Fits);
        assert_eq!(asked(&written_in(3405), Some(3405)).verdict, Verdict::Fits);
    }

    #[test]
    fn northing_before_easting_is_seen() {
        let swapped: Vec<[f64; 2]> = written_in(9207).into_iter().map(|[x, y]| [y, x]).collect();
        let found = asked(&swapped, Some(9207));
        assert_eq!(found.verdict, Verdict::Disagrees);
        assert!(found.guesses[0].swapped && found.guesses[0].crs == Crs::Epsg(9207));
        let latitudes_first: Vec<[f64; 2]> = written_in(4326).into_iter().map(|[x, y]| [y, x]).collect();
        assert!(asked(&latitudes_first, None).guesses[0].swapped);
    }

    #[test]
    fn loaded_layers_decide_between_systems_that_the_coast_cannot_tell() {
        let (frame, land) = (frame(), land());
        let mut parcels = Shapes::new();
        // Plots with lanes between them as wide as the plots.
        for [x, y] in plots().into_iter().step_by(2) {
            parcels.push_polygon(&[&[
                [x - 4.0, y - 4.0],
                [x + 4.0, y - 4.0],
                [x + 4.0, y + 4.0],
                [x - 4.0, y + 4.0],
                [x - 4.0, y - 4.0],
            ]]);
        }
        let index = FeatureIndex::build(&parcels);
        let site = Site { frame: &frame, land: &land, layers: &[(&parcels, &index)], places: &[] };
        for code in [5897, 3405, 4756, 4326, 32648] {
            let found = suspect(&written_in(code), None, site);
            assert_eq!(found.guesses[0].crs, Crs::Epsg(code));
        }
    }

    #[test]
    fn points_far_from_the_site_are_elsewhere() {
        let far = asked(&[[2.35, 48.85], [2.36, 48.86]], Some(4326));
        assert_eq!((far.verdict, far.guesses.len()), (Verdict::Elsewhere, 0));
        assert_eq!(asked(&[], None).verdict, Verdict::Elsewhere);
    }
}
