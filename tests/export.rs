//! What we write, read back by others: the `shapefile` crate and GDAL.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::Path;

use gdal::Dataset;
use gdal::vector::LayerAccess;
use island_twin::geo::crs::Crs;
use island_twin::geo::grid::{Grid, GridSpec};
use island_twin::geo::shape::ShapeKind;
use island_twin::io::encoding::TextEncoding;
use island_twin::io::export::{
    GlbLayer, GlbScene, RasterOptions, VectorFormat, write_classes, write_features, write_glb, write_raster,
    write_raster_in,
};
use island_twin::model::style::{ColorRule, Metres, Rgba, Symbol};
use island_twin::model::table::{FeatureTable, FieldKind, Value};

const SITE: Crs = Crs::VN2000_TM3_104_30;

fn square(x: f64, y: f64, side: f64) -> [[f64; 2]; 5] {
    [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
}

fn hole(x: f64, y: f64, side: f64) -> [[f64; 2]; 5] {
    let mut ring = square(x, y, side);
    ring.reverse();
    ring
}

fn parcels() -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("CHUSUDUNG", FieldKind::Text),
        ("SOTHUA", FieldKind::Integer),
        ("DIENTICHPHAPLY", FieldKind::Real),
        ("DIENTICHPHAPLY2", FieldKind::Real),
    ]);
    let (x, y) = (441_000.0, 1_129_000.0);
    table.geometry.push_polygon(&[&square(x, y, 40.0), &hole(x + 10.0, y + 10.0, 5.0)]);
    table.push_row(&[Value::Text("Nguyễn Văn Hà"), Value::Integer(-12), Value::Real(1575.25), Value::Real(0.1)]);
    table.geometry.push_parts(ShapeKind::Polygon, &[&[&square(x + 50.0, y, 10.0)], &[&square(x + 70.0, y, 10.0)]]);
    table.push_row(&[Value::Text("Trần Thị Ngọc"), Value::Integer(123_456_789_012), Value::Real(200.0)]);
    table.geometry.push_empty();
    table.push_row(&[Value::Null, Value::Null, Value::Null, Value::Real(-7.5)]);
    table
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn the_shapefile_crate_reads_our_shapefiles() {
    let dir = folder();
    let path = dir.path().join("thua.shp");
    write_features(&parcels(), &SITE, &SITE, &path, &VectorFormat::Shapefile { encoding: TextEncoding::Utf8 }).unwrap();
    let mut reader = shapefile::Reader::from_path(&path).unwrap();
    let rows: Vec<_> = reader.iter_shapes_and_records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 3);
    let shapefile::Shape::Polygon(first) = &rows[0].0 else { panic!("{}", rows[0].0) };
    assert!(matches!(first.rings()[0], shapefile::PolygonRing::Outer(_)));
    assert!(matches!(first.rings()[1], shapefile::PolygonRing::Inner(_)));
    let shapefile::Shape::Polygon(second) = &rows[1].0 else { panic!("{}", rows[1].0) };
    assert_eq!(second.rings().len(), 2);
    assert!(matches!(rows[2].0, shapefile::Shape::NullShape));
    let number = |row: usize, name: &str| match rows[row].1.get(name).unwrap() {
        shapefile::dbase::FieldValue::Numeric(value) => *value,
        other => panic!("{other:?}"),
    };
    assert_eq!(number(0, "SOTHUA"), Some(-12.0));
    assert_eq!(number(1, "SOTHUA"), Some(123_456_789_012.0));
    assert_eq!(number(0, "DIENTICHPH"), Some(1575.25));
    assert_eq!(number(1, "DIENTICH_1"), None);
    assert_eq!(number(2, "DIENTICH_1"), Some(-7.5));
}

#[test]
fn gdal_reads_our_shapefiles_with_their_system_and_letters() {
    let dir = folder();
    let path = dir.path().join("thua.shp");
    write_features(&parcels(), &SITE, &SITE, &path, &VectorFormat::Shapefile { encoding: TextEncoding::Utf8 }).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let mut layer = dataset.layer(0).unwrap();
    let mut srs = layer.spatial_ref().unwrap();
    srs.auto_identify_epsg().ok();
    assert!(srs.to_wkt().unwrap().contains("104.5"));
    let names: Vec<_> = layer.features().map(|f| f.field_as_string(0).unwrap()).collect();
    assert_eq!(names, [Some("Nguyễn Văn Hà".into()), Some("Trần Thị Ngọc".into()), None]);
    let areas: Vec<_> =
        layer.features().take(2).filter_map(|f| f.geometry().map(gdal::vector::Geometry::area)).collect();
    assert_eq!(areas, [1575.0, 200.0]);
}

#[test]
fn tcvn3_tables_hold_tcvn3_bytes_and_no_code_page() {
    let dir = folder();
    let path = dir.path().join("thua.shp");
    write_features(&parcels(), &SITE, &SITE, &path, &VectorFormat::Shapefile { encoding: TextEncoding::Utf8 }).unwrap();
    assert!(path.with_extension("cpg").exists());
    write_features(&parcels(), &SITE, &SITE, &path, &VectorFormat::Shapefile { encoding: TextEncoding::Tcvn3 })
        .unwrap();
    assert!(!path.with_extension("cpg").exists(), "the code page of the table before");
    let dbf = std::fs::read(path.with_extension("dbf")).unwrap();
    assert!(dbf.windows(13).any(|w| w == b"Nguy\xd4n V\xa8n H\xb5"));
}

#[test]
fn an_empty_layer_is_a_valid_file() {
    let dir = folder();
    let table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
    for (name, format) in [
        ("a.shp", VectorFormat::Shapefile { encoding: TextEncoding::Utf8 }),
        ("a.gpkg", VectorFormat::GeoPackage { layer: "a".into() }),
        ("a.geojson", VectorFormat::GeoJson),
    ] {
        let path = dir.path().join(name);
        write_features(&table, &SITE, &SITE, &path, &format).unwrap();
        assert_eq!(Dataset::open(&path).unwrap().layer(0).unwrap().feature_count(), 0, "{name}");
    }
}

#[test]
fn several_layers_share_a_geopackage_and_keep_ids() {
    let dir = folder();
    let path = dir.path().join("mang.gpkg");
    let mut table = parcels();
    table.ids = vec![7, 11, 900];
    for layer in ["thua", "thua_2"] {
        write_features(&table, &SITE, &SITE, &path, &VectorFormat::GeoPackage { layer: layer.into() }).unwrap();
    }
    let dataset = Dataset::open(&path).unwrap();
    assert_eq!(dataset.layer_count(), 2);
    let mut layer = dataset.layer_by_name("thua_2").unwrap();
    assert_eq!(layer.spatial_ref().unwrap().auth_code().unwrap(), 9207);
    let ids: Vec<_> = layer.features().map(|f| f.fid().unwrap()).collect();
    assert_eq!(ids, [7, 11, 900]);
    let first = layer.feature(7).unwrap();
    assert_eq!(first.field_as_string(0).unwrap().as_deref(), Some("Nguyễn Văn Hà"));
    assert_eq!(first.geometry().unwrap().area(), 1575.0);
}

#[test]
fn geojson_is_wgs84_and_turns_left() {
    let dir = folder();
    let path = dir.path().join("thua.geojson");
    write_features(&parcels(), &SITE, &SITE, &path, &VectorFormat::GeoJson).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let ring = &json["features"][0]["geometry"]["coordinates"][0];
    // `cs2cs EPSG:9207 EPSG:4326` of (441000, 1129000).
    let (lon, lat) = (ring[0][0].as_f64().unwrap(), ring[0][1].as_f64().unwrap());
    assert!((lon - 103.963_265).abs() < 1e-5 && (lat - 10.208_826).abs() < 1e-5, "{lon} {lat}");
    assert_eq!(json["features"][1]["geometry"]["type"], "MultiPolygon");
    assert!(json["features"][2]["geometry"].is_null());
    assert_eq!(json["features"][0]["properties"]["CHUSUDUNG"], "Nguyễn Văn Hà");
    let points: Vec<(f64, f64)> =
        ring.as_array().unwrap().iter().map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap())).collect();
    let twice_area: f64 = points.windows(2).map(|w| w[0].0 * w[1].1 - w[1].0 * w[0].1).sum();
    assert!(twice_area > 0.0);
}

fn terrain() -> Grid<f32> {
    let spec = GridSpec::north_up(SITE, 430_000.0, 1_150_000.0, 30.0, 300, 280);
    let cells = (0..spec.len()).map(|i| if i % 97 == 0 { f32::NAN } else { (i as f32 * 0.01).sin() * 100.0 }).collect();
    Grid { spec, cells }
}

#[test]
fn gdal_reads_our_rasters() {
    let dir = folder();
    let path = dir.path().join("dem.tif");
    write_raster(&terrain(), &path, RasterOptions { decimals: Some(1) }).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    assert_eq!(dataset.geo_transform().unwrap(), terrain().spec.transform);
    assert_eq!(dataset.spatial_ref().unwrap().auth_code().unwrap(), 9207);
    let band = dataset.rasterband(1).unwrap();
    assert!(band.no_data_value().unwrap().is_nan());
    let (_, cells) = band.read_band_as::<f32>().unwrap().into_shape_and_vec();
    for (read, written) in cells.iter().zip(&terrain().cells) {
        assert!((read - written).abs() <= 0.0501 || (read.is_nan() && written.is_nan()), "{read} {written}");
    }
    let classes = dir.path().join("lop.tif");
    let mut grid = Grid::filled(terrain().spec, 3_u16);
    grid.set(1, 0, u16::MAX);
    write_classes(&grid, &classes).unwrap();
    let dataset = Dataset::open(&classes).unwrap();
    assert_eq!(dataset.rasterband(1).unwrap().no_data_value(), Some(65_535.0));
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    let write_all = |dir: &Path| {
        let table = parcels();
        for (name, format) in [
            ("a.shp", VectorFormat::Shapefile { encoding: TextEncoding::Tcvn3 }),
            ("b.gpkg", VectorFormat::GeoPackage { layer: "one".into() }),
            ("b.gpkg", VectorFormat::GeoPackage { layer: "two".into() }),
            ("c.geojson", VectorFormat::GeoJson),
        ] {
            write_features(&table, &SITE, &SITE, &dir.join(name), &format).unwrap();
        }
        write_raster(&terrain(), &dir.join("d.tif"), RasterOptions::default()).unwrap();
        files_of(dir)
    };
    let (first, second) = (folder(), folder());
    let one = write_all(first.path());
    std::thread::sleep(std::time::Duration::from_millis(1100));
    for (a, b) in one.iter().zip(write_all(second.path())) {
        assert!(*a == b, "{} differs", a.0);
    }
    assert_eq!(one.len(), 7, "nothing left behind: {:?}", one.iter().map(|f| &f.0).collect::<Vec<_>>());
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let dir = folder();
    let path = dir.path().join("thua.shp");
    let write = |table: &FeatureTable, encoding| {
        write_features(table, &SITE, &SITE, &path, &VectorFormat::Shapefile { encoding })
    };
    write(&parcels(), TextEncoding::Tcvn3).unwrap();
    let before = files_of(dir.path());
    let mut odd = parcels();
    odd.geometry.push_empty();
    odd.push_row(&[Value::Text("日本")]);
    let error = write(&odd, TextEncoding::Tcvn3).unwrap_err().to_string();
    assert!(error.contains("CHUSUDUNG") && error.contains("row 4"), "{error}");
    assert!(
        write_features(&odd, &SITE, &Crs::Epsg(1), &path, &VectorFormat::GeoJson).is_ok(),
        "GeoJSON takes no system"
    );
    assert!(write_features(&odd, &SITE, &SITE, Path::new("/nowhere/a.geojson"), &VectorFormat::GeoJson).is_err());
    std::fs::write(&path, &before.iter().find(|f| f.0 == "thua.shp").unwrap().1).unwrap();
    assert_eq!(files_of(dir.path()), before);
}

#[test]
fn a_raster_is_written_in_another_system() {
    let dir = folder();
    let path = dir.path().join("dem.tif");
    let spec = GridSpec::north_up(SITE, 430_000.0, 1_150_000.0, 100.0, 80, 60);
    let cells = (0..spec.len()).map(|i| (i % 80) as f32).collect();
    write_raster_in(&Grid { spec, cells }, &Crs::WGS84, &path, RasterOptions::default()).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    assert_eq!(dataset.spatial_ref().unwrap().auth_code().unwrap(), 4326);
    let [west, width, _, north, ..] = dataset.geo_transform().unwrap();
    assert!(
        (103.8..103.9).contains(&west) && (10.3..10.5).contains(&north) && width < 0.0011,
        "{west} {north} {width}"
    );
    let (_, cells) = dataset.rasterband(1).unwrap().read_band_as::<f32>().unwrap().into_shape_and_vec();
    let known: Vec<f32> = cells.into_iter().filter(|v| !v.is_nan()).collect();
    assert!(known.len() > 4_000 && known.iter().all(|v| (-0.01..79.01).contains(v)));
}

/// The parts of a binary glTF: its JSON, and its bytes.
fn opened(glb: &[u8]) -> (serde_json::Value, &[u8]) {
    let word = |at: usize| u32::from_le_bytes(glb[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((&glb[..4], word(4), word(8)), (&b"glTF"[..], 2, glb.len()));
    let text = word(12);
    assert_eq!(
        (&glb[16..20], &glb[24 + text..28 + text], word(20 + text)),
        (&b"JSON"[..], &b"BIN\0"[..], glb.len() - 28 - text)
    );
    (serde_json::from_slice(&glb[20..20 + text]).unwrap(), &glb[28 + text..])
}

#[test]
fn ground_and_blocks_become_a_closed_model() {
    let dir = folder();
    let path = dir.path().join("khu.glb");
    let spec = GridSpec::north_up(SITE, 440_900.0, 1_129_200.0, 10.0, 40, 40);
    let terrain = Grid { cells: (0..spec.len()).map(|i| 5.0 + (i % 40) as f32 * 0.1).collect(), spec };
    let symbol = Symbol::Extrude { color: ColorRule::Single(Rgba::opaque(255, 0, 0)), height: Metres::Fixed(12.0) };
    let table = parcels();
    let layers = [GlbLayer { name: "nha", table: &table, symbol: &symbol }];
    let extent = [440_950.0, 1_128_900.0, 441_250.0, 1_129_150.0];
    let scene = GlbScene { crs: &SITE, extent, terrain: Some(&terrain), layers: &layers };
    let counts = write_glb(scene, &path).unwrap();
    assert_eq!(counts.features, 2);
    let glb = std::fs::read(&path).unwrap();
    let (json, bytes) = opened(&glb);
    assert_eq!(json["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(json["asset"]["extras"]["origin"], serde_json::json!([441_100.0, 1_129_025.0]));
    let slice = |accessor: &serde_json::Value| {
        let view = &json["bufferViews"][accessor["bufferView"].as_u64().unwrap() as usize];
        let [from, length] = ["byteOffset", "byteLength"].map(|k| view[k].as_u64().unwrap() as usize);
        &bytes[from..from + length]
    };
    let mut triangles = 0;
    for mesh in json["meshes"].as_array().unwrap() {
        let primitive = &mesh["primitives"][0];
        let accessor = |name: &serde_json::Value| &json["accessors"][name.as_u64().unwrap() as usize];
        let positions: Vec<[f32; 3]> = slice(accessor(&primitive["attributes"]["POSITION"]))
            .chunks_exact(12)
            .map(|p| [0, 4, 8].map(|at| f32::from_le_bytes(p[at..at + 4].try_into().unwrap())))
            .collect();
        let indices: Vec<usize> = slice(accessor(&primitive["indices"]))
            .chunks_exact(4)
            .map(|i| u32::from_le_bytes(i.try_into().unwrap()) as usize)
            .collect();
        assert!(indices.iter().all(|i| *i < positions.len()));
        triangles += indices.len() / 3;
        // Volume by the divergence theorem: of blocks without floors, the part between walls and roof.
        let six = |t: &[usize]| {
            let [a, b, c] = [positions[t[0]], positions[t[1]], positions[t[2]]].map(|p| p.map(f64::from));
            a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])
        };
        let up = |t: &[usize]| {
            let [a, b, c] = [positions[t[0]], positions[t[1]], positions[t[2]]].map(|p| p.map(f64::from));
            (b[2] - a[2]) * (c[0] - a[0]) - (b[0] - a[0]) * (c[2] - a[2])
        };
        if mesh["name"] == "terrain" {
            assert!(indices.chunks_exact(3).all(|t| up(t) > 0.0), "ground that looks down");
        } else {
            // The area that looks up is the footprints': 1600 - 25 + 100 + 100 square metres.
            let roofs: f64 = indices.chunks_exact(3).map(up).filter(|a| *a > 1e-6).sum::<f64>() / 2.0;
            assert!((roofs - 1775.0).abs() < 0.1, "{roofs}");
            // Walls look outwards: with the missing floors at their heights, the volume is that of the blocks.
            let open: f64 = indices.chunks_exact(3).map(six).sum::<f64>() / 6.0;
            let floor = |height: f64, area: f64| height * area / 3.0;
            let grounds = [(0, 1575.0), (1, 200.0)].map(|(row, area)| {
                let under = table.geometry.get(row).points().iter().map(|p| terrain.bilinear(*p));
                floor(f64::from(under.fold(f32::INFINITY, f32::min)), area)
            });
            let volume = open - grounds.iter().sum::<f64>();
            assert!((volume - 1775.0 * 12.0).abs() < 20.0, "{volume}");
        }
    }
    assert_eq!(triangles, counts.triangles);
}
