//! `sensors check`: says what a file of sensors means and what is wrong with it, and tries messages on it. Contacts nobody.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::PoisonError;

use serde_json::{Value, json};

use super::sensors_args::{CheckArgs, ExportReadingsArgs};
use crate::base::message::{Message, ToMessage};
use crate::live::address::without_password;
use crate::live::alarm::rule::rules;
use crate::live::alarm::service;
use crate::live::batch::Batch;
use crate::live::config::{demonstration, examine, load, network, usual_topic};
use crate::live::decode::{Decoder, SharedNetwork};
use crate::live::fault;
use crate::live::history::export;
use crate::live::history::place::open_to_read;
use crate::live::moment::Clock;
use crate::model::sensor::{SensorConfig, SourceConfig, StationKind, TopicMap};
use crate::text::number::format_short;
use crate::text::{Catalog, Language};

/// What was found; false when something would keep the file from working.
///
/// # Errors
/// When the file cannot be understood at all.
pub fn check(args: &CheckArgs, language: Language) -> Result<(String, bool), Message> {
    let catalog = Catalog::load(language);
    let config = args.config.as_deref().map_or_else(demonstration, load).map_err(|e| e.to_message())?;
    let network = network(&config);
    let sources: Vec<(String, Option<Message>)> = config
        .sources
        .iter()
        .map(|source| (describe(source, &catalog), examine(source, &network).err().map(|e| e.to_message())))
        .collect();
    let fine = sources.iter().all(|(_, trouble)| trouble.is_none());
    let tried = args.topic.as_ref().map_or_else(|| Ok(Vec::new()), |topic| try_all(&config, &network, topic, args))?;
    let text = if args.json {
        as_json(&config, &network, &sources, &tried, &catalog)
    } else {
        as_text(&config, &network, &sources, &tried, &catalog)
    };
    Ok((text, fine))
}

fn describe(source: &SourceConfig, catalog: &Catalog) -> String {
    let message = match source {
        SourceConfig::Simulated(_) => Message::new("cli-sensors-source-simulated"),
        SourceConfig::Folder(folder) => Message::new("cli-sensors-source-folder").with("path", folder.path.as_path()),
        SourceConfig::Mqtt(mqtt) => {
            let topics: Vec<&str> = mqtt.topics.iter().map(|t| t.topic.as_str()).collect();
            Message::new("cli-sensors-source-mqtt")
                .with("url", without_password(&mqtt.url))
                .with("topics", topics.join(", "))
        }
        SourceConfig::SensorThings(things) => {
            Message::new("cli-sensors-source-things").with("url", format!("{}/{}", things.url, things.version))
        }
    };
    catalog.text(&message)
}

/// One message and what would become of it.
struct Tried {
    file: String,
    readings: Vec<Value>,
    reasons: Vec<(&'static str, Message)>,
}

fn try_all(
    config: &SensorConfig,
    network: &SharedNetwork,
    topic: &str,
    args: &CheckArgs,
) -> Result<Vec<Tried>, Message> {
    let mut maps: Vec<TopicMap> = config
        .sources
        .iter()
        .filter_map(|s| if let SourceConfig::Mqtt(mqtt) = s { Some(mqtt.topics.clone()) } else { None })
        .flatten()
        .collect();
    if maps.is_empty() {
        maps.push(usual_topic());
    }
    let mut decoder = Decoder::new(network.clone(), &maps, Clock::default())
        .map_err(|e| crate::live::error::LiveError::from(e).to_message())?;
    args.payload.iter().map(|path| try_one(&mut decoder, network, topic, path)).collect()
}

fn try_one(decoder: &mut Decoder, network: &SharedNetwork, topic: &str, path: &Path) -> Result<Tried, Message> {
    let bytes = std::fs::read(path)
        .map_err(|e| Message::new("sensor-file").with("reason", fault::of_file(&e)).with("path", path))?;
    let mut batch = Batch::default();
    decoder.decode(topic, &bytes, jiff::Timestamp::now().as_millisecond(), &mut batch);
    let network = network.read().unwrap_or_else(PoisonError::into_inner);
    let readings = batch.readings.iter().map(|r| {
        let stream = network.stream(r.stream);
        json!({
            "stream": stream.map(crate::model::sensor::Stream::name),
            "time": jiff::Timestamp::from_millisecond(r.time_ms).unwrap_or_default().to_string(),
            "value": r.value,
            "unit": stream.and_then(crate::model::sensor::Stream::property).map(|p| p.unit.clone()),
            "flags": r.flags.names(),
        })
    });
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let reasons = batch.quarantined.iter().map(|q| (q.reason.code(), q.reason.message())).collect();
    Ok(Tried { file, readings: readings.collect(), reasons })
}

fn kind_name(kind: StationKind, catalog: &Catalog) -> String {
    catalog.get(&format!("sensor-kind-{}", format!("{kind:?}").to_lowercase()))
}

fn as_text(
    config: &SensorConfig,
    network: &SharedNetwork,
    sources: &[(String, Option<Message>)],
    tried: &[Tried],
    catalog: &Catalog,
) -> String {
    let network = network.read().unwrap_or_else(PoisonError::into_inner);
    let mut lines = Vec::new();
    let mut counts: BTreeMap<StationKind, usize> = BTreeMap::new();
    for station in &config.stations {
        *counts.entry(station.kind).or_default() += 1;
    }
    let kinds: Vec<String> = counts.iter().map(|(kind, n)| format!("{n} {}", kind_name(*kind, catalog))).collect();
    let stations = if kinds.is_empty() {
        Message::new("cli-sensors-no-stations")
    } else {
        Message::new("cli-sensors-stations")
            .with("stations", config.stations.len())
            .with("streams", network.streams().len())
            .with("kinds", kinds.join(", "))
    };
    lines.push(catalog.text(&stations));
    for (text, trouble) in sources {
        lines.push(format!("- {text}"));
        lines.extend(trouble.iter().map(|t| format!("  ! {}", catalog.text(t))));
    }
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    lines.push(catalog.text(&Message::new("cli-sensors-rules").with("date", today.as_str())));
    let mut seen = std::collections::BTreeSet::new();
    for stream in network.streams() {
        let Some(kind) = network.station(&stream.station).map(|s| s.kind) else { continue };
        if !seen.insert((kind, stream.property.clone())) {
            continue;
        }
        for rule in rules(stream, kind, &today, 12) {
            let limit = &rule.limit;
            let number = |value| format_short(value, 3, catalog.language());
            let bounds = match (limit.low, limit.high) {
                (Some(low), Some(high)) => format!("{} – {}", number(low), number(high)),
                (Some(low), None) => format!("≥ {}", number(low)),
                (None, Some(high)) => format!("≤ {}", number(high)),
                (None, None) => String::new(),
            };
            let mark = if limit.verify { format!(" ({})", catalog.get("sensor-verify")) } else { String::new() };
            lines.push(format!(
                "  {}/{}: {bounds} {}  {}{mark}",
                kind_name(kind, catalog),
                stream.property,
                limit.unit,
                service::message(&rule.name).map_or_else(|| rule.name.clone(), |m| catalog.text(&m))
            ));
        }
    }
    for t in tried {
        for reading in &t.readings {
            lines.push(format!("{}: {}", t.file, reading));
        }
        for (_, reason) in &t.reasons {
            lines.push(format!("{}: {}", t.file, catalog.text(reason)));
        }
    }
    lines.join("\n")
}

fn as_json(
    config: &SensorConfig,
    network: &SharedNetwork,
    sources: &[(String, Option<Message>)],
    tried: &[Tried],
    catalog: &Catalog,
) -> String {
    let network = network.read().unwrap_or_else(PoisonError::into_inner);
    let sources: Vec<Value> = sources
        .iter()
        .map(|(text, trouble)| json!({ "source": text, "trouble": trouble.as_ref().map(|t| catalog.text(t)) }))
        .collect();
    let tried: Vec<Value> = tried
        .iter()
        .map(|t| {
            let reasons: Vec<&str> = t.reasons.iter().map(|(code, _)| *code).collect();
            json!({ "payload": t.file, "readings": t.readings, "quarantined": reasons })
        })
        .collect();
    json!({
        "stations": config.stations.len(), "streams": network.streams().len(), "sources": sources, "payloads": tried,
    })
    .to_string()
}

/// Writes what a history holds as a table.
///
/// # Errors
/// When the history cannot be read or the file not written.
pub fn export_readings(args: &ExportReadingsArgs, language: Language) -> Result<String, Message> {
    let catalog = Catalog::load(language);
    let mut history = open_to_read(&args.history).map_err(|e| e.to_message())?;
    let streams =
        if args.stream.is_empty() { history.streams().map_err(|e| e.to_message())? } else { args.stream.clone() };
    let from = args.from.map_or(i64::MIN / 2, jiff::Timestamp::as_millisecond);
    let to = args.to.map_or(i64::MAX / 2, jiff::Timestamp::as_millisecond);
    let rows = export::write(&mut *history, &streams, from, to, &args.out).map_err(|e| e.to_message())?;
    Ok(catalog.text(&Message::new("cli-sensors-exported").with("rows", rows).with("path", args.out.as_path())))
}
