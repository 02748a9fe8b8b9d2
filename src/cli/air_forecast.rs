//! `island-twin air forecast`: the coming day at each station, against the limits, with how sure it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::air_args::ForecastArgs;
use super::args::parse_time;
use super::rows::{Row, Rows};
use super::simulate_fire::Told;
use crate::base::message::{Message, ToMessage};
use crate::io::export::write_text_file;
use crate::model::norm::{Averaging, Medium, NormTable};
use crate::sim::air::error::AirError;
use crate::sim::air::forecast::{Outlook, Past, outlook};
use crate::study::air::headline::short;
use crate::study::air::limit::title_arg;
use crate::text::{Catalog, Language};

const HOUR_S: i64 = 3600;
/// Local time in Vietnam.
const UTC_OFFSET_S: i64 = 7 * HOUR_S;
/// From this chance on a warning is given.
const WARN: f64 = 0.5;
const MOST_HOURS: usize = 72;

struct Station {
    id: String,
    past: Past,
    /// Whole hours since 1970 of the last reading.
    now: i64,
}

/// # Errors
/// A table that cannot be read, too few readings, an unknown time; nothing is written then.
pub fn run(args: &ForecastArgs, language: Language) -> Result<Told, Message> {
    let said = |e: AirError| e.to_message();
    let hours = args.hours.clamp(1, MOST_HOURS);
    let rows = Rows::read(&args.history).map_err(said)?;
    rows.require(&["station", "time", "conc_ug_m3"]).map_err(said)?;
    let stations = stations(&rows).map_err(said)?;
    let mut notices = Vec::new();
    let given: Option<Vec<f64>> = if let Some(path) = &args.wind {
        let rows = Rows::read(path).map_err(said)?;
        rows.require(&["wind_m_s"]).map_err(said)?;
        Some(rows.iter().map(|r| r.real("wind_m_s")).collect::<Result<_, _>>().map_err(said)?)
    } else {
        notices.push(Message::new("air-forecast-wind-persists"));
        None
    };
    let catalog = Catalog::load(language);
    let mut csv = String::from(
        "station,time,lead_h,p10_ug_m3,p50_ug_m3,p90_ug_m3,averaging_h,mean_p50_ug_m3,limit_ug_m3,chance_above,source\n",
    );
    let mut lines = Vec::new();
    let mut told = Vec::new();
    for station in &stations {
        let outlook = match outlook(&station.past, given.as_deref(), hours) {
            Ok(outlook) => outlook,
            Err(error) if stations.len() > 1 => {
                notices.push(
                    Message::new("air-forecast-left-out")
                        .with("station", station.id.as_str())
                        .with("reason", error.to_message()),
                );
                continue;
            }
            Err(error) => return Err(said(error)),
        };
        if outlook.tried == 0 {
            notices.push(Message::new("air-forecast-assumed-spread").with("station", station.id.as_str()));
        }
        let warning = rows_of(station, &outlook, &args.pollutant, &mut csv);
        lines.push(sentence(station, &outlook, warning.as_ref(), &args.pollutant));
        told.push(json!({
            "station": station.id,
            "hours": outlook.hours,
            "tried": outlook.tried,
            "first_warning_lead_h": warning.as_ref().map(|w| w.lead),
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
        all.push(catalog.get("air-forecast-basis"));
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

struct Warning {
    lead: usize,
    chance: f64,
    limit: f64,
    averaging_h: u32,
    verify: bool,
    document: String,
}

/// Writes a station's hours; gives the first hour that is more likely above a limit than not.
fn rows_of(station: &Station, outlook: &Outlook, pollutant: &str, csv: &mut String) -> Option<Warning> {
    let mut first = None;
    for (i, expected) in outlook.hours.iter().enumerate() {
        let lead = i + 1;
        let at = station.now + i64::try_from(lead).unwrap_or_default();
        let local = jiff::Timestamp::from_second(at * HOUR_S + UTC_OFFSET_S).unwrap_or_default();
        let text = local.to_string().replace('Z', "+07:00");
        let day = text.get(..10).unwrap_or_default();
        let hour = (at + UTC_OFFSET_S / HOUR_S).rem_euclid(24) as u8;
        let limits = NormTable::standard(Medium::Air).of(pollutant, day, hour);
        let held = limits.into_iter().find_map(|l| match (l.averaging, l.high) {
            (Averaging::Hours(n), Some(high)) => Some((n, high, l)),
            _ => None,
        });
        let _ = write!(csv, "{},{text},{lead},{:.3},{:.3},{:.3}", station.id, expected.p10, expected.p50, expected.p90);
        let Some((averaging_h, limit, row)) = held else {
            csv.push_str(",,,,,forecast\n");
            continue;
        };
        // The mean over the limit's hours: readings as far as they go, then the forecast.
        let (mean, chance) = running(station, outlook, lead, averaging_h as usize, limit);
        let _ = writeln!(csv, ",{averaging_h},{mean:.3},{limit},{chance:.3},forecast");
        if chance > WARN && first.is_none() {
            first =
                Some(Warning { lead, chance, limit, averaging_h, verify: row.verify, document: row.document.clone() });
        }
    }
    first
}

/// Mean over the last `hours` at a lead, and the chance that it is above the limit. Forecast errors of one night hang
/// together, so the mean is as uncertain as its hours, in proportion to their part of it.
fn running(station: &Station, outlook: &Outlook, lead: usize, hours: usize, limit: f64) -> (f64, f64) {
    let from_forecast = lead.min(hours);
    let read: Vec<f64> = station.past.conc_ug_m3.iter().rev().take(hours - from_forecast).copied().flatten().collect();
    let coming = &outlook.hours[lead - from_forecast..lead];
    let n = (read.len() + coming.len()) as f64;
    let known: f64 = read.iter().sum();
    let mean = (known + coming.iter().map(|e| e.p50).sum::<f64>()) / n;
    // How much higher the coming hours would have to be, all alike.
    let room = (limit * n - known) / coming.iter().map(|e| e.p50).sum::<f64>();
    let spread = coming.iter().map(|e| e.spread).sum::<f64>() / coming.len() as f64;
    let chance = if room <= 0.0 { 1.0 } else { 1.0 - crate::sim::air::plume::normal(room.ln() / spread) };
    (mean, chance)
}

fn sentence(station: &Station, outlook: &Outlook, warning: Option<&Warning>, pollutant: &str) -> Message {
    let top = outlook.hours.iter().max_by(|a, b| a.p50.total_cmp(&b.p50));
    let (p10, p50, p90) = top.map_or((0.0, 0.0, 0.0), |e| (e.p10, e.p50, e.p90));
    let base = |key: &str| {
        Message::new(key)
            .with("station", station.id.as_str())
            .with("substance", title_arg(pollutant))
            .with("low", short(p10))
            .with("middle", short(p50))
            .with("high", short(p90))
    };
    match warning {
        None => base("air-forecast-fine"),
        Some(w) => base(if w.verify { "air-forecast-warning-verify" } else { "air-forecast-warning" })
            .with("lead", w.lead)
            .with("percent", (100.0 * w.chance).round())
            .with("limit", w.limit)
            .with("hours", w.averaging_h)
            .with("document", w.document.as_str()),
    }
}
