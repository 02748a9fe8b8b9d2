//! Classes of roads and what is assumed of each where a layer says nothing.

use serde::{Deserialize, Serialize};

/// From the widest to the narrowest; the order is the order of priority at a crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum RoadClass {
    Motorway,
    /// National and provincial roads.
    Arterial,
    /// Main streets of a town.
    Main,
    Collector,
    #[default]
    Street,
    /// Tracks, alleys, service ways.
    Service,
    /// A way between a zone and the network that no map shows.
    Connector,
    Rail,
}

impl RoadClass {
    pub const ALL: [Self; 8] = [
        Self::Motorway,
        Self::Arterial,
        Self::Main,
        Self::Collector,
        Self::Street,
        Self::Service,
        Self::Connector,
        Self::Rail,
    ];

    #[must_use]
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// As tables and files write it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::Arterial => "arterial",
            Self::Main => "main",
            Self::Collector => "collector",
            Self::Street => "street",
            Self::Service => "service",
            Self::Connector => "connector",
            Self::Rail => "rail",
        }
    }
}
