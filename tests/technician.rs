//! A technician's day on the command line: a folder of files from several offices into one project, checked, asked
//! and written out again.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use island_twin::geo::crs::Crs;
use island_twin::io::encoding::TextEncoding;
use island_twin::io::export::{VectorFormat, write_features};
use island_twin::model::table::{FeatureTable, FieldKind, Value};
use serde_json::Value as Json;

const SITE: Crs = Crs::VN2000_TM3_104_30;

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

/// A sheet as ViLIS exports it, with a number given twice, an overlap and a bow tie.
fn sheet() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("SHBANDO", FieldKind::Integer),
        ("SHTHUA", FieldKind::Integer),
        ("KHLOAIDAT", FieldKind::Text),
        ("TENCHU", FieldKind::Text),
        ("DIENTICH", FieldKind::Real),
    ]);
    for i in 0..12_i64 {
        let (x, y) = (441_000.0 + i as f64 * 20.0, 1_129_800.0);
        // The fourth reaches two metres into the fifth.
        let east = if i == 3 { x + 22.0 } else { x + 20.0 };
        table.geometry.push_polygon(&[&[[x, y], [east, y], [east, y + 30.0], [x, y + 30.0], [x, y]]]);
        table.push_row(&[
            Value::Integer(12),
            Value::Integer(if i == 7 { 7 } else { i + 1 }),
            Value::Text(["ODT", "CLN", "??", "CLN"][(i as usize).min(3)]),
            Value::Text("Nguyễn Văn Bình"),
            Value::Real(600.0),
        ]);
    }
    let (x, y) = (441_400.0, 1_129_800.0);
    table.geometry.push_polygon(&[&[[x, y], [x + 9.0, y + 9.0], [x + 9.0, y], [x, y + 9.0], [x, y]]]);
    table.push_row(&[Value::Integer(12), Value::Integer(99), Value::Text("ODT"), Value::Text("Lê Thị Hoa")]);
    table
}

fn wells() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    table.geometry.push_point([441_030.0, 1_129_833.0]);
    table.push_row(&[Value::Text("Giếng Ấp 1")]);
    table
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |table: &FeatureTable, crs: u32, name: &str, encoding| {
        let format = VectorFormat::Shapefile { encoding };
        write_features(table, &SITE, &Crs::Epsg(crs), &dir.path().join(name), &format).unwrap();
    };
    write(&sheet(), 9207, "to12.shp", TextEncoding::Tcvn3);
    write(&wells(), 3405, "gieng.shp", TextEncoding::VniWindows);
    // A sheet whose .prj is of another zone, and one without any.
    write(&sheet(), 9208, "sai-mui.shp", TextEncoding::Windows1258);
    std::fs::copy(dir.path().join("to12.prj"), dir.path().join("sai-mui.prj")).unwrap();
    write(&sheet(), 9207, "khong-prj.shp", TextEncoding::Utf8);
    std::fs::remove_file(dir.path().join("khong-prj.prj")).unwrap();
    dir
}

fn listing(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.clone(), std::fs::read(&p).unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn a_folder_becomes_a_checked_project() {
    let (sources, out) = (folder(), tempfile::tempdir().unwrap());
    let before = listing(sources.path());
    let project = out.path().join("phu-quoc.gpkg");
    let report = out.path().join("bao-cao.json");
    well(&[&"import", &sources.path(), &"--project", &project, &"--crs", &"auto", &"--repair", &"--report", &report]);
    assert!(listing(sources.path()) == before, "the sources have changed");

    let report: Json = serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap();
    let file = |name: &str| {
        let files = report["files"].as_array().unwrap();
        files
            .iter()
            .find(|f| f["path"].as_str().unwrap().ends_with(name))
            .unwrap_or_else(|| panic!("{name}: {files:?}"))
            .clone()
    };
    let sheet = file("to12.shp");
    assert_eq!((&sheet["encoding"], &sheet["crs"], &sheet["kept"]), (&"TCVN3".into(), &"EPSG:9207".into(), &13.into()));
    let counts = &sheet["check"]["counts"];
    assert_eq!(counts["duplicate-parcel"], 1, "{counts}");
    assert_eq!(counts["overlap"], 1, "{counts}");
    assert_eq!(counts["self-intersection"], 1, "{counts}");
    assert!(counts["unknown-code"].as_u64().unwrap() >= 1, "{counts}");
    let overlap = sheet["check"]["issues"].as_array().unwrap().iter().find(|i| i["kind"] == "overlap").unwrap().clone();
    assert_eq!((&overlap["row"], &overlap["other_row"]), (&4.into(), &5.into()));
    assert!((overlap["area_m2"].as_f64().unwrap() - 60.0).abs() < 0.1);
    assert!(sheet["mapping"].as_array().unwrap().iter().any(|m| m["source"] == "SHBANDO" && m["target"] == "SOTO"));
    assert_eq!(file("gieng.shp")["encoding"], "VNI-Windows");
    assert_eq!(file("sai-mui.shp")["zones"]["verdict"], "Disagrees");
    assert_eq!(file("sai-mui.shp")["crs"], "EPSG:9208");
    assert_eq!(file("khong-prj.shp")["zones"]["verdict"], "Missing");
    assert_eq!(file("khong-prj.shp")["crs"], "EPSG:9207");

    // Asked.
    let found: Json = serde_json::from_str(&well(&[
        &"query",
        &project,
        &"SOTO = 12 AND SOTHUA IN (1, 2)",
        &"--layer",
        &"to12",
        &"--near",
        &"gieng",
        &"--distance",
        &"5",
        &"--stats",
        &"area()",
    ]))
    .unwrap();
    assert_eq!((&found[0]["count"], &found[0]["features"][0]["values"]["SOTHUA"]), (&1.into(), &2.into()), "{found}");
    assert!(found[0]["features"][0]["values"].get("TENCHU").is_none(), "an owner is shown: {found}");
    assert!((found[0]["statistics"]["numbers"]["mean"].as_f64().unwrap() - 600.0).abs() < 0.5);
    let wrong = run(&[&"query", &project, &"SOTO = = 1"]);
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("letter 8"));

    // Written out, without the owners, and read by GDAL.
    let shp = out.path().join("ra.shp");
    well(&[&"export", &project, &"to12", &shp, &"--crs", &"EPSG:3405"]);
    let facts: Json = serde_json::from_str(&well(&[&"inspect", &shp, &"--json"])).unwrap();
    assert_eq!((&facts["crs"], &facts["count"], &facts["encoding"]), (&"EPSG:3405".into(), &13.into(), &Json::Null));
    assert!(!facts["fields"].as_array().unwrap().iter().any(|f| f["personal"] == true), "{facts}");
    let personal = out.path().join("chu.csv");
    well(&[&"export", &project, &"to12", &personal, &"--personal"]);
    assert!(std::fs::read_to_string(&personal).unwrap().contains("Nguyễn Văn Bình"));
    if let Ok(seen) = Command::new("ogrinfo").args(["-so", "-al"]).arg(&shp).output() {
        let text = String::from_utf8_lossy(&seen.stdout).into_owned();
        assert!(text.contains("Feature Count: 13") && text.contains("SOTHUA"), "{text}");
    }
}

/// (text of a row's fields, its outline) as GDAL reads them, by parcel number.
fn seen_by_gdal(path: &Path) -> Vec<(i64, String, Vec<(f64, f64, f64)>)> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let mut layer = gdal::vector::LayerAccess::features(&mut dataset.layer(0).unwrap())
        .map(|feature| {
            let field = |name: &str| feature.field_index(name).unwrap();
            let number = feature.field_as_integer64(field("SOTHUA")).unwrap().unwrap();
            let owner = feature.field_as_string(field("TENCHU")).unwrap().unwrap_or_default();
            let geometry = feature.geometry().unwrap();
            let outer = |g: &gdal::vector::Geometry| {
                let mut points = Vec::new();
                g.get_points(&mut points);
                points
            };
            let ring = geometry.get_geometry(0);
            // A polygon's ring, or a multi-polygon's polygon's.
            let points = if ring.geometry_count() > 0 { outer(&ring.get_geometry(0)) } else { outer(&ring) };
            (number, owner, points)
        })
        .collect::<Vec<_>>();
    layer.sort_by_key(|(number, ..)| *number);
    layer
}

#[test]
fn a_shapefile_goes_through_a_project_and_comes_out_the_same() {
    let (sources, out) = (folder(), tempfile::tempdir().unwrap());
    let project = out.path().join("p.gpkg");
    well(&[&"import", &sources.path().join("to12.shp"), &"--project", &project]);
    // QGIS opens the project itself, with the layer as a table.
    let mut read = vec![seen_by_gdal(&project)];
    for name in ["ra.shp", "ra.gpkg", "ra.fgb"] {
        let path = out.path().join(name);
        well(&[&"export", &project, &"to12", &path, &"--personal"]);
        read.push(seen_by_gdal(&path));
    }
    let wanted = sheet();
    for rows in &read {
        assert_eq!(rows.len(), wanted.len());
        for (_, owner, points) in rows {
            assert!(owner == "Nguyễn Văn Bình" || owner == "Lê Thị Hoa", "{owner}");
            let is_it = |row: &usize| {
                let corners = wanted.geometry.get(*row).points();
                corners.iter().all(|c| points.iter().any(|p| (p.0, p.1) == (c[0], c[1])))
                    && corners.len() == points.len()
            };
            assert!((0..wanted.len()).any(|row| is_it(&row)), "{points:?}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_kept() {
    let (sources, out) = (folder(), tempfile::tempdir().unwrap());
    let (project, page) = (out.path().join("p.gpkg"), out.path().join("r.html"));
    std::fs::write(sources.path().join("hong.shp"), b"not a shapefile").unwrap();
    let output = run(&[&"import", &sources.path(), &"--project", &project, &"--report", &page]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // The damaged one, and the one that does not say its zone.
    assert!(!output.status.success() && said.contains("hong.shp") && said.contains("2 of 5"), "{said}");
    assert!(said.contains("lie in the sea"), "{said}");
    let info = well(&[&"info", &project]);
    assert!(info.contains("to12") && info.contains("gieng"), "{info}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("hong.shp") && page.starts_with("<!DOCTYPE html>"));
}
