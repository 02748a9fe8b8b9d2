//! Reads a shapefile into WGS 84, checks every geometry and builds the index: what `script/compare-import` measures.
//!
//! `cargo run --release --no-default-features --example read_shapefile FILE.shp [SAMPLE.csv]`; the sample is
//! (row, longitude, latitude) of some vertices.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use island_twin::analysis::check::{CheckOptions, check};
use island_twin::base::cancel::CancelToken;
use island_twin::base::progress::Progress;
use island_twin::geo::crs::Crs;
use island_twin::geo::frame::SiteFrame;
use island_twin::geo::index::FeatureIndex;
use island_twin::io::import::{SourceSpec, import};
use island_twin::model::layer::LayerContent;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let path = arguments.get(1).ok_or("read_shapefile FILE.shp [SAMPLE.csv]")?;
    let frame = SiteFrame { crs: Crs::WGS84, origin: [0.0; 2] };
    let cancel = CancelToken::new();
    let start = Instant::now();
    let imported = import(&SourceSpec::new(Path::new(path)), &frame, &Progress::new(), &cancel)?;
    let read = start.elapsed();
    let LayerContent::Features(table) = imported.content else { return Err("no features".into()) };
    let report = check(&table, &CheckOptions { rules: Vec::new(), ..CheckOptions::default() }, &cancel)?;
    let checked = start.elapsed();
    let index = FeatureIndex::build(&table.geometry);
    let indexed = start.elapsed();
    let found = index.containing(&table.geometry, [104.0, 10.0]);
    println!(
        "{} features, {} vertices, {:?} findings, {} at the point; read {read:?}, checked {:?}, indexed {:?}",
        table.len(),
        table.geometry.vertex_count(),
        report.counts,
        found.len(),
        checked.saturating_sub(read),
        indexed.saturating_sub(checked)
    );
    if let Some(out) = arguments.get(2) {
        let mut text = String::new();
        for row in (0..table.len()).step_by(997) {
            if let Some([lon, lat]) = table.geometry.get(row).points().get(1) {
                let _ = writeln!(text, "{row},{lon:?},{lat:?}");
            }
        }
        std::fs::write(out, text)?;
    }
    Ok(())
}
