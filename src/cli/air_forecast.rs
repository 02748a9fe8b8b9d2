//! `island-twin air forecast`: the coming day at each station, against the limits, with how sure it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::air_args::ForecastArgs;
use super::args::parse_time;
use super::rows::{Row, Rows, quoted};
use super::simulate_fire::Told;
use crate::base::message::{Message, ToMessage};
use crate::base::running::Window;
use crate::io::export::write_text_file;
use crate::model::norm::{Averaging, Medium, NormTable};
use crate::sim::air::error::AirError;
use crate::sim::air::forecast::{Expected, Outlook, Past, outlook};
use crate::study::air::headline::short;
use crate::study::air::limit::title_arg;
use crate::text::{Catalog, Language};

const HOUR_S: i64 = 3600;
/// Local time in Vietnam.
const UTC_OFFSET_S: i64 = 7 * HOUR_S;
/// From this chance on a warning is given.
const WARN: f64 = 0.5;
const MOST_HOURS: usize = 72;
/// A station that has been silent for longer beside the others is not foretold.
const MOST_BEHIND_H: usize = 24;

struct Station {
    id: String,
    past: Past,
    /// Whole hours since 1970 of the last reading.
    now: i64,
}

/// What is asked of every station.
struct Asked {
    pollutant: String,
    /// Whole hours since 1970 of the newest reading of all: hours ahead are counted from it.
    now: i64,
    hours: usize,
    wind: Option<Wind>,
}

/// Wind of the hours to come.
enum Wind {
    ByHour(BTreeMap<i64, f64>),
    /// From the hour after the newest reading on.
    InOrder(Vec<f64>),
}

impl Wind {
    fn read(path: &Path) -> Result<Self, AirError> {
        let rows = Rows::read(path)?;
        rows.require(&["wind_m_s"])?;
        if !rows.has("time") {
            return Ok(Self::InOrder(rows.iter().map(|r| r.real("wind_m_s")).collect::<Result<_, _>>()?));
        }
        let of = |row: Row<'_>| Ok((hour_of(row)?, row.real("wind_m_s")?));
        Ok(Self::ByHour(rows.iter().map(of).collect::<Result<_, AirError>>()?))
    }

    fn at(&self, hour: i64, now: i64) -> Option<f64> {
        match self {
            Self::ByHour(all) => all.get(&hour).copied(),
            Self::InOrder(all) => all.get(usize::try_from(hour - now - 1).ok()?).copied(),
        }
    }
}

/// # Errors
/// A table that cannot be read, too few readings, an unknown time; nothing is written then.
pub fn run(args: &ForecastArgs, language: Language) -> Result<Told, Message> {
    let said = |e: AirError| e.to_message();
    let rows = Rows::read(&args.history).map_err(said)?;
    rows.require(&["station", "time", "conc_ug_m3"]).map_err(said)?;
    let stations = stations(&rows).map_err(said)?;
    let mut notices = Vec::new();
    let asked = Asked {
        pollutant: args.pollutant.trim().to_ascii_lowercase(),
        now: stations.iter().map(|s| s.now).max().unwrap_or_default(),
        hours: args.hours.clamp(1, MOST_HOURS),
        wind: args.wind.as_deref().map(Wind::read).transpose().map_err(said)?,
    };
    match &asked.wind {
        None => notices.push(Message::new("air-forecast-wind-persists")),
        Some(wind) => {
            let hours = asked.hours.cast_signed() as i64;
            let missing = (1..=hours).filter(|h| wind.at(asked.now + h, asked.now).is_none()).count();
            if missing > 0 {
                let told = Message::new("air-forecast-wind-missing").with("hours", missing);
                notices.push(told.with("of", asked.hours).with("from", local(asked.now + 1)));
            }
        }
    }
    let catalog = Catalog::load(language);
    let mut csv = String::from(
        "station,time,lead_h,p10_ug_m3,p50_ug_m3,p90_ug_m3,averaging_h,mean_p50_ug_m3,limit_ug_m3,chance_above,source\n",
    );
    let mut lines = Vec::new();
    let mut told = Vec::new();
    let left_out = |station: &Station, reason: Message| {
        Message::new("air-forecast-left-out").with("station", station.id.as_str()).with("reason", reason)
    };
    for station in &stations {
        let behind = usize::try_from(asked.now - station.now).unwrap_or(usize::MAX);
        if behind > MOST_BEHIND_H {
            let reason = Message::new("air-forecast-silent").with("time", local(station.now)).with("hours", behind);
            notices.push(left_out(station, reason));
            continue;
        }
        let wind: Option<Vec<Option<f64>>> = asked
            .wind
            .as_ref()
            .map(|wind| (1..).take(behind + asked.hours).map(|h: i64| wind.at(station.now + h, asked.now)).collect());
        let outlook = match outlook(&station.past, wind.as_deref(), behind + asked.hours) {
            Ok(outlook) => outlook,
            Err(error) if stations.len() > 1 => {
                notices.push(left_out(station, error.to_message()));
                continue;
            }
            Err(error) => return Err(said(error)),
        };
        if outlook.tried == 0 {
            notices.push(Message::new("air-forecast-assumed-spread").with("station", station.id.as_str()));
        }
        let judged = judge(station, &outlook, &asked, behind, &mut csv);
        lines.extend(sentences(station, &outlook.hours[behind..], &judged, &asked));
        told.push(json!({
            "station": station.id,
            "hours": outlook.hours[behind..],
            "tried": outlook.tried,
            "counted_from": local(asked.now),
            "limits_h": judged.limits,
            "first_warning_lead_h": judged.warnings.values().map(|w| w.lead).min(),
            "warnings": judged.warnings.values().map(|w| json!({
                "lead_h": w.lead, "averaging_h": w.averaging_h, "limit_ug_m3": w.limit, "chance": w.chance,
                "document": w.document, "verify": w.verify,
            })).collect::<Vec<_>>(),
        }));
    }
    if lines.is_empty() {
        return Err(said(AirError::TooFewReadings { readings: 0, least: crate::sim::air::forecast::LEAST_HOURS }));
    }
    write_text_file(&csv, &args.out).map_err(|e| e.to_message())?;
    let text = if args.json {
        serde_json::to_string_pretty(&told).unwrap_or_default()
    } else {
        let mut all: Vec<String> = lines.iter().map(|m| catalog.text(m)).collect();
        all.push(catalog.text(&Message::new("air-forecast-basis").with("time", local(asked.now))));
        all.push(catalog.text(&Message::new("air-written").with("path", args.out.as_path())));
        all.join("\n")
    };
    Ok(Told { text, notices })
}

fn stations(rows: &Rows) -> Result<Vec<Station>, AirError> {
    let mut all: BTreeMap<String, BTreeMap<i64, (Option<f64>, Option<f64>)>> = BTreeMap::new();
    for row in rows.iter() {
        let id = row.text("station").ok_or_else(|| row.bad("station"))?;
        let hour = hour_of(row)?;
        let value = row.text("conc_ug_m3").map(|_| row.real("conc_ug_m3")).transpose()?;
        let wind = row.text("wind_m_s").map(|_| row.real("wind_m_s")).transpose()?;
        all.entry(id.to_owned()).or_default().insert(hour, (value, wind));
    }
    let of = |(id, hours): (String, BTreeMap<i64, (Option<f64>, Option<f64>)>)| {
        let (first, now) = (*hours.first_key_value()?.0, *hours.last_key_value()?.0);
        // A year at most: what is older says little of tomorrow.
        let first = first.max(now - 366 * 24);
        let at = |h: i64| hours.get(&h).copied().unwrap_or_default();
        let past = Past {
            conc_ug_m3: (first..=now).map(|h| at(h).0).collect(),
            wind_mps: (first..=now).map(|h| at(h).1).collect(),
            first_hour: (first + UTC_OFFSET_S / HOUR_S).rem_euclid(24) as usize,
        };
        Some(Station { id, past, now })
    };
    Ok(all.into_iter().filter_map(of).collect())
}

fn hour_of(row: Row<'_>) -> Result<i64, AirError> {
    let time = row.text("time").and_then(|t| parse_time(t).ok()).ok_or_else(|| row.bad("time"))?;
    Ok(time.as_second().div_euclid(HOUR_S))
}

/// "2026-03-11T00:00:00+07:00", the beginning of an hour in Vietnam.
fn local(hour: i64) -> String {
    let local = jiff::Timestamp::from_second(hour * HOUR_S + UTC_OFFSET_S).unwrap_or_default();
    local.to_string().replace('Z', "+07:00")
}

struct Warning {
    lead: usize,
    time: String,
    chance: f64,
    limit: f64,
    averaging_h: u32,
    verify: bool,
    document: String,
}

#[derive(Default)]
struct Judged {
    /// Averaging times of the limits that there are.
    limits: BTreeSet<u32>,
    /// By averaging time: the first hour that is more likely above the limit than not.
    warnings: BTreeMap<u32, Warning>,
}

/// Writes a station's hours, a row for each limit that holds; one without where there is none.
fn judge(station: &Station, outlook: &Outlook, asked: &Asked, behind: usize, csv: &mut String) -> Judged {
    let mut judged = Judged::default();
    let coming: Vec<Option<f64>> = outlook.hours.iter().map(|e| Some(e.p50)).collect();
    for (i, expected) in outlook.hours.iter().enumerate().skip(behind) {
        let lead = i + 1 - behind;
        let at = station.now + 1 + i.cast_signed() as i64;
        let time = local(at);
        let hour = (at + UTC_OFFSET_S / HOUR_S).rem_euclid(24) as u8;
        let limits = NormTable::standard(Medium::Air).of(&asked.pollutant, time.get(..10).unwrap_or_default(), hour);
        let Expected { p10, p50, p90, .. } = expected;
        let row = format!("{},{time},{lead},{p10:.3},{p50:.3},{p90:.3}", quoted(&station.id));
        let mut held = false;
        for limit in limits {
            let (Averaging::Hours(averaging_h), Some(high)) = (limit.averaging, limit.high) else { continue };
            held = true;
            judged.limits.insert(averaging_h);
            // The mean over the limit's hours: readings as far as they go, then the forecast.
            let window = Window::ending(&station.past.conc_ug_m3, &coming, i + 1, averaging_h as usize);
            let Some(mean) = window.mean() else {
                let _ = writeln!(csv, "{row},{averaging_h},,{high},,forecast");
                continue;
            };
            let spreads = &outlook.hours[(i + 1).saturating_sub(averaging_h as usize)..=i];
            let chance = chance_above(window, spreads, high);
            let _ = writeln!(csv, "{row},{averaging_h},{mean:.3},{high},{chance:.3},forecast");
            if chance > WARN {
                judged.warnings.entry(averaging_h).or_insert_with(|| Warning {
                    lead,
                    time: time.clone(),
                    chance,
                    limit: high,
                    averaging_h,
                    verify: limit.verify,
                    document: limit.document.clone(),
                });
            }
        }
        if !held {
            let _ = writeln!(csv, "{row},,,,,forecast");
        }
    }
    judged
}

/// The chance that a window's mean is above the limit. Forecast errors of one night hang together, so the mean is as
/// uncertain as its hours, in proportion to their part of it.
fn chance_above(window: Window, coming: &[Expected], limit: f64) -> f64 {
    // How much higher the coming hours would have to be, all alike.
    let room = (limit * window.count() as f64 - window.read_sum) / window.foretold_sum;
    let spread = coming.iter().map(|e| e.spread).sum::<f64>() / coming.len() as f64;
    if room <= 0.0 { 1.0 } else { 1.0 - crate::sim::air::plume::normal(room.ln() / spread) }
}

/// A warning for every limit that is likely to be passed; else that none is, or that there is none to be held against.
fn sentences(station: &Station, hours: &[Expected], judged: &Judged, asked: &Asked) -> Vec<Message> {
    let top = hours.iter().max_by(|a, b| a.p50.total_cmp(&b.p50));
    let (p10, p50, p90) = top.map_or((0.0, 0.0, 0.0), |e| (e.p10, e.p50, e.p90));
    let base = |key: &str| {
        Message::new(key)
            .with("station", station.id.as_str())
            .with("substance", title_arg(&asked.pollutant))
            .with("low", short(p10))
            .with("middle", short(p50))
            .with("high", short(p90))
    };
    if judged.limits.is_empty() {
        return vec![base("air-forecast-no-limit")];
    }
    if judged.warnings.is_empty() {
        let over: Vec<String> = judged.limits.iter().map(|h| format!("{h} h")).collect();
        return vec![base("air-forecast-fine").with("over", over.join(", "))];
    }
    let warning = |w: &Warning| {
        base(if w.verify { "air-forecast-warning-verify" } else { "air-forecast-warning" })
            .with("lead", w.lead)
            .with("time", w.time.get(..16).unwrap_or_default().replace('T', " "))
            .with("percent", (100.0 * w.chance).round())
            .with("limit", w.limit)
            .with("hours", w.averaging_h)
            .with("document", w.document.as_str())
    };
    judged.warnings.values().map(warning).collect()
}
