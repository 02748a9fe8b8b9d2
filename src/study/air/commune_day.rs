//! The air of each commune day by day, as those who live there breathe it: mean, highest hour, VN_AQI, above the limit or
//! not.

use std::fmt::Write as _;

use serde::Serialize;

use super::case::AirCase;
use super::exposure::{Home, communes, homes};
use crate::base::csv::quoted;
use crate::geo::grid::Grid;
use crate::model::aqi::{AqiLevel, Pollutant, index_of};
use crate::model::norm::{Averaging, Medium, NormTable};
use crate::model::project::Project;

/// Hours of a day.
const DAY: usize = 24;
/// Hours that a day must have before its mean is held against a daily limit (Circular 10/2021/TT-BTNMT: three quarters).
pub(super) const LEAST: usize = 18;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommuneDay {
    pub code: String,
    pub name: String,
    pub residents: u64,
    /// From 1, counted from the start of the run.
    pub day: usize,
    pub hours: usize,
    /// Means over the residents, µg/m³, with the background.
    pub mean_ug_m3: f64,
    pub highest_hour_ug_m3: f64,
    /// VN_AQI of the simulated pollutant alone; `None` for one that the index does not know, or too few hours.
    pub vn_aqi: Option<u32>,
    pub level: Option<AqiLevel>,
    /// The 24-hour limit in force, and whether the mean is above it.
    pub limit_24h_ug_m3: Option<f64>,
    pub above: Option<bool>,
}

/// The limit of a 24-hour mean on a day such as `2026-03-20`.
fn limit_24h(pollutant: &str, date: &str) -> Option<f64> {
    let rows = NormTable::standard(Medium::Air).of(pollutant, date, 0);
    rows.into_iter().find(|l| l.averaging == Averaging::Hours(DAY as u32)).and_then(|l| l.high)
}

/// VN_AQI of a pollutant alone from a day's mean and highest hour, µg/m³; `None` for one that the index does not know.
#[must_use]
pub(super) fn vn_aqi(pollutant: &str, mean: f64, highest: f64) -> Option<u32> {
    let known = Pollutant::ALL.into_iter().find(|p| p.code() == pollutant)?;
    // Section 2.2.2 of Decision 1459: dust by the day's mean, gases by the highest hour.
    let told_by = if matches!(known, Pollutant::Pm10 | Pollutant::Pm25) { mean } else { highest };
    index_of(known, told_by).map(|i| i.round() as u32)
}

/// What each commune breathes, hour by hour.
#[derive(Debug, Clone)]
pub struct CommuneHours {
    /// (code, name).
    names: Vec<(String, String)>,
    homes: Vec<Home>,
    /// Means over the residents, µg/m³; `None` where nobody lives on the map.
    hours: Vec<Vec<Option<f64>>>,
}

impl CommuneHours {
    #[must_use]
    pub fn new(project: &Project) -> Self {
        Self { names: communes(project), homes: homes(project), hours: Vec::new() }
    }

    /// The mean of the next hour.
    pub fn take(&mut self, hour: &Grid<f32>) {
        self.hours.push(means(&self.homes, self.names.len(), hour));
    }

    /// After the last hour; `besides_ug_m3` is added to all, such as a background that the hours do not hold.
    #[must_use]
    pub fn days(&self, case: &AirCase, besides_ug_m3: f64) -> Vec<CommuneDay> {
        let mut people = vec![0.0; self.names.len()];
        self.homes.iter().filter_map(|h| h.commune.map(|c| (c, h.people))).for_each(|(c, n)| people[c] += n);
        let mut told = Vec::new();
        for (day, hours) in self.hours.chunks(DAY).enumerate() {
            let moment = case.inputs.start_unix_s + (day * DAY * 3600).cast_signed() as i64;
            let limit = limit_24h(&case.inputs.pollutant, &date(moment));
            for (commune, (code, name)) in self.names.iter().enumerate() {
                let values: Vec<f64> = hours.iter().filter_map(|h| h[commune]).map(|v| v + besides_ug_m3).collect();
                if values.is_empty() {
                    continue;
                }
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                let highest = values.iter().copied().fold(0.0, f64::max);
                let whole = values.len() >= LEAST;
                let vn_aqi = vn_aqi(&case.inputs.pollutant, mean, highest).filter(|_| whole);
                told.push(CommuneDay {
                    code: code.clone(),
                    name: name.clone(),
                    residents: people[commune].round() as u64,
                    day: day + 1,
                    hours: values.len(),
                    mean_ug_m3: mean,
                    highest_hour_ug_m3: highest,
                    vn_aqi,
                    level: vn_aqi.map(AqiLevel::of),
                    limit_24h_ug_m3: limit,
                    above: limit.filter(|_| whole).map(|l| mean > l),
                });
            }
        }
        told
    }
}

/// `fields` are means of an hour, without the background.
#[must_use]
pub fn days(case: &AirCase, fields: &[&Grid<f32>]) -> Vec<CommuneDay> {
    let mut hours = CommuneHours::new(&case.project);
    for field in fields {
        hours.take(field);
    }
    hours.days(case, case.inputs.background_ug_m3)
}

/// Mean over the residents of every commune; `None` where nobody lives on the map.
fn means(homes: &[Home], communes: usize, field: &Grid<f32>) -> Vec<Option<f64>> {
    let mut sums = vec![[0.0; 2]; communes];
    for home in homes {
        let value = f64::from(field.bilinear(home.at));
        if let (Some(commune), false) = (home.commune, value.is_nan()) {
            sums[commune][0] += home.people * value;
            sums[commune][1] += home.people;
        }
    }
    sums.into_iter().map(|[dose, people]| (people > 0.0).then(|| dose / people)).collect()
}

/// Local date in Vietnam, `2026-03-20`.
fn date(unix_s: i64) -> String {
    let local = jiff::Timestamp::from_second(unix_s + 7 * 3600).unwrap_or_default().to_string();
    local.get(..10).unwrap_or_default().to_owned()
}

/// A day of all who live in the communes together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WholeDay {
    pub day: usize,
    pub residents: u64,
    /// Mean over the residents, µg/m³, with the background.
    pub mean_ug_m3: f64,
    pub limit_24h_ug_m3: f64,
    pub above: bool,
}

/// Days that are long enough to be held against a limit, where there is one.
#[must_use]
pub fn overall(days: &[CommuneDay]) -> Vec<WholeDay> {
    let of_day = |group: &[CommuneDay]| {
        let judged: Vec<&CommuneDay> = group.iter().filter(|d| d.above.is_some()).collect();
        let limit_24h_ug_m3 = judged.first()?.limit_24h_ug_m3?;
        let residents: u64 = judged.iter().map(|d| d.residents).sum();
        let dose: f64 = judged.iter().map(|d| d.mean_ug_m3 * d.residents as f64).sum();
        let mean_ug_m3 = dose / (residents as f64).max(1.0);
        Some(WholeDay {
            day: group[0].day,
            residents,
            mean_ug_m3,
            limit_24h_ug_m3,
            above: mean_ug_m3 > limit_24h_ug_m3,
        })
    };
    days.chunk_by(|a, b| a.day == b.day).filter_map(of_day).collect()
}

/// One line a commune and day.
#[must_use]
pub fn csv(days: &[CommuneDay]) -> String {
    let mut table = String::from(
        "code,name,residents,day,hours,mean_ug_m3,highest_hour_ug_m3,vn_aqi_of_pollutant,limit_24h_ug_m3,above,source\n",
    );
    let text = |v: Option<String>| v.unwrap_or_default();
    for d in days {
        let _ = writeln!(
            table,
            "{},{},{},{},{},{:.3},{:.3},{},{},{},simulated",
            quoted(&d.code),
            quoted(&d.name),
            d.residents,
            d.day,
            d.hours,
            d.mean_ug_m3,
            d.highest_hour_ug_m3,
            text(d.vn_aqi.map(|v| v.to_string())),
            text(d.limit_24h_ug_m3.map(|v| v.to_string())),
            text(d.above.map(|v| v.to_string())),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    #[test]
    fn means_are_weighted_by_residents_and_nobody_is_no_value() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 200.0, 100.0, 4, 2);
        let field = Grid { spec, cells: [10.0, 20.0, 30.0, 40.0].repeat(2) };
        let home = |x: f64, people: f64, commune| Home { at: [x, 100.0], people, commune };
        let homes = [home(50.0, 3.0, Some(0)), home(150.0, 1.0, Some(0)), home(350.0, 5.0, None)];
        let told = means(&homes, 2, &field);
        assert!((told[0].unwrap() - 12.5).abs() < 1e-6 && told[1].is_none(), "{told:?}");
        let day = |day: usize, residents: u64, mean: f64, above: Option<bool>| CommuneDay {
            code: String::new(),
            name: String::new(),
            residents,
            day,
            hours: 24,
            mean_ug_m3: mean,
            highest_hour_ug_m3: mean,
            vn_aqi: None,
            level: None,
            limit_24h_ug_m3: Some(45.0),
            above,
        };
        let told = overall(&[day(1, 300, 60.0, Some(true)), day(1, 100, 20.0, Some(false)), day(2, 400, 99.0, None)]);
        assert_eq!(told.len(), 1, "the second day is too short to be judged");
        assert!((told[0].mean_ug_m3 - 50.0).abs() < 1e-9 && told[0].above && told[0].residents == 400);
        assert_eq!(date(1_774_023_000), "2026-03-20");
        assert_eq!(limit_24h("pm25", "2026-03-20"), Some(45.0));
    }
}
