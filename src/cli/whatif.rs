//! What the commands on scenarios have in common: the tables they read, the scenarios they name, what they write.

use std::path::Path;
use std::sync::Arc;

use super::whatif_args::RunArgs;
use crate::base::message::{Message, ToMessage};
use crate::model::project::Project;
use crate::model::scenario::{Edit, ScenarioError, ScenarioId, edits_of};
use crate::study::effects::table::EffectTable;
use crate::study::effects::{Resolved, resolve};
use crate::study::whatif::cache::Cache;
use crate::study::whatif::run::Setup;
use crate::study::whatif::settings::Settings;
use crate::study::zoning::rules::PlanningNorms;
use crate::text::Catalog;

/// What stands for the project without a scenario.
pub(super) const TODAY: &str = "today";

/// The scenario of a name; `today` is none.
///
/// # Errors
/// With the names that there are.
pub(super) fn named(project: &Project, name: &str, path: &Path) -> Result<Option<ScenarioId>, Message> {
    let id = ScenarioId(name.to_owned());
    match edits_of(&project.scenarios, &id) {
        Ok(_) => Ok(Some(id)),
        Err(ScenarioError::Unknown(_)) if name == TODAY => Ok(None),
        Err(ScenarioError::Unknown(_)) if project.scenarios.is_empty() => {
            Err(Message::new("whatif-no-scenarios-in").with("path", path))
        }
        Err(ScenarioError::Unknown(_)) => {
            let known: Vec<&str> = project.scenarios.iter().map(|s| s.id.0.as_str()).collect();
            Err(Message::new("whatif-unknown-scenario")
                .with("scenario", name)
                .with("known", known.join(", "))
                .with("path", path))
        }
        Err(error) => Err(error.to_message()),
    }
}

/// A project with the scenario of a name carried out.
///
/// # Errors
/// A scenario that is not there, or that cannot be carried out.
pub(super) fn carried_out(project: &Project, name: &str, path: &Path) -> Result<Resolved, Message> {
    let id = named(project, name, path)?;
    let effects = EffectTable::shipped().map_err(|e| e.to_message())?;
    resolve(project, id.as_ref(), &effects).map_err(|e| e.to_message())
}

/// # Errors
/// The sentence for a file that cannot be read.
pub(super) fn read(path: &Path) -> Result<String, Message> {
    std::fs::read_to_string(path)
        .map_err(|e| Message::new("whatif-file").with("reason", e.to_string()).with("path", path))
}

pub(super) fn bad(path: &Path, reason: &impl ToString) -> Message {
    Message::new("whatif-file").with("reason", reason.to_string()).with("path", path)
}

/// # Errors
/// The sentence for a table that is wrong.
pub(super) fn norms(path: Option<&Path>) -> Result<PlanningNorms, Message> {
    let Some(path) = path else { return Ok(PlanningNorms::shipped().clone()) };
    PlanningNorms::parse(&read(path)?).map_err(|reason| bad(path, &reason))
}

/// # Errors
/// The sentence for a table or setting that is wrong.
pub(super) fn setup(args: &RunArgs) -> Result<Setup, Message> {
    let mut settings: Settings = match &args.settings {
        Some(path) => ron::from_str(&read(path)?).map_err(|e| bad(path, &e))?,
        None => Settings::default(),
    };
    settings.threads = args.threads;
    let effects = match &args.effects {
        Some(path) => EffectTable::parse(&read(path)?),
        None => EffectTable::shipped(),
    };
    Ok(Setup {
        settings,
        effects: effects.map_err(|e| e.to_message())?,
        norms: norms(args.norms.as_deref())?,
        cache: args.cache.as_deref().map_or_else(Cache::nowhere, Cache::in_folder),
    })
}

/// Whether results can be written into a folder, which is made if need be: found out before anything is computed.
///
/// # Errors
/// The sentence for a folder that cannot be written.
pub(super) fn writable(folder: &Path) -> Result<(), Message> {
    let made = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    made.map(drop).map_err(|e| Message::new("study-fire-write").with("reason", e.to_string()).with("path", folder))
}

/// A sentence for an edit.
pub(super) fn tell(edit: &Edit, catalog: &Catalog) -> String {
    catalog.text(&edit.to_message())
}

/// The project of a file that a command line names, and what did not open.
///
/// # Errors
/// The sentence of what is wrong with the file.
pub(super) fn open(
    path: &Path,
    worker: &crate::io::import::WorkerProgram,
) -> Result<(Arc<Project>, Vec<Message>), Message> {
    let (progress, cancel) = (crate::base::progress::Progress::new(), crate::base::cancel::CancelToken::new());
    let (project, warnings) =
        crate::io::scene::load_project(path, worker, &progress, &cancel).map_err(|e| e.to_message())?;
    Ok((Arc::new(project), warnings.into_iter().map(|w| w.message).collect()))
}
