//! `island-twin air point`: the plume's equations on rows of a table.

use std::fmt::Write as _;
use std::path::Path;

use super::rows::{Row, Rows};
use crate::base::message::{Message, ToMessage};
use crate::io::export::write_text_file;
use crate::sim::air::error::AirError;
use crate::sim::air::meteorology::CALM_MPS;
use crate::sim::air::plume;
use crate::sim::air::sigma::{self, Sigma, Surroundings};
use crate::sim::air::stability::{Stability, StabilityClass, from_obukhov};

const OUTPUTS: [&str; 4] =
    ["sigma_y_m", "sigma_z_m", "conc_ug_m3_ground_reflection_only", "conc_ug_m3_with_first_lid_image"];
const NEEDED: [&str; 7] = ["mode", "wind_m_s", "release_height_m", "x_m", "y_m", "z_m", "q_g_s"];

/// Evaluates every row: its columns come back, the answers of the same names replaced or added. Returns what the
/// user should know besides.
///
/// # Errors
/// A file that cannot be read or written, a missing column, a value that is not possible; nothing is written then.
pub fn run(input: &Path, output: &Path) -> Result<Vec<Message>, Message> {
    let rows = Rows::read(input).map_err(|e| e.to_message())?;
    let (text, notices) = evaluate(&rows).map_err(|e| e.to_message())?;
    write_text_file(&text, output).map_err(|e| e.to_message())?;
    Ok(notices)
}

fn evaluate(rows: &Rows) -> Result<(String, Vec<Message>), AirError> {
    rows.require(&NEEDED)?;
    if !rows.has("obukhov_length_m") {
        rows.require(&["stability"])?;
    }
    rows.require_rows()?;
    let kept: Vec<&str> = rows.columns.iter().map(String::as_str).filter(|c| !OUTPUTS.contains(c)).collect();
    let mut text = format!("{},{}\n", kept.join(","), OUTPUTS.join(","));
    let mut calm_rows = 0_usize;
    for row in rows.iter() {
        let answers = answers(row)?;
        calm_rows += usize::from(row.real("wind_m_s")? < CALM_MPS);
        let written = answers.map(|v| v.to_string()).join(",");
        // Writing to a String does not fail.
        let _ = writeln!(text, "{},{written}", row.as_written(&kept));
    }
    let calm = Message::new("air-calm-rows").with("rows", calm_rows).with("least", CALM_MPS);
    Ok((text, if calm_rows > 0 { vec![calm] } else { Vec::new() }))
}

/// In the order of [`OUTPUTS`].
fn answers(row: Row<'_>) -> Result<[f64; 4], AirError> {
    let surroundings = match row.text("mode").map(str::to_ascii_lowercase).as_deref() {
        Some("rural") => Surroundings::Rural,
        Some("urban") => Surroundings::Urban,
        _ => return Err(row.bad("mode")),
    };
    let (wind, height) = (row.real("wind_m_s")?, row.real("release_height_m")?);
    let (x, y, z, q) = (row.real("x_m")?, row.real("y_m")?, row.real("z_m")?, row.real("q_g_s")?);
    let lid = row.real_or("mixing_height_m", f64::INFINITY)?;
    if lid <= 0.0 {
        return Err(row.bad("mixing_height_m"));
    }
    if wind <= 0.0 {
        return Err(AirError::Calm { value: wind, least: CALM_MPS });
    }
    AirError::require("wind", wind, 0.0, 75.0)?;
    AirError::require("height", height, 0.0, 10_000.0)?;
    AirError::require("height", z, 0.0, 10_000.0)?;
    if q < 0.0 {
        return Err(AirError::NegativeEmission { source_id: row.line().to_string(), value: q });
    }
    let sigma = sigma::of(surroundings, stability(row)?, x);
    if sigma.y_m <= 0.0 {
        // Nothing goes upwind.
        return Ok([0.0; 4]);
    }
    let Sigma { y_m, z_m } = sigma;
    let factor = q * 1e6 * plume::horizontal(wind, sigma, y);
    let lidded = if lid.is_finite() {
        plume::under_first_image(z, height, z_m, lid)
    } else {
        plume::over_ground(z, height, z_m)
    };
    Ok([y_m, z_m, factor * plume::over_ground(z, height, z_m), factor * lidded])
}

/// By its class, or by the Obukhov length and the ground's roughness where no class is named.
fn stability(row: Row<'_>) -> Result<Stability, AirError> {
    if let Some(text) = row.text("stability") {
        return StabilityClass::parse(text).map(Stability::from).ok_or_else(|| row.bad("stability"));
    }
    from_obukhov(row.real("obukhov_length_m")?, row.real_or("roughness_m", 0.03)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,mode,stability,wind_m_s,release_height_m,x_m,y_m,z_m,q_g_s,sigma_y_m,mixing_height_m";

    fn of(row: &str) -> Result<(String, Vec<Message>), AirError> {
        evaluate(&Rows::parse(&format!("{HEADER}\n{row}\n"), Path::new("t.csv"))?)
    }

    #[test]
    fn a_row_comes_back_with_its_answers() {
        let (text, notices) = of("k,rural,A,1.0,0.0,1000,0,1.5,1.0,999,600").unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("id,mode,stability,") && lines[0].ends_with("mixing_height_m,sigma_y_m,sigma_z_m,conc_ug_m3_ground_reflection_only,conc_ug_m3_with_first_lid_image"));
        let cells: Vec<&str> = lines[1].split(',').collect();
        let real = |i: usize| cells[i].parse::<f64>().unwrap();
        assert!((real(10) / 208.709_639 - 1.0).abs() < 1e-8 && real(11) == 453.85, "{text}");
        assert!((real(13) / 3.411_829_6 - 1.0).abs() < 1e-8 && notices.is_empty());
        assert!(of("k,urban,d,3,10,-5,0,0,1,,").unwrap().0.ends_with(",0,0,0,0\n"));
    }

    #[test]
    fn what_cannot_be_is_said() {
        assert!(matches!(of("k,rural,D,0,0,100,0,0,1,,600"), Err(AirError::Calm { .. })));
        assert!(matches!(of("k,rural,D,3,0,100,0,0,-1,,600"), Err(AirError::NegativeEmission { .. })));
        for lid in ["-600", "0"] {
            let refused = of(&format!("k,rural,D,3,0,100,0,0,1,,{lid}")).unwrap_err();
            assert!(refused.to_string().contains("mixing_height_m"), "{refused}");
        }
        assert!(of("k,rural,G,3,0,100,0,0,1,,600").unwrap_err().to_string().contains("stability"));
        assert!(of("k,rural,D,,0,100,0,0,1,,600").unwrap_err().to_string().contains("wind_m_s"));
        assert_eq!(of("k,rural,D,0.5,0,100,0,0,1,,600").unwrap().1[0].key, "air-calm-rows");
        let none = evaluate(&Rows::parse(HEADER, Path::new("t.csv")).unwrap()).unwrap_err();
        assert_eq!(none, AirError::NoRows { path: "t.csv".into() });
        let unit = evaluate(&Rows::parse("mode,stability,wind,x_m\n", Path::new("t.csv")).unwrap()).unwrap_err();
        assert!(unit.to_string().contains("wind_m_s"));
    }
}
