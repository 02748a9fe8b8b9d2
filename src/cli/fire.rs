//! `island-twin fire point`: Rothermel's equations on rows of a table, with the column names and units of behave.

use std::fmt::Write as _;
use std::path::Path;

use crate::io::staging::write_whole;
use crate::sim::fire::error::FireError;
use crate::sim::fire::fuel::FuelSet;
use crate::sim::fire::rothermel::{FuelBed, Moisture, SurfaceFire, WindSlope};

const M_PER_FT: f64 = 0.3048;
const MPS_PER_MPH: f64 = 5280.0 * M_PER_FT / 3600.0;
const FT_MIN_PER_MPS: f64 = 60.0 / M_PER_FT;

const OUTPUTS: &str = "ros_head_ft_min,spread_dir_deg_cw_from_upslope,reaction_intensity_btu_ft2_min,\
heat_per_unit_area_btu_ft2,fireline_intensity_btu_ft_s,flame_length_ft,length_to_width,eccentricity,ros_back_ft_min,\
ros_flank_ft_min,char_savr_ft2_ft3,slope_factor_phi_s,heat_sink_btu_ft3,ros_head_m_min,fireline_intensity_kw_m,\
flame_length_m";

/// Evaluates every row of a CSV table: its input columns come back, the answers of the same names replaced or added.
/// `own`: a table of the user's fuel models.
///
/// # Errors
/// [`FireError`] for a file that cannot be read or written, a missing column, or a value that is not possible.
/// Nothing is written then.
pub fn point(input: &Path, output: &Path, own: Option<&Path>) -> Result<(), FireError> {
    let file = |e: std::io::Error, path: &Path| FireError::File { reason: e.to_string(), path: path.to_owned() };
    let text = std::fs::read_to_string(input).map_err(|e| file(e, input))?;
    let fuels = own.map(fuel_models).transpose()?;
    let answer = evaluate(&text, input, fuels.as_ref().unwrap_or(FuelSet::standard()))?;
    write_whole(&answer, output).map_err(|e| file(e, output))
}

/// The standard fuel models and those of a table.
///
/// # Errors
/// As [`FuelSet::with_table`], or [`FireError::File`].
pub fn fuel_models(path: &Path) -> Result<FuelSet, FireError> {
    let unreadable = |e: std::io::Error| FireError::File { reason: e.to_string(), path: path.to_owned() };
    FuelSet::with_table(&std::fs::read_to_string(path).map_err(unreadable)?, path)
}

fn evaluate(text: &str, path: &Path, fuels: &FuelSet) -> Result<String, FireError> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    let header = lines.next().map(|(_, l)| l.trim_start_matches('\u{feff}')).unwrap_or_default();
    let columns: Vec<&str> = header.split(',').map(str::trim).collect();
    let kept: Vec<usize> = (0..columns.len()).filter(|&i| !OUTPUTS.split(',').any(|o| o == columns[i])).collect();
    let names: Vec<&str> = kept.iter().map(|&i| columns[i]).collect();
    let mut out = format!("{},{OUTPUTS}\n", names.join(","));
    for (line, row) in lines {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let bad = |what: &str| FireError::BadRow { line: line + 1, what: what.to_owned(), path: path.to_owned() };
        let text = |name: &str| columns.iter().position(|c| *c == name).and_then(|i| cells.get(i)).copied();
        let real = |name: &str| text(name).and_then(|t| t.parse::<f64>().ok()).ok_or_else(|| bad(name));
        let fuel = match real("fuel_model_number") {
            Ok(number) if (91.0..=99.0).contains(&number) => None,
            Ok(number) => Some(fuels.get(number as u16).ok_or(FireError::UnknownFuelModel { number: number as u32 })?),
            Err(missing) => Some(text("fuel_model_code").and_then(|c| fuels.by_code(c)).ok_or(missing)?),
        };
        let moisture = Moisture {
            dead_1h: real("m_1h_pct")? / 100.0,
            dead_10h: real("m_10h_pct")? / 100.0,
            dead_100h: real("m_100h_pct")? / 100.0,
            live_herb: real("m_live_herb_pct")? / 100.0,
            live_woody: real("m_live_woody_pct")? / 100.0,
        };
        moisture.validate()?;
        let at = WindSlope {
            midflame_wind_mps: real("midflame_wind_mph")? * MPS_PER_MPH,
            wind_to_rad: real("wind_blows_to_deg_cw_from_upslope")?.to_radians(),
            slope_tan: real("slope_rise_over_run")?,
            limit_wind: false,
        };
        at.validate()?;
        let inputs: Vec<&str> = kept.iter().map(|&i| cells.get(i).copied().unwrap_or_default()).collect();
        let bed = fuel.map_or_else(FuelBed::barren, |fuel| FuelBed::new(fuel, &moisture));
        let answers: Vec<String> = answers(&bed.fire(&at)).map(|v| v.to_string()).into();
        // Writing to a String does not fail.
        let _ = writeln!(out, "{},{}", inputs.join(","), answers.join(","));
    }
    Ok(out)
}

/// In the order of [`OUTPUTS`].
fn answers(fire: &SurfaceFire) -> [f64; 16] {
    let intensity = fire.fireline_intensity_kw_m / SurfaceFire::KW_M_PER_BTU_FT_S;
    let per_area = SurfaceFire::KW_M_PER_BTU_FT_S / M_PER_FT;
    [
        fire.rate_of_spread_mps * FT_MIN_PER_MPS,
        fire.head_rad.to_degrees(),
        fire.reaction_intensity_kw_m2 * 60.0 / per_area,
        fire.heat_per_area_kj_m2 / per_area,
        intensity,
        fire.flame_length_m / M_PER_FT,
        fire.length_to_width,
        fire.eccentricity,
        fire.backing_mps * FT_MIN_PER_MPS,
        fire.flanking_mps * FT_MIN_PER_MPS,
        fire.savr_per_m * M_PER_FT,
        fire.slope_factor,
        fire.heat_sink_kj_m3 * M_PER_FT / per_area,
        fire.rate_of_spread_mps * 60.0,
        fire.fireline_intensity_kw_m,
        fire.flame_length_m,
    ]
}
