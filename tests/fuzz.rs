//! The fuzz targets' bodies over some thousand mutated files: none may panic. `fuzz/` goes on for as long as wanted.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use island_twin::base::rng::KeyedRng;
use island_twin::geo::crs::Crs;
use island_twin::io::encoding::TextEncoding;
use island_twin::io::export::{VectorFormat, write_features};
use island_twin::io::untrusted;
use island_twin::model::table::{FeatureTable, FieldKind, Value};

const MUTANTS: u64 = 1200;

/// Bytes flipped, words set to extremes, pieces cut out, doubled and moved.
fn mutant(seed: &[u8], index: u64) -> Vec<u8> {
    let rng = KeyedRng::new(8, index);
    let mut bytes = seed.to_vec();
    for step in 0..=rng.below(0, 0, 6) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.below(step, 1, bytes.len() as u64) as usize;
        let length = (rng.below(step, 2, 64) as usize).min(bytes.len() - at);
        match rng.below(step, 3, 6) {
            0 => bytes[at] ^= 1 << rng.below(step, 4, 8),
            1 => bytes[at] = rng.bits(step, 5) as u8,
            2 => {
                let word = [0_u32, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x0100_0000][rng.below(step, 6, 6) as usize];
                bytes.iter_mut().skip(at).zip(word.to_le_bytes()).for_each(|(b, w)| *b = w);
            }
            3 => drop(bytes.drain(at..at + length)),
            4 => {
                let piece = bytes[at..at + length].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn throw(seeds: &[Vec<u8>], target: fn(&[u8])) {
    for (i, seed) in (0_u64..).zip(seeds) {
        target(seed);
        for k in 0..MUTANTS {
            target(&mutant(seed, i * MUTANTS + k));
        }
    }
}

fn table(kind: usize) -> FeatureTable {
    let mut table =
        FeatureTable::with_fields(&[("TEN", FieldKind::Text), ("SO", FieldKind::Integer), ("DT", FieldKind::Real)]);
    let square = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
    let hole = [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0], [2.0, 1.0], [1.0, 1.0]];
    for i in 0..6 {
        match kind {
            0 => table.geometry.push_polygon(&[&square, &hole]),
            1 => table.geometry.push_line(&square),
            _ => table.geometry.push_point([1.0, 2.0]),
        }
        table.push_row(&[Value::Text("Đường Trần Hưng Đạo"), Value::Integer(i), Value::Real(0.5)]);
    }
    table
}

/// The named files of shapefiles of three kinds.
fn shapefiles(extension: &str) -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let format = VectorFormat::Shapefile { encoding: TextEncoding::Tcvn3 };
    (0..3)
        .map(|kind| {
            let path = dir.path().join("a.shp");
            write_features(&table(kind), &Crs::Epsg(9207), &Crs::Epsg(9207), &path, &format).unwrap();
            std::fs::read(path.with_extension(extension)).unwrap()
        })
        .collect()
}

#[test]
fn mutated_shp_files_do_not_panic() {
    let mut seeds = shapefiles("shp");
    let (shp, shx) = (seeds[0].clone(), shapefiles("shx")[0].clone());
    // As long as the other half, so that the target's cut falls between them.
    let mut both = shp.clone();
    both.extend(&shx);
    both.resize(2 * shp.len(), 0);
    seeds.push(both);
    throw(&seeds, untrusted::shp);
}

#[test]
fn mutated_dbf_files_do_not_panic() {
    throw(&shapefiles("dbf"), untrusted::dbf);
}

#[test]
fn mutated_drawings_do_not_panic() {
    // Settings of a flat drawing, then one text, then the mark of the end.
    let mut dgn = vec![8, 9, 0xfe, 2];
    dgn.resize(1536, 0);
    dgn.extend([0, 17, 34, 0]);
    dgn.resize(1536 + 58, 0);
    dgn.extend(b"\x0a\0Th\xf6a \xae\xcet \xeb");
    dgn.resize(1536 + 72, 0);
    dgn.extend([0xff, 0xff]);
    throw(&[dgn], untrusted::dgn);
}

#[test]
fn any_bytes_are_some_text() {
    let text = "Thị trấn Dương Đông, NGUYỄN VĂN Ứng";
    let seeds: Vec<Vec<u8>> = TextEncoding::ALL.into_iter().filter_map(|e| e.encode(text).ok()).collect();
    assert!(seeds.len() >= 5);
    throw(&seeds, untrusted::encodings);
}

#[test]
fn mutated_scenes_templates_and_styles_do_not_panic() {
    let scene = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/scenes/phu-quoc.scene.ron")).unwrap();
    let template = br#"{"version":1,"name":"ViLIS","fields":[{"source":"SHBANDO","target":"SOTO"}]}"#.to_vec();
    let style = br#"<qgis><renderer-v2 type="singleSymbol"><symbols><symbol name="0"><layer><prop k="color" v="1,2,3"/></layer></symbol></symbols></renderer-v2></qgis>"#;
    throw(&[scene[..4000.min(scene.len())].to_vec(), template, style.to_vec()], untrusted::scene);
}

#[test]
fn mutated_archives_and_geometry_do_not_panic() {
    // A stored entry "a.shp" of three bytes, written by Info-ZIP; a polygon with a hole as WKB.
    let zip: &[u8] = b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\xc2A$5\x03\0\0\0\x03\0\0\0\x05\0\0\0a.shpabcPK\x01\x02\x1e\x03\x0a\0\0\0\0\0\0\0\0\0\xc2A$5\x03\0\0\0\x03\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a.shpPK\x05\x06\0\0\0\0\x01\0\x01\x003\0\0\0&\0\0\0\0\0";
    let mut wkb = vec![1, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0];
    for v in [0.0_f64, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0] {
        wkb.extend(v.to_le_bytes());
    }
    throw(&[zip.to_vec(), wkb], untrusted::zip_and_wkb);
}

/// Seeds with one of these endings, from the archive of odd files where it is there; none too long to be thrown often.
fn from_corpus(endings: &[&str]) -> Vec<Vec<u8>> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/import-corpus.tar.gz");
    let dir = tempfile::tempdir().unwrap();
    if archive.exists() {
        let done = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(dir.path()).status().unwrap();
        assert!(done.success());
    }
    let mut folders = vec![dir.path().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let wanted = entry.extension().is_some_and(|e| endings.iter().any(|w| e.eq_ignore_ascii_case(w)));
            if entry.is_dir() {
                folders.push(entry);
            } else if wanted && entry.is_file() {
                files.push(entry);
            }
        }
    }
    files.sort();
    files.iter().filter_map(|f| std::fs::read(f).ok()).filter(|b| b.len() < 1 << 16).collect()
}

/// For machines without cargo-fuzz: every target for as long as wanted (seconds each), on new mutants all the time.
///     ISLAND_TWIN_FUZZ_SECONDS=60 ISLAND_TWIN_FUZZ_FROM=1 cargo test --test fuzz -- --ignored --nocapture for_as_long
#[test]
#[ignore = "as long as wanted"]
fn for_as_long_as_wanted() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let span = Duration::from_secs(number("ISLAND_TWIN_FUZZ_SECONDS", 10));
    let first = number("ISLAND_TWIN_FUZZ_FROM", 1) << 40;
    let targets: [(&str, &[&str], fn(&[u8])); 6] = [
        ("shp", &["shp"], untrusted::shp),
        ("dbf", &["dbf"], untrusted::dbf),
        ("dgn", &["dgn"], untrusted::dgn),
        ("encodings", &["dbf", "csv", "mid", "txt"], untrusted::encodings),
        ("scene", &["ron", "qml", "json"], untrusted::scene),
        ("zip_and_wkb", &["zip", "kmz", "xlsx", "ods"], untrusted::zip_and_wkb),
    ];
    for (name, endings, target) in targets {
        let mut seeds = from_corpus(endings);
        seeds.extend(shapefiles("shp"));
        seeds.extend(shapefiles("dbf"));
        let (start, mut done) = (Instant::now(), 0_u64);
        while start.elapsed() < span {
            let seed = &seeds[(done % seeds.len() as u64) as usize];
            target(&mutant(seed, first + done));
            done += 1;
        }
        println!("{name}: {} seeds, {done} mutants, no panic", seeds.len());
    }
}
