//! Files of other people's making, through the worker process that the program uses.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::{Path, PathBuf};

use island_twin::base::cancel::CancelToken;
use island_twin::base::message::ToMessage;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::geo::measure;
use island_twin::io::encoding::TextEncoding;
use island_twin::io::export::{RasterOptions, VectorFormat, write_classes, write_features, write_raster};
use island_twin::io::import::{ImportError, Imported, SourceSpec, WorkerProgram, import_isolated};
use island_twin::model::layer::LayerContent;
use island_twin::model::table::{FeatureTable, FieldKind, Value};

const SITE: Crs = Crs::VN2000_TM3_104_30;

fn frame() -> SiteFrame {
    SiteFrame { crs: SITE, origin: [440_000.0, 1_130_000.0] }
}

fn worker() -> WorkerProgram {
    WorkerProgram::at(PathBuf::from(env!("CARGO_BIN_EXE_island-twin")))
}

fn import_all(sources: &[SourceSpec]) -> Vec<Result<Imported, ImportError>> {
    let mut results: Vec<_> = sources.iter().map(|_| None).collect();
    import_isolated(sources, &frame(), &worker(), &Progress::new(), &CancelToken::new(), |i, result| {
        assert!(results[i].is_none(), "told twice");
        results[i] = Some(result);
    });
    results.into_iter().map(|r| r.expect("every source is told")).collect()
}

fn import_one(path: &Path) -> Result<Imported, ImportError> {
    import_all(&[SourceSpec::new(path)]).remove(0)
}

fn table_of(imported: &Imported) -> &FeatureTable {
    imported.content.features().expect("a vector layer")
}

/// Small parcels in a block, with Vietnamese names.
fn parcels(n: usize) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("TEN", FieldKind::Text),
        ("SOTHUA", FieldKind::Integer),
        ("DIENTICH", FieldKind::Real),
    ]);
    let names = ["Thị trấn Dương Đông", "Đường Trần Hưng Đạo", "Xã Cửa Cạn", "Nguyễn Trung Trực"];
    for i in 0..n {
        let (x, y) = (441_000.0 + (i % 300) as f64 * 20.0, 1_129_000.0 + (i / 300) as f64 * 25.0);
        table.geometry.push_polygon(&[&[[x, y], [x + 19.5, y], [x + 19.5, y + 24.5], [x, y + 24.5], [x, y]]]);
        table.push_row(&[Value::Text(names[i % 4]), Value::Integer(i64::try_from(i).unwrap()), Value::Real(477.75)]);
    }
    table
}

const SHAPEFILE: VectorFormat = VectorFormat::Shapefile { encoding: TextEncoding::Tcvn3 };

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn parcels(&self, name: &str, n: usize, format: &VectorFormat) -> PathBuf {
        write_features(&parcels(n), &SITE, &SITE, &self.path(name), format).unwrap();
        self.path(name)
    }

    /// Everything in the folder, to see that nothing has changed.
    fn listing(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all: Vec<_> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|e| e.unwrap().path())
            .map(|p| (p.clone(), std::fs::read(&p).unwrap()))
            .collect();
        all.sort();
        all
    }
}

#[test]
fn every_format_gives_the_same_layer() {
    let files = Files::new();
    let gpkg = VectorFormat::GeoPackage { layer: "thua".into() };
    let sources = [
        SourceSpec::new(files.parcels("a.shp", 500, &SHAPEFILE)),
        SourceSpec { sublayer: Some("thua".into()), ..SourceSpec::new(files.parcels("b.gpkg", 500, &gpkg)) },
        SourceSpec::new(files.parcels("c.geojson", 500, &VectorFormat::GeoJson)),
    ];
    let before = files.listing();
    let wanted = parcels(500);
    for (source, result) in sources.iter().zip(import_all(&sources)) {
        let name = source.path.display();
        let imported = result.unwrap();
        let table = table_of(&imported);
        assert_eq!((table.len(), imported.report.refused), (500, 0), "{name}");
        assert_eq!(imported.report.problems, [], "{name}");
        for row in [0, 1, 250, 499] {
            assert_eq!(table.value(row, "TEN"), wanted.value(row, "TEN"), "{name}");
            assert_eq!(table.value(row, "SOTHUA"), wanted.value(row, "SOTHUA"), "{name}");
            assert_eq!(table.value(row, "DIENTICH"), wanted.value(row, "DIENTICH"), "{name}");
            let (got, exact) = (table.geometry.get(row).points(), wanted.geometry.get(row).points());
            // Seven decimals of a degree are a centimetre.
            let tolerance = if name.to_string().ends_with("json") { 0.02 } else { 1e-9 };
            assert_eq!(got.len(), exact.len(), "{name}");
            assert!(got.iter().zip(exact).all(|(a, b)| measure::distance(*a, *b) <= tolerance), "{name}");
            assert!(measure::ring_area(got) > 0.0, "{name}");
        }
    }
    assert_eq!(import_one(&sources[0].path).unwrap().encoding.as_deref(), Some("TCVN3"));
    assert_eq!(import_one(&sources[2].path).unwrap().crs, Crs::WGS84);
    assert!(files.listing() == before, "reading has changed the files");
}

#[test]
fn files_in_another_system_end_in_the_sites() {
    let files = Files::new();
    let path = files.path("utm.shp");
    write_features(&parcels(10), &SITE, &Crs::Epsg(32_648), &path, &SHAPEFILE).unwrap();
    let imported = import_one(&path).unwrap();
    assert_eq!(imported.crs, Crs::Epsg(32_648));
    let moved = measure::distance(table_of(&imported).geometry.xy()[0], parcels(1).geometry.xy()[0]);
    assert!(moved < 1e-3, "{moved} m");
}

#[test]
fn a_missing_prj_asks_for_the_system_and_takes_it() {
    let files = Files::new();
    let path = files.parcels("a.shp", 5, &SHAPEFILE);
    std::fs::remove_file(path.with_extension("prj")).unwrap();
    std::fs::remove_file(path.with_extension("shx")).unwrap();
    let error = import_one(&path).unwrap_err();
    assert!(matches!(error, ImportError::NoCrs { .. }) && error.to_string().contains("a.shp"), "{error}");
    assert_eq!(error.to_message().key, "io-crs-missing");
    let told = SourceSpec { crs: Some(SITE), ..SourceSpec::new(&path) };
    assert_eq!(table_of(import_all(&[told]).remove(0).as_ref().unwrap()).len(), 5);
}

#[test]
fn rasters_come_as_values_or_classes_and_nodata_as_nothing() {
    let files = Files::new();
    let spec = GridSpec::north_up(SITE, 430_000.0, 1_150_000.0, 30.0, 60, 40);
    let mut heights = Grid::filled(spec.clone(), 12.5_f32);
    heights.set(3, 2, f32::NAN);
    let mut uses = Grid::filled(spec, 7_u16);
    uses.set(5, 1, u16::MAX);
    write_raster(&heights, &files.path("dem.tif"), RasterOptions::default()).unwrap();
    write_classes(&uses, &files.path("lop.tif")).unwrap();
    match import_one(&files.path("dem.tif")).unwrap().content {
        LayerContent::Raster(grid) => {
            assert_eq!(grid.spec, heights.spec);
            assert!(grid.get(3, 2).is_nan() && grid.get(4, 2) == 12.5);
        }
        other => panic!("{other:?}"),
    }
    match import_one(&files.path("lop.tif")).unwrap().content {
        LayerContent::Classes(grid) => assert_eq!(*grid, uses),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bad_files_are_errors_that_name_the_file() {
    let files = Files::new();
    let noise: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let good_json = files.parcels("good.geojson", 3, &VectorFormat::GeoJson);
    let cut_json = std::fs::read(&good_json).unwrap();
    let mut bad: Vec<PathBuf> = ["tif", "gpkg", "geojson", "shp", "kml", "gml", "csv", "fgb", "dxf", "xyz"]
        .iter()
        .map(|extension| files.with(&format!("noise.{extension}"), &noise))
        .collect();
    bad.push(files.with("cut.geojson", &cut_json[..cut_json.len() / 2]));
    bad.push(files.with("empty.shp", ""));
    bad.push(files.with("empty.gpkg", ""));
    bad.push(files.path("missing.shp"));
    bad.push(files.path(""));
    let sources: Vec<SourceSpec> =
        bad.iter().map(|path| SourceSpec { crs: Some(SITE), ..SourceSpec::new(path) }).collect();
    let before = files.listing();
    for (source, result) in sources.iter().zip(import_all(&sources)) {
        match result {
            Err(error) => {
                assert_eq!(error.path(), source.path);
                assert!(!error.to_string().contains("/island-twin-"), "names the private copy: {error}");
            }
            // A table of noise has no geometry but is a table.
            Ok(imported) => {
                assert!(source.path.ends_with("noise.csv") && table_of(&imported).geometry.vertex_count() == 0);
            }
        }
    }
    assert!(matches!(import_one(&files.path("missing.shp")), Err(ImportError::Missing { .. })));
    assert!(files.listing() == before);
}

#[test]
fn damaged_shapefiles_give_what_is_whole_and_say_so() {
    let files = Files::new();
    let path = files.parcels("a.shp", 100, &SHAPEFILE);
    let (shp, dbf) = (std::fs::read(&path).unwrap(), std::fs::read(path.with_extension("dbf")).unwrap());

    std::fs::write(&path, &shp[..shp.len() / 2]).unwrap();
    std::fs::remove_file(path.with_extension("shx")).unwrap();
    let half = import_one(&path).unwrap();
    let kept = table_of(&half).len();
    assert!((45..=50).contains(&kept), "{kept}");
    assert!(half.report.problems.iter().any(|p| p.message.key == "io-problem-file-cut"));

    std::fs::write(&path, &shp).unwrap();
    std::fs::write(path.with_extension("dbf"), &dbf[..dbf.len() / 2]).unwrap();
    let thin = import_one(&path).unwrap();
    assert_eq!(table_of(&thin).len(), 100);
    assert_eq!(table_of(&thin).value(99, "TEN"), Value::Null);
    assert_eq!(table_of(&thin).value(3, "SOTHUA"), Value::Integer(3));
    assert!(thin.report.problems.iter().any(|p| p.message.key == "io-problem-table-length"));

    // NaN as the first corner of parcel 2 (header 100, records of 136 bytes, coordinates after 56).
    let mut nan = shp.clone();
    nan[100 + 136 + 56..100 + 136 + 64].copy_from_slice(&f64::NAN.to_le_bytes());
    std::fs::write(&path, &nan).unwrap();
    std::fs::write(path.with_extension("dbf"), &dbf).unwrap();
    let holed = import_one(&path).unwrap();
    assert_eq!((holed.report.read, holed.report.kept, holed.report.refused), (100, 99, 1));
    let problem = &holed.report.problems[0];
    assert_eq!((problem.row, problem.message.key.as_str()), (Some(2), "io-problem-coordinates"));
    assert_eq!(table_of(&holed).value(1, "SOTHUA"), Value::Integer(2));
}

#[test]
fn text_that_was_read_rightly_is_left_alone() {
    let files = Files::new();
    let json = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ten":"Phú Quý","loai":"Xã"},"geometry":{"type":"Point","coordinates":[104,10]}}]}"#;
    let imported = import_one(&files.with("a.geojson", json)).unwrap();
    assert_eq!(table_of(&imported).value(0, "ten"), Value::Text("Phú Quý"));
    let imported = import_one(&files.with("a.csv", "ten,lon,lat\nPhú Quý,104,10\nAn Thái,104,10.1\n"));
    if let Ok(imported) = imported {
        assert_eq!(table_of(&imported).value(0, "ten"), Value::Text("Phú Quý"));
    }
}

#[test]
fn an_unknown_system_is_told() {
    let files = Files::new();
    let path = files.parcels("a.shp", 3, &SHAPEFILE);
    files.with("a.prj", "LOCAL_MAP_OF_MY_VILLAGE");
    let error = import_one(&path).unwrap_err();
    assert!(matches!(error, ImportError::Crs { .. }), "{error}");
    let odd = SourceSpec { crs: Some(Crs::Epsg(999_999)), ..SourceSpec::new(&path) };
    assert!(matches!(import_all(&[odd]).remove(0), Err(ImportError::Crs { .. })));
}

#[test]
fn a_dying_worker_costs_only_its_file() {
    let files = Files::new();
    let path = files.parcels("a.shp", 3, &SHAPEFILE);
    let sources = [SourceSpec::new(&path), SourceSpec::new(&path)];
    for (program, args) in
        [("/bin/sh", vec!["-c", "kill -SEGV $$"]), ("/bin/echo", vec!["hello"]), ("/nowhere", vec![])]
    {
        let broken = WorkerProgram {
            args: args.into_iter().map(str::to_owned).collect(),
            ..WorkerProgram::at(PathBuf::from(program))
        };
        let mut told = 0;
        import_isolated(&sources, &frame(), &broken, &Progress::new(), &CancelToken::new(), |_, result| {
            assert!(matches!(result, Err(ImportError::WorkerFailed { .. })), "{result:?}");
            told += 1;
        });
        assert_eq!(told, 2, "{program}");
    }
}

#[test]
fn a_hanging_worker_is_stopped_and_so_is_a_cancelled_one() {
    let files = Files::new();
    let path = files.parcels("a.shp", 3, &SHAPEFILE);
    let sleeper =
        WorkerProgram { args: vec!["1000".into()], seconds: 1, ..WorkerProgram::at(PathBuf::from("/bin/sleep")) };
    let sources = [SourceSpec::new(&path)];
    let start = std::time::Instant::now();
    import_isolated(&sources, &frame(), &sleeper, &Progress::new(), &CancelToken::new(), |_, result| {
        assert!(matches!(result, Err(ImportError::TooLong { seconds: 1, .. })), "{result:?}");
    });
    let cancel = CancelToken::new();
    cancel.cancel();
    import_isolated(&sources, &frame(), &sleeper, &Progress::new(), &cancel, |_, result| {
        assert!(matches!(result, Err(ImportError::Cancelled { .. })), "{result:?}");
    });
    assert!(start.elapsed().as_secs() < 30);
}

#[test]
fn the_worker_has_no_network() {
    let files = Files::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/crs", listener.local_addr().unwrap());
    let link = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"link","properties":{{"href":"{url}","type":"ogcwkt"}}}},"features":[{{"type":"Feature","properties":{{}},"geometry":{{"type":"Point","coordinates":[104,10]}}}}]}}"#
    );
    let _ = import_one(&files.with("link.geojson", link));
    assert!(listener.accept().is_err(), "the worker has called {url}");
}

#[test]
fn sixty_thousand_parcels_come_quickly() {
    let files = Files::new();
    let path = files.parcels("thua.shp", 60_000, &SHAPEFILE);
    let start = std::time::Instant::now();
    let imported = import_one(&path).unwrap();
    let took = start.elapsed();
    println!("60,000 parcels through the worker: {took:?}");
    assert_eq!(table_of(&imported).len(), 60_000);
    // The target is 0.3 s; only a gross slip fails on a busy machine.
    assert!(took.as_secs_f64() < 10.0, "{took:?}");
}
