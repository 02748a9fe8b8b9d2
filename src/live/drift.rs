//! Which streams creep away from their neighbours: looked for once a minute over the whole days that are known.

use std::collections::BTreeMap;

use super::edge::{Edge, HOUR_MS};
use super::quality::is_drifting;
use crate::base::median::median;
use crate::model::network::Network;
use crate::model::norm::PropertyTable;
use crate::model::sensor::StationKind;

/// Whole days that are looked at.
const DAYS: i64 = 7;
/// Hours of a day that must be known.
const LEAST_HOURS: usize = 12;
/// With fewer neighbours of its kind a stream is held against itself alone.
const LEAST_NEIGHBOURS: usize = 3;
/// Days with fewer tell nothing.
const LEAST_DAYS: usize = 5;

/// Whether each stream drifts, by number. What counts up, as a water meter does, never drifts.
#[must_use]
pub fn drifting(network: &Network, edges: &[Edge], now_ms: i64, utc_offset_ms: i64) -> Vec<bool> {
    let today = (now_ms + utc_offset_ms).div_euclid(24 * HOUR_MS);
    let days: Vec<Vec<Option<f64>>> = edges.iter().map(|e| medians(e, today, utc_offset_ms)).collect();
    let kinds: BTreeMap<&str, StationKind> = network.stations.iter().map(|s| (s.id.as_str(), s.kind)).collect();
    let mut alike: BTreeMap<(Option<StationKind>, &str), Vec<usize>> = BTreeMap::new();
    for (i, stream) in network.streams().iter().enumerate().take(edges.len()) {
        alike.entry((kinds.get(stream.station.as_str()).copied(), &stream.property)).or_default().push(i);
    }
    let mut drifts = vec![false; edges.len()];
    for ((kind, code), group) in alike {
        let Some(property) = PropertyTable::standard().get(code) else { continue };
        let counts = matches!(kind, Some(StationKind::WaterMeter | StationKind::StreetLight | StationKind::Camera));
        if counts {
            continue;
        }
        for &i in group.iter().filter(|i| days[**i].iter().flatten().count() >= LEAST_DAYS) {
            let apart: Vec<f64> = (0..DAYS as usize)
                .filter_map(|day| {
                    let own = days[i][day]?;
                    if group.len() <= LEAST_NEIGHBOURS {
                        return Some(own);
                    }
                    let mut others: Vec<f64> =
                        group.iter().filter(|j| **j != i).filter_map(|j| days[*j][day]).collect();
                    (others.len() >= LEAST_NEIGHBOURS).then(|| own - median(&mut others))
                })
                .collect();
            drifts[i] = is_drifting(&apart, property);
        }
    }
    drifts
}

/// Medians of the hourly means of whole local days, the oldest first.
fn medians(edge: &Edge, today: i64, utc_offset_ms: i64) -> Vec<Option<f64>> {
    (0..DAYS)
        .map(|i| {
            let last = (today - DAYS + i + 1) * 24 - utc_offset_ms / HOUR_MS - 1;
            let mut hours: Vec<f64> = edge.hourly(last, 24).into_iter().flatten().collect();
            (hours.len() >= LEAST_HOURS).then(|| median(&mut hours))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sensor::Station;
    use crate::model::style::Text2;

    const OFFSET: i64 = 7 * HOUR_MS;

    fn week(level: impl Fn(i64) -> f64) -> Edge {
        let mut edge = Edge::default();
        for hour in 0..8 * 24 {
            edge.remember_hour(hour * HOUR_MS - OFFSET, level(hour), 60);
        }
        edge
    }

    fn network(stations: usize) -> Network {
        let station = |i| Station {
            id: format!("NB-{i}"),
            title: Text2::default(),
            kind: StationKind::SeaWater,
            at: [104.0, 10.2],
            cone: None,
        };
        let mut network = Network::default();
        network.stations = (0..stations).map(station).collect();
        for i in 0..stations {
            network.add(crate::model::sensor::Stream {
                station: format!("NB-{i}"),
                property: "ph".into(),
                period_s: 300.0,
                stale_after_s: None,
            });
        }
        network
    }

    #[test]
    fn the_one_that_creeps_away_from_the_others_drifts() {
        let tide = |hour: i64| 8.0 + 0.1 * (hour as f64 / 12.4 * std::f64::consts::TAU).sin();
        let edges: Vec<Edge> = (0..5)
            .map(|i| week(move |h| tide(h) + 0.01 * f64::from(i) + if i == 2 { 0.004 * h as f64 } else { 0.0 }))
            .collect();
        let found = drifting(&network(5), &edges, 8 * 24 * HOUR_MS - OFFSET, OFFSET);
        assert_eq!(found, [false, false, true, false, false]);
    }

    #[test]
    fn what_all_do_is_weather() {
        let edges: Vec<Edge> = (0..5).map(|i| week(move |h| 7.5 + 0.004 * h as f64 + 0.01 * f64::from(i))).collect();
        assert!(drifting(&network(5), &edges, 8 * 24 * HOUR_MS - OFFSET, OFFSET).iter().all(|d| !d));
        // Alone it can only be held against itself.
        let alone = drifting(&network(1), &edges[..1], 8 * 24 * HOUR_MS - OFFSET, OFFSET);
        assert_eq!(alone, [true]);
        assert_eq!(drifting(&network(1), &[Edge::default()], 0, OFFSET), [false]);
    }
}
