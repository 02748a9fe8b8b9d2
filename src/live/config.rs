//! Files of sensors (`*.sensors.ron`): read with distrust, explained, turned into sources.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::address::{Address, has_password, without_password};
use super::decode::{Decoder, SharedNetwork};
use super::error::LiveError;
use super::fault::{self, ConfigFault};
use super::moment::Clock;
use super::mqtt::source::MqttFeed;
use super::replay::ReplayFeed;
use super::sensorthings::{SensorThingsFeed, Service};
use super::simulated::{Fault, SimulatedFeed};
use super::source::SensorSource;
use crate::model::network::Network;
use crate::model::sensor::{
    MqttSource, SENSORS_VERSION, SensorConfig, SensorThingsSource, SourceConfig, TopicMap, UnitFrom, ValueMap,
};

const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// The stations of the demonstration island, made up by the program.
///
/// # Errors
/// Never, as a test makes sure.
pub fn demonstration() -> Result<SensorConfig, LiveError> {
    parse(include_str!("../../scenes/phu-quoc.sensors.ron"), Path::new("phu-quoc.sensors.ron"))
}

/// Reads a file; what its paths are relative to is the file's own folder.
///
/// # Errors
/// When it cannot be read or understood, or a password stands in it.
pub fn load(path: &Path) -> Result<SensorConfig, LiveError> {
    let failed = |e: &std::io::Error| LiveError::File { reason: fault::of_file(e), path: path.to_owned() };
    let bytes = std::fs::metadata(path).map_err(|e| failed(&e))?.len();
    if bytes > LARGEST_FILE {
        return Err(LiveError::BadConfig { fault: ConfigFault::TooLarge { bytes }, path: path.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
    let mut config = parse(&text, path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let resolve = |p: &mut PathBuf| {
        if p.is_relative() {
            *p = folder.join(&*p);
        }
    };
    for source in &mut config.sources {
        match source {
            SourceConfig::Mqtt(mqtt) => mqtt.ca.iter_mut().for_each(resolve),
            SourceConfig::SensorThings(things) => things.ca.iter_mut().for_each(resolve),
            SourceConfig::Folder(from) => resolve(&mut from.path),
            SourceConfig::Simulated(_) => {}
        }
    }
    Ok(config)
}

fn parse(text: &str, path: &Path) -> Result<SensorConfig, LiveError> {
    let bad = |fault: ConfigFault| LiveError::BadConfig { fault, path: path.to_owned() };
    let config: SensorConfig = ron::from_str(text).map_err(|e| bad(ConfigFault::from(&e)))?;
    if config.version > SENSORS_VERSION {
        return Err(bad(ConfigFault::TooNew { found: config.version }));
    }
    for source in &config.sources {
        if let Some(url) = source.contacts().filter(|url| has_password(url)) {
            return Err(LiveError::PasswordInFile { url: without_password(url) });
        }
    }
    let odd = config.stations.iter().find(|s| {
        s.id.is_empty()
            || s.id.contains(['/', '+', '#'])
            || s.at[0].abs() > 180.0
            || s.at[1].abs() > 90.0
            || s.at.iter().any(|c| c.is_nan())
    });
    if let Some(station) = odd {
        return Err(bad(ConfigFault::Station { id: station.id.clone() }));
    }
    let odd = config.streams.iter().find(|s| s.property().is_none() || s.period_s.is_nan() || s.period_s <= 0.0);
    if let Some(stream) = odd {
        return Err(bad(ConfigFault::Stream { name: stream.name() }));
    }
    Ok(config)
}

/// Writes a file of sensors, whole or not at all. One that is there keeps its old words under the name with a tilde.
///
/// # Errors
/// When it cannot be written.
pub fn write(config: &SensorConfig, path: &Path) -> Result<(), LiveError> {
    let failed = |e: &std::io::Error| LiveError::File { reason: fault::of_file(e), path: path.to_owned() };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut config = config.clone();
    let shorten = |p: &mut PathBuf| {
        if let Some(inner) = p.strip_prefix(folder).ok().filter(|i| !i.as_os_str().is_empty()).map(Path::to_owned) {
            *p = inner;
        }
    };
    for source in &mut config.sources {
        match source {
            SourceConfig::Mqtt(mqtt) => mqtt.ca.iter_mut().for_each(shorten),
            SourceConfig::SensorThings(things) => things.ca.iter_mut().for_each(shorten),
            SourceConfig::Folder(from) => shorten(&mut from.path),
            SourceConfig::Simulated(_) => {}
        }
        // A password that somebody typed into an address stays out of the file.
        if let SourceConfig::Mqtt(MqttSource { url, .. }) | SourceConfig::SensorThings(SensorThingsSource { url, .. }) =
            source
        {
            *url = without_password(url);
        }
    }
    let style = ron::ser::PrettyConfig::new().depth_limit(3);
    let text = ron::ser::to_string_pretty(&config, style).map_err(|e| failed(&std::io::Error::other(e)))?;
    let mut staged = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(&e))?;
    staged.write_all(text.as_bytes()).and_then(|()| staged.as_file().sync_all()).map_err(|e| failed(&e))?;
    let there = std::fs::read(path).ok();
    if there.as_deref().is_some_and(|old| old != text.as_bytes()) {
        let mut old = path.as_os_str().to_owned();
        old.push("~");
        std::fs::rename(path, old).map_err(|e| failed(&e))?;
    }
    staged.persist(path).map_err(|e| failed(&e.error))?;
    Ok(())
}

/// The stations and streams of a file, to be shared by its sources.
#[must_use]
pub fn network(config: &SensorConfig) -> SharedNetwork {
    Arc::new(RwLock::new(Network::new(config.stations.clone(), &config.streams)))
}

/// How `sensors publish` writes and `sensors watch` reads when nothing else is said.
#[must_use]
pub fn usual_topic() -> TopicMap {
    TopicMap {
        topic: "phuquoc/{station}/{property}".to_owned(),
        records: String::new(),
        station: "{station}".to_owned(),
        values: vec![ValueMap {
            path: "result".to_owned(),
            property: "{property}".to_owned(),
            unit: Some(UnitFrom::Path("unit".to_owned())),
        }],
        time: "phenomenonTime".to_owned(),
    }
}

/// How sources are started.
#[derive(Default)]
pub struct StartOptions {
    /// Asked of the user, or found in the desktop's secret store.
    pub password: Option<String>,
    pub faults: Vec<Fault>,
    /// Made-up readings for the time before now.
    pub simulated_before_ms: i64,
    /// Takes readings of stations that nobody has configured.
    pub learns: bool,
}

/// Starts one source.
///
/// # Errors
/// When it cannot even be tried.
pub fn start(
    source: &SourceConfig,
    network: &SharedNetwork,
    options: &StartOptions,
) -> Result<Box<dyn SensorSource>, LiveError> {
    let clock = Clock::default();
    Ok(match source {
        SourceConfig::Simulated(simulated) => Box::new(SimulatedFeed::new(
            network.clone(),
            simulated.seed,
            options.faults.clone(),
            options.simulated_before_ms,
        )),
        SourceConfig::Folder(folder) => Box::new(ReplayFeed::open(folder, network, clock, options.learns)?),
        SourceConfig::Mqtt(mqtt) => {
            let decoder = Decoder::new(network.clone(), &mqtt.topics, clock)?;
            let decoder = if options.learns { decoder.learning() } else { decoder };
            Box::new(MqttFeed::start(mqtt, options.password.clone(), decoder)?)
        }
        SourceConfig::SensorThings(things) => Box::new(SensorThingsFeed::start(
            things,
            options.password.as_deref(),
            network.clone(),
            clock,
            options.learns,
        )?),
    })
}

/// Looks through a source without contacting anybody.
///
/// # Errors
/// What would keep it from being started.
pub fn examine(source: &SourceConfig, network: &SharedNetwork) -> Result<(), LiveError> {
    match source {
        SourceConfig::Simulated(_) => Ok(()),
        SourceConfig::Folder(folder) => std::fs::metadata(&folder.path)
            .map(|_| ())
            .map_err(|e| LiveError::File { reason: fault::of_file(&e), path: folder.path.clone() }),
        SourceConfig::Mqtt(mqtt) => {
            let address = Address::mqtt(&mqtt.url)?;
            if address.secure {
                super::tls::client(mqtt.ca.as_deref())?;
            }
            Decoder::new(network.clone(), &mqtt.topics, Clock::default())?;
            Ok(())
        }
        SourceConfig::SensorThings(things) => Service::new(things, None).map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sensor::{FolderSource, StationKind};

    #[test]
    fn the_demonstration_has_the_stations_that_the_city_documents() {
        let config = demonstration().unwrap();
        let count = |kind| config.stations.iter().filter(|s| s.kind == kind).count();
        assert_eq!([count(StationKind::Air), count(StationKind::SeaWater), count(StationKind::WasteWater)], [16, 2, 4]);
        assert_eq!([count(StationKind::DrinkingWater), count(StationKind::Camera)], [4, 51]);
        assert!(config.sources.iter().all(|s| s.contacts().is_none()), "nobody is contacted by default");
        let network = network(&config);
        assert!(config.sources.iter().all(|s| examine(s, &network).is_ok()));
    }

    #[test]
    fn a_file_with_a_password_or_an_odd_station_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sensors.ron");
        let refuse = |text: &str| {
            std::fs::write(&path, text).unwrap();
            load(&path).unwrap_err()
        };
        let source = r#"Mqtt((url: "mqtt://duty:secret@h", topics: []))"#;
        let error = refuse(&format!("(version: 1, sources: [{source}])"));
        assert!(matches!(&error, LiveError::PasswordInFile { .. }) && !error.to_string().contains("secret"));
        let stations =
            |id: &str, at: &str| format!(r#"(version: 1, stations: [(id: "{id}", kind: Air, at: {at})], sources: [])"#);
        assert!(matches!(refuse(&stations("a/b", "(104.0, 10.0)")), LiveError::BadConfig { .. }));
        assert!(matches!(refuse(&stations("a", "(104.0, 100.0)")), LiveError::BadConfig { .. }));
        assert!(matches!(refuse("(version: 99, sources: [])"), LiveError::BadConfig { .. }));
        assert!(matches!(refuse("nonsense"), LiveError::BadConfig { .. }));
    }

    #[test]
    fn what_is_written_is_read_again_and_holds_no_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("y.sensors.ron");
        let mut config = demonstration().unwrap();
        write(&config, &path).unwrap();
        assert_eq!(load(&path).unwrap(), config);
        let from = FolderSource { path: folder.path().join("logger"), speed: 1.0, unit: None, generated: false };
        let typed = SourceConfig::SensorThings(SensorThingsSource {
            url: "https://duty:secret@host".into(),
            version: "v1.1".into(),
            username: None,
            ca: None,
            every_s: 60.0,
            page: 100,
            backfill_h: 24.0,
        });
        config.sources = vec![SourceConfig::Folder(from), typed];
        write(&config, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("path: \"logger\"") && !text.contains("secret"), "{}", &text[text.len() - 400..]);
        assert_eq!(load(&path).unwrap().sources[0], config.sources[0]);
        assert!(folder.path().join("y.sensors.ron~").is_file(), "the words that were there are kept");
        assert!(write(&config, &folder.path().join("nowhere/z.sensors.ron")).is_err());
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sensors.ron");
        std::fs::write(&path, r#"(version: 1, sources: [Folder((path: "logger"))])"#).unwrap();
        let config = load(&path).unwrap();
        assert!(matches!(&config.sources[0], SourceConfig::Folder(f) if f.path == folder.path().join("logger")));
    }
}
