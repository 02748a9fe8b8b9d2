//! The plume against published figures: ISC3's equations, Project Prairie Grass, AERMOD.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use island_twin::sim::air::plume;
use island_twin::sim::air::sigma::{self, Sigma, Surroundings};
use island_twin::sim::air::stability::from_obukhov;
use island_twin::study::air::rows::Rows;

fn oracle(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles/air").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no oracle {}", path.display());
    None
}

fn table(path: &Path) -> Rows {
    Rows::read(path).unwrap()
}

/// Every row through the program itself: what another table of the same columns would go through.
#[test]
fn every_row_of_the_plume_table() {
    let Some(path) = oracle("plume.csv") else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("rows.csv");
    island_twin::cli::air_point::run(&path, &out).unwrap();
    let (given, found) = (table(&path), table(&out));
    let mut worst = 0.0_f64;
    let mut rows = 0;
    for (given, found) in given.iter().zip(found.iter()) {
        for column in ["sigma_y_m", "sigma_z_m", "conc_ug_m3_ground_reflection_only", "conc_ug_m3_with_first_lid_image"]
        {
            let (a, b) = (given.real(column).unwrap(), found.real(column).unwrap());
            worst = worst.max((b / a - 1.0).abs());
        }
        rows += 1;
    }
    eprintln!("{rows} rows, worst relative difference {worst:.2e}");
    assert!(rows > 1000 && worst <= 1e-8, "{rows} rows, {worst:e}");
}

/// Agreement of predicted with observed pairs (Chang & Hanna 2004, Meteorol. Atmos. Phys. 87, 167-196, eqs. 1 to 5).
struct Scores {
    n: usize,
    within_two: f64,
    bias: f64,
    nmse: f64,
}

fn scores(pairs: &[(f64, f64)]) -> Scores {
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (observed, predicted) = (mean(|p| p.0), mean(|p| p.1));
    let within = pairs.iter().filter(|(o, p)| (0.5..=2.0).contains(&(p / o))).count();
    Scores {
        n: pairs.len(),
        within_two: within as f64 / n,
        bias: 2.0 * (observed - predicted) / (observed + predicted),
        nmse: mean(|(o, p)| (o - p) * (o - p)) / (observed * predicted),
    }
}

/// Barad (1958): 0.6 cm of roughness, samplers at 1.5 m.
const PRAIRIE_ROUGHNESS_M: f64 = 0.006;

#[test]
fn project_prairie_grass() {
    let (Some(met), Some(arcs), Some(samples)) = (
        oracle("prairie-grass/prairie_grass_met.csv"),
        oracle("prairie-grass/prairie_grass_arc_summary.csv"),
        oracle("prairie-grass/prairie_grass_arcs.csv"),
    ) else {
        return;
    };
    let mut heights = BTreeMap::new();
    for row in table(&samples).iter() {
        let of = |c| row.real(c).unwrap();
        heights.insert(row.text("run").unwrap().to_owned(), (of("release_height_m"), of("sampler_height_m")));
    }
    let met = table(&met);
    let (mut maxima, mut integrated) = (Vec::new(), Vec::new());
    for arc in table(&arcs).iter() {
        let run = arc.text("run").unwrap();
        let Some(air) = met.iter().find(|m| m.text("run") == Some(run)) else { continue };
        let of = |c| air.real(c).unwrap();
        let stability = from_obukhov(of("monin_obukhov_L_m"), PRAIRIE_ROUGHNESS_M).unwrap();
        let Sigma { y_m, z_m } = sigma::of(Surroundings::Rural, stability, arc.real("arc_m").unwrap());
        let (release_m, sampler_m) = heights[run];
        let q_mg_s = arc.real("release_rate_g_s").unwrap() * 1e3;
        let wind = of("wind_speed_m_s");
        let max =
            q_mg_s * plume::horizontal(wind, Sigma { y_m, z_m }, 0.0) * plume::over_ground(sampler_m, release_m, z_m);
        maxima.push((arc.real("c_max_mg_m3").unwrap(), max));
        integrated.push((arc.real("cwic_mg_m2").unwrap(), max * std::f64::consts::TAU.sqrt() * y_m));
    }
    let (max, cwic) = (scores(&maxima), scores(&integrated));
    for (name, s) in [("arc maximum", &max), ("crosswind-integrated", &cwic)] {
        eprintln!("{name}: {} arcs, FAC2 {:.3}, FB {:.3}, NMSE {:.3}", s.n, s.within_two, s.bias, s.nmse);
    }
    assert!(max.n >= 250);
    assert!(max.within_two >= 0.80 && max.bias.abs() <= 0.2, "FAC2 {} FB {}", max.within_two, max.bias);
    assert!(cwic.within_two >= 0.92 && cwic.bias.abs() <= 0.2, "FAC2 {} FB {}", cwic.within_two, cwic.bias);
}

/// AERMOD 23132 on the same air: a comparison, since its physics differ. Taken: G2 and P20 are points at 2 and 20 m
/// without rise, V3 a volume 3 m high and wide, B60 a hot stack (2 m across, 15 m/s, 400 K).
#[test]
fn compared_with_aermod() {
    use island_twin::sim::air::meteorology::Meteorology;
    use island_twin::sim::air::release::{Fate, Outlet, Release};
    use island_twin::sim::air::rise::Exhaust;
    let Some(path) = oracle("aermod.csv") else { return };
    let mut pairs: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for row in table(&path).iter() {
        let of = |c| row.real(c).unwrap();
        let source = row.text("source").unwrap();
        let hot = Exhaust { diameter_m: 2.0, velocity_mps: 15.0, temperature_k: 400.0 };
        let (height_m, exhaust, initial) = match source {
            "G2" => (2.0, None, 0.0),
            "P20" => (20.0, None, 0.0),
            "V3" => (3.0, None, 1.4),
            _ => (60.0, Some(hot), 0.0),
        };
        let stability = from_obukhov(of("L_m"), of("z0_m")).unwrap();
        let air = Meteorology {
            mixing_height_m: of("zic_m").max(of("zim_m")),
            temperature_k: of("temp_K"),
            ..Meteorology::new(of("wind_m_s_10m"), of("wind_from_deg").to_radians(), stability)
        };
        let outlet = Outlet { height_m, exhaust, initial_y_m: initial, initial_z_m: initial };
        let release = Release::new(outlet, Fate::default(), &air);
        let predicted = 1e6 * release.unit(of("x_m"), of("y_m"), of("z_m"));
        pairs.entry(source.to_owned()).or_default().push((of("conc_ug_m3_for_1_g_s"), predicted));
    }
    let all: Vec<(f64, f64)> = pairs.values().flatten().copied().collect();
    assert_eq!(all.len(), 1272);
    for (source, pairs) in pairs.iter().chain([(&"all".to_owned(), &all)]) {
        let s = scores(pairs);
        eprintln!("AERMOD {source}: {} values, FAC2 {:.3}, FB {:.3}", s.n, s.within_two, s.bias);
        assert!(pairs.iter().all(|(_, p)| p.is_finite() && *p >= 0.0));
    }
}
