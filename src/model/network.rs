//! Stations and their streams by number and by name.

use std::collections::BTreeMap;

use super::sensor::{Station, StationKind, Stream, StreamKey};

/// Stations and streams by number. Numbers never change while the program runs; new ones are added at the end.
#[derive(Debug, Clone, Default)]
pub struct Network {
    pub stations: Vec<Station>,
    streams: Vec<Stream>,
    by_name: BTreeMap<String, u32>,
    revision: u64,
}

impl Network {
    /// The stations with what their kinds usually observe; `extra` adds to that or sets another rhythm.
    #[must_use]
    pub fn new(stations: Vec<Station>, extra: &[Stream]) -> Self {
        let mut network = Self { stations, streams: Vec::new(), by_name: BTreeMap::new(), revision: 0 };
        let usual: Vec<Stream> = network
            .stations
            .iter()
            .flat_map(|station| {
                let (properties, period_s) = station.kind.usual();
                properties.iter().map(move |property| Stream {
                    station: station.id.clone(),
                    property: (*property).to_owned(),
                    period_s,
                    stale_after_s: None,
                })
            })
            .collect();
        for stream in usual.into_iter().chain(extra.iter().cloned()) {
            network.add(stream);
        }
        network
    }

    /// Adds a stream, or replaces what is known of the one with its name.
    pub fn add(&mut self, stream: Stream) -> StreamKey {
        let name = stream.name();
        self.revision += 1;
        if let Some(&at) = self.by_name.get(&name) {
            self.streams[at as usize] = stream;
            return StreamKey(at);
        }
        let at = self.streams.len() as u32;
        self.by_name.insert(name, at);
        self.streams.push(stream);
        StreamKey(at)
    }

    /// Says where a station stands and of which kind it is; what its kind usually observes is not expected of it.
    pub fn place(&mut self, station: Station) {
        self.revision += 1;
        match self.stations.iter_mut().find(|s| s.id == station.id) {
            Some(there) => *there = station,
            None => self.stations.push(station),
        }
    }

    /// Another number after every change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<StreamKey> {
        self.by_name.get(name).copied().map(StreamKey)
    }

    #[must_use]
    pub fn stream(&self, key: StreamKey) -> Option<&Stream> {
        self.streams.get(key.0 as usize)
    }

    #[must_use]
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    #[must_use]
    pub fn station(&self, id: &str) -> Option<&Station> {
        self.stations.iter().find(|s| s.id == id)
    }

    /// The kind of a stream's station.
    #[must_use]
    pub fn kind(&self, key: StreamKey) -> Option<StationKind> {
        self.stream(key).and_then(|s| self.station(&s.station)).map(|s| s.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::Text2;

    fn station(id: &str, kind: StationKind) -> Station {
        Station { id: id.to_owned(), title: Text2::default(), kind, at: [103.97, 10.2], cone: None }
    }

    #[test]
    fn a_network_knows_its_streams_by_name_and_keeps_their_numbers() {
        let mut network = Network::new(vec![station("KK-01", StationKind::Air)], &[]);
        let key = network.find("KK-01/pm25").unwrap();
        let own = Stream { station: "KK-01".into(), property: "pm25".into(), period_s: 10.0, stale_after_s: None };
        assert_eq!(network.add(own), key);
        assert_eq!(network.stream(key).map(Stream::stale_after_ms), Some(30_000));
        assert_eq!(network.kind(key), Some(StationKind::Air));
        assert_eq!(network.find("KK-02/pm25"), None);
        let before = network.revision();
        network.place(station("KK-01", StationKind::Noise));
        assert_eq!((network.kind(key), network.stations.len()), (Some(StationKind::Noise), 1));
        assert_ne!(network.revision(), before);
    }
}
