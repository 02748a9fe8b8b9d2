//! From a topic and a payload to readings, by the mappings of a configuration.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::batch::{Batch, Quarantined, Reason};
use super::moment::{Clock, MomentError};
use super::payload::{JsonPath, ValueError, number, parse};
use super::unit::reading_in;
use crate::model::network::Network;
use crate::model::norm::{Property, PropertyTable};
use crate::model::sensor::{Flags, Reading, Stream, StreamKey, TopicMap, UnitFrom};

/// Larger payloads are put aside unread: a reading has some hundred bytes.
pub const LARGEST_PAYLOAD: usize = 256 * 1024;
/// Topics whose plan is remembered; more are worked out anew each time.
const MOST_PLANS: usize = 50_000;

/// The network as sources share it: they look streams up, and one that is told to may add them.
pub type SharedNetwork = Arc<RwLock<Network>>;

/// Looks a stream up by its name.
pub fn find(network: &SharedNetwork, name: &str) -> Option<StreamKey> {
    network.read().unwrap_or_else(PoisonError::into_inner).find(name)
}

fn property_of(network: &SharedNetwork, key: StreamKey) -> Option<&'static Property> {
    network.read().unwrap_or_else(PoisonError::into_inner).stream(key).and_then(Stream::property)
}

/// Adds a stream of a known property that nobody has configured: for watching an unknown broker.
pub fn learn(network: &SharedNetwork, station: &str, property: &str) -> Option<StreamKey> {
    PropertyTable::standard().get(property)?;
    let stream =
        Stream { station: station.to_owned(), property: property.to_owned(), period_s: 60.0, stale_after_s: None };
    Some(network.write().unwrap_or_else(PoisonError::into_inner).add(stream))
}

/// Where a name comes from.
#[derive(Debug, Clone)]
enum Naming {
    /// May hold `{captures}` of the topic, and `{key}`.
    Pattern(String),
    Path(JsonPath),
}

impl Naming {
    fn parse(text: &str) -> Option<Self> {
        if text.starts_with('$') { JsonPath::parse(text).map(Self::Path) } else { Some(Self::Pattern(text.to_owned())) }
    }
}

struct ValueRule {
    /// `None`: every member of the record whose name is a property.
    path: Option<JsonPath>,
    property: Naming,
    unit: Option<UnitRule>,
}

enum UnitRule {
    Path(JsonPath),
    Fixed(String),
}

struct Rule {
    levels: Vec<String>,
    records: JsonPath,
    station: Naming,
    values: Vec<ValueRule>,
    time: Option<JsonPath>,
}

/// What is wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("\"{0}\" is no path into a message; write it like result, $.data.pm25 or d[0]")]
    BadPath(String),
    #[error("the topic \"{0}\" is not understood; write it like phuquoc/{{station}}/{{property}}, # only at the end")]
    BadTopic(String),
    #[error("the mapping of \"{0}\" takes no value")]
    NoValues(String),
}

/// How one topic is read; worked out once.
struct Plan {
    rule: usize,
    captures: Vec<(String, String)>,
    /// Streams of the rule's values and what they measure, where the topic alone tells them.
    streams: Vec<Option<(StreamKey, &'static Property)>>,
}

/// Turns messages into readings.
pub struct Decoder {
    network: SharedNetwork,
    rules: Vec<Rule>,
    clock: Clock,
    learns: bool,
    plans: HashMap<String, Option<Arc<Plan>>>,
}

impl Decoder {
    /// # Errors
    /// [`MappingError`] names the mapping that cannot be understood.
    pub fn new(network: SharedNetwork, maps: &[TopicMap], clock: Clock) -> Result<Self, MappingError> {
        let rules = maps.iter().map(rule).collect::<Result<_, _>>()?;
        Ok(Self { network, rules, clock, learns: false, plans: HashMap::new() })
    }

    /// Takes readings of stations that nobody has configured, too.
    #[must_use]
    pub fn learning(mut self) -> Self {
        self.learns = true;
        self
    }

    /// What to subscribe to: the topics with `+` for every name.
    #[must_use]
    pub fn filters(&self) -> Vec<String> {
        let filter = |rule: &Rule| {
            let levels: Vec<&str> =
                rule.levels.iter().map(|l| if l.starts_with('{') { "+" } else { l.as_str() }).collect();
            levels.join("/")
        };
        let mut filters: Vec<String> = self.rules.iter().map(filter).collect();
        filters.sort();
        filters.dedup();
        filters
    }

    /// Reads one message into `out`. Never fails: what cannot be taken is put aside with its reason.
    pub fn decode(&mut self, topic: &str, payload: &[u8], arrival_ms: i64, out: &mut Batch) {
        out.messages += 1;
        if let Err(reason) = self.read(topic, payload, arrival_ms, out) {
            out.put_aside(Quarantined::new(reason, arrival_ms, topic, payload));
        }
    }

    fn read(&mut self, topic: &str, payload: &[u8], arrival_ms: i64, out: &mut Batch) -> Result<(), Reason> {
        if payload.len() > LARGEST_PAYLOAD {
            return Err(Reason::TooLarge);
        }
        let plan = self.plan(topic).ok_or(Reason::NoMapping)?;
        if payload.iter().all(u8::is_ascii_whitespace) {
            return Err(Reason::Empty);
        }
        let root = parse(payload).map_err(|_| Reason::NotJson)?;
        let rule = &self.rules[plan.rule];
        let records = rule.records.find(&root).ok_or(Reason::NoValue)?;
        let records: &[Value] = match records {
            Value::Array(list) if !rule.records.is_root() => list,
            one => std::slice::from_ref(one),
        };
        for record in records {
            self.record(rule, &plan, record, topic, arrival_ms, out);
        }
        Ok(())
    }

    fn record(&self, rule: &Rule, plan: &Plan, record: &Value, topic: &str, arrival_ms: i64, out: &mut Batch) {
        let time = match rule.time.as_ref().and_then(|path| path.find(record)) {
            Some(Value::Null) | None => Ok((arrival_ms, Flags::ARRIVAL)),
            Some(value) => self.clock.read(value, arrival_ms).map_err(reason_of_time),
        };
        let mut take = |value: &Value, key: &str, at: usize, whole: bool| {
            let reading = time.and_then(|(time_ms, flags)| {
                let (stream, property) = match plan.streams[at] {
                    Some(known) => known,
                    None => self.stream(rule, plan, &rule.values[at], record, key)?,
                };
                let (value, flags) = reading_of(property, &rule.values[at], value, record, flags)?;
                Ok(Reading { stream, time_ms, value, flags })
            });
            match reading {
                Ok(reading) => out.readings.push(reading),
                // A member of a record that is no property is no error: it may be a battery's charge.
                Err(Reason::UnknownStream) if !whole => {}
                Err(reason) => {
                    let excerpt = if whole { record.to_string() } else { format!("{key}: {value}") };
                    out.put_aside(Quarantined::new(reason, arrival_ms, topic, excerpt.as_bytes()));
                }
            }
        };
        for (at, value_rule) in rule.values.iter().enumerate() {
            match &value_rule.path {
                Some(path) => match path.find(record).or_else(|| bare(record, rule)) {
                    Some(value) => take(value, "", at, true),
                    None => take(&Value::Array(Vec::new()), "", at, true),
                },
                None => {
                    for (key, value) in record.as_object().into_iter().flatten() {
                        take(value, key, at, false);
                    }
                }
            }
        }
    }

    fn stream(
        &self,
        rule: &Rule,
        plan: &Plan,
        value: &ValueRule,
        record: &Value,
        key: &str,
    ) -> Result<(StreamKey, &'static Property), Reason> {
        let name = |naming: &Naming| match naming {
            Naming::Pattern(pattern) => Some(filled(pattern, &plan.captures, key)),
            Naming::Path(path) => path.find(record).and_then(|v| match v {
                Value::String(text) => Some(text.trim().to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }),
        };
        let (station, property) = name(&rule.station).zip(name(&value.property)).ok_or(Reason::UnknownStream)?;
        let found = find(&self.network, &format!("{station}/{property}"));
        let learnt = || if self.learns { learn(&self.network, &station, &property) } else { None };
        found.or_else(learnt).and_then(|key| Some((key, property_of(&self.network, key)?))).ok_or(Reason::UnknownStream)
    }

    fn plan(&mut self, topic: &str) -> Option<Arc<Plan>> {
        if let Some(plan) = self.plans.get(topic) {
            return plan.clone();
        }
        let found = self.rules.iter().enumerate().find_map(|(i, rule)| Some((i, captures(&rule.levels, topic)?)));
        let plan = found.map(|(rule, captures)| {
            let fixed = |value: &ValueRule| match (&self.rules[rule].station, &value.property, &value.path) {
                (Naming::Pattern(station), Naming::Pattern(property), Some(_)) => {
                    let (station, property) = (filled(station, &captures, ""), filled(property, &captures, ""));
                    let key = find(&self.network, &format!("{station}/{property}"))?;
                    Some((key, property_of(&self.network, key)?))
                }
                _ => None,
            };
            let streams = self.rules[rule].values.iter().map(fixed).collect();
            Arc::new(Plan { rule, captures, streams })
        });
        // A topic whose stream is not known yet may become known; and topics are chosen by others, so they are bounded.
        let settled = plan.as_ref().is_none_or(|p| p.streams.iter().all(Option::is_some));
        if settled && self.plans.len() < MOST_PLANS {
            self.plans.insert(topic.to_owned(), plan.clone());
        }
        plan
    }
}

/// A message that is only a number, where a mapping looks for one value.
fn bare<'v>(record: &'v Value, rule: &Rule) -> Option<&'v Value> {
    (rule.values.len() == 1 && !record.is_object() && !record.is_array()).then_some(record)
}

pub(super) fn reason_of_time(error: MomentError) -> Reason {
    match error {
        MomentError::Unreadable => Reason::BadTime,
        MomentError::Ambiguous => Reason::AmbiguousTime,
        MomentError::Unset => Reason::ClockUnset,
        MomentError::Future => Reason::ClockAhead,
    }
}

fn rule(map: &TopicMap) -> Result<Rule, MappingError> {
    let path = |text: &str| JsonPath::parse(text).ok_or_else(|| MappingError::BadPath(text.to_owned()));
    let naming = |text: &str| Naming::parse(text).ok_or_else(|| MappingError::BadPath(text.to_owned()));
    let levels: Vec<String> = map.topic.split('/').map(str::to_owned).collect();
    let odd = |(i, level): (usize, &String)| {
        let named = level.starts_with('{') && level.ends_with('}') && level.len() > 2;
        let wild = level == "+" || level == "#" && i + 1 == levels.len();
        !named && !wild && level.contains(['{', '}', '+', '#'])
    };
    if map.topic.is_empty() || levels.iter().enumerate().any(odd) {
        return Err(MappingError::BadTopic(map.topic.clone()));
    }
    if map.values.is_empty() {
        return Err(MappingError::NoValues(map.topic.clone()));
    }
    let values = map.values.iter().map(|value| {
        Ok(ValueRule {
            path: if value.path == "*" { None } else { Some(path(&value.path)?) },
            property: naming(&value.property)?,
            unit: match &value.unit {
                Some(UnitFrom::Path(text)) => Some(UnitRule::Path(path(text)?)),
                Some(UnitFrom::Fixed(unit)) => Some(UnitRule::Fixed(unit.clone())),
                None => None,
            },
        })
    });
    Ok(Rule {
        records: path(&map.records)?,
        station: naming(&map.station)?,
        values: values.collect::<Result<_, _>>()?,
        time: if map.time.is_empty() { None } else { Some(path(&map.time)?) },
        levels,
    })
}

/// A value in the unit of its property, and what is doubtful about it.
fn reading_of(
    property: &Property,
    rule: &ValueRule,
    value: &Value,
    record: &Value,
    flags: Flags,
) -> Result<(f64, Flags), Reason> {
    let (number, doubt) = number(value).map_err(|e| match (e, value) {
        (ValueError::NotANumber, Value::Array(list)) if list.is_empty() => Reason::NoValue,
        (ValueError::Missing, _) => Reason::Missing,
        (ValueError::NotANumber, _) => Reason::NotANumber,
    })?;
    let unit = match &rule.unit {
        Some(UnitRule::Fixed(unit)) => Some(unit.as_str()),
        Some(UnitRule::Path(path)) => path.find(record).and_then(Value::as_str),
        None => None,
    };
    reading_in(property, number, unit.unwrap_or(&property.unit), flags.with(doubt))
}

/// What the names of a pattern stand for in a topic; `None` when it does not match.
fn captures(levels: &[String], topic: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut parts = topic.split('/');
    for level in levels {
        if level == "#" {
            return Some(found);
        }
        let part = parts.next()?;
        match level.strip_prefix('{').and_then(|l| l.strip_suffix('}')) {
            Some(name) => found.push((name.to_owned(), part.to_owned())),
            None if level == "+" || level == part => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(found)
}

fn filled(pattern: &str, captures: &[(String, String)], key: &str) -> String {
    if !pattern.contains('{') {
        return pattern.to_owned();
    }
    let text = pattern.replace("{key}", key);
    captures.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sensor::{Station, StationKind, ValueMap};
    use crate::model::style::Text2;

    const ARRIVAL: i64 = 1_795_824_000_000; // 2026-11-28T00:00:00Z

    fn network() -> SharedNetwork {
        let station = Station {
            id: "KK-01".into(),
            title: Text2::default(),
            kind: StationKind::Air,
            at: [104.0, 10.2],
            cone: None,
        };
        Arc::new(RwLock::new(Network::new(vec![station], &[])))
    }

    fn value(path: &str, property: &str) -> ValueMap {
        ValueMap { path: path.into(), property: property.into(), unit: Some(UnitFrom::Path("unit".into())) }
    }

    fn map(values: Vec<ValueMap>) -> TopicMap {
        TopicMap {
            topic: "pq/{station}/{property}".into(),
            records: String::new(),
            station: "{station}".into(),
            values,
            time: "time".into(),
        }
    }

    fn decode(maps: &[TopicMap], topic: &str, payload: &str) -> Batch {
        let mut decoder = Decoder::new(network(), maps, Clock::default()).unwrap();
        let mut out = Batch::default();
        decoder.decode(topic, payload.as_bytes(), ARRIVAL, &mut out);
        out
    }

    fn reason(batch: &Batch) -> Option<Reason> {
        batch.quarantined.first().map(|q| q.reason)
    }

    #[test]
    fn a_message_becomes_a_reading_in_the_property_s_unit() {
        let maps = [map(vec![value("result", "{property}")])];
        let batch = decode(&maps, "pq/KK-01/pm25", r#"{"result":0.0125,"unit":"mg/m3","time":"2026-11-27T23:59:00Z"}"#);
        let reading = batch.readings[0];
        assert!((reading.value - 12.5).abs() < 1e-9 && reading.flags.is_empty());
        assert_eq!(reading.time_ms, ARRIVAL - 60_000);
        assert_eq!(reason(&decode(&maps, "pq/KK-99/pm25", r#"{"result":1}"#)), Some(Reason::UnknownStream));
        assert_eq!(reason(&decode(&maps, "other/KK-01/pm25", r#"{"result":1}"#)), Some(Reason::NoMapping));
        assert_eq!(reason(&decode(&maps, "pq/KK-01/pm25/x", r#"{"result":1}"#)), Some(Reason::NoMapping));
        assert_eq!(reason(&decode(&maps, "pq/KK-01/pm25", r#"{"value":1}"#)), Some(Reason::NoValue));
    }

    #[test]
    fn one_message_may_hold_many_values_and_one_bad_one_costs_only_itself() {
        let all = TopicMap { topic: "pq/{station}".into(), ..map(vec![value("*", "{key}")]) };
        let batch = decode(&[all], "pq/KK-01", r#"{"pm25":12,"pm10":NaN,"battery":3.7,"co":true,"no2":"7,5"}"#);
        let values: Vec<f64> = batch.readings.iter().map(|r| r.value).collect();
        assert_eq!(values, [7.5, 12.0]);
        let reasons: Vec<Reason> = batch.quarantined.iter().map(|q| q.reason).collect();
        assert_eq!(reasons, [Reason::NotANumber, Reason::Missing]);
    }

    #[test]
    fn records_name_their_own_station_and_quantity() {
        let map = TopicMap {
            topic: "gateway/#".into(),
            records: "$.data".into(),
            station: "$.id".into(),
            values: vec![ValueMap { path: "v".into(), property: "$.what".into(), unit: None }],
            time: "t".into(),
        };
        let payload =
            r#"{"data":[{"id":"KK-01","what":"so2","v":3,"t":1795823990},{"id":"KK-01","what":"o3","v":null}]}"#;
        let batch = decode(&[map], "gateway/a/b", payload);
        assert_eq!(batch.readings.len(), 1);
        assert_eq!((batch.readings[0].value, batch.readings[0].time_ms), (3.0, ARRIVAL - 10_000));
        assert_eq!(reason(&batch), Some(Reason::Missing));
    }

    #[test]
    fn filters_are_what_the_broker_understands_and_bad_mappings_are_named() {
        let mut good = map(vec![value("result", "{property}")]);
        let decoder = Decoder::new(network(), &[good.clone(), good.clone()], Clock::default()).unwrap();
        assert_eq!(decoder.filters(), ["pq/+/+"]);
        good.topic = "a/#/b".into();
        assert!(matches!(Decoder::new(network(), &[good.clone()], Clock::default()), Err(MappingError::BadTopic(_))));
        good.topic = "a".into();
        good.values[0].path = "x[".into();
        assert!(matches!(Decoder::new(network(), &[good], Clock::default()), Err(MappingError::BadPath(_))));
    }

    #[test]
    fn a_learning_decoder_takes_stations_it_has_never_heard_of_but_no_unknown_quantity() {
        let maps = [map(vec![value("result", "{property}")])];
        let mut decoder = Decoder::new(network(), &maps, Clock::default()).unwrap().learning();
        let mut out = Batch::default();
        decoder.decode("pq/NEW/pm25", br#"{"result":1}"#, ARRIVAL, &mut out);
        decoder.decode("pq/NEW/happiness", br#"{"result":1}"#, ARRIVAL, &mut out);
        assert_eq!(out.readings.len(), 1);
        assert_eq!(reason(&out), Some(Reason::UnknownStream));
    }
}
