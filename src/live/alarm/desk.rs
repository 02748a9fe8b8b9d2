//! The alarms that are open, and what happens to them: raised, acknowledged, passed on, over.

use std::collections::BTreeMap;

use super::super::history::contract::LogLine;
use super::rule::{Policy, Rule};
use crate::model::sensor::StreamKey;

/// Who has taken notice, and what they wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub time_ms: i64,
    pub who: String,
    pub note: String,
}

/// An alarm that is raised and not over.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    pub stream: StreamKey,
    /// The stream's lasting name.
    pub name: String,
    pub rule: String,
    pub raised_ms: i64,
    /// The value now, and the farthest from the limit.
    pub value: f64,
    pub worst: f64,
    /// Since when the value is back within the limit; the alarm ends when it stays there.
    pub back_ms: Option<i64>,
    pub acknowledged: Option<Acknowledged>,
    pub escalated: bool,
}

#[derive(Debug, Clone)]
struct Watch {
    /// Since when the limit is passed.
    beyond_ms: Option<i64>,
    alarm: Option<Alarm>,
}

/// Watches values against rules. Time is whatever the caller says it is.
#[derive(Debug, Clone)]
pub struct AlarmDesk {
    pub policy: Policy,
    watches: BTreeMap<(String, String), Watch>,
    /// What happened since the log was last taken away.
    log: Vec<LogLine>,
}

impl AlarmDesk {
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { policy, watches: BTreeMap::new(), log: Vec::new() }
    }

    /// Takes up the alarms that were open when the log was last written.
    pub fn restore(&mut self, lines: &[LogLine], find: impl Fn(&str) -> Option<StreamKey>) {
        for line in lines {
            let key = (line.stream.clone(), line.rule.clone());
            match line.event.as_str() {
                "raised" => {
                    let Some(stream) = find(&line.stream) else { continue };
                    let alarm = Alarm {
                        stream,
                        name: line.stream.clone(),
                        rule: line.rule.clone(),
                        raised_ms: line.time_ms,
                        value: line.value,
                        worst: line.value,
                        back_ms: None,
                        acknowledged: None,
                        escalated: false,
                    };
                    self.watches.insert(key, Watch { beyond_ms: Some(line.time_ms), alarm: Some(alarm) });
                }
                "cleared" => {
                    self.watches.remove(&key);
                }
                event => {
                    let Some(alarm) = self.watches.get_mut(&key).and_then(|w| w.alarm.as_mut()) else { continue };
                    if event == "escalated" {
                        alarm.escalated = true;
                    } else if event == "acknowledged" {
                        let (who, note) = (line.who.clone(), line.note.clone());
                        alarm.acknowledged = Some(Acknowledged { time_ms: line.time_ms, who, note });
                    }
                }
            }
        }
    }

    /// Holds a value against a rule. `immediate`: the value is a mean already, no further holding is needed.
    pub fn watch(&mut self, stream: StreamKey, name: &str, rule: &Rule, value: f64, immediate: bool, now_ms: i64) {
        let key = (name.to_owned(), rule.name.clone());
        let keeps = rule.limit.holds(value);
        if keeps && !self.watches.contains_key(&key) {
            return;
        }
        let Policy { hysteresis, hold_ms, clear_ms, .. } = self.policy;
        let watch = self.watches.entry(key.clone()).or_insert(Watch { beyond_ms: None, alarm: None });
        if let Some(alarm) = &mut watch.alarm {
            alarm.value = value;
            let farther = rule.limit.high.map_or(value < alarm.worst, |high| {
                if value > high {
                    value > alarm.worst
                } else {
                    rule.limit.low.is_some_and(|low| value < low.min(alarm.worst))
                }
            });
            if farther {
                alarm.worst = value;
            }
            if rule.is_back(value, hysteresis) {
                let since = *alarm.back_ms.get_or_insert(now_ms);
                if now_ms - since >= clear_ms {
                    self.log.push(line(now_ms, &key, "cleared", value));
                    self.watches.remove(&key);
                }
            } else {
                alarm.back_ms = None;
            }
        } else if keeps {
            self.watches.remove(&key);
        } else {
            let since = *watch.beyond_ms.get_or_insert(now_ms);
            if immediate || now_ms - since >= hold_ms {
                watch.alarm = Some(Alarm {
                    stream,
                    name: name.to_owned(),
                    rule: rule.name.clone(),
                    raised_ms: now_ms,
                    value,
                    worst: value,
                    back_ms: None,
                    acknowledged: None,
                    escalated: false,
                });
                self.log.push(line(now_ms, &key, "raised", value));
            }
        }
    }

    /// Passes on what nobody has acknowledged for too long.
    pub fn tick(&mut self, now_ms: i64) {
        for (key, watch) in &mut self.watches {
            let Some(alarm) = &mut watch.alarm else { continue };
            let waited = now_ms - alarm.raised_ms >= self.policy.escalate_ms;
            if waited && alarm.acknowledged.is_none() && !alarm.escalated {
                alarm.escalated = true;
                self.log.push(line(now_ms, key, "escalated", alarm.value));
            }
        }
    }

    /// Whether there was such an alarm to acknowledge.
    pub fn acknowledge(&mut self, name: &str, rule: &str, who: &str, note: &str, now_ms: i64) -> bool {
        let key = (name.to_owned(), rule.to_owned());
        let Some(alarm) = self.watches.get_mut(&key).and_then(|w| w.alarm.as_mut()) else { return false };
        let (who, note) = (who.trim().to_owned(), note.trim().to_owned());
        let mut entry = line(now_ms, &key, "acknowledged", alarm.value);
        (entry.who, entry.note) = (who.clone(), note.clone());
        alarm.acknowledged = Some(Acknowledged { time_ms: now_ms, who, note });
        self.log.push(entry);
        true
    }

    /// The open alarms: those nobody has acknowledged first, then the newest.
    #[must_use]
    pub fn open(&self) -> Vec<Alarm> {
        let mut open: Vec<Alarm> = self.watches.values().filter_map(|w| w.alarm.clone()).collect();
        open.sort_by_key(|a| (a.acknowledged.is_some(), std::cmp::Reverse(a.raised_ms)));
        open
    }

    /// What happened since this was last called, to be kept.
    pub fn take_log(&mut self) -> Vec<LogLine> {
        std::mem::take(&mut self.log)
    }
}

fn line(time_ms: i64, (stream, rule): &(String, String), event: &str, value: f64) -> LogLine {
    LogLine {
        time_ms,
        stream: stream.clone(),
        rule: rule.clone(),
        event: event.to_owned(),
        value,
        who: String::new(),
        note: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::alarm::rule::rules;
    use crate::model::sensor::{StationKind, Stream};

    const MINUTE: i64 = 60_000;

    fn ph() -> Rule {
        let stream = Stream { station: "NB-01".into(), property: "ph".into(), period_s: 60.0, stale_after_s: None };
        rules(&stream, StationKind::SeaWater, "2026-11-28", 12)[0].clone()
    }

    fn events(desk: &mut AlarmDesk) -> Vec<(i64, String)> {
        desk.take_log().into_iter().map(|l| (l.time_ms / MINUTE, l.event)).collect()
    }

    #[test]
    fn an_alarm_is_held_back_raised_passed_on_and_over() {
        let mut desk = AlarmDesk::new(Policy::default());
        let rule = ph();
        for minute in 0..60 {
            // A single reading beyond the limit at 5 min; beyond from 10 to 50; then just within, then well within.
            let value = match minute {
                5 | 10..=49 => 8.9,
                50..=52 => 8.45,
                _ => 8.0,
            };
            desk.watch(StreamKey(0), "NB-01/ph", &rule, value, false, minute * MINUTE);
            desk.tick(minute * MINUTE);
        }
        let expected = [(12, "raised"), (42, "escalated"), (58, "cleared")];
        assert_eq!(events(&mut desk), expected.map(|(t, e)| (t, e.to_owned())));
        assert!(desk.open().is_empty());
    }

    #[test]
    fn an_acknowledged_alarm_is_not_passed_on_and_survives_a_restart() {
        let mut desk = AlarmDesk::new(Policy::default());
        let rule = ph();
        desk.watch(StreamKey(0), "NB-01/ph", &rule, 9.5, true, 0);
        assert!(desk.acknowledge("NB-01/ph", &rule.name, " Lan ", "đã gọi trạm", MINUTE));
        assert!(!desk.acknowledge("NB-02/ph", &rule.name, "Lan", "", MINUTE));
        desk.tick(100 * MINUTE);
        let log = desk.take_log();
        assert_eq!(log.len(), 2);
        let mut again = AlarmDesk::new(Policy::default());
        again.restore(&log, |_| Some(StreamKey(7)));
        let open = again.open();
        assert_eq!(open.len(), 1);
        let acknowledged = open[0].acknowledged.as_ref().unwrap();
        assert_eq!((acknowledged.who.as_str(), acknowledged.note.as_str()), ("Lan", "đã gọi trạm"));
        assert_eq!((open[0].stream, open[0].raised_ms), (StreamKey(7), 0));
        again.tick(100 * MINUTE);
        assert!(again.take_log().is_empty());
    }

    #[test]
    fn the_worst_value_is_kept() {
        let mut desk = AlarmDesk::new(Policy::default());
        let rule = ph();
        for value in [9.0, 9.8, 9.2] {
            desk.watch(StreamKey(0), "NB-01/ph", &rule, value, true, 0);
        }
        assert_eq!((desk.open()[0].value, desk.open()[0].worst), (9.2, 9.8));
        assert_eq!(desk.open()[0].back_ms, None);
        desk.watch(StreamKey(0), "NB-01/ph", &rule, 8.0, true, MINUTE);
        desk.watch(StreamKey(0), "NB-01/ph", &rule, 8.0, true, 2 * MINUTE);
        assert_eq!(desk.open()[0].back_ms, Some(MINUTE), "back, and not over yet");
        desk.watch(StreamKey(0), "NB-01/ph", &rule, 9.0, true, 3 * MINUTE);
        assert_eq!(desk.open()[0].back_ms, None);
    }
}
