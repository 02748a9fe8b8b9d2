//! From arguments to an exit code: 0 done, 1 failed, 2 wrong usage. Answers go to stdout, complaints to stderr.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use super::air_args::AirAction;
use super::args::{self, Action, FireAction};
use super::files::Files;
use super::sensors_args::SensorsAction;
use super::simulate_args::SimulateAction;
use super::traffic_args::TrafficAction;
use super::{
    air_find, air_forecast, air_point, compare, ensemble, fire, fire_danger, language, report, scenario, simulate_air,
    simulate_all, simulate_fire, simulate_traffic, simulate_transport, simulate_water, traffic_assign, traffic_meso,
    traffic_micro,
};
use crate::base::message::{Message, ToMessage};
use crate::sim::fire::danger::DangerTable;
use crate::text::{Catalog, Language};

/// Runs the program.
#[must_use]
pub fn run(arguments: &[OsString]) -> ExitCode {
    let language = language::choose(arguments, |name| std::env::var(name).ok());
    let args = match args::parse(arguments, language) {
        Ok(args) => args,
        Err(error) => {
            // clap prints help to stdout and complaints to stderr; a closed pipe is nobody's fault.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let chosen = args.lang.map(Language::from);
    match act(args.command, language, chosen) {
        Ok(code) => code,
        Err(message) => {
            complain(&Catalog::load(language), std::iter::once(&message));
            ExitCode::FAILURE
        }
    }
}

/// Writes an answer; a reader that has gone away is nobody's fault.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn print_info(path: &std::path::Path, json: bool, language: Language) -> Result<(), Message> {
    let info = super::info::run(path, json, language, Files::new()?.worker())?;
    complain(&Catalog::load(language), info.warnings.iter().map(|w| &w.message));
    say(&info.text);
    Ok(())
}

/// Writes what went wrong without stopping the work.
pub(super) fn complain<'a>(catalog: &Catalog, messages: impl Iterator<Item = &'a Message>) {
    for message in messages {
        let _ = writeln!(std::io::stderr(), "island-twin: {}", catalog.text(message));
    }
}

fn sensors(action: &SensorsAction, language: Language) -> Result<ExitCode, Message> {
    match action {
        SensorsAction::Publish(args) => super::sensors::publish(args, language)?,
        SensorsAction::Watch(args) => super::sensors::watch(args, language)?,
        SensorsAction::Check(args) => {
            let (text, fine) = super::sensors_check::check(args, language)?;
            say(&text);
            return Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        SensorsAction::Export(args) => say(&super::sensors_check::export_readings(args, language)?),
    }
    Ok(ExitCode::SUCCESS)
}

fn act(action: Option<Action>, language: Language, chosen: Option<Language>) -> Result<ExitCode, Message> {
    match action {
        #[cfg(feature = "desktop")]
        None => return super::open::open(None, None, None, chosen),
        #[cfg(feature = "desktop")]
        Some(Action::Open { path, history, kiosk }) => return super::open::open(path, history, kiosk, chosen),
        #[cfg(not(feature = "desktop"))]
        None => return Err(Message::new("cli-no-window")),
        #[cfg(feature = "desktop")]
        Some(Action::Render(args)) => super::render::render(&args, language)?,
        #[cfg(feature = "desktop")]
        Some(Action::Story(args)) => super::story::story(&args, language)?,
        Some(Action::Info { path, json }) => print_info(&path, json, language)?,
        Some(Action::Import(args)) => super::import::import(&args, language)?,
        Some(Action::Inspect { path, layer, json }) => {
            say(&super::inspect::run(&path, layer.as_deref(), json, language)?);
        }
        Some(Action::Export(args)) => super::export::export(&args)?,
        Some(Action::Query(args)) => say(&super::query::query(&args)?),
        Some(Action::DemoData { out }) => super::demo_data::run(&out).map_err(|e| e.to_message())?,
        Some(Action::Air(AirAction::Point { input, out })) => {
            let notices = air_point::run(&input, &out)?;
            complain(&Catalog::load(language), notices.iter());
        }
        Some(Action::Air(AirAction::FindSource(args))) => {
            let told = air_find::run(&args, language)?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Air(AirAction::Forecast(args))) => {
            let told = air_forecast::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Fire(FireAction::Point { input, out, fuel_models })) => {
            fire::point(&input, &out, fuel_models.as_deref()).map_err(|e| e.to_message())?;
        }
        Some(Action::Fire(FireAction::Danger { weather, out, before, classes, reset_rain })) => {
            let class_from = classes.try_into().unwrap_or(DangerTable::default().class_from);
            let table = DangerTable { class_from, reset_rain_mm: reset_rain };
            fire_danger::run(&weather, &out, &table, before).map_err(|e| e.to_message())?;
        }
        Some(Action::Simulate(SimulateAction::Air(args))) => {
            let told = simulate_air::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Simulate(SimulateAction::Fire(args))) => {
            let told = simulate_fire::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Simulate(SimulateAction::Traffic(args))) => {
            let told = simulate_traffic::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Traffic(TrafficAction::Meso(args))) => {
            complain(&Catalog::load(language), traffic_meso::run(&args)?.iter());
        }
        Some(Action::Traffic(TrafficAction::Micro(args))) => {
            complain(&Catalog::load(language), traffic_micro::run(&args)?.iter());
        }
        Some(Action::Traffic(TrafficAction::Assign(args))) => {
            complain(&Catalog::load(language), traffic_assign::run(&args)?.iter());
        }
        Some(Action::Sensors(action)) => return sensors(&action, language),
        Some(Action::Simulate(SimulateAction::Transport(args))) => {
            let told = simulate_transport::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Simulate(SimulateAction::Water(args))) => {
            let told = simulate_water::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Simulate(SimulateAction::All(args))) => {
            let told = simulate_all::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Scenario(action)) => {
            let told = scenario::run(&action, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Report(args)) => {
            let told = report::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Compare(args)) => {
            let told = compare::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::Ensemble(args)) => {
            let told = ensemble::run(&args, language, Files::new()?.worker())?;
            complain(&Catalog::load(language), told.notices.iter());
            say(&told.text);
        }
        Some(Action::ImportWorker) => {
            return Ok(super::import_worker::run().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS));
        }
    }
    let _ = chosen;
    Ok(ExitCode::SUCCESS)
}
