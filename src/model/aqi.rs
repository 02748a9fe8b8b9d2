//! The national air quality index VN_AQI: Decision 1459/QĐ-TCMT, 12 November 2019, Vietnam Environment Administration.
//!
//! Hourly and daily index from hourly means in µg/m³ (25 °C, 101.325 kPa); a missing hour is `None`. Checked against the
//! worked examples of the decision's section 2.3, in which NO₂ of 118.7 µg/m³ is printed as 60 where formula 1 gives 59.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// Hours of a day, or of eight, that must have a value before a mean of them is taken: three quarters, as Circular
/// 10/2021/TT-BTNMT asks of monitoring data. The decision itself names no share.
const LEAST_OF_24: usize = 18;
const LEAST_OF_8: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Pollutant {
    O3,
    Co,
    So2,
    No2,
    Pm10,
    Pm25,
}

impl Pollutant {
    pub const ALL: [Self; 6] = [Self::O3, Self::Co, Self::So2, Self::No2, Self::Pm10, Self::Pm25];

    /// Code of the observed property (`norm::Property`).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::O3 => "o3",
            Self::Co => "co",
            Self::So2 => "so2",
            Self::No2 => "no2",
            Self::Pm10 => "pm10",
            Self::Pm25 => "pm25",
        }
    }

    fn is_dust(self) -> bool {
        matches!(self, Self::Pm10 | Self::Pm25)
    }
}

/// Table 1 of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AqiLevel {
    Good,
    Moderate,
    Poor,
    Bad,
    VeryBad,
    Hazardous,
}

impl AqiLevel {
    #[must_use]
    pub fn of(index: u32) -> Self {
        match index {
            0..=50 => Self::Good,
            51..=100 => Self::Moderate,
            101..=150 => Self::Poor,
            151..=200 => Self::Bad,
            201..=300 => Self::VeryBad,
            _ => Self::Hazardous,
        }
    }

    /// The colour that the decision prescribes.
    #[must_use]
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Good => [0, 228, 0],
            Self::Moderate => [255, 255, 0],
            Self::Poor => [255, 126, 0],
            Self::Bad => [255, 0, 0],
            Self::VeryBad => [143, 63, 151],
            Self::Hazardous => [126, 0, 35],
        }
    }
}

/// An index and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Aqi {
    pub index: u32,
    pub level: AqiLevel,
    /// The pollutant that makes it.
    pub leading: Pollutant,
    /// The index of each pollutant that had enough data, rounded.
    pub parts: Vec<(Pollutant, u32)>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Breakpoints {
    /// Of the table; not looked at yet.
    #[serde(rename = "version")]
    _version: u32,
    #[serde(rename = "checked")]
    _checked: String,
    index: Vec<f64>,
    o3_1h: Vec<f64>,
    o3_8h: Vec<f64>,
    co: Vec<f64>,
    so2: Vec<f64>,
    no2: Vec<f64>,
    pm10: Vec<f64>,
    pm25: Vec<f64>,
}

fn breakpoints() -> Option<&'static Breakpoints> {
    static TABLE: OnceLock<Option<Breakpoints>> = OnceLock::new();
    TABLE.get_or_init(|| ron::from_str(include_str!("../../assets/norms/vn-aqi.ron")).ok()).as_ref()
}

/// Formula 1: linear between the breakpoints, the highest index beyond the last of a full column.
fn part(column: &[f64], index: &[f64], concentration: f64) -> Option<f64> {
    if !concentration.is_finite() || concentration < 0.0 {
        return None;
    }
    let above = column.iter().position(|bp| concentration <= *bp);
    match above {
        Some(0) => Some(0.0),
        Some(i) => {
            let share = (concentration - column[i - 1]) / (column[i] - column[i - 1]);
            Some(share.mul_add(index[i] - index[i - 1], index[i - 1]))
        }
        None => (column.len() == index.len()).then(|| index[index.len() - 1]),
    }
}

/// The index of one pollutant from the concentration that the method asks for (1 h mean, nowcast or 24 h mean).
#[must_use]
pub fn index_of(pollutant: Pollutant, concentration_ugm3: f64) -> Option<f64> {
    let table = breakpoints()?;
    let column = match pollutant {
        Pollutant::O3 => &table.o3_1h,
        Pollutant::Co => &table.co,
        Pollutant::So2 => &table.so2,
        Pollutant::No2 => &table.no2,
        Pollutant::Pm10 => &table.pm10,
        Pollutant::Pm25 => &table.pm25,
    };
    part(column, &table.index, concentration_ugm3)
}

/// Section 2.2.1 a: the present level of dust from 12 hourly means, the newest first. Two of the newest three must be
/// there.
///
/// For w = 1/2 the text sums (1/2)^i c_i, which with all 12 hours is 4095/4096 of the weighted mean; with hours missing
/// the sum would fall short by their weight, so the weighted mean is taken then.
#[must_use]
pub fn nowcast(hours: &[Option<f64>]) -> Option<f64> {
    let hours = &hours[..hours.len().min(12)];
    let present =
        || hours.iter().enumerate().filter_map(|(i, c)| c.filter(|v| v.is_finite() && *v >= 0.0).map(|v| (i, v)));
    if present().filter(|(i, _)| *i < 3).count() < 2 {
        return None;
    }
    let (low, high) = present().fold((f64::MAX, 0.0_f64), |(low, high), (_, c)| (low.min(c), high.max(c)));
    let w = if high > 0.0 { (low / high).max(0.5) } else { 1.0 };
    let (mut sum, mut weights) = (0.0, 0.0);
    for (i, c) in present() {
        let weight = w.powi(i32::try_from(i).unwrap_or(i32::MAX));
        sum += weight * c;
        weights += weight;
    }
    if w == 0.5 && present().count() == 12 { Some(sum * 0.5) } else { Some(sum / weights) }
}

/// Hourly index (section 2.2.1). `hours` gives a pollutant's hourly means, the newest first; 12 of dust, one of a gas
/// are looked at.
#[must_use]
pub fn hourly(hours: impl Fn(Pollutant) -> Vec<Option<f64>>) -> Option<Aqi> {
    let parts = Pollutant::ALL.into_iter().filter_map(|pollutant| {
        let series = hours(pollutant);
        let level = if pollutant.is_dust() { nowcast(&series) } else { series.first().copied().flatten() };
        Some((pollutant, index_of(pollutant, level?)?))
    });
    worst(parts.collect())
}

/// Daily index (section 2.2.2). `day` gives a pollutant's 24 hourly means from 01:00 to 00:00 of the next day, the
/// oldest first; `before` the 7 that went before, for the running 8 h means of ozone (may be empty).
#[must_use]
pub fn daily(
    day: impl Fn(Pollutant) -> Vec<Option<f64>>,
    before: impl Fn(Pollutant) -> Vec<Option<f64>>,
) -> Option<Aqi> {
    let table = breakpoints()?;
    let mut parts = Vec::new();
    for pollutant in Pollutant::ALL {
        let series = day(pollutant);
        let highest = || series.iter().flatten().copied().filter(|v| v.is_finite()).reduce(f64::max);
        let index = match pollutant {
            Pollutant::Pm10 | Pollutant::Pm25 => mean(&series, LEAST_OF_24).and_then(|m| index_of(pollutant, m)),
            Pollutant::O3 => {
                let hour = highest().and_then(|c| index_of(pollutant, c));
                let eight = highest_8h(&before(pollutant), &series).and_then(|c| part(&table.o3_8h, &table.index, c));
                hour.into_iter().chain(eight).reduce(f64::max)
            }
            _ => highest().and_then(|c| index_of(pollutant, c)),
        };
        parts.extend(index.map(|i| (pollutant, i)));
    }
    worst(parts)
}

/// The highest of a day's running 8 h means.
#[must_use]
pub fn highest_8h(before: &[Option<f64>], day: &[Option<f64>]) -> Option<f64> {
    let all: Vec<Option<f64>> = before[before.len().saturating_sub(7)..].iter().chain(day).copied().collect();
    let first = all.len() - day.len();
    (first..all.len()).filter_map(|end| mean(&all[end.saturating_sub(7)..=end], LEAST_OF_8)).reduce(f64::max)
}

fn mean(values: &[Option<f64>], least: usize) -> Option<f64> {
    let present: Vec<f64> = values.iter().flatten().copied().filter(|v| v.is_finite() && *v >= 0.0).collect();
    (present.len() >= least).then(|| present.iter().sum::<f64>() / present.len() as f64)
}

/// Without dust there is no index (section 2.1 b).
fn worst(parts: Vec<(Pollutant, f64)>) -> Option<Aqi> {
    if !parts.iter().any(|(p, _)| p.is_dust()) {
        return None;
    }
    let (leading, highest) = parts.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let index = highest.round() as u32;
    let parts = parts.into_iter().map(|(p, i)| (p, i.round() as u32)).collect();
    Some(Aqi { index, level: AqiLevel::of(index), leading, parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    /// Decision 1459, section 2.3 a.
    #[test]
    fn the_nowcast_of_the_decision_s_example() {
        let newest_first = [20.6, 19.6, 22.4, 20.3, 16.5, 19.0, 16.5, 19.5, 23.5, 20.5, 24.7, 26.9];
        let nowcast = nowcast(&some(&newest_first)).unwrap();
        assert!((nowcast - 20.3).abs() < 0.05, "{nowcast}");
    }

    /// Section 2.3 b and c.
    #[test]
    fn the_hourly_and_daily_index_of_the_decision_s_example() {
        let hour = hourly(|p| match p {
            Pollutant::O3 => some(&[136.1]),
            Pollutant::No2 => some(&[118.7]),
            Pollutant::Pm25 => some(&[20.3; 12]),
            _ => Vec::new(),
        })
        .unwrap();
        assert_eq!(hour.parts, [(Pollutant::O3, 43), (Pollutant::No2, 59), (Pollutant::Pm25, 41)]);
        assert_eq!((hour.index, hour.leading, hour.level), (59, Pollutant::No2, AqiLevel::Moderate));
        let day = |p: Pollutant| match p {
            Pollutant::O3 => some(&[114.6; 1]),
            Pollutant::No2 => some(&[130.8]),
            Pollutant::Pm25 => some(&[55.7; 24]),
            _ => Vec::new(),
        };
        let daily = daily(day, |_| Vec::new()).unwrap();
        assert_eq!(daily.parts, [(Pollutant::O3, 36), (Pollutant::No2, 65), (Pollutant::Pm25, 110)]);
        assert_eq!((daily.index, daily.level), (110, AqiLevel::Poor));
        let table = breakpoints().unwrap();
        assert_eq!(part(&table.o3_8h, &table.index, 89.3).map(f64::round), Some(45.0));
    }

    /// Section 2.2.2 a: the running means of the example peak at 74.4 µg/m³.
    #[test]
    fn the_highest_8_hour_mean_of_the_decision_s_example() {
        let before = some(&[15.7, 14.2, 17.7, 18.9, 19.3, 15.7, 19.7]);
        let day = some(&[
            22.6, 27.1, 29.0, 31.9, 25.3, 34.7, 35.2, 41.6, 45.7, 49.2, 55.8, 69.6, 78.3, 91.5, 97.7, 81.2, 71.8, 43.5,
            34.3, 21.5, 20.5, 19.4, 20.4, 21.3,
        ]);
        assert!((highest_8h(&before, &day).unwrap() - 74.4).abs() < 0.05);
        assert!((highest_8h(&before, &day[..1]).unwrap() - 18.0).abs() < 0.05);
    }

    #[test]
    fn every_breakpoint_gives_its_index_and_the_scale_ends_at_500() {
        let table = breakpoints().unwrap();
        for (p, column) in [
            (Pollutant::O3, &table.o3_1h),
            (Pollutant::Co, &table.co),
            (Pollutant::So2, &table.so2),
            (Pollutant::No2, &table.no2),
            (Pollutant::Pm10, &table.pm10),
            (Pollutant::Pm25, &table.pm25),
        ] {
            for (bp, index) in column.iter().zip(&table.index) {
                assert_eq!(index_of(p, *bp), Some(*index), "{p:?}");
            }
            assert_eq!(index_of(p, 1e6), Some(500.0));
            assert_eq!(index_of(p, -1.0), None);
            assert_eq!(index_of(p, f64::NAN), None);
        }
        // Beyond 400 µg/m³ the 8 h mean of ozone is not graded.
        assert_eq!(part(&table.o3_8h, &table.index, 401.0), None);
    }

    #[test]
    fn too_few_hours_or_no_dust_give_no_index() {
        let mut hours = some(&[30.0; 12]);
        hours[0] = None;
        assert_eq!(nowcast(&hours), Some(30.0));
        hours[1] = None;
        assert_eq!(nowcast(&hours), None);
        assert_eq!(hourly(|p| if p == Pollutant::O3 { some(&[100.0]) } else { Vec::new() }), None);
        let short = |p: Pollutant| if p == Pollutant::Pm25 { some(&[30.0; 17]) } else { Vec::new() };
        assert_eq!(daily(short, |_| Vec::new()), None);
        assert_eq!(nowcast(&some(&[0.0; 12])), Some(0.0));
    }

    /// A clean hour after a dirty night: w falls to 1/2 and the newest hour weighs half.
    #[test]
    fn a_sudden_change_is_followed_within_hours() {
        let mut hours = some(&[100.0; 12]);
        hours[0] = Some(10.0);
        let nowcast = nowcast(&hours).unwrap();
        let sum: f64 = (1..=12).map(|i| 0.5_f64.powi(i) * hours[i as usize - 1].unwrap()).sum();
        assert!((nowcast - sum).abs() < 1e-9 && (nowcast - 54.98).abs() < 0.05, "{nowcast}");
    }
}
