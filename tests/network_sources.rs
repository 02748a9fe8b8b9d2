//! PostGIS, WFS and OGC API Features: read when the user names them, and nothing else is reached.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

fn run(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_island-twin"));
    command.env("ISLAND_TWIN_LANG", "en");
    arguments.iter().for_each(|a| {
        command.arg(a.as_ref());
    });
    command.output().unwrap()
}

fn well(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Answers every request by its path and query; gives its port and counts who came.
fn serve(
    answer: impl Fn(&str, u16) -> Option<(&'static str, String)> + Send + Sync + 'static,
) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let (counter, answer) = (count.clone(), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::Relaxed);
            let answer = answer.clone();
            std::thread::spawn(move || respond(stream, |target| answer(target, port)));
        }
    });
    (port, count)
}

fn respond(mut stream: TcpStream, answer: impl Fn(&str) -> Option<(&'static str, String)>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    while lines.next().is_some_and(|line| line.is_ok_and(|l| !l.is_empty())) {}
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, kind, body) = match answer(&target) {
        Some((kind, body)) => ("200 OK", kind, body),
        None => ("404 Not Found", "text/plain", String::new()),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

const CAPABILITIES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink">
<ows:OperationsMetadata>
<ows:Operation name="DescribeFeatureType"><ows:DCP><ows:HTTP><ows:Get xlink:href="URL"/></ows:HTTP></ows:DCP></ows:Operation>
<ows:Operation name="GetFeature"><ows:DCP><ows:HTTP><ows:Get xlink:href="URL"/></ows:HTTP></ows:DCP></ows:Operation>
</ows:OperationsMetadata>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>thua</wfs:Name><wfs:Title>Thửa</wfs:Title>
<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::9207</wfs:DefaultCRS></wfs:FeatureType></wfs:FeatureTypeList>
</wfs:WFS_Capabilities>"#;

const SCHEMA: &str = r#"<?xml version="1.0"?><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:a="http://a" targetNamespace="http://a" elementFormDefault="qualified">
<xsd:import namespace="http://www.opengis.net/gml/3.2"/>
<xsd:complexType name="thuaType"><xsd:complexContent><xsd:extension base="gml:AbstractFeatureType"><xsd:sequence>
<xsd:element name="TEN" type="xsd:string" minOccurs="0"/><xsd:element name="SOTHUA" type="xsd:int" minOccurs="0"/>
<xsd:element name="geom" type="gml:PointPropertyType" minOccurs="0"/>
</xsd:sequence></xsd:extension></xsd:complexContent></xsd:complexType>
<xsd:element name="thua" type="a:thuaType" substitutionGroup="gml:AbstractFeature"/></xsd:schema>"#;

const FEATURES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:a="http://a" numberMatched="2" numberReturned="2">
<wfs:member><a:thua gml:id="thua.1"><a:TEN>Chợ Dương Đông</a:TEN><a:SOTHUA>12</a:SOTHUA><a:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::9207" gml:id="p1"><gml:pos>441000 1129800</gml:pos></gml:Point></a:geom></a:thua></wfs:member>
<wfs:member><a:thua gml:id="thua.2"><a:TEN>Đình</a:TEN><a:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::9207" gml:id="p2"><gml:pos>441100 1129900</gml:pos></gml:Point></a:geom></a:thua></wfs:member>
</wfs:FeatureCollection>"#;

fn wfs(target: &str, url: &str) -> Option<(&'static str, String)> {
    let target = target.to_ascii_lowercase();
    let body = if target.contains("getcapabilities") {
        CAPABILITIES.replace("URL", url)
    } else if target.contains("describefeaturetype") {
        SCHEMA.to_owned()
    } else if target.contains("getfeature") {
        FEATURES.to_owned()
    } else {
        return None;
    };
    Some(("text/xml", body))
}

#[test]
fn a_wfs_becomes_a_layer() {
    let (port, count) = serve(|target, port| wfs(target, &format!("http://127.0.0.1:{port}/wfs")));
    let out = tempfile::tempdir().unwrap();
    let (project, report) = (out.path().join("p.gpkg"), out.path().join("r.json"));
    let source = format!("WFS:http://127.0.0.1:{port}/wfs?token=bi-mat");
    well(&[&"import", &source, &"--project", &project, &"--report", &report]);
    assert!(count.load(Ordering::Relaxed) >= 3);
    let found: Json = serde_json::from_str(&well(&[&"query", &project, &"SOTHUA = 12"])).unwrap();
    assert_eq!(found[0]["features"][0]["values"]["TEN"], "Chợ Dương Đông", "{found}");
    let west = found[0]["features"][0]["bounds"][0].as_f64().unwrap();
    assert!((west - 441_000.0).abs() < 1e-6, "{found}");
    // A number that a feature does not have is no 0.
    let none: Json = serde_json::from_str(&well(&[&"query", &project, &"SOTHUA = 0"])).unwrap();
    assert_eq!(none[0]["count"], 0, "{none}");
    let report = std::fs::read_to_string(&report).unwrap();
    assert!(!report.contains("bi-mat") && report.contains("token=***"), "{report}");
    assert!(!well(&[&"info", &project, &"--json"]).contains("bi-mat"));
}

#[test]
fn only_the_host_that_was_named_is_asked() {
    let (elsewhere, knocks) = serve(|target, _| wfs(target, "http://127.0.0.1:1/"));
    // The service sends us to another name, as one does that wants to look into an office's own network.
    let (port, _) = serve(move |target, _| wfs(target, &format!("http://localhost:{elsewhere}/wfs")));
    let output = run(&[&"inspect", &format!("WFS:http://127.0.0.1:{port}/wfs"), &"--json"]);
    assert_eq!(knocks.load(Ordering::Relaxed), 0, "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_file_never_leads_to_a_network() {
    let (port, knocks) = serve(|target, port| wfs(target, &format!("http://127.0.0.1:{port}/wfs")));
    let dir = tempfile::tempdir().unwrap();
    let url = format!("http://127.0.0.1:{port}/wfs");
    std::fs::write(dir.path().join("a.xml"), format!("<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>")).unwrap();
    std::fs::write(dir.path().join("b.json"), format!("{{\"url\":\"{url}\"}}")).unwrap();
    for source in [dir.path().join("a.xml"), dir.path().join("b.json"), format!("/vsicurl/{url}").into(), url.into()] {
        assert!(!run(&[&"inspect", &source, &"--json"]).status.success(), "{}", source.display());
    }
    assert_eq!(knocks.load(Ordering::Relaxed), 0);
}

#[test]
fn an_ogc_api_becomes_a_layer() {
    let (port, _) = serve(|target, port| {
        let base = format!("http://127.0.0.1:{port}/api");
        let collection = format!(
            r#"{{"id":"ho","title":"Hố ga","extent":{{"spatial":{{"bbox":[[103.8,9.9,104.1,10.5]]}}}},"links":[{{"href":"{base}/collections/ho/items","rel":"items","type":"application/geo+json"}}]}}"#
        );
        let path = target.split('?').next().unwrap_or_default();
        let body = match path.trim_end_matches('/') {
            "/api" => format!(
                r#"{{"title":"api","links":[{{"rel":"data","href":"{base}/collections","type":"application/json"}}]}}"#
            ),
            "/api/collections" => format!(r#"{{"collections":[{collection}],"links":[]}}"#),
            "/api/collections/ho" => collection,
            "/api/collections/ho/items" => {
                let feature = |id: u32, name: &str, lon: f64| {
                    format!(
                        r#"{{"type":"Feature","id":{id},"properties":{{"TEN":"{name}"}},"geometry":{{"type":"Point","coordinates":[{lon},10.217]}}}}"#
                    )
                };
                let features = [feature(1, "Giếng Ấp 1", 103.967), feature(2, "Hố 2", 103.968)].join(",");
                return Some((
                    "application/geo+json",
                    format!(
                        r#"{{"type":"FeatureCollection","numberMatched":2,"numberReturned":2,"features":[{features}]}}"#
                    ),
                ));
            }
            _ => return None,
        };
        Some(("application/json", body))
    });
    let facts: Json =
        serde_json::from_str(&well(&[&"inspect", &format!("OAPIF:http://127.0.0.1:{port}/api"), &"--json"])).unwrap();
    assert_eq!((&facts["count"], &facts["crs"]), (&2.into(), &"EPSG:4326".into()), "{facts}");
    assert_eq!(facts["zones"]["verdict"], "Fits", "{facts}");
}

/// A server of its own, where Debian's PostgreSQL and PostGIS are installed.
struct Database {
    dir: tempfile::TempDir,
    programs: std::path::PathBuf,
}

impl Database {
    fn start() -> Option<Self> {
        let installed = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let programs = installed.flatten().map(|e| e.path().join("bin")).find(|p| p.join("initdb").exists())?;
        let version = programs.parent()?.file_name()?.to_str()?.to_owned();
        if !Path::new(&format!("/usr/share/postgresql/{version}/extension/postgis.control")).exists() {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let database = Self { dir, programs };
        if rustix::process::geteuid().is_root() {
            Command::new("chown").arg("postgres").arg(database.dir.path()).status().ok()?;
        }
        let data = database.dir.path().join("data");
        database.run("initdb", &["-A", "trust", "-U", "gis", "-E", "UTF8", "-D", data.to_str()?])?;
        let options = format!("-k {} -c listen_addresses='' -c fsync=off", database.dir.path().display());
        database.run("pg_ctl", &["-w", "-D", data.to_str()?, "-o", &options, "-l", "/dev/null", "start"])?;
        Some(database)
    }

    /// PostgreSQL's programs do not run as root.
    fn run(&self, program: &str, arguments: &[&str]) -> Option<()> {
        let program = self.programs.join(program);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let output = command.args(arguments).current_dir(self.dir.path()).output().ok()?;
        if !output.status.success() {
            println!("{}", String::from_utf8_lossy(&output.stderr));
        }
        output.status.success().then_some(())
    }

    fn sql(&self, text: &str) {
        let socket = self.dir.path().to_str().unwrap();
        self.run("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-h", socket, "-U", "gis", "-d", "postgres", "-c", text])
            .unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let data = self.dir.path().join("data");
        self.run("pg_ctl", &["-D", data.to_str().unwrap(), "-m", "immediate", "stop"]);
    }
}

#[test]
fn a_postgis_table_becomes_a_layer() {
    let Some(database) = Database::start() else {
        println!("skipped: no PostgreSQL with PostGIS");
        return;
    };
    database.sql(
        "CREATE EXTENSION postgis; CREATE TABLE thua (id serial PRIMARY KEY, ten text, sothua int, geom geometry(Polygon, 9207)); \
         INSERT INTO thua (ten, sothua, geom) SELECT 'Thửa ' || i, CASE WHEN i = 3 THEN NULL ELSE i END, \
         ST_MakeEnvelope(441000 + 20 * i, 1129800, 441020 + 20 * i, 1129830, 9207) FROM generate_series(1, 5) i;",
    );
    let out = tempfile::tempdir().unwrap();
    let project = out.path().join("p.gpkg");
    let socket = database.dir.path().display();
    let source = format!("PG:host={socket} user=gis dbname=postgres password='bi mat'");
    // PostGIS' own list of systems does not know the newer zones.
    well(&[&"import", &source, &"--layer", &"thua", &"--crs", &"EPSG:9207", &"--project", &project]);
    let info = well(&[&"info", &project, &"--json"]);
    assert!(!info.contains("bi mat"), "{info}");
    let found: Json =
        serde_json::from_str(&well(&[&"query", &project, &"sothua >= 1", &"--stats", &"area()"])).unwrap();
    assert_eq!(found[0]["count"], 4, "{found}");
    assert!((found[0]["statistics"]["numbers"]["mean"].as_f64().unwrap() - 600.0).abs() < 1e-6, "{found}");
    assert_eq!(found[0]["features"][1]["values"]["ten"], "Thửa 2");
}
