//! Stations that are made up: their values follow season, hour, rain and traffic, so that a map can be tried without any
//! broker. Every value is a function of its moment: the same at any time, in any order. Assumed, not measured.

use std::f64::consts::TAU;

use super::batch::Batch;
use super::decode::SharedNetwork;
use super::source::{Condition, SensorSource, SourceReport};
use crate::base::digest::Digest;
use crate::base::rng::KeyedRng;
use crate::model::network::Network;
use crate::model::sensor::{Flags, Reading, StreamKey};

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
/// Local time of the island.
const OFFSET_MS: i64 = 7 * HOUR_MS;
/// Steps of the slow noise that makes neighbouring values alike.
const KNOT_MS: i64 = 600_000;
/// Most that is made up in one go.
const SLICE_MS: i64 = 4 * HOUR_MS;

/// A fault on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Nothing comes.
    Gap,
    /// The value creeps away, a tenth of its jump an hour.
    Drift,
    /// The value stands still.
    Stuck,
    /// One value in twenty is far off.
    Spike,
    /// The value is far beyond every limit.
    High,
}

impl FaultKind {
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Gap, "gap"),
        (Self::Drift, "drift"),
        (Self::Stuck, "stuck"),
        (Self::Spike, "spike"),
        (Self::High, "high"),
    ];
}

#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub kind: FaultKind,
    /// "KK-01/pm25", or a station for all that it measures.
    pub stream: String,
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Fault {
    fn hits(&self, name: &str, time_ms: i64) -> bool {
        let named = name == self.stream || name.split('/').next() == Some(self.stream.as_str());
        named && (self.from_ms..self.to_ms).contains(&time_ms)
    }
}

/// What the sky and the streets do at a moment.
struct Moment {
    hour: f64,
    /// 1 in the middle of the dry season, 0 of the rains.
    dry: f64,
    /// Millimetres in the hour.
    rain: f64,
    /// 0 to 1.
    traffic: f64,
}

/// Makes up what streams measure.
#[derive(Debug, Clone)]
pub struct Weather {
    seed: u64,
}

impl Weather {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn rng(&self, stream: u64) -> KeyedRng {
        KeyedRng::new(self.seed, 0x6c69_7665 ^ stream)
    }

    fn moment(&self, time_ms: i64) -> Moment {
        let local = time_ms + OFFSET_MS;
        let hour = local.rem_euclid(DAY_MS) as f64 / HOUR_MS as f64;
        let day = local.div_euclid(DAY_MS);
        // Day 0 of 1970 was a Thursday.
        let weekend = matches!((day + 4).rem_euclid(7), 0 | 6);
        // The rains are heaviest early in August (day 215).
        let season = (((day as f64 - 215.0) / 365.25) * TAU).cos();
        let dry = 0.5 - 0.5 * season;
        let rng = self.rng(1);
        let hour_index = local.div_euclid(HOUR_MS) as u64;
        let chance = 0.02 + 0.22 * (1.0 - dry) * if (13.0..20.0).contains(&hour) { 1.6 } else { 0.7 };
        let rain = if rng.unit(1, hour_index) < chance { -6.0 * (1.0 - rng.unit(2, hour_index)).ln() } else { 0.0 };
        let peak = |at: f64, wide: f64| (-((hour - at) / wide).powi(2)).exp();
        let commuters = if weekend { 0.5 } else { 1.0 };
        let traffic = 0.08
            + 0.55 * commuters * (peak(7.2, 1.2) + peak(17.3, 1.5))
            + 0.35 * peak(12.5, 4.0)
            + 0.3 * peak(20.0, 2.0);
        Moment { hour, dry, rain, traffic: traffic.min(1.0) }
    }

    /// Slow noise of a stream, standard deviation about 1.
    fn wander(&self, stream: u64, time_ms: i64) -> f64 {
        let rng = self.rng(stream);
        let knot = time_ms.div_euclid(KNOT_MS);
        let share = time_ms.rem_euclid(KNOT_MS) as f64 / KNOT_MS as f64;
        let (a, b) = (rng.normal(3, knot as u64), rng.normal(3, (knot + 1) as u64));
        let slow = rng.normal(4, time_ms.div_euclid(6 * HOUR_MS) as u64);
        0.6 * (a * (1.0 - share) + b * share) + 0.2 * rng.normal(5, time_ms as u64) + 0.5 * slow
    }

    /// What a property of a station is at a moment. Levels: air after measurements in southern Vietnamese towns, sea and
    /// waste water after what the norms expect; expert judgement, for demonstration.
    #[must_use]
    pub fn value(&self, station: &str, property: &str, time_ms: i64) -> f64 {
        let stream = Digest::of(format!("{station}/{property}").as_bytes()).value();
        let place = self.rng(Digest::of(station.as_bytes()).value());
        // How near to traffic a station stands.
        let near = 0.5 + place.unit(0, 0);
        let m = self.moment(time_ms);
        let noise = self.wander(stream, time_ms);
        let washed = if m.rain > 0.0 { 0.55 } else { 1.0 };
        let night = (-((m.hour - 5.0) / 3.0).powi(2)).exp();
        let sun = ((m.hour - 6.0) / 12.0 * std::f64::consts::PI).sin().max(0.0);
        let swing = ((m.hour - 9.0) / 24.0 * TAU).sin();
        let pm25 = || ((9.0 + 9.0 * m.dry + 16.0 * m.traffic * near + 6.0 * night) * washed) * (0.16 * noise).exp();
        match property {
            "pm25" => pm25(),
            "pm10" => pm25() * 1.65 + 4.0,
            "tsp" => pm25() * 2.9 + 10.0,
            "no2" => (6.0 + 42.0 * m.traffic * near + 6.0 * night) * (0.18 * noise).exp(),
            "so2" => (5.0 + 7.0 * m.traffic * near) * (0.2 * noise).exp(),
            "co" => (280.0 + 1400.0 * m.traffic * near + 200.0 * night) * (0.15 * noise).exp(),
            "o3" => (24.0 + 62.0 * sun * (0.6 + 0.4 * m.dry) - 12.0 * m.traffic).max(2.0) * (0.1 * noise).exp(),
            "temperature" => {
                27.3 + 0.9 * (1.0 - m.dry) + 3.1 * swing - if m.rain > 0.0 { 2.2 } else { 0.0 } + 0.4 * noise
            }
            "humidity" => (82.0 - 4.0 * m.dry - 11.0 * swing + m.rain.min(6.0) * 1.5 + 2.0 * noise).clamp(35.0, 100.0),
            "wind_speed" => ((3.6 + 1.6 * (1.0 - m.dry)) * (0.65 + 0.35 * sun) * (0.28 * noise).exp()).min(60.0),
            "wind_from" => (if m.dry > 0.5 { 60.0 } else { 245.0 } + 22.0 * noise).rem_euclid(360.0),
            "rain" => m.rain,
            "noise" => 47.0 + 17.0 * m.traffic * near.min(1.15) + m.rain.min(10.0) * 0.5 + 1.5 * noise,
            "water_temperature" => 28.6 + 1.1 * (1.0 - m.dry) + 0.7 * swing + 0.15 * noise,
            "salinity" => 31.5 + 1.2 * m.dry - m.rain.min(12.0) * 0.1 + 0.2 * noise,
            "ph" => (if station.starts_with("NB") { 8.08 } else { 7.35 }) + 0.05 * swing + 0.04 * noise,
            "do" => 6.3 + 0.5 * sun + 0.15 * noise,
            "tss" => (14.0 + 10.0 * (1.0 - m.dry) + m.rain.min(15.0)) * (0.18 * noise).exp(),
            "ammonium" => (if station.starts_with("NB") { 0.045 } else { 2.4 }) * (0.22 * noise).exp(),
            "phosphate" => 0.05 * (0.2 * noise).exp(),
            "flow" => (160.0 + 150.0 * m.traffic + 12.0 * m.rain) * (0.06 * noise).exp(),
            "cod" => (34.0 + 8.0 * m.traffic) * (0.1 * noise).exp(),
            "bod5" => (13.0 + 4.0 * m.traffic) * (0.1 * noise).exp(),
            "total_nitrogen" => 14.0 * (0.1 * noise).exp(),
            "total_phosphorus" => 1.3 * (0.1 * noise).exp(),
            "turbidity" => 0.45 * (0.25 * noise).exp(),
            "free_chlorine" => 0.55 * (0.1 * noise).exp(),
            "pressure" => (3.1 - 0.9 * m.traffic + 0.08 * noise).max(0.2),
            "lamp_power" => {
                let lit = m.hour >= 17.9 || m.hour < 5.8;
                // One lamp in sixty is broken this month.
                let broken = place.unit(1, (time_ms / (30 * DAY_MS)) as u64) < 1.0 / 60.0;
                if lit && !broken { 118.0 + 2.0 * noise } else { 0.0 }
            }
            "meter" => self.meter(station, time_ms),
            "camera" => f64::from(u8::from(place.unit(2, (time_ms / (6 * HOUR_MS)) as u64) > 0.03)),
            _ => 0.0,
        }
    }

    /// A water meter's index: a household's days, and for one house in forty a leak that runs at night too.
    fn meter(&self, station: &str, time_ms: i64) -> f64 {
        let place = self.rng(Digest::of(station.as_bytes()).value());
        let people = 2.0 + 3.0 * place.unit(5, 0);
        let daily_m3 = 0.14 * people;
        let leak_m3_h = if leaks(place) { 0.09 } else { 0.0 };
        let local = time_ms + OFFSET_MS;
        let hour = local.rem_euclid(DAY_MS) as f64 / HOUR_MS as f64;
        // Nothing between midnight and four; the rest of the day evenly.
        let used = ((hour - 4.0) / 20.0).clamp(0.0, 1.0);
        let days = local.div_euclid(DAY_MS) as f64 - 20_000.0;
        (days + used) * daily_m3 + (days * 24.0 + hour) * leak_m3_h + 500.0
    }
}

fn leaks(place: KeyedRng) -> bool {
    place.unit(6, 0) < 1.0 / 40.0
}

/// Plays the made-up stations at the pace of the clock.
pub struct SimulatedFeed {
    network: SharedNetwork,
    weather: Weather,
    faults: Vec<Fault>,
    /// Streams that were there at the start: what another source brings is never made up.
    streams: usize,
    /// Up to where readings were given.
    played_ms: Option<i64>,
    /// Readings that are made up for the time before the first call.
    before_ms: i64,
    report: SourceReport,
}

impl SimulatedFeed {
    #[must_use]
    pub fn new(network: SharedNetwork, seed: u64, faults: Vec<Fault>, before_ms: i64) -> Self {
        let mut report = SourceReport::new("demo");
        report.condition = if before_ms > SLICE_MS { Condition::Connecting } else { Condition::Running };
        let streams = network.read().unwrap_or_else(std::sync::PoisonError::into_inner).streams().len();
        Self { network, weather: Weather::new(seed), faults, streams, played_ms: None, before_ms, report }
    }
}

/// The readings of all streams with moments in (from, to], in the order of streams.
#[must_use]
pub fn readings(network: &Network, weather: &Weather, faults: &[Fault], from_ms: i64, to_ms: i64) -> Vec<Reading> {
    let mut out = Vec::new();
    for (i, stream) in network.streams().iter().enumerate() {
        let period = ((stream.period_s * 1000.0) as i64).max(1000);
        let name = stream.name();
        let mut time_ms = (from_ms.div_euclid(period) + 1) * period;
        while time_ms <= to_ms {
            let clean = |t| weather.value(&stream.station, &stream.property, t);
            let value = faults.iter().filter(|f| f.hits(&name, time_ms)).try_fold(clean(time_ms), |value, fault| {
                let jump = stream.property().map_or(1.0, |p| p.jump);
                match fault.kind {
                    FaultKind::Gap => None,
                    FaultKind::Stuck => Some(clean(fault.from_ms)),
                    FaultKind::Drift => Some(value + jump * 0.1 * (time_ms - fault.from_ms) as f64 / HOUR_MS as f64),
                    FaultKind::Spike if (time_ms / period) % 20 == 0 => Some(value + 3.0 * jump),
                    FaultKind::Spike => Some(value),
                    FaultKind::High => stream.property().map(|p| value + 0.6 * (p.range.1 - p.range.0)),
                }
            });
            if let Some(value) = value {
                let property = stream.property();
                let believable = property.is_none_or(|p| value >= p.range.0 && value <= p.range.1);
                let flags = if believable { Flags::default() } else { Flags::RANGE };
                let factor = 10_f64.powi(property.map_or(2, |p| i32::try_from(p.decimals).unwrap_or(1) + 1));
                let value = (value * factor).round() / factor;
                out.push(Reading { stream: StreamKey(i as u32), time_ms, value, flags });
            }
            time_ms += period;
        }
    }
    out
}

impl SensorSource for SimulatedFeed {
    fn poll(&mut self, now_ms: i64, out: &mut Batch) {
        let from = self.played_ms.unwrap_or(now_ms - self.before_ms);
        if now_ms <= from {
            return;
        }
        // The past in slices, so that it never is too much at once.
        let to = now_ms.min(from + SLICE_MS);
        self.played_ms = Some(to);
        self.report.condition = if to < now_ms { Condition::Connecting } else { Condition::Running };
        let network = self.network.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut made = readings(&network, &self.weather, &self.faults, from, to);
        made.retain(|r| (r.stream.0 as usize) < self.streams);
        out.messages += made.len() as u64;
        self.report.messages += made.len() as u64;
        out.readings.append(&mut made);
    }

    fn report(&self) -> SourceReport {
        self.report.clone()
    }

    fn is_patient(&self) -> bool {
        self.report.condition == Condition::Connecting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sensor::{Station, StationKind};
    use crate::model::style::Text2;

    fn mean(weather: &Weather, property: &str, from: &str, hours: std::ops::Range<i64>) -> f64 {
        let start = from.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let values: Vec<f64> = (0..30)
            .flat_map(|day| hours.clone().map(move |h| (day, h)))
            .map(|(day, h)| weather.value("KK-01", property, start + day * DAY_MS + h * HOUR_MS))
            .collect();
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[test]
    fn values_follow_season_hour_and_traffic() {
        let weather = Weather::new(1);
        // Local midnight.
        let (january, july) = ("2025-12-31T17:00:00Z", "2026-07-14T17:00:00Z");
        assert!(mean(&weather, "pm25", january, 0..24) > 1.2 * mean(&weather, "pm25", july, 0..24));
        assert!(mean(&weather, "rain", july, 0..24) > 3.0 * mean(&weather, "rain", january, 0..24));
        assert!(mean(&weather, "no2", january, 7..9) > 2.0 * mean(&weather, "no2", january, 2..4));
        assert!(mean(&weather, "temperature", january, 13..16) > mean(&weather, "temperature", january, 2..5) + 3.0);
        assert_eq!(weather.value("KK-01", "pm25", 1_000_000), Weather::new(1).value("KK-01", "pm25", 1_000_000));
    }

    #[test]
    fn faults_come_on_request_and_only_where_they_were_asked_for() {
        let station = |id: &str| Station {
            id: id.into(),
            title: Text2::default(),
            kind: StationKind::Noise,
            at: [104.0, 10.2],
            cone: None,
        };
        let network = Network::new(vec![station("A"), station("B")], &[]);
        let fault = |kind| vec![Fault { kind, stream: "A".into(), from_ms: 0, to_ms: HOUR_MS }];
        let play = |faults: &[Fault]| readings(&network, &Weather::new(3), faults, 0, 30 * 60_000);
        let (clean, gap, stuck) = (play(&[]), play(&fault(FaultKind::Gap)), play(&fault(FaultKind::Stuck)));
        assert_eq!((clean.len(), gap.len(), stuck.len()), (60, 30, 60));
        assert!(stuck[..30].iter().all(|r| r.value == stuck[0].value));
        assert_eq!(stuck[30..], clean[30..]);
        let spikes = play(&fault(FaultKind::Spike));
        assert_eq!(spikes.iter().zip(&clean).filter(|(a, b)| a != b).count(), 1);
        let high = play(&fault(FaultKind::High));
        assert!(high[0].value > clean[0].value + 50.0);
    }

    #[test]
    fn a_leaking_house_uses_water_at_night() {
        let weather = Weather::new(1);
        let night = |station: &str| {
            weather.value(station, "meter", 20 * HOUR_MS) - weather.value(station, "meter", 18 * HOUR_MS)
        };
        let houses: Vec<String> = (0..400).map(|i| format!("DH-{i}")).collect();
        let leaking = houses.iter().filter(|h| night(h) > 0.1).count();
        assert!((3..25).contains(&leaking), "{leaking}");
    }
}
