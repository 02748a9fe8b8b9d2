//! `island-twin ensemble`: many members of one question, here, one by one, or through an office's Slurm; and their table.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::ensemble_args::EnsembleArgs;
use super::ensemble_files::{self, report, write};
use super::run::complain;
use super::simulate_fire::{Told, pool, pretty};
use super::whatif::{bad, named, open, read, setup, writable};
use super::whatif_args::RunArgs;
use crate::base::cancel::CancelToken;
use crate::base::message::{Message, ToMessage};
use crate::io::import::WorkerProgram;
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::sim::run::StepContext;
use crate::study::ensemble::digest;
use crate::study::ensemble::error::EnsembleError;
use crate::study::ensemble::here::{self, Bounds};
use crate::study::ensemble::merge::merge;
use crate::study::ensemble::ready::Ready;
use crate::study::ensemble::slurm::Job;
use crate::study::ensemble::spec::Spec;
use crate::study::whatif::run::Setup;
use crate::text::{Catalog, Language};

const MB: u64 = 1 << 20;
/// Of the free memory, so much is used.
const SHARE: f64 = 0.8;
/// What a task may take where nobody says.
const TASK_MB: u32 = 2048;
/// Progress is told no more often.
const PAUSE: Duration = Duration::from_secs(2);

/// The question, and the ground that it is asked of.
struct Asked {
    spec: Spec,
    project: Arc<Project>,
    scenarios: Vec<Option<ScenarioId>>,
    setup: Setup,
    notices: Vec<Message>,
}

/// # Errors
/// The sentence for what is wrong; members that are done stay.
pub fn run(args: &EnsembleArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    let spec = Spec::parse(&read(&args.spec)?).map_err(|e| told(&e, &args.spec))?;
    let folder = args.out.clone().unwrap_or_default();
    if args.emit.is_some() {
        return emit(args, &spec, &folder, &catalog);
    }
    let asked = ask(args, spec, worker)?;
    if let Some(folder) = &args.collect {
        return collect(&asked, folder, args.json, &catalog);
    }
    writable(&folder)?;
    let ready = Ready::of(asked.spec.clone(), &asked.scenarios, &asked.project, asked.setup.clone(), &folder)
        .map_err(|e| told(&e, &args.spec))?;
    if let Some(members) = &args.member {
        let all = members.0.iter().flat_map(|(first, last)| *first..=*last);
        return some(&ready, all, args, &catalog).map(|text| Told { text, notices: asked.notices });
    }
    all_here(&ready, args, &catalog)?;
    collect(&asked, &folder, args.json, &catalog)
}

/// What is wrong with an ensemble is told with its file.
fn told(error: &EnsembleError, path: &Path) -> Message {
    error.to_message().with("file", path)
}

fn ask(args: &EnsembleArgs, spec: Spec, worker: &WorkerProgram) -> Result<Asked, Message> {
    let scene = args.spec.parent().unwrap_or(Path::new("")).join(&spec.scene);
    let run = RunArgs { effects: args.effects.clone(), norms: args.norms.clone(), ..RunArgs::default() };
    let setup = setup(&run)?;
    let (project, notices) = open(&scene, worker)?;
    let scenarios = spec.scenarios.iter().map(|s| named(&project, s, &scene)).collect::<Result<_, _>>()?;
    Ok(Asked { spec, project, scenarios, setup, notices })
}

/// Members by their numbers, one after another; what is there is not run again.
fn some(
    ready: &Ready,
    members: impl Iterator<Item = u32>,
    args: &EnsembleArgs,
    catalog: &Catalog,
) -> Result<String, Message> {
    let pool = pool(args.threads)?;
    let mut lines = Vec::new();
    for member in members {
        let there = member < ready.spec.members && ready.has(member);
        if !there {
            let run = || ready.run(member, pool.current_num_threads(), &StepContext::default());
            pool.install(run).map_err(|e| told(&e, &args.spec))?;
        }
        let key = if there { "ensemble-there" } else { "ensemble-written" };
        let path = ready.path(member);
        lines.push(catalog.text(&Message::new(key).with("member", member).with("path", path.as_path())));
    }
    Ok(lines.join("\n"))
}

/// Every member that is missing, on this machine.
fn all_here(ready: &Ready, args: &EnsembleArgs, catalog: &Catalog) -> Result<(), Message> {
    let threads = pool(args.threads)?.current_num_threads();
    let given = args.memory.map(|mb| u64::from(mb) * MB);
    let memory = given.or(here::available().map(|free| (free as f64 * SHARE) as u64)).unwrap_or(u64::MAX);
    let last: Mutex<Option<Instant>> = Mutex::new(None);
    let tell = |t: here::Told| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if t.done < t.of && last.is_some_and(|l| l.elapsed() < PAUSE) {
            return;
        }
        *last = Some(Instant::now());
        let message = Message::new("ensemble-progress")
            .with("done", t.done)
            .with("of", t.of)
            .with("once", t.at_once)
            .with("megabytes", catalog.number(t.need as f64 / MB as f64, 0))
            .with("minutes", catalog.number(t.seconds_left / 60.0, 1));
        complain(catalog, std::iter::once(&message));
    };
    let done = here::run(ready, Bounds { threads, memory }, &CancelToken::new(), &tell);
    done.map(|_| ()).map_err(|e| told(&e, &args.spec))
}

fn collect(asked: &Asked, folder: &Path, json: bool, catalog: &Catalog) -> Result<Told, Message> {
    let shared = digest::of(&asked.spec, &asked.scenarios, &asked.project, &asked.setup).map_err(|e| e.to_message())?;
    let merged = merge(&asked.spec, shared, folder).map_err(|e| e.to_message())?;
    let report = report(&merged, &asked.spec, shared, catalog);
    write(&merged, &report, folder, catalog)?;
    let mut notices = asked.notices.clone();
    notices.extend(ensemble_files::notices(&merged));
    let text = if json { pretty(&report) } else { ensemble_files::tell(&merged, folder, catalog) };
    Ok(Told { text, notices })
}

/// The scripts of a job array; nothing is run.
fn emit(args: &EnsembleArgs, spec: &Spec, folder: &Path, catalog: &Catalog) -> Result<Told, Message> {
    writable(folder)?;
    let whole = |path: &Path| -> Result<String, Message> {
        let path = path.canonicalize().map_err(|e| bad(path, &e))?;
        let text = path.to_str().filter(|t| !t.contains('\n')).map(str::to_owned);
        text.ok_or_else(|| Message::new("ensemble-name").with("path", path.as_path()))
    };
    let program = std::env::current_exe().map_err(|e| Message::new("cli-no-worker").with("reason", e.to_string()))?;
    let mut more = Vec::new();
    for (name, path) in [("--effects", &args.effects), ("--norms", &args.norms)] {
        if let Some(path) = path {
            more.extend([name.to_owned(), whole(path)?]);
        }
    }
    let job = Job {
        program: whole(&program)?,
        spec: whole(&args.spec)?,
        folder: whole(folder)?,
        more,
        at_once: args.at_once,
        memory_mb: args.memory.unwrap_or(TASK_MB),
        about: catalog.text(&Message::new("ensemble-slurm-about").with("members", spec.members)),
    };
    job.write(spec, folder).map_err(|e| e.to_message())?;
    let text = catalog.text(&Message::new("ensemble-slurm-written").with("path", folder.join("submit.sh").as_path()));
    Ok(Told { text, notices: Vec::new() })
}
