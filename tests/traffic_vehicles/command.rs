//! `traffic meso` and `traffic micro` as people call them.

use std::path::Path;
use std::process::{Command, Output};

use island_twin::geo::crs::Crs;
use island_twin::io::encoding::TextEncoding;
use island_twin::io::export::{VectorFormat, write_features};
use island_twin::model::table::{FeatureTable, FieldKind, Value as Cell};
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

/// Two streets that cross and share no point, a third one that is joined to nothing.
fn drawn() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("id", FieldKind::Text), ("maxspeed", FieldKind::Text)]);
    for (id, line) in [
        ("a, east", [[441_000.0, 1_129_000.0], [441_400.0, 1_129_000.0]]),
        ("b", [[441_200.0, 1_128_800.0], [441_200.0, 1_129_200.0]]),
        ("c", [[443_000.0, 1_129_000.0], [443_300.0, 1_129_000.0]]),
    ] {
        table.geometry.push_line(&line);
        table.push_row(&[Cell::Text(id), Cell::Text("30 mph")]);
    }
    table
}

#[test]
fn drawn_roads_are_cut_and_may_come_from_any_vector_file() {
    let folder = tempfile::tempdir().unwrap();
    let crs = Crs::VN2000_TM3_104_30;
    let write = |name: &str, format: &VectorFormat| {
        write_features(&drawn(), &crs, &crs, &folder.path().join(name), format).unwrap();
    };
    write("net.shp", &VectorFormat::Shapefile { encoding: TextEncoding::Utf8 });
    write("net.gpkg", &VectorFormat::GeoPackage { layer: "roads".to_owned() });
    write("net.geojson", &VectorFormat::GeoJson);
    // From the west end of the one to the north end of the other: they meet in the middle only.
    std::fs::write(folder.path().join("t.csv"), "depart_s,from,to\n0,0,4\n").unwrap();
    for (net, level, more) in [
        ("net.shp", "meso", ["--out", "links.csv"]),
        ("net.gpkg", "micro", ["--trajectories", "links.csv"]),
        ("net.geojson", "meso", ["--tolerance", "0.5"]),
    ] {
        let plain = [level, "--net", net, "--trips", "t.csv", "--seconds", "900", "--json", "s.json"];
        let output = call(folder.path(), &[&plain[..], &more].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("1 parts of the road network"), "{net}: {said}");
        let text = std::fs::read_to_string(folder.path().join("s.json")).unwrap();
        let stats: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(stats["arrived"], 1, "{net}: {stats}");
        let findings = stats["findings"].as_array().unwrap();
        assert_eq!(findings.iter().filter(|f| f["oddity"] == "DeadEnd").count(), 6, "{net}: {stats}");
        if more[1] == "links.csv" {
            let links = std::fs::read_to_string(folder.path().join("links.csv")).unwrap();
            assert!(links.contains("\"a, east.1\","), "{links}");
        }
    }
}

#[test]
fn results_are_written_together_or_not_at_all() {
    let folder = folder(&network(), TRIPS);
    std::fs::create_dir(folder.path().join("dir")).unwrap();
    for more in [
        ["meso", "--out", "nowhere/x.csv"],
        ["meso", "--passages", "dir"],
        ["micro", "--trajectories", "nowhere/x.csv"],
        ["meso", "--out", "stats.json"],
    ] {
        let plain = ["--net", "net.geojson", "--trips", "trips.csv", "--seconds", "60", "--json", "stats.json"];
        let output = call(folder.path(), &[&more[..1], &plain, &more[1..]].concat());
        assert_eq!(output.status.code(), Some(1), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 3, "{more:?}: {left:?}");
    }
    // A table of ten days by the second.
    let big = ["meso", "--net", "net.geojson", "--trips", "trips.csv", "--json", "stats.json", "--interval", "1"];
    let output = call(folder.path(), &[&big[..], &["--seconds", "864000"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let road = |n: usize| {
        let (x, y) = (400.0 * (n % 20) as f64, 300.0 * (n / 20) as f64);
        json!({ "type": "Feature", "properties": {},
                "geometry": { "type": "LineString", "coordinates": [[x, y], [x + 300.0, y]] } })
    };
    let many: Vec<Value> = (0..60).map(road).collect();
    let crs = json!({ "type": "name", "properties": { "name": "metres" } });
    let many = json!({ "type": "FeatureCollection", "crs": crs, "features": many }).to_string();
    std::fs::write(folder.path().join("net.geojson"), many).unwrap();
    std::fs::write(folder.path().join("trips.csv"), "depart_s,from,to\n0,0,1\n").unwrap();
    std::fs::remove_file(folder.path().join("stats.json")).unwrap();
    let output = call(folder.path(), &[&big[..], &["--seconds", "864000"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("--interval 3"), "{said}");
    assert!(!folder.path().join("stats.json").exists());
}

const CROSSING: &str = r#"<net version="1.20">
  <edge id=":m_0" function="internal"><lane id=":m_0_0" index="0" speed="13.9" length="10.0" shape="0,0 1,0"/></edge>
  <edge id="in" from="a" to="m" priority="1"><lane id="in_0" index="0" speed="13.9" length="190.0" shape="0,0 190,0"/><lane id="in_1" index="1" speed="13.9" length="190.0" shape="0,3 190,3"/></edge>
  <edge id="out" from="m" to="b" priority="1"><lane id="out_0" index="0" speed="13.9" length="190.0" shape="200,0 390,0"/></edge>
  <tlLogic id="m" type="static" programID="0" offset="0"><phase duration="30" state="GG"/><phase duration="3" state="yy"/><phase duration="20" state="rr"/></tlLogic>
  <junction id="a" type="dead_end" x="0" y="0"/><junction id="m" type="traffic_light" x="195" y="0"/><junction id="b" type="dead_end" x="390" y="0"/>
  <connection from="in" to="out" fromLane="0" toLane="0" via=":m_0_0" tl="m" linkIndex="0" dir="s" state="O"/>
  <connection from="in" to="out" fromLane="1" toLane="0" via=":m_0_0" tl="m" linkIndex="1" dir="s" state="O"/>
  <connection from=":m_0" to="out" fromLane="0" toLane="0" dir="s" state="M"/>
</net>"#;

/// A crossing as SUMO's netgenerate writes it, cut down.
#[test]
fn sumos_files_are_read() {
    let net = CROSSING;
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

#[test]
fn what_sumos_files_cannot_mean_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let route = r#"<routes><vehicle id="0" depart="1.0"><route edges="in out"/></vehicle><vehicle id="1" depart="2"/></routes>"#;
    std::fs::write(folder.path().join("r.rou.xml"), route).unwrap();
    let go = |net: &str, level: &str, more: &[&str]| {
        std::fs::write(folder.path().join("n.net.xml"), net).unwrap();
        let plain = [level, "--net", "n.net.xml", "--trips", "r.rou.xml", "--seconds", "600", "--json", "s.json"];
        let output = call(folder.path(), &[&plain, more].concat());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for more in [&["--days", "2"][..], &["--guided"], &["--exits", "b"]] {
        let (code, said) = go(CROSSING, "meso", more);
        assert!(code == Some(1) && said.contains(more[0]) && !folder.path().join("s.json").exists(), "{said}");
    }
    // A road without speed is named, and the file that it is in.
    let still = CROSSING.replace(r#"id="out_0" index="0" speed="13.9""#, r#"id="out_0" index="0" speed="0""#);
    for level in ["meso", "micro"] {
        let (code, said) = go(&still, level, &[]);
        assert!(code == Some(1) && said.contains("“out”") && said.contains("n.net.xml"), "{said}");
    }
    let actuated = CROSSING.replace("static", "actuated");
    let (code, said) = go(&actuated, "meso", &[]);
    assert!(
        code == Some(0) && said.contains("1 signals that follow") && said.contains("1 vehicles or trips"),
        "{said}"
    );
    assert!(!go(&actuated, "micro", &[]).1.contains("that follow"));
}
