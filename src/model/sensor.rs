//! Stations, the streams of readings that they give, and where readings come from: the saved side of sensors.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::norm::{Medium, Property, PropertyTable};
use super::style::Text2;

pub const SENSORS_VERSION: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StationKind {
    Air,
    SeaWater,
    WasteWater,
    DrinkingWater,
    Noise,
    StreetLight,
    WaterMeter,
    Camera,
}

impl StationKind {
    pub const ALL: [Self; 8] = [
        Self::Air,
        Self::SeaWater,
        Self::WasteWater,
        Self::DrinkingWater,
        Self::Noise,
        Self::StreetLight,
        Self::WaterMeter,
        Self::Camera,
    ];

    /// Which limits hold for what it measures.
    #[must_use]
    pub fn medium(self, property: &str) -> Option<Medium> {
        if property == "noise" {
            return Some(Medium::Noise);
        }
        match self {
            Self::Air => Some(Medium::Air),
            Self::SeaWater => Some(Medium::SeaWater),
            Self::WasteWater => Some(Medium::WasteWater),
            Self::DrinkingWater => Some(Medium::DrinkingWater),
            Self::Noise => Some(Medium::Noise),
            Self::StreetLight | Self::WaterMeter | Self::Camera => None,
        }
    }

    /// The kind of which most of these properties are usual: a first guess for a station that nobody has configured.
    #[must_use]
    pub fn likely(properties: &[&str]) -> Self {
        let usual = |kind: &Self| properties.iter().filter(|p| kind.usual().0.contains(p)).count();
        // Of equals the kind with the fewest: what observes noise alone is no air station.
        Self::ALL
            .into_iter()
            .max_by_key(|kind| (usual(kind), std::cmp::Reverse(kind.usual().0.len())))
            .unwrap_or(Self::Air)
    }

    /// What a station of the kind usually observes, and how often, seconds.
    #[must_use]
    pub fn usual(self) -> (&'static [&'static str], f64) {
        match self {
            Self::Air => (
                &[
                    "pm25",
                    "pm10",
                    "so2",
                    "no2",
                    "co",
                    "o3",
                    "temperature",
                    "humidity",
                    "wind_speed",
                    "wind_from",
                    "rain",
                    "noise",
                ],
                60.0,
            ),
            Self::SeaWater => (&["water_temperature", "salinity", "ph", "do", "tss", "ammonium", "phosphate"], 300.0),
            Self::WasteWater => {
                (&["flow", "ph", "tss", "cod", "bod5", "ammonium", "total_nitrogen", "total_phosphorus"], 300.0)
            }
            Self::DrinkingWater => (&["ph", "turbidity", "free_chlorine", "pressure"], 60.0),
            Self::Noise => (&["noise"], 60.0),
            Self::StreetLight => (&["lamp_power"], 900.0),
            Self::WaterMeter => (&["meter"], 3600.0),
            Self::Camera => (&["camera"], 60.0),
        }
    }
}

/// What a camera sees: a sector.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewCone {
    /// Clockwise from north.
    pub bearing_deg: f64,
    pub opening_deg: f64,
    pub range_m: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Station {
    /// "KK-01"; part of the names of its streams.
    pub id: String,
    #[serde(default)]
    pub title: Text2,
    pub kind: StationKind,
    /// Longitude and latitude in degrees (WGS 84).
    pub at: [f64; 2],
    #[serde(default)]
    pub cone: Option<ViewCone>,
}

/// One quantity at one station. Its name is "station/property".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    pub station: String,
    pub property: String,
    /// How often a reading is due.
    pub period_s: f64,
    /// Without a reading for longer it is stale; three periods when left out.
    #[serde(default)]
    pub stale_after_s: Option<f64>,
}

impl Stream {
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.station, self.property)
    }

    #[must_use]
    pub fn stale_after_ms(&self) -> i64 {
        (self.stale_after_s.unwrap_or(self.period_s * 3.0) * 1000.0) as i64
    }

    #[must_use]
    pub fn property(&self) -> Option<&'static Property> {
        PropertyTable::standard().get(&self.property)
    }
}

/// A stream by its number in a [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(pub u32);

/// What is doubtful about a reading. A set; empty means that nothing is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// Beyond what the instrument can believably report.
    pub const RANGE: Self = Self(1);
    /// The number came as text, or with a decimal comma.
    pub const TEXT: Self = Self(1 << 1);
    /// The time named no zone; the site's was taken.
    pub const ZONE: Self = Self(1 << 2);
    /// The time was written unusually (a number, day first, an interval) and read with a guess.
    pub const TIME: Self = Self(1 << 3);
    /// No time came with it: that of its arrival was taken.
    pub const ARRIVAL: Self = Self(1 << 4);
    /// The sender's clock is ahead.
    pub const CLOCK: Self = Self(1 << 5);
    pub const SPIKE: Self = Self(1 << 6);
    pub const STUCK: Self = Self(1 << 7);
    pub const DRIFT: Self = Self(1 << 8);
    /// Another value for the same moment was there before.
    pub const CORRECTED: Self = Self(1 << 9);

    pub const NAMED: [(Self, &'static str); 10] = [
        (Self::RANGE, "range"),
        (Self::TEXT, "text"),
        (Self::ZONE, "zone"),
        (Self::TIME, "time"),
        (Self::ARRIVAL, "arrival"),
        (Self::CLOCK, "clock"),
        (Self::SPIKE, "spike"),
        (Self::STUCK, "stuck"),
        (Self::DRIFT, "drift"),
        (Self::CORRECTED, "corrected"),
    ];

    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the value itself is not to be relied on: then no limit is held against it.
    #[must_use]
    pub const fn is_unreliable(self) -> bool {
        self.has(Self(Self::RANGE.0 | Self::SPIKE.0 | Self::STUCK.0 | Self::DRIFT.0))
    }

    /// "range+text"; empty when nothing is doubtful.
    #[must_use]
    pub fn names(self) -> String {
        let names: Vec<&str> = Self::NAMED.iter().filter(|(f, _)| self.has(*f)).map(|(_, n)| *n).collect();
        names.join("+")
    }
}

/// One value at one moment, in the unit of its property.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub stream: StreamKey,
    /// When it was measured, milliseconds since 1970 (UTC).
    pub time_ms: i64,
    pub value: f64,
    pub flags: Flags,
}

/// What a payload's unit is: named in the message, or known beforehand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum UnitFrom {
    /// Where in the message it is named.
    Path(String),
    Fixed(String),
}

/// How messages become readings. `{name}` in `topic` stands for one level and may be used in `station` and `property`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicMap {
    /// "phuquoc/{station}/{property}"
    pub topic: String,
    /// Where in the message the records are, when it holds several; empty for the message itself.
    #[serde(default)]
    pub records: String,
    /// "{station}", a fixed name, or "$.path" into the record.
    pub station: String,
    pub values: Vec<ValueMap>,
    /// Where the time is; the time of arrival when it is not there.
    #[serde(default)]
    pub time: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueMap {
    /// Where the value is: "result", "$.data.pm25", "d[0]".
    pub path: String,
    /// "{property}", a fixed code, or "$.path" into the record.
    pub property: String,
    #[serde(default)]
    pub unit: Option<UnitFrom>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MqttSource {
    /// "mqtt://host:1883" or "mqtts://host:8883". A name may stand in it, a password never.
    pub url: String,
    #[serde(default)]
    pub client_id: Option<String>,
    #[serde(default)]
    pub username: Option<String>,
    /// Certificate of the authority that signed the broker's; the system's when left out.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// 0, 1 or 2.
    #[serde(default = "one")]
    pub qos: u8,
    /// The broker keeps what arrives while we are away.
    #[serde(default = "yes")]
    pub persistent: bool,
    pub topics: Vec<TopicMap>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorThingsSource {
    /// Up to and without the version: "https://host/FROST-Server".
    pub url: String,
    #[serde(default = "v11")]
    pub version: String,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// How often it is asked, seconds.
    #[serde(default = "minute")]
    pub every_s: f64,
    /// Observations on a page.
    #[serde(default = "page")]
    pub page: u32,
    /// How far back the first question reaches, hours.
    #[serde(default = "day")]
    pub backfill_h: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderSource {
    /// A CSV file, or a folder of them.
    pub path: PathBuf,
    /// Times real time; 0 for all at once.
    #[serde(default)]
    pub speed: f64,
    /// Unit of columns that name none.
    #[serde(default)]
    pub unit: Option<String>,
    /// Whether what stands in them is made up, for demonstration.
    #[serde(default)]
    pub generated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedSource {
    #[serde(default)]
    pub seed: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SourceConfig {
    Simulated(SimulatedSource),
    Folder(FolderSource),
    Mqtt(MqttSource),
    SensorThings(SensorThingsSource),
}

impl SourceConfig {
    /// Whom it talks to over the network, if anybody.
    #[must_use]
    pub fn contacts(&self) -> Option<&str> {
        match self {
            Self::Mqtt(mqtt) => Some(&mqtt.url),
            Self::SensorThings(things) => Some(&things.url),
            Self::Simulated(_) | Self::Folder(_) => None,
        }
    }
}

/// A file of sensors (`*.sensors.ron`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorConfig {
    pub version: u32,
    #[serde(default)]
    pub stations: Vec<Station>,
    /// What stations observe beyond the usual of their kind, or in another rhythm.
    #[serde(default)]
    pub streams: Vec<Stream>,
    pub sources: Vec<SourceConfig>,
}

fn one() -> u8 {
    1
}
fn yes() -> bool {
    true
}
fn v11() -> String {
    "v1.1".to_owned()
}
fn minute() -> f64 {
    60.0
}
fn page() -> u32 {
    1000
}
fn day() -> f64 {
    24.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_property_is_in_the_table() {
        for kind in StationKind::ALL {
            for property in kind.usual().0 {
                assert!(PropertyTable::standard().get(property).is_some(), "{property}");
            }
        }
    }

    #[test]
    fn the_kind_of_a_station_is_guessed_from_what_it_sends() {
        let cases: [(&[&str], StationKind); 4] = [
            (&["pm25", "noise"], StationKind::Air),
            (&["noise"], StationKind::Noise),
            (&["ph", "salinity"], StationKind::SeaWater),
            (&["meter"], StationKind::WaterMeter),
        ];
        for (properties, kind) in cases {
            assert_eq!(StationKind::likely(properties), kind, "{properties:?}");
        }
    }

    #[test]
    fn flags_are_a_set_with_names() {
        let flags = Flags::RANGE.with(Flags::ZONE);
        assert_eq!(flags.names(), "range+zone");
        assert!(flags.is_unreliable() && !Flags::ZONE.is_unreliable() && Flags::default().names().is_empty());
    }

    #[test]
    fn a_configuration_is_read_and_says_whom_it_contacts() {
        let text = r#"(version: 1, stations: [(id: "A", kind: Air, at: (104.0, 10.2))], sources: [
            Simulated((seed: 1)),
            Mqtt((url: "mqtts://broker.example:8883", topics: [
                (topic: "pq/{station}/{property}", station: "{station}", time: "phenomenonTime",
                 values: [(path: "result", property: "{property}", unit: Some(Path("unit")))])])),
            SensorThings((url: "https://example/FROST")),
        ])"#;
        let config: SensorConfig = ron::from_str(text).unwrap();
        let contacts: Vec<_> = config.sources.iter().filter_map(SourceConfig::contacts).collect();
        assert_eq!(contacts, ["mqtts://broker.example:8883", "https://example/FROST"]);
        // A password has no place in it.
        assert!(ron::from_str::<SensorConfig>(&text.replace("url: \"mqtts", "password: \"x\", url: \"mqtts")).is_err());
    }
}
