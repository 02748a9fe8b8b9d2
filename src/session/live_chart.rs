//! The chart of streams: their history in as many pieces as a screen has points, with the limits that hold.

use crate::live::ahead::AHEAD_H;
use crate::live::alarm::rule::rules;
use crate::live::board::StreamState;
use crate::live::edge::HOUR_MS;
use crate::live::forecast::{Outlook, forecast};
use crate::live::history::contract::{History, Kept, Piece};
use crate::model::network::Network;
use crate::model::norm::Averaging;
use crate::model::sensor::{StationKind, StreamKey};

/// Pieces of a curve: more than a chart is wide.
const PIECES: u32 = 2000;
const FORECAST_FROM_H: i64 = 7 * 24;

/// A limit drawn into the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    pub name: String,
    pub value: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub key: StreamKey,
    pub name: String,
    pub unit: String,
    /// Unbroken stretches: where nothing came the line is left open.
    pub stretches: Vec<Vec<Piece>>,
    pub thresholds: Vec<Threshold>,
    pub outlook: Vec<Outlook>,
    /// Start of the hour after which `outlook` begins.
    pub outlook_from_ms: i64,
}

/// Longest stretch that a chart shows, hours.
const LONGEST_H: f64 = 24.0 * 366.0;
/// Shortest, minutes.
const SHORTEST_MS: i64 = 10 * 60_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub chosen: Vec<StreamKey>,
    pub span_h: f64,
    pub curves: Vec<Curve>,
    pub end_ms: i64,
    /// Whether it ends at the moment that is shown; else the user has chosen another stretch.
    pub follows: bool,
}

impl Default for Chart {
    fn default() -> Self {
        Self { chosen: Vec::new(), span_h: 24.0, curves: Vec::new(), end_ms: 0, follows: true }
    }
}

/// What is to be looked up for a chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ChartWish {
    chosen: Vec<StreamKey>,
    from_ms: i64,
    end_ms: i64,
    /// A forecast makes sense only at the end of what is known.
    outlook: bool,
}

impl Chart {
    /// Puts a stream in, or takes it out.
    pub fn toggle(&mut self, key: StreamKey) {
        match self.chosen.iter().position(|k| *k == key) {
            Some(at) => {
                self.chosen.remove(at);
            }
            None => self.chosen.push(key),
        }
    }

    pub fn clear(&mut self) {
        *self = self.emptied();
    }

    /// A chart of the same stretch without streams.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self { chosen: Vec::new(), curves: Vec::new(), ..*self }
    }

    #[must_use]
    pub fn from_ms(&self) -> i64 {
        self.end_ms - (self.span_h * HOUR_MS as f64) as i64
    }

    pub(super) fn set_span(&mut self, hours: f64) {
        self.span_h = if hours.is_finite() { hours.clamp(1.0, LONGEST_H) } else { 24.0 };
        self.follows = true;
    }

    pub(super) fn set_window(&mut self, from_ms: i64, to_ms: i64) {
        let span = (to_ms - from_ms).clamp(SHORTEST_MS, (LONGEST_H * HOUR_MS as f64) as i64);
        self.span_h = span as f64 / HOUR_MS as f64;
        self.end_ms = to_ms;
        self.follows = false;
    }

    pub(super) fn take_moment(&mut self, now_ms: i64) {
        if self.follows {
            self.end_ms = now_ms;
        }
    }

    pub(super) fn wish(&self) -> ChartWish {
        ChartWish { chosen: self.chosen.clone(), from_ms: self.from_ms(), end_ms: self.end_ms, outlook: self.follows }
    }
}

/// Looks up the curves of a chart.
pub(super) fn draw(wish: &ChartWish, history: Option<&mut dyn History>, network: &Network) -> Vec<Curve> {
    let Some(history) = history else { return Vec::new() };
    let (from_ms, end_ms) = (wish.from_ms, wish.end_ms);
    let mut curves = Vec::new();
    for key in &wish.chosen {
        let Some(stream) = network.stream(*key) else { continue };
        let name = stream.name();
        let Ok(pieces) = history.pieces(&name, from_ms, end_ms, PIECES as usize) else { continue };
        let gap = (stream.stale_after_ms()).max((end_ms - from_ms) / i64::from(PIECES) * 2);
        let hour = end_ms.div_euclid(HOUR_MS);
        // What counts up, or is on or off, has no daily rhythm to go by.
        let counts = matches!(
            network.kind(*key),
            Some(StationKind::WaterMeter | StationKind::StreetLight | StationKind::Camera)
        );
        let outlook = if wish.outlook && !counts {
            let means = history.hours(&name, (hour - FORECAST_FROM_H) * HOUR_MS, hour * HOUR_MS).unwrap_or_default();
            let mut hours = vec![None; FORECAST_FROM_H as usize];
            for mean in means {
                let at = mean.start_ms.div_euclid(HOUR_MS) - (hour - FORECAST_FROM_H);
                if let Some(slot) = usize::try_from(at).ok().and_then(|at| hours.get_mut(at)) {
                    *slot = Some(mean.mean);
                }
            }
            forecast(&hours, AHEAD_H)
        } else {
            Vec::new()
        };
        curves.push(Curve {
            key: *key,
            unit: stream.property().map_or_else(String::new, |p| p.unit.clone()),
            stretches: stretches(pieces, gap),
            thresholds: thresholds(network, *key, end_ms),
            outlook,
            outlook_from_ms: hour * HOUR_MS,
            name,
        });
    }
    curves
}

/// Breaks a curve where nothing came for longer than `gap_ms`.
fn stretches(pieces: Vec<Piece>, gap_ms: i64) -> Vec<Vec<Piece>> {
    let mut out: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        match out.last_mut() {
            Some(line) if line.last().is_some_and(|p| piece.from_ms - p.to_ms <= gap_ms) => line.push(piece),
            _ => out.push(vec![piece]),
        }
    }
    out
}

/// Local day and hour of a moment (the island's).
fn local(time_ms: i64) -> (String, u8) {
    let local = jiff::Timestamp::from_millisecond(time_ms + 7 * HOUR_MS).unwrap_or_default();
    let hour = (time_ms + 7 * HOUR_MS).div_euclid(HOUR_MS).rem_euclid(24) as u8;
    (local.strftime("%Y-%m-%d").to_string(), hour)
}

fn thresholds(network: &Network, key: StreamKey, time_ms: i64) -> Vec<Threshold> {
    let Some((stream, kind)) = network.stream(key).zip(network.kind(key)) else { return Vec::new() };
    let (day, hour) = local(time_ms);
    let both = |r: crate::live::alarm::rule::Rule| {
        let bounds = [r.limit.low, r.limit.high];
        bounds.into_iter().flatten().map(move |value| Threshold { name: r.name.clone(), value })
    };
    rules(stream, kind, &day, hour).into_iter().flat_map(both).collect()
}

/// How a single kept reading stands against the limits of single readings.
pub(super) fn state_of(network: &Network, key: StreamKey, kept: Kept, time_ms: i64) -> StreamState {
    let Some((stream, kind)) = network.stream(key).zip(network.kind(key)) else { return StreamState::NoData };
    if kept.flags.is_unreliable() {
        return StreamState::Warning;
    }
    let (day, hour) = local(time_ms);
    let mut state = StreamState::Ok;
    for rule in rules(stream, kind, &day, hour).iter().filter(|r| r.limit.averaging == Averaging::Instant) {
        if !rule.limit.holds(kept.value) {
            state = StreamState::Alarm;
        } else if rule.is_near(kept.value) {
            state = state.max(StreamState::Warning);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_stay_open() {
        let piece = |t: i64| Piece { from_ms: t, to_ms: t, low: 1.0, high: 2.0, count: 1 };
        let lines = stretches([0, 10, 20, 500, 510].map(piece).to_vec(), 30);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2]);
    }

    #[test]
    fn a_stream_is_put_in_and_taken_out() {
        let mut chart = Chart::default();
        chart.toggle(StreamKey(1));
        chart.toggle(StreamKey(2));
        chart.toggle(StreamKey(1));
        assert_eq!(chart.chosen, [StreamKey(2)]);
    }
}
