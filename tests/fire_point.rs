//! Rothermel's equations against USFS behave, through the subcommand that a user runs.

use std::path::{Path, PathBuf};

use island_twin::cli::fire;
use island_twin::sim::fire::fuel::FuelSet;
use island_twin::sim::fire::rothermel::{FuelBed, Moisture, WindSlope};
use proptest::prelude::*;

/// Every number of every row within 1e-6 of the reference, relatively.
fn compare(reference: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    fire::point(reference, &out, None).unwrap();
    let (expected, got) = (std::fs::read_to_string(reference).unwrap(), std::fs::read_to_string(out).unwrap());
    let header: Vec<&str> = expected.lines().next().unwrap().split(',').collect();
    assert_eq!(got.lines().next().unwrap().split(',').collect::<Vec<_>>(), header);
    let mut wrong = Vec::new();
    for (a, b) in expected.lines().zip(got.lines()).skip(1) {
        for ((x, y), column) in a.split(',').zip(b.split(',')).zip(&header) {
            if *column == "fuel_model_code" {
                continue;
            }
            let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
            // The reference has 9 digits; an eccentricity of 1 - 1e-9 prints as 1.
            if (x - y).abs() > 1e-6 * x.abs().max(1e-6) {
                wrong.push(format!("{column}: {x} behave, {y} here, row {a}"));
            }
        }
    }
    let rows = got.lines().count() - 1;
    assert_eq!(rows, expected.lines().count() - 1);
    assert!(wrong.is_empty(), "{} of {rows} rows differ, the first: {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    rows
}

#[test]
fn a_row_of_every_fuel_model_agrees_with_behave() {
    assert!(compare(Path::new("tests/data/fire/rothermel.csv")) >= 53);
}

#[test]
fn the_whole_oracle_agrees_with_behave() {
    let oracle = PathBuf::from("../shared/oracles/fire/rothermel.csv");
    let oracle = std::env::var_os("ISLAND_TWIN_FIRE_ORACLE").map_or(oracle, PathBuf::from);
    if !oracle.exists() {
        println!("skipped: no oracle");
        return;
    }
    println!("{} rows agree", compare(&oracle));
}

#[test]
fn a_bad_row_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    let header = "fuel_model_number,m_1h_pct,m_10h_pct,m_100h_pct,m_live_herb_pct,m_live_woody_pct,midflame_wind_mph,\
                  wind_blows_to_deg_cw_from_upslope,slope_rise_over_run";
    for (row, what) in [
        ("1,3,4,5,30,60,NaN,0,0", "wind"),
        ("14,3,4,5,30,60,2,0,0", "fuel model 14"),
        ("1,3,4,x,30,60,2,0,0", "m_100h"),
    ] {
        std::fs::write(&input, format!("{header}\n{row}\n")).unwrap();
        let error = fire::point(&input, &out, None).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert!(!out.exists());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Wetter dead fuel is never faster; more wind or slope ahead is never slower.
    #[test]
    fn the_head_follows_moisture_wind_and_slope(
        model in 0usize..53, dead in 0.02..0.4f64, herb in 0.3..1.5f64, mps in 0.0..10.0f64, slope in 0.0..1.0f64,
        more in 0.001..0.2f64,
    ) {
        let fuel = FuelSet::standard().iter().nth(model).unwrap();
        let rate = |dead: f64, mps: f64, slope: f64| {
            let moisture =
                Moisture { dead_1h: dead, dead_10h: dead + 0.01, dead_100h: dead + 0.02, live_herb: herb, live_woody: 0.9 };
            let at = WindSlope { midflame_wind_mps: mps, slope_tan: slope, ..WindSlope::default() };
            FuelBed::new(fuel, &moisture).fire(&at).rate_of_spread_mps
        };
        let here = rate(dead, mps, slope);
        prop_assert!(rate(dead + more, mps, slope) <= here);
        prop_assert!(rate(dead, mps + 10.0 * more, slope) >= here);
        prop_assert!(rate(dead, mps, slope + more) >= here);
    }
}
