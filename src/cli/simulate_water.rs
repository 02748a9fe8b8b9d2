//! `island-twin simulate water`: tide, current and what is let into the sea, in a scene.

use std::path::PathBuf;
use std::sync::Arc;

use super::fire_rasters::Reader;
use super::fire_weather::parse_wind;
use super::simulate_fire::Told;
use super::simulate_transport::numbers;
use super::water_tide;
use super::whatif::carried_out;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::geo::crs::Crs;
use crate::io::crs::Projector;
use crate::io::import::WorkerProgram;
use crate::io::scene::load_project;
use crate::session::fire_report::pretty;
use crate::session::sea_report;
use crate::sim::run::StepContext;
use crate::sim::water::outfall::Outfall;
use crate::sim::water::sea::{Amount, AmountUnit, Floating, Spill};
use crate::study::water::case::{WaterCase, WaterInputs};
use crate::study::water::files;
use crate::text::{Catalog, Language};

#[derive(Debug, Clone, clap::Args)]
pub struct SimulateWaterArgs {
    #[arg(long)]
    pub scene: PathBuf,
    #[arg(long)]
    pub scenario: Option<String>,
    /// `lon,lat@flow@concentration`, both with their units.
    #[arg(long, allow_hyphen_values = true)]
    pub outfall: Vec<String>,
    #[arg(long)]
    pub xy: bool,
    #[arg(long, allow_hyphen_values = true)]
    pub wind: Option<String>,
    /// Eastward and northward, m/s.
    #[arg(long, num_args = 2, value_names = ["U", "V"])]
    pub current: Vec<PathBuf>,
    #[arg(long, allow_hyphen_values = true)]
    pub t90: Option<String>,
    /// m²/s.
    #[arg(long, default_value_t = 1.0, allow_hyphen_values = true)]
    pub diffusivity: f64,
    #[arg(long, default_value_t = 24.0, allow_hyphen_values = true)]
    pub hours: f64,
    /// Metres.
    #[arg(long, default_value_t = 100.0, allow_hyphen_values = true)]
    pub cell: f64,
    /// Degrees.
    #[arg(long, default_value_t = 225.0, allow_hyphen_values = true)]
    pub tide_from: f64,
    /// Constants of the tide: `constituent, amplitude_m, phase_deg`.
    #[arg(long, conflicts_with = "current")]
    pub tide: Option<PathBuf>,
    #[arg(long, value_parser = super::args::parse_time)]
    pub start: Option<jiff::Timestamp>,
    #[arg(long, allow_hyphen_values = true)]
    pub limit: Option<f64>,
    /// `lon,lat`.
    #[arg(long, allow_hyphen_values = true)]
    pub oil: Option<String>,
    /// `lon,lat`.
    #[arg(long, allow_hyphen_values = true, conflicts_with = "oil")]
    pub debris: Option<String>,
    /// Of it, with its unit.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: Option<String>,
    #[arg(long, default_value_t = 5000)]
    pub particles: usize,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[arg(long, default_value_t = 60.0, allow_hyphen_values = true)]
    pub snapshot_minutes: f64,
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    #[arg(long)]
    pub out: PathBuf,
    #[arg(long)]
    pub json: bool,
}

/// Units of flow, and how many m³/s one is.
const FLOWS: [(&str, f64); 4] = [("m3/s", 1.0), ("m3/h", 1.0 / 3600.0), ("m3/d", 1.0 / 86_400.0), ("l/s", 1e-3)];
/// Units of concentration that are known.
const CONCENTRATIONS: [&str; 5] = ["CFU/100mL", "MPN/100mL", "mg/L", "kg/m3", "ug/L"];
/// Unit of the outfalls of a scenario.
const PLANNED: &str = "CFU/100mL";
/// Units of time, and how many seconds one is.
const TIMES: [(&str, f64); 3] = [("min", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// # Errors
/// The message of what is wrong; nothing has been written then.
pub fn run(args: &SimulateWaterArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    // What is written wrongly shows before the scene is read.
    let mut unit = String::new();
    let mut asked = Vec::new();
    for text in &args.outfall {
        let (place, flow_m3ps, concentration, own) = outfall(text)?;
        if !unit.is_empty() && unit != own {
            return Err(Message::new("cli-water-two-units").with("first", unit).with("second", own));
        }
        own.clone_into(&mut unit);
        asked.push((place, flow_m3ps, concentration));
    }
    let wind = args.wind.as_deref().map(parse_wind).transpose().map_err(|e| e.to_message())?;
    let t90_s = args.t90.as_deref().map(time).transpose()?;
    let spilt = args.amount.as_deref().map(amount).transpose()?;
    if spilt.is_some() && args.oil.is_none() && args.debris.is_none() {
        return Err(Message::new("cli-water-amount-alone"));
    }
    let tide = args.tide.as_deref().map(water_tide::read).transpose()?;
    let (project, warnings) =
        load_project(&args.scene, worker, &Progress::new(), &CancelToken::new()).map_err(|e| e.to_message())?;
    let project = Arc::new(project);
    let place = |at: [f64; 2]| -> Result<[f64; 2], Message> {
        let mut point = [at];
        if !args.xy {
            if at[0].abs() > 180.0 || at[1].abs() > 90.0 {
                return Err(Message::new("cli-fire-not-degrees").with("text", format!("{},{}", at[0], at[1])));
            }
            Projector::between(&Crs::WGS84, &project.frame.crs).map_err(|e| e.to_message())?.apply_all(&mut point);
        }
        Ok(point[0])
    };
    let mut inputs = WaterInputs::new(args.start.unwrap_or(project.time).as_second());
    for (at, flow_m3ps, concentration) in asked {
        inputs.outfalls.push(Outfall { at: place(at)?, flow_m3ps, concentration });
    }
    if let Some(name) = &args.scenario {
        let planned = carried_out(&project, name, &args.scene)?.outlets;
        if !planned.is_empty() {
            if unit.is_empty() {
                PLANNED.clone_into(&mut unit);
            } else if unit != PLANNED {
                return Err(Message::new("cli-water-two-units").with("first", unit).with("second", PLANNED));
            }
        }
        inputs.outfalls.extend(planned.iter().map(|o| Outfall {
            at: o.at,
            flow_m3ps: o.flow_m3_day / 86_400.0,
            concentration: o.cfu_per_100ml,
        }));
    }
    for (text, what) in [(&args.oil, Floating::Oil), (&args.debris, Floating::Debris)] {
        let Some(text) = text else { continue };
        let at = place(point(text).ok_or_else(|| not_understood(text, "103.95,10.0"))?)?;
        let (particles, light_share, water_celsius) = (args.particles, 0.3, 29.0);
        inputs.spill = Some(Spill { what, at, particles, light_share, water_celsius, amount: spilt });
    }
    let mut read = Reader { worker, notices: Vec::new(), digests: Vec::new() };
    if let [east, north] = &args.current[..] {
        let own =
            [numbers(&mut read, east, Some(&project.frame.crs))?, numbers(&mut read, north, Some(&project.frame.crs))?];
        inputs.current = Some(Arc::new(own));
    }
    (inputs.wind_mps, inputs.wind_from_rad) = wind.unwrap_or_default();
    inputs.unit = unit;
    inputs.t90_s = t90_s;
    inputs.hours = args.hours;
    inputs.cell_m = args.cell;
    inputs.diffusivity_m2ps = args.diffusivity;
    if let Some((tide, file)) = tide {
        inputs.tide = tide;
        inputs.tide_file = Some(file);
    }
    inputs.tide_from_rad = args.tide_from.to_radians();
    inputs.limit = args.limit;
    inputs.snapshot_minutes = args.snapshot_minutes;
    inputs.threads = args.threads;
    inputs.seed = args.seed;
    let case = WaterCase::prepare(&project, inputs).map_err(|e| e.to_message())?;
    let begun = std::time::Instant::now();
    let result = case.run(StepContext::default(), |_| ()).map_err(|e| e.to_message())?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut report = sea_report::report(&case, &result, &catalog);
    report["simulation_s"] = seconds.into();
    let report = pretty(&report);
    files::write(&case, &result, &report, &args.out, &StepContext::default()).map_err(|e| e.to_message())?;
    let text = if args.json {
        report
    } else {
        let mut lines = catalog.texts(&result.headlines);
        lines.push(
            catalog.text(&Message::new("cli-water-done").with("hours", args.hours).with("path", args.out.as_path())),
        );
        lines.push(String::new());
        lines.push(catalog.get("cli-fire-assumptions"));
        lines.extend(catalog.texts(&result.assumptions).into_iter().map(|line| format!("- {line}")));
        lines.join("\n")
    };
    let mut notices: Vec<Message> = warnings.into_iter().map(|w| w.message).collect();
    notices.extend(read.notices);
    notices.extend(result.notices);
    Ok(Told { text, notices })
}

fn not_understood(text: &str, example: &str) -> Message {
    Message::new("sim-fire-bad-argument").with("text", text).with("example", example)
}

fn point(text: &str) -> Option<[f64; 2]> {
    let (x, y) = text.split_once(',')?;
    let (x, y) = (x.trim().parse().ok()?, y.trim().parse().ok()?);
    if f64::is_finite(x) && f64::is_finite(y) { Some([x, y]) } else { None }
}

/// A number and what follows it.
fn quantity(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let number = |end: usize| text.get(..end).and_then(|t| t.trim().parse::<f64>().ok());
    let end = (1..=text.len()).rev().find(|end| number(*end).is_some())?;
    Some((number(end)?, text[end..].trim()))
}

fn with_unit(text: &str, units: &[(&str, f64)]) -> Result<f64, Message> {
    let known = || units.iter().map(|u| u.0).collect::<Vec<_>>().join(", ");
    let (value, unit) = quantity(text).unwrap_or((f64::NAN, ""));
    let factor = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|u| u.1);
    let factor = factor.ok_or_else(|| Message::new("cli-water-unit").with("text", text).with("known", known()))?;
    Ok(value * factor)
}

fn time(text: &str) -> Result<f64, Message> {
    with_unit(text, &TIMES)
}

/// "20t", "500kg" or "3m3".
fn amount(text: &str) -> Result<Amount, Message> {
    const KNOWN: [(&str, f64, AmountUnit); 3] =
        [("kg", 1.0, AmountUnit::Kg), ("t", 1000.0, AmountUnit::Kg), ("m3", 1.0, AmountUnit::M3)];
    let (value, unit) = quantity(text).unwrap_or((f64::NAN, ""));
    let found = KNOWN.iter().find(|(name, ..)| name.eq_ignore_ascii_case(unit));
    let known = || KNOWN.map(|k| k.0).join(", ");
    let (_, factor, unit) =
        found.ok_or_else(|| Message::new("cli-water-unit").with("text", text).with("known", known()))?;
    Ok(Amount { value: value * factor, unit: *unit })
}

/// Place, m³/s, concentration and its unit.
fn outfall(text: &str) -> Result<([f64; 2], f64, f64, &'static str), Message> {
    let parts: Vec<&str> = text.split('@').collect();
    let [place, flow, concentration] = parts[..] else {
        return Err(not_understood(text, "103.95,10.21@0.2m3/s@1e6CFU/100mL"));
    };
    let at = point(place).ok_or_else(|| not_understood(place, "103.95,10.21"))?;
    let flow = with_unit(flow, &FLOWS)?;
    let (value, unit) = quantity(concentration).unwrap_or((f64::NAN, ""));
    let unit = CONCENTRATIONS.iter().find(|known| known.eq_ignore_ascii_case(unit)).ok_or_else(|| {
        Message::new("cli-water-unit").with("text", concentration).with("known", CONCENTRATIONS.join(", "))
    })?;
    Ok((at, flow, value, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spilt_needs_its_unit() {
        assert_eq!(amount("1.5t"), Ok(Amount { value: 1500.0, unit: AmountUnit::Kg }));
        assert_eq!(amount("3 m3"), Ok(Amount { value: 3.0, unit: AmountUnit::M3 }));
        assert_eq!(amount("20").unwrap_err().key, "cli-water-unit");
        assert_eq!(amount("lots").unwrap_err().key, "cli-water-unit");
    }

    #[test]
    fn outfalls_need_their_units() {
        let (at, flow, value, unit) = outfall("103.95,10.21@720m3/h@2e5cfu/100ml").unwrap();
        assert_eq!((at, unit), ([103.95, 10.21], "CFU/100mL"));
        assert!((flow - 0.2).abs() < 1e-12 && value == 2e5);
        assert_eq!(outfall("103.95,10.21@0.2@2e5CFU/100mL").unwrap_err().key, "cli-water-unit");
        assert_eq!(outfall("103.95,10.21@0.2m3/s@2e5").unwrap_err().key, "cli-water-unit");
        assert_eq!(outfall("here@0.2m3/s@2e5mg/L").unwrap_err().key, "sim-fire-bad-argument");
        assert_eq!(time("8h"), Ok(28_800.0));
    }
}
