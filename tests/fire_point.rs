//! Rothermel's equations against USFS behave, through the subcommand that a user runs.

use std::path::{Path, PathBuf};

use island_twin::cli::fire;

/// Every number of every row within 1e-6 of the reference, relatively.
fn compare(reference: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv");
    fire::point(reference, &out).unwrap();
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
        let error = fire::point(&input, &out).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert!(!out.exists());
    }
}
