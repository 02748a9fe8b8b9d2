//! `traffic meso` and `traffic micro` as people call them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn call(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_island-twin"))
        .args(["--lang", "en", "traffic"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A square of streets and a road out of it.
fn network() -> String {
    let road = |id: &str, from: &str, to: &str, line: Value| {
        json!({ "type": "Feature", "properties": { "id": id, "from": from, "to": to, "speed_kmh": 50, "oneway": "no" },
                "geometry": { "type": "LineString", "coordinates": line } })
    };
    let at = |x: f64, y: f64| json!([103.95 + x, 10.2 + y]);
    json!({ "type": "FeatureCollection", "features": [
        road("ab", "a", "b", json!([at(0.0, 0.0), at(0.003, 0.0)])),
        road("bc", "b", "c", json!([at(0.003, 0.0), at(0.003, 0.003)])),
        road("cd", "c", "d", json!([at(0.003, 0.003), at(0.0, 0.003)])),
        road("da", "d", "a", json!([at(0.0, 0.003), at(0.0, 0.0)])),
        road("ce", "c", "e", json!([at(0.003, 0.003), at(0.006, 0.003)])),
        { "type": "Feature", "properties": { "node": "c", "control": "signal", "cycle_s": 60 },
          "geometry": { "type": "Point", "coordinates": at(0.003, 0.003) } },
    ]})
    .to_string()
}

const TRIPS: &str =
    "depart_s,from,to,kind,vehicles,until_s\n0,a,e,car,40,300\n10,d,b,motorbike,40,200\n5,e,a,truck,2,9\n";

fn folder(network: &str, trips: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("net.geojson"), network).unwrap();
    std::fs::write(folder.path().join("trips.csv"), trips).unwrap();
    folder
}

fn stats(folder: &Path, level: &str, more: &[&str]) -> Value {
    let plain = [level, "--net", "net.geojson", "--trips", "trips.csv", "--seconds", "1200", "--json", "stats.json"];
    let output = call(folder, &[&plain, more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&std::fs::read_to_string(folder.join("stats.json")).unwrap()).unwrap()
}

#[test]
fn both_levels_bring_everybody_home() {
    let folder = folder(&network(), TRIPS);
    for level in ["meso", "micro"] {
        let stats = stats(folder.path(), level, &[]);
        let number = |key: &str| stats[key].as_f64().unwrap_or_else(|| panic!("{key} in {stats}"));
        assert_eq!((number("inserted"), number("arrived"), number("removed")), (82.0, 82.0, 0.0), "{level}: {stats}");
        assert!(number("vehicle_updates") > 82.0 && number("cpu_seconds") >= 0.0);
        assert!((4.0..14.0).contains(&number("mean_speed_mps")), "{level}: {stats}");
    }
    let out = stats(folder.path(), "meso", &["--out", "links.csv", "--exits", "b", "--days", "1"]);
    assert_eq!(out["arrived"], 82);
    let table = std::fs::read_to_string(folder.path().join("links.csv")).unwrap();
    assert!(table.starts_with("link,from_s,vehicles,motorbikes,speed_kmh,") && table.lines().count() > 5);
    let out = stats(folder.path(), "micro", &["--trajectories", "places.csv", "--every", "10"]);
    assert_eq!((&out["collisions"], &out["astray"]), (&json!(0), &json!(0)));
}

#[test]
fn a_closed_road_is_driven_around() {
    let folder = folder(&network(), TRIPS);
    std::fs::write(folder.path().join("closed.csv"), "link,from_s\nbc,0\n").unwrap();
    let closed = stats(folder.path(), "meso", &["--closures", "closed.csv", "--passages", "passages.csv"]);
    assert_eq!(closed["arrived"], 82);
    let passages = std::fs::read_to_string(folder.path().join("passages.csv")).unwrap();
    assert!(passages.contains(",cd") || passages.contains(",-cd"));
    assert!(passages.lines().all(|l| !l.ends_with(",bc")));
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let cases = [
        (network(), "depart_s,from,to\n0,a,e\n-5,a,e\n", "Row 3"),
        (network(), "depart_s,from,to\n0,a,nowhere\n", "nowhere"),
        (network(), "depart_s,from,to\nsoon,a,e\n", "soon"),
        (network(), "depart_s,from_x,from_y,to\n0,103.5,10.2,e\n", "sea"),
        (network(), "depart_s,from,to\n", "no trips"),
        (network().replace("\"ce\"", "\"ce\",\"capacity_pcu_h\":0"), TRIPS, "Row 5"),
        (network().replace("\"to\":\"e\"", "\"to\":\"e\",\"lanes\":-1"), TRIPS, "lanes"),
        (r#"{"type":"FeatureCollection","features":[]}"#.to_owned(), TRIPS, "0 links"),
        ("{".to_owned(), TRIPS, "cannot be read"),
        (
            network().replace("\"id\":\"ce\",\"oneway\":\"no\"", "\"id\":\"ce\",\"oneway\":\"yes\""),
            "depart_s,from,to\n0,e,a\n",
            "no way leads from e to a",
        ),
    ];
    for (network, trips, says) in &cases {
        for level in ["meso", "micro"] {
            let folder = folder(network, trips);
            let plain = [level, "--net", "net.geojson", "--trips", "trips.csv", "--json", "stats.json"];
            let output = call(folder.path(), &plain);
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{says}: {told}");
            assert!(told.contains(says), "{says}: {told}");
            assert!(!folder.path().join("stats.json").exists());
        }
    }
}

/// A crossing as SUMO's netgenerate writes it, cut down.
#[test]
fn sumos_files_are_read() {
    let net = r#"<net version="1.20">
  <edge id=":m_0" function="internal"><lane id=":m_0_0" index="0" speed="13.9" length="10.0" shape="0,0 1,0"/></edge>
  <edge id="in" from="a" to="m" priority="1"><lane id="in_0" index="0" speed="13.9" length="190.0" shape="0,0 190,0"/><lane id="in_1" index="1" speed="13.9" length="190.0" shape="0,3 190,3"/></edge>
  <edge id="out" from="m" to="b" priority="1"><lane id="out_0" index="0" speed="13.9" length="190.0" shape="200,0 390,0"/></edge>
  <tlLogic id="m" type="static" programID="0" offset="0"><phase duration="30" state="GG"/><phase duration="3" state="yy"/><phase duration="20" state="rr"/></tlLogic>
  <junction id="a" type="dead_end" x="0" y="0"/><junction id="m" type="traffic_light" x="195" y="0"/><junction id="b" type="dead_end" x="390" y="0"/>
  <connection from="in" to="out" fromLane="0" toLane="0" via=":m_0_0" tl="m" linkIndex="0" dir="s" state="O"/>
  <connection from="in" to="out" fromLane="1" toLane="0" via=":m_0_0" tl="m" linkIndex="1" dir="s" state="O"/>
  <connection from=":m_0" to="out" fromLane="0" toLane="0" dir="s" state="M"/>
</net>"#;
    let routes = r#"<routes><vType id="c" vClass="passenger"/><vehicle id="0" type="c" depart="1.0"><route edges="in out"/></vehicle>
  <route id="r" edges="in out"/><vehicle id="1" depart="2" route="r"/><flow id="f" begin="3" end="103" number="10"><route edges="in out"/></flow></routes>"#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("n.net.xml"), net).unwrap();
    std::fs::write(folder.path().join("r.rou.xml"), routes).unwrap();
    for level in ["micro", "meso"] {
        let plain = [level, "--net", "n.net.xml", "--trips", "r.rou.xml", "--seconds", "600", "--json", "s.json"];
        let output = call(folder.path(), &plain);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(folder.path().join("s.json")).unwrap();
        let stats: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(stats["arrived"], 12, "{stats}");
    }
}
