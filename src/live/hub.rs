//! Where everything comes together: sources are asked, readings judged, kept and shown.

use std::collections::{BTreeMap, VecDeque};
use std::sync::PoisonError;

use super::ahead::{Coming, Lookout};
use super::alarm::desk::AlarmDesk;
use super::alarm::rule::{Policy, Rule, rules};
use super::alarm::service::{self, NIGHT_FROM, NIGHT_TO};
use super::batch::{Batch, Quarantined, Reason};
use super::board::{Board, StationAqi, StreamNow, StreamState};
use super::decode::SharedNetwork;
use super::drift::drifting;
use super::edge::{Edge, HOUR_MS, Taken};
use super::herald::Herald;
use super::history::contract::{History, HistoryError};
use super::history::keeper::Keeper;
use super::source::SensorSource;
use crate::model::aqi::{daily, hourly};
use crate::model::norm::Averaging;
use crate::model::sensor::{Flags, StationKind, StreamKey};

/// Messages put aside that are kept to be looked at.
const QUARANTINE_SHOWN: usize = 300;
/// How often limits are looked at.
const WATCH_MS: i64 = 500;
/// How often indices and forecasts are made.
const REVIEW_MS: i64 = 60_000;
const REVIEW_SOON_MS: i64 = 3_000;
/// Readings that are older change the means of hours that are over.
const OLD_MS: i64 = HOUR_MS;
/// History taken in at the start: what forecasts and daily indices need.
const WARM_UP_MS: i64 = 8 * 24 * HOUR_MS;

pub struct Hub {
    network: SharedNetwork,
    sources: Vec<Box<dyn SensorSource>>,
    keeper: Option<Keeper>,
    alarms: AlarmDesk,
    edges: Vec<Edge>,
    /// Rules of every stream, of one local hour.
    rules: Vec<Vec<Rule>>,
    rules_hour: Option<i64>,
    /// What holds in the hours ahead, of every stream, of the same hour.
    coming: Option<Coming>,
    coming_rules: Vec<Vec<Rule>>,
    lookout: Lookout,
    /// The network's as it was then.
    rules_revision: u64,
    /// Kinds of the streams' stations, of the same hour.
    kinds: Vec<Option<StationKind>>,
    /// Streams that creep away, looked for once a minute.
    drifts: Vec<bool>,
    /// Tells others of alarms, where the user wants it.
    herald: Option<Herald>,
    utc_offset_ms: i64,
    watched_ms: i64,
    reviewed_ms: i64,
    /// Old readings came since.
    old_came: bool,
    board: Board,
    quarantine: VecDeque<Quarantined>,
    batch: Batch,
}

impl Hub {
    #[must_use]
    pub fn new(
        network: SharedNetwork,
        sources: Vec<Box<dyn SensorSource>>,
        keeper: Option<Keeper>,
        policy: Policy,
    ) -> Self {
        Self {
            network,
            sources,
            keeper,
            alarms: AlarmDesk::new(policy),
            edges: Vec::new(),
            rules: Vec::new(),
            rules_hour: None,
            coming: None,
            coming_rules: Vec::new(),
            lookout: Lookout::default(),
            rules_revision: 0,
            kinds: Vec::new(),
            drifts: Vec::new(),
            herald: None,
            utc_offset_ms: 7 * HOUR_MS,
            watched_ms: i64::MIN,
            reviewed_ms: i64::MIN,
            old_came: false,
            board: Board::default(),
            quarantine: VecDeque::new(),
            batch: Batch::default(),
        }
    }

    /// Takes up where the last session ended: the means of the last days and the open alarms.
    ///
    /// # Errors
    /// When the history cannot be read; then the live view begins empty.
    pub fn warm_up(&mut self, history: &mut dyn History, now_ms: i64) -> Result<(), HistoryError> {
        let names: Vec<String> = {
            let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
            network.streams().iter().map(crate::model::sensor::Stream::name).collect()
        };
        self.edges.resize_with(names.len(), Edge::default);
        for (edge, name) in self.edges.iter_mut().zip(&names) {
            for hour in history.hours(name, now_ms - WARM_UP_MS, now_ms)? {
                edge.remember_hour(hour.start_ms, hour.mean, hour.count);
            }
        }
        let lines = history.read_log()?;
        let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
        self.alarms.restore(&lines, |name| network.find(name));
        self.lookout.restore(&lines, now_ms);
        Ok(())
    }

    /// One round: fetches what has come and brings the board up to date. Whether anything has changed.
    pub fn step(&mut self, now_ms: i64) -> bool {
        let mut batch = std::mem::take(&mut self.batch);
        let crowded = self.is_crowded();
        for source in self.sources.iter_mut().filter(|s| !(crowded && s.is_patient())) {
            source.poll(now_ms, &mut batch);
        }
        let changed = self.receive(&mut batch, now_ms);
        self.batch = batch;
        changed
    }

    /// Whether the disk is behind: old readings wait then, what comes now does not.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.keeper.as_ref().is_some_and(Keeper::is_crowded)
    }

    /// Takes in what somebody else has fetched; empties the batch. Whether anything has changed.
    pub fn receive(&mut self, batch: &mut Batch, now_ms: i64) -> bool {
        let came = !batch.is_empty();
        self.take(batch, now_ms);
        let watch = now_ms - self.watched_ms.max(0) >= WATCH_MS || self.watched_ms == i64::MIN;
        if watch {
            self.watched_ms = now_ms;
            self.watch(now_ms);
        }
        came || watch
    }

    fn take(&mut self, batch: &mut Batch, now_ms: i64) {
        self.board.messages += std::mem::take(&mut batch.messages);
        let not_kept = std::mem::take(&mut batch.not_kept);
        for quarantined in batch.quarantined.drain(..) {
            *self.board.reasons.entry(quarantined.reason).or_default() += 1;
            self.quarantine.push_back(quarantined);
        }
        if not_kept > 0 {
            // Of a flood only the number is known; it counts with the reason that was last seen.
            let reason = self.quarantine.back().map_or(Reason::NotJson, |q| q.reason);
            *self.board.reasons.entry(reason).or_default() += not_kept;
        }
        while self.quarantine.len() > QUARANTINE_SHOWN {
            self.quarantine.pop_front();
        }
        if batch.readings.is_empty() {
            return;
        }
        for reading in &batch.readings {
            let at = reading.stream.0 as usize;
            if self.edges.len() <= at {
                self.edges.resize_with(at + 1, Edge::default);
            }
            self.old_came |= now_ms - reading.time_ms > OLD_MS;
            match self.edges[at].take(reading, now_ms) {
                Taken::Double => self.board.doubles += 1,
                Taken::New | Taken::Correction | Taken::Old => self.board.taken += 1,
            }
        }
        // Doubles go along: the history knows better how they were written.
        let readings = std::mem::take(&mut batch.readings);
        if let Some(keeper) = &self.keeper {
            keeper.keep(readings);
        }
    }

    /// Brings states and alarms up to date.
    fn watch(&mut self, now_ms: i64) {
        self.refresh_rules(now_ms);
        let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
        self.edges.resize_with(self.edges.len().max(network.streams().len()), Edge::default);
        self.board.streams.resize(self.edges.len(), StreamNow::default());
        for (i, stream) in network.streams().iter().enumerate() {
            let edge = &self.edges[i];
            let now = &mut self.board.streams[i];
            let Some(property) = stream.property() else { continue };
            let Some((latest, flags)) = edge.latest(property) else {
                *now = StreamNow::default();
                continue;
            };
            let drifts = self.drifts.get(i).copied().unwrap_or_default();
            let flags = if drifts { flags.with(Flags::DRIFT) } else { flags };
            let stale = edge.heard_ms().is_none_or(|heard| now_ms - heard > stream.stale_after_ms());
            let mut state = if flags.is_unreliable() { StreamState::Warning } else { StreamState::Ok };
            for rule in self.rules.get(i).into_iter().flatten() {
                let value = match rule.limit.averaging {
                    Averaging::Instant => (!flags.is_unreliable() && !stale).then_some(latest.1),
                    Averaging::Hours(hours) => edge.mean(now_ms, hours),
                    Averaging::Year => None,
                };
                let Some(value) = value else { continue };
                let immediate = rule.limit.averaging != Averaging::Instant;
                self.alarms.watch(StreamKey(i as u32), &stream.name(), rule, value, immediate, now_ms);
                // An alarm only when one is raised, below: the map and the list of alarms say the same.
                if !rule.limit.holds(value) || rule.is_near(value) {
                    state = state.max(StreamState::Warning);
                }
            }
            if self.kinds.get(i) == Some(&Some(StationKind::WaterMeter))
                && let Some(flow) = edge.flow_of_night(now_ms, self.utc_offset_ms, NIGHT_FROM, NIGHT_TO)
            {
                let rule = service::night_flow(stream);
                self.alarms.watch(StreamKey(i as u32), &stream.name(), &rule, flow, true, now_ms);
            }
            if stale {
                state = StreamState::Stale;
            }
            *now = StreamNow { latest: Some(latest), flags, state, silent: stale, heard_ms: edge.heard_ms() };
        }
        drop(network);
        self.alarms.tick(now_ms);
        self.publish_log();
        let every = if std::mem::take(&mut self.old_came) { REVIEW_SOON_MS } else { REVIEW_MS };
        if now_ms - self.reviewed_ms.max(0) >= every || self.reviewed_ms == i64::MIN {
            self.review(now_ms);
        } else {
            self.old_came = every == REVIEW_SOON_MS;
        }
        let board = &mut self.board;
        board.now_ms = now_ms;
        board.alarms = self.alarms.open();
        // An alarm that is not over yet shows, though the value may be back or nothing may come any more.
        for alarm in &board.alarms {
            if let Some(now) = board.streams.get_mut(alarm.stream.0 as usize) {
                now.silent |= now.latest.is_none();
                now.state = StreamState::Alarm;
            }
        }
        board.sources = self.sources.iter().map(|s| s.report()).collect();
        board.keeper = self.keeper.as_ref().map(Keeper::report);
        board.quarantine = self.quarantine.iter().cloned().collect();
    }

    fn publish_log(&mut self) {
        let mut lines = self.alarms.take_log();
        lines.extend(self.lookout.take_log());
        if let Some(herald) = &self.herald {
            for line in &lines {
                herald.tell(line);
            }
        }
        if let Some(keeper) = &self.keeper {
            keeper.log(lines);
        }
    }

    fn refresh_rules(&mut self, now_ms: i64) {
        let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
        let local_hour = (now_ms + self.utc_offset_ms).div_euclid(HOUR_MS);
        if self.rules_hour == Some(local_hour) && self.rules_revision == network.revision() {
            return;
        }
        (self.rules_hour, self.rules_revision) = (Some(local_hour), network.revision());
        let local = jiff::Timestamp::from_millisecond(now_ms + self.utc_offset_ms).unwrap_or_default();
        let day = local.strftime("%Y-%m-%d").to_string();
        let hour = local_hour.rem_euclid(24) as u8;
        self.kinds = (0..network.streams().len()).map(|i| network.kind(StreamKey(i as u32))).collect();
        let kinds: BTreeMap<&str, StationKind> = network.stations.iter().map(|s| (s.id.as_str(), s.kind)).collect();
        let of = |stream: &crate::model::sensor::Stream| {
            kinds.get(stream.station.as_str()).map_or_else(Vec::new, |kind| rules(stream, *kind, &day, hour))
        };
        self.rules = network.streams().iter().map(of).collect();
        let coming = Coming::new(now_ms, self.utc_offset_ms);
        let ahead = |stream: &crate::model::sensor::Stream| {
            kinds.get(stream.station.as_str()).map_or_else(Vec::new, |kind| coming.rules(stream, *kind))
        };
        self.coming_rules = network.streams().iter().map(ahead).collect();
        self.coming = Some(coming);
    }

    /// Indices, forecasts and drift: once a minute, and soon after old readings have come.
    pub fn review(&mut self, now_ms: i64) {
        self.reviewed_ms = now_ms;
        let network = self.network.read().unwrap_or_else(PoisonError::into_inner);
        let hour = now_ms.div_euclid(HOUR_MS);
        let local_day_start =
            (now_ms + self.utc_offset_ms).div_euclid(24 * HOUR_MS) * 24 - self.utc_offset_ms / HOUR_MS;
        self.board.aqi.clear();
        for station in network.stations.iter().filter(|s| s.kind == StationKind::Air) {
            let edge = |code: &str| {
                let key = network.find(&format!("{}/{code}", station.id))?;
                self.edges.get(key.0 as usize)
            };
            // The hour that is not over counts once it has begun to be measured; the newest whole one leads.
            let hours = |p: crate::model::aqi::Pollutant, last: i64, count| {
                edge(p.code()).map_or_else(Vec::new, |e| e.hourly(last, count))
            };
            let ordered = |p, last, count| {
                let mut series: Vec<Option<f64>> = hours(p, last, count);
                series.reverse();
                series
            };
            // Means are named by the hour's end in the decision: 01:00 is the first of a day, 00:00 the last.
            let end = local_day_start - 1;
            self.board.aqi.insert(
                station.id.clone(),
                StationAqi {
                    hourly: hourly(|p| hours(p, hour - 1, 12)),
                    daily: daily(|p| ordered(p, end, 24), |p| ordered(p, end - 24, 7)),
                },
            );
        }
        self.drifts = drifting(&network, &self.edges, now_ms, self.utc_offset_ms);
        self.board.warnings.clear();
        let hysteresis = self.alarms.policy.hysteresis;
        let Some(coming) = &self.coming else { return };
        for (i, stream) in network.streams().iter().enumerate() {
            let (Some(edge), Some(rules)) = (self.edges.get(i), self.coming_rules.get(i)) else { continue };
            let key = StreamKey(i as u32);
            let found = self.lookout.look((key, stream), (edge, rules), (coming, now_ms), hysteresis);
            self.board.warnings.extend(found);
        }
    }

    /// Whether there was such an alarm.
    pub fn acknowledge(&mut self, name: &str, rule: &str, who: &str, note: &str, now_ms: i64) -> bool {
        let found = self.alarms.acknowledge(name, rule, who, note, now_ms);
        self.publish_log();
        self.board.alarms = self.alarms.open();
        found
    }

    /// Who is told of alarms from now on, if anybody.
    pub fn set_herald(&mut self, herald: Option<Herald>) {
        self.herald = herald;
    }

    pub fn add_source(&mut self, source: Box<dyn SensorSource>) {
        self.sources.push(source);
    }

    /// Ends all sources, as when the user disconnects.
    pub fn drop_sources(&mut self) {
        self.sources.clear();
    }

    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    #[must_use]
    pub fn edge(&self, key: StreamKey) -> Option<&Edge> {
        self.edges.get(key.0 as usize)
    }

    /// How the history is, where there is one.
    #[must_use]
    pub fn report(&self) -> Option<super::history::keeper::KeeperReport> {
        self.keeper.as_ref().map(Keeper::report)
    }

    /// Waits until all that has come is kept.
    pub fn flush(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::Network;
    use crate::model::sensor::{Flags, Reading, Station};
    use crate::model::style::Text2;
    use std::sync::{Arc, RwLock};

    const T0: i64 = 1_795_824_000_000; // 2026-11-28T00:00:00Z
    const MINUTE: i64 = 60_000;

    fn hub() -> Hub {
        hub_of(StationKind::Noise)
    }

    fn hub_of(kind: StationKind) -> Hub {
        let station = Station { id: "A".into(), title: Text2::default(), kind, at: [104.0, 10.2], cone: None };
        Hub::new(Arc::new(RwLock::new(Network::new(vec![station], &[]))), Vec::new(), None, Policy::default())
    }

    fn hear(hub: &mut Hub, time_ms: i64, value: f64) {
        let reading = Reading { stream: StreamKey(0), time_ms, value, flags: Flags::default() };
        hub.receive(&mut Batch { readings: vec![reading], messages: 1, ..Batch::default() }, time_ms);
    }

    #[test]
    fn silence_is_noticed_within_a_second_of_its_limit() {
        let mut hub = hub();
        assert!(hub.board().streams.is_empty());
        hear(&mut hub, T0, 50.0);
        let state = |hub: &mut Hub, now| {
            hub.step(now);
            hub.board().stream(StreamKey(0)).state
        };
        assert_eq!(state(&mut hub, T0 + 180_000), StreamState::Ok);
        assert_eq!(state(&mut hub, T0 + 180_600), StreamState::Stale);
        hear(&mut hub, T0 + 200_000, 50.0);
        assert_eq!(state(&mut hub, T0 + 200_600), StreamState::Ok);
    }

    /// The map is red exactly where the list has an alarm, also when nothing is heard any more.
    #[test]
    fn the_map_and_the_list_say_the_same_about_alarms() {
        let mut hub = hub_of(StationKind::SeaWater);
        let ph = hub.network.read().unwrap().find("A/ph").unwrap();
        let mut look = |minute: i64, value: Option<f64>| {
            let now = T0 + minute * MINUTE;
            if let Some(value) = value {
                let reading = Reading { stream: ph, time_ms: now, value, flags: Flags::default() };
                hub.receive(&mut Batch { readings: vec![reading], messages: 1, ..Batch::default() }, now);
            }
            hub.step(now + 600);
            let (board, now) = (hub.board(), hub.board().stream(ph));
            let red = board.streams.iter().filter(|s| s.state == StreamState::Alarm).count();
            assert_eq!(red, board.alarms.len(), "minute {minute}");
            (now.state, now.silent)
        };
        assert_eq!(look(0, Some(8.0)), (StreamState::Ok, false));
        assert_eq!(look(1, Some(9.4)), (StreamState::Warning, false), "beyond, and not for long enough");
        look(2, Some(9.5));
        assert_eq!(look(4, Some(9.4)), (StreamState::Alarm, false));
        assert_eq!(look(60, None), (StreamState::Alarm, true), "an alarm of which nothing is heard any more");
        assert_eq!(look(61, Some(8.0)), (StreamState::Alarm, false), "back, and not over yet");
        assert_eq!(look(67, Some(8.05)), (StreamState::Ok, false));
    }

    /// QCVN 26:2025: 65 dBA by day as the mean of an hour.
    #[test]
    fn an_hour_that_is_too_loud_raises_an_alarm_that_ends_when_it_is_quiet() {
        let mut hub = hub();
        let mut seen = Vec::new();
        for minute in 0..240 {
            hear(
                &mut hub,
                T0 + minute * MINUTE,
                if (70..130).contains(&minute) { 80.0 + (minute % 3) as f64 } else { 50.0 + (minute % 3) as f64 },
            );
            let open = hub.board().alarms.len();
            if seen.last() != Some(&open) {
                seen.push(open);
            }
        }
        assert_eq!(seen, [0, 1, 0]);
        assert_eq!((hub.board().taken, hub.board().doubles), (240, 0));
    }
}
