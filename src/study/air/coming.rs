//! The coming day of every commune from the forecasts at its stations: what its people will breathe, VN_AQI, how likely
//! a limit is passed and for how many.
//!
//! Forecast errors of one night hang together, and so do those between stations that stand in the same weather; so all
//! hours and places are taken to be off together: one number z, normally distributed, moves them all. That makes ranges
//! wide rather than narrow.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use super::between::Between;
use super::commune_day::vn_aqi;
use super::exposure::{communes, homes};
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::running::Window;
use crate::model::aqi::AqiLevel;
use crate::model::norm::{Averaging, Limit, Medium, NormTable};
use crate::model::project::Project;
use crate::sim::air::forecast::Expected;
use crate::sim::air::plume::normal;

/// Hours ahead.
pub const HOURS: usize = 24;
/// Hours before that count for means of the limits.
const BEFORE: usize = 23;
/// People within a square of this side breathe alike, metres.
const SQUARE_M: f64 = 250.0;
/// One in ten lies below, half, nine in ten.
const QUANTILES: [f64; 3] = [-1.281_552, 0.0, 1.281_552];
/// Beyond so many standard deviations nothing is looked for.
const FARTHEST: f64 = 4.0;
const HOUR_S: i64 = 3600;

/// What a station read and what it will read, µg/m³.
#[derive(Debug, Clone, PartialEq)]
pub struct StationCourse {
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
    /// Hour by hour, the last one `now`.
    pub known: Vec<Option<f64>>,
    /// The hours after it.
    pub coming: Vec<Option<Expected>>,
}

/// A limit and what becomes of it; figures come as one in ten, half, nine in ten.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitAhead {
    pub averaging_h: u32,
    pub limit_ug_m3: f64,
    pub document: String,
    pub verify: bool,
    /// The highest mean over the limit's hours that ends in the coming day.
    pub highest_mean_ug_m3: [f64; 3],
    /// That it is above the limit.
    pub chance: f64,
    /// People who live where it will be above.
    pub residents_above: [u64; 3],
    pub residents_expected: f64,
}

/// The coming day of a commune, or of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommuneAhead {
    pub code: String,
    pub name: String,
    pub residents: u64,
    pub mean_ug_m3: [f64; 3],
    pub highest_hour_ug_m3: [f64; 3],
    /// Of this pollutant alone.
    pub vn_aqi: Option<[u32; 3]>,
    pub level: Option<AqiLevel>,
    pub limits: Vec<LimitAhead>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ahead {
    pub stations: usize,
    pub all: CommuneAhead,
    /// In the layer's order; communes in which nobody lives are left out.
    pub communes: Vec<CommuneAhead>,
    /// Of whom the stations say next to nothing.
    pub residents_far: u64,
    /// Whether how alike places between stations are was assumed.
    pub assumed_between: bool,
}

/// People who breathe alike.
struct Square {
    commune: Option<usize>,
    /// The middle of where they live.
    at: [f64; 2],
    people: f64,
    /// Logarithm of each hour and its standard deviation.
    hours: Vec<Option<(f64, f64)>>,
    /// Of each limit: the z from which on it is passed here.
    passed_from: Vec<Option<f64>>,
}

/// `now`: whole hours since 1970 of the last known hour. Empty where nobody lives on the map or nothing is foretold.
///
/// # Errors
/// The user stopped it.
pub fn ahead(
    project: &Project,
    pollutant: &str,
    now: i64,
    stations: &[StationCourse],
    cancel: &CancelToken,
) -> Result<Option<Ahead>, Cancelled> {
    let fields = fields(stations);
    let mut squares = squares(project);
    let limits = limits(pollutant, now, project.utc_offset_hours);
    squares.par_iter_mut().try_for_each(|square| {
        cancel.check()?;
        let here = |field: &Option<(Between, f64)>| {
            let (between, spread) = field.as_ref()?;
            let (ln, apart) = between.at(square.at);
            Some((ln, spread.hypot(apart)))
        };
        square.hours = fields.iter().map(here).collect();
        let this = &*square;
        square.passed_from = limits.iter().map(|limit| passed_from(&[this], limit)).collect();
        Ok(())
    })?;
    let first = fields.get(BEFORE).and_then(Option::as_ref);
    let Some((first, _)) = first.filter(|_| !squares.is_empty()) else { return Ok(None) };
    let far = squares.iter().filter(|s| first.says_nothing(first.at(s.at).1));
    let residents_far = far.map(|s| s.people).sum::<f64>().round() as u64;
    let everybody: Vec<&Square> = squares.iter().collect();
    let all = told(&everybody, pollutant, &limits, ("", ""), cancel)?;
    let mut each = Vec::new();
    for (row, (code, name)) in communes(project).iter().enumerate() {
        let here: Vec<&Square> = squares.iter().filter(|s| s.commune == Some(row)).collect();
        if !here.is_empty() {
            each.push(told(&here, pollutant, &limits, (code, name), cancel)?);
        }
    }
    Ok(Some(Ahead {
        stations: stations.len(),
        all,
        communes: each,
        residents_far,
        assumed_between: first.is_assumed(),
    }))
}

/// Of each hour, known ones first: what lies between the stations, and how unsure the stations themselves are.
fn fields(stations: &[StationCourse]) -> Vec<Option<(Between, f64)>> {
    let known = (1..=BEFORE).rev().map(|back| {
        let read = |s: &StationCourse| s.known.len().checked_sub(back).and_then(|i| Some((s.at, s.known[i]?)));
        Some((Between::new(&stations.iter().filter_map(read).collect::<Vec<_>>())?, 0.0))
    });
    let coming = (0..HOURS).map(|lead| {
        let expected = |s: &StationCourse| Some((s.at, s.coming.get(lead).copied().flatten()?));
        let expected: Vec<_> = stations.iter().filter_map(expected).collect();
        let middles: Vec<_> = expected.iter().map(|(at, e)| (*at, e.p50)).collect();
        let spread = expected.iter().map(|(_, e)| e.spread).sum::<f64>() / expected.len().max(1) as f64;
        Some((Between::new(&middles)?, spread))
    });
    known.chain(coming).collect()
}

/// Everybody, by commune and square.
fn squares(project: &Project) -> Vec<Square> {
    let mut sums: BTreeMap<(Option<usize>, [i64; 2]), [f64; 3]> = BTreeMap::new();
    for home in homes(project) {
        let square = home.at.map(|v| (v / SQUARE_M).floor() as i64);
        let sum = sums.entry((home.commune, square)).or_default();
        for (sum, part) in sum.iter_mut().zip([1.0, home.at[0], home.at[1]]) {
            *sum += home.people * part;
        }
    }
    let square = |((commune, _), [people, x, y]): ((Option<usize>, _), [f64; 3])| Square {
        commune,
        at: [x / people, y / people],
        people,
        hours: Vec::new(),
        passed_from: Vec::new(),
    };
    sums.into_iter().map(square).collect()
}

/// In force at some hour of the coming day, one for each averaging time.
fn limits(pollutant: &str, now: i64, utc_offset_hours: f64) -> Vec<Limit> {
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for lead in 1..=HOURS.cast_signed() as i64 {
        let local_s = (now + lead) * HOUR_S + (utc_offset_hours * HOUR_S as f64) as i64;
        let day = jiff::Timestamp::from_second(local_s).unwrap_or_default().strftime("%Y-%m-%d").to_string();
        let hour = local_s.div_euclid(HOUR_S).rem_euclid(24) as u8;
        for limit in NormTable::standard(Medium::Air).of(pollutant, &day, hour) {
            if let (Averaging::Hours(hours), Some(_)) = (limit.averaging, limit.high)
                && taken.insert(hours)
            {
                found.push(limit.clone());
            }
        }
    }
    found
}

/// What people breathe hour by hour when everything is off by z standard deviations; known hours first.
fn breathed(squares: &[&Square], z: f64) -> Vec<Option<f64>> {
    let hours = squares.first().map_or(0, |s| s.hours.len());
    let hour = |hour: usize| {
        let (mut dose, mut people) = (0.0, 0.0);
        for square in squares {
            if let Some((ln, spread)) = square.hours[hour] {
                dose += square.people * z.mul_add(spread, ln).exp();
                people += square.people;
            }
        }
        (people > 0.0).then(|| dose / people)
    };
    (0..hours).map(hour).collect()
}

/// The highest mean over so many hours that ends in the coming day; `None` where too few hours are known.
fn highest_mean(squares: &[&Square], z: f64, averaging: usize) -> Option<f64> {
    let course = breathed(squares, z);
    let (known, coming) = course.split_at(BEFORE);
    (1..=HOURS).filter_map(|lead| Window::ending(known, coming, lead, averaging).mean()).reduce(f64::max)
}

/// The z from which on a mean over its hours is above the limit: means grow with z.
fn passed_from(squares: &[&Square], limit: &Limit) -> Option<f64> {
    let (Averaging::Hours(averaging), Some(high)) = (limit.averaging, limit.high) else { return None };
    let above = |z: f64| highest_mean(squares, z, averaging as usize).map(|mean| mean > high);
    let (mut low, mut top) = (-FARTHEST, FARTHEST);
    if above(low)? {
        return Some(f64::NEG_INFINITY);
    }
    if !above(top)? {
        return Some(f64::INFINITY);
    }
    while top - low > 1e-3 {
        let middle = f64::midpoint(low, top);
        if above(middle)? { top = middle } else { low = middle }
    }
    Some(top)
}

fn told(
    squares: &[&Square],
    pollutant: &str,
    limits: &[Limit],
    (code, name): (&str, &str),
    cancel: &CancelToken,
) -> Result<CommuneAhead, Cancelled> {
    let day = QUANTILES.map(|z| {
        let coming: Vec<f64> = breathed(squares, z).into_iter().skip(BEFORE).flatten().collect();
        let mean = coming.iter().sum::<f64>() / coming.len().max(1) as f64;
        (mean, coming.iter().copied().fold(0.0, f64::max))
    });
    let index = day.map(|(mean, highest)| vn_aqi(pollutant, mean, highest));
    let vn_aqi = if let [Some(low), Some(middle), Some(high)] = index { Some([low, middle, high]) } else { None };
    let mut judged = Vec::new();
    for (number, limit) in limits.iter().enumerate() {
        cancel.check()?;
        let (Averaging::Hours(averaging_h), Some(high)) = (limit.averaging, limit.high) else { continue };
        let averaging = averaging_h as usize;
        let means = QUANTILES.map(|z| highest_mean(squares, z, averaging));
        let ([Some(a), Some(b), Some(c)], Some(from)) = (means, passed_from(squares, limit)) else {
            continue;
        };
        let (mut above, mut expected) = ([0.0; 3], 0.0);
        for square in squares {
            if let Some(from) = square.passed_from[number] {
                expected += square.people * (1.0 - normal(from));
                for (sum, z) in above.iter_mut().zip(QUANTILES) {
                    *sum += if z >= from { square.people } else { 0.0 };
                }
            }
        }
        judged.push(LimitAhead {
            averaging_h,
            limit_ug_m3: high,
            document: limit.document.clone(),
            verify: limit.verify,
            highest_mean_ug_m3: [a, b, c],
            chance: 1.0 - normal(from),
            residents_above: above.map(|n: f64| n.round() as u64),
            residents_expected: expected,
        });
    }
    Ok(CommuneAhead {
        code: code.to_owned(),
        name: name.to_owned(),
        residents: squares.iter().map(|s| s.people).sum::<f64>().round() as u64,
        mean_ug_m3: day.map(|d| d.0),
        highest_hour_ug_m3: day.map(|d| d.1),
        vn_aqi,
        level: vn_aqi.map(|i| AqiLevel::of(i[1])),
        limits: judged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 15 February 2026.
    const NOW: i64 = 492_000;

    fn square(people: f64, value: f64, spread: f64) -> Square {
        let hours = vec![Some((value.ln(), spread)); BEFORE + HOURS];
        let mut square = Square { commune: Some(0), at: [0.0, 0.0], people, hours, passed_from: Vec::new() };
        square.passed_from = limits("pm25", NOW, 7.0).iter().map(|l| passed_from(&[&square], l)).collect();
        square
    }

    fn limit_24h(squares: &[&Square]) -> LimitAhead {
        let limits = limits("pm25", NOW, 7.0);
        assert_eq!(limits.len(), 1, "{limits:?}");
        told(squares, "pm25", &limits, ("1", "a"), &CancelToken::new()).unwrap().limits.remove(0)
    }

    /// A level course of one place is lognormal: what chance and ranges must be is known.
    #[test]
    fn chances_and_ranges_are_those_of_a_lognormal_value() {
        let one = square(100.0, 45.0 * (-0.3_f64).exp(), 0.3);
        let told = limit_24h(&[&one]);
        assert_eq!((told.averaging_h, told.limit_ug_m3), (24, 45.0));
        // The limit lies one standard deviation above the middle.
        assert!((told.chance - 0.158_655).abs() < 1e-3, "{}", told.chance);
        assert!((told.residents_expected - 15.87).abs() < 0.2);
        assert_eq!(told.residents_above, [0, 0, 100]);
        let [low, middle, high] = told.highest_mean_ug_m3;
        assert!((middle - 33.337).abs() < 0.01 && (high / middle).ln() > 0.384 && (middle / low).ln() < 0.385);
    }

    #[test]
    fn what_is_certain_has_no_range_and_people_are_counted_where_they_live() {
        let (clean, foul) = (square(300.0, 10.0, 0.0), square(100.0, 90.0, 0.0));
        let told = limit_24h(&[&clean, &foul]);
        assert_eq!(told.residents_above, [100; 3]);
        assert!((told.residents_expected - 100.0).abs() < 1e-9 && told.chance == 0.0, "30 µg/m³ on the mean");
        let all = super::told(&[&clean, &foul], "pm25", &[], ("", ""), &CancelToken::new()).unwrap();
        assert!((all.mean_ug_m3[0] - 30.0).abs() < 1e-9 && all.residents == 400);
        assert_eq!(all.vn_aqi, Some([60; 3]));
        assert_eq!(all.level, Some(AqiLevel::Moderate));
        let unknown = super::told(&[&clean], "nox", &[], ("", ""), &CancelToken::new()).unwrap();
        assert_eq!((unknown.vn_aqi, unknown.limits.len()), (None, 0));
    }

    /// Clean until now and foul from now on: the day's mean grows with every hour, and the last one is the highest.
    #[test]
    fn hours_that_were_read_count_in_the_means_of_a_limit() {
        let mut one = square(1.0, 60.0, 0.0);
        one.hours[..BEFORE].fill(Some((6.0_f64.ln(), 0.0)));
        assert!((highest_mean(&[&one], 0.0, 24).unwrap() - 60.0).abs() < 1e-9);
        one.hours[BEFORE + 12..].fill(None);
        // Twelve foul hours and the twelve before them, while enough of the 24 are known.
        let mean = highest_mean(&[&one], 0.0, 24).unwrap();
        assert!((mean - (12.0 * 60.0 + 6.0 * 6.0) / 18.0).abs() < 1e-9, "{mean}");
        one.hours.fill(None);
        assert_eq!(highest_mean(&[&one], 0.0, 24), None);
    }
}
