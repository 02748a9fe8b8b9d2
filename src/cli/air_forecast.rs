//! `island-twin air forecast`: the coming day at each station, against the limits, with how sure it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::air_args::ForecastArgs;
use super::rows::{Rows, quoted};
use super::simulate_fire::Told;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::base::running::Window;
use crate::io::export::write_text_file;
use crate::io::import::WorkerProgram;
use crate::io::scene::load_project;
use crate::model::norm::{Averaging, Medium, NormTable};
use crate::model::project::Project;
use crate::sim::air::error::AirError;
use crate::sim::air::forecast::{Expected, Outlook, Past};
use crate::study::air::coming::{Ahead, HOURS, StationCourse, ahead};
use crate::study::air::coming_words;
use crate::study::air::headline::short;
use crate::study::air::limit::title_arg;
use crate::study::air::receptors::{self, Station as Place};
use crate::study::air::station_past::StationPast;
use crate::study::air::wind_ahead::{self, WindAhead, hour_of, local};
use crate::text::{Catalog, Language};

const HOUR_S: i64 = 3600;
/// Local time in Vietnam.
const UTC_OFFSET_S: i64 = 7 * HOUR_S;
/// From this chance on a warning is given.
const WARN: f64 = 0.5;
const MOST_HOURS: usize = 72;

/// What is asked of every station.
struct Asked {
    pollutant: String,
    /// Whole hours since 1970 of the newest reading of all: hours ahead are counted from it.
    now: i64,
    hours: usize,
    wind: Option<WindAhead>,
}

/// The map of a forecast by commune.
struct Scene {
    project: Project,
    places: Vec<Place>,
}

impl Scene {
    fn read(path: &Path, worker: &WorkerProgram) -> Result<(Self, Vec<Message>), Message> {
        let (project, warnings) =
            load_project(path, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
        let places = receptors::stations(&project);
        Ok((Self { project, places }, warnings.into_iter().map(|w| w.message).collect()))
    }

    fn ahead(&self, asked: &Asked, courses: &[StationCourse]) -> Result<Ahead, Message> {
        let found = ahead(&self.project, &asked.pollutant, asked.now, courses, &CancelToken::new());
        found.ok().flatten().ok_or_else(|| Message::new("air-ahead-nobody"))
    }
}

/// # Errors
/// A table that cannot be read, too few readings, an unknown time; nothing is written then.
pub fn run(args: &ForecastArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let said = |e: AirError| e.to_message();
    keeps_its_inputs(args)?;
    let rows = Rows::read(&args.history).map_err(said)?;
    rows.require(&["station", "time", "conc_ug_m3"]).map_err(said)?;
    let stations = stations(&rows).map_err(said)?;
    let mut notices = Vec::new();
    let asked = Asked {
        pollutant: args.pollutant.trim().to_ascii_lowercase(),
        now: stations.iter().map(|s| s.last).max().unwrap_or_default(),
        hours: args.hours.clamp(1, MOST_HOURS),
        wind: args.wind.as_deref().map(WindAhead::read).transpose().map_err(said)?,
    };
    notices.extend(WindAhead::notices(asked.wind.as_ref(), asked.now, asked.hours));
    let scene = match &args.scene {
        Some(path) => {
            let (scene, told) = Scene::read(path, worker)?;
            notices.extend(told);
            Some(scene)
        }
        None => None,
    };
    let catalog = Catalog::load(language);
    let mut csv = String::from(
        "station,time,lead_h,p10_ug_m3,p50_ug_m3,p90_ug_m3,averaging_h,mean_p50_ug_m3,limit_ug_m3,chance_above,source\n",
    );
    let mut lines = Vec::new();
    let mut told = Vec::new();
    let mut courses = Vec::new();
    for station in &stations {
        let outlook = match station.outlook(asked.now, asked.hours, asked.wind.as_ref()) {
            Ok(outlook) => outlook,
            Err(error) if stations.len() > 1 => {
                notices.push(station.left_out(&error));
                continue;
            }
            Err(error) => return Err(said(error)),
        };
        notices.extend(station.notice(&outlook));
        if let Some(scene) = &scene {
            match scene.places.iter().find(|p| p.id == station.id) {
                Some(place) => {
                    // Communes are told of a whole day, however far the stations are asked for.
                    let day = station.outlook(asked.now, asked.hours.max(HOURS), asked.wind.as_ref()).map_err(said)?;
                    courses.push(station.course(place.at, asked.now, &day));
                }
                None => notices.push(Message::new("air-ahead-no-place").with("station", station.id.as_str())),
            }
        }
        let behind = station.behind(asked.now);
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
        return Err(said(AirError::TooFewHours { readings: 0, least: crate::sim::air::forecast::LEAST_HOURS }));
    }
    let ahead = match &scene {
        Some(scene) => Some(scene.ahead(&asked, &courses)?),
        None => None,
    };
    // The one that may fail for want of its folder first, so that a failure leaves nothing behind.
    if let (Some(ahead), Some(path)) = (&ahead, &args.communes) {
        write_text_file(&coming_words::csv(ahead, &asked.pollutant), path).map_err(|e| e.to_message())?;
        lines.extend(coming_words::sentences(ahead, &asked.pollutant));
    }
    write_text_file(&csv, &args.out).map_err(|e| e.to_message())?;
    let text = if args.json {
        let all = match &ahead {
            Some(ahead) => json!({ "stations": told, "communes": ahead }),
            None => json!(told),
        };
        serde_json::to_string_pretty(&all).unwrap_or_default()
    } else {
        let mut all: Vec<String> = lines.iter().map(|m| catalog.text(m)).collect();
        all.extend(ahead.iter().flat_map(coming_words::assumptions).map(|m| catalog.text(&m)));
        all.push(catalog.text(&Message::new("air-forecast-basis").with("time", local(asked.now))));
        let written = std::iter::once(&args.out).chain(&args.communes);
        all.extend(written.map(|path| catalog.text(&Message::new("air-written").with("path", path.as_path()))));
        all.join("\n")
    };
    Ok(Told { text, notices })
}

/// # Errors
/// A table to write that is one to read, or both of them the same.
fn keeps_its_inputs(args: &ForecastArgs) -> Result<(), Message> {
    let place = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let read: Vec<_> = std::iter::once(&args.history).chain(&args.wind).chain(&args.scene).map(|p| place(p)).collect();
    let mut written = Vec::new();
    for path in std::iter::once(&args.out).chain(&args.communes) {
        let place = place(path);
        if read.contains(&place) || written.contains(&place) {
            return Err(Message::new("air-forecast-same-file").with("path", path.as_path()));
        }
        written.push(place);
    }
    Ok(())
}

/// Means of the readings of an hour; a station ends with its last hour that has one.
fn stations(rows: &Rows) -> Result<Vec<StationPast>, AirError> {
    let mut all: BTreeMap<String, BTreeMap<i64, [Mean; 2]>> = BTreeMap::new();
    for row in rows.iter() {
        let id = row.text("station").ok_or_else(|| row.bad("station"))?;
        let hour = hour_of(row)?;
        let value = row.text("conc_ug_m3").map(|_| row.real("conc_ug_m3")).transpose()?;
        if let Some(value) = value.filter(|v| *v < 0.0) {
            return Err(AirError::NegativeReading { line: row.line(), value, path: row.path().to_owned() });
        }
        let wind = row.text("wind_m_s").map(|_| wind_ahead::speed(row)).transpose()?;
        let means = all.entry(id.to_owned()).or_default().entry(hour).or_default();
        means.iter_mut().zip([value, wind]).for_each(|(mean, read)| mean.add(read));
    }
    let of = |(id, hours): (String, BTreeMap<i64, [Mean; 2]>)| {
        let read = |hour: &(&i64, &[Mean; 2])| hour.1[0].value().is_some();
        let last = *hours.iter().rev().find(read).or(hours.last_key_value())?.0;
        // A year at most: what is older says little of tomorrow.
        let first = (*hours.first_key_value()?.0).max(last - 366 * 24);
        let at = |h: i64, which: usize| hours.get(&h).and_then(|means| means[which].value());
        let past = Past {
            conc_ug_m3: (first..=last).map(|h| at(h, 0)).collect(),
            wind_mps: (first..=last).map(|h| at(h, 1)).collect(),
            first_hour: (first + UTC_OFFSET_S / HOUR_S).rem_euclid(24) as usize,
        };
        Some(StationPast { id, past, last })
    };
    Ok(all.into_iter().filter_map(of).collect())
}

/// Of the readings of an hour.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.sum += value;
            self.count += 1.0;
        }
    }

    fn value(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
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
    /// Averaging times of the limits that the forecast is held against.
    limits: BTreeSet<u32>,
    /// And of those that at some hour too few hours are known for.
    unknown: BTreeSet<u32>,
    /// By averaging time: the first hour that is more likely above the limit than not.
    warnings: BTreeMap<u32, Warning>,
}

/// Writes a station's hours, a row for each limit that holds; one without where there is none.
fn judge(station: &StationPast, outlook: &Outlook, asked: &Asked, behind: usize, csv: &mut String) -> Judged {
    let mut judged = Judged::default();
    let coming: Vec<Option<f64>> = outlook.hours.iter().map(|e| Some(e.p50)).collect();
    for (i, expected) in outlook.hours.iter().enumerate().skip(behind) {
        let lead = i + 1 - behind;
        let at = station.last + 1 + i.cast_signed() as i64;
        let time = local(at);
        let hour = (at + UTC_OFFSET_S / HOUR_S).rem_euclid(24) as u8;
        let limits = NormTable::standard(Medium::Air).of(&asked.pollutant, time.get(..10).unwrap_or_default(), hour);
        let Expected { p10, p50, p90, .. } = expected;
        let row = format!("{},{time},{lead},{p10:.3},{p50:.3},{p90:.3}", quoted(&station.id));
        let mut held = false;
        for limit in limits {
            let (Averaging::Hours(averaging_h), Some(high)) = (limit.averaging, limit.high) else { continue };
            held = true;
            // The mean over the limit's hours: readings as far as they go, then the forecast.
            let window = Window::ending(&station.past.conc_ug_m3, &coming, i + 1, averaging_h as usize);
            let Some(mean) = window.mean() else {
                judged.unknown.insert(averaging_h);
                let _ = writeln!(csv, "{row},{averaging_h},,{high},,forecast");
                continue;
            };
            judged.limits.insert(averaging_h);
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
fn sentences(station: &StationPast, hours: &[Expected], judged: &Judged, asked: &Asked) -> Vec<Message> {
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
        let key = if judged.unknown.is_empty() { "air-forecast-no-limit" } else { "air-forecast-not-judged" };
        return vec![base(key)];
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
