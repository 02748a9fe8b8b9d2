//! An ensemble made ready: scenarios carried out once, then any member by its number.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::digest;
use super::error::EnsembleError;
use super::member::{Burnt, MemberResult, ScenarioResult};
use super::spec::Spec;
use crate::base::digest::Digest;
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::sim::run::StepContext;
use crate::study::whatif::cache::Cache;
use crate::study::whatif::error::WhatIfError;
use crate::study::whatif::indicator::{Figure, figures};
use crate::study::whatif::run::{Model, Prepared, ScenarioRun, Setup};
use crate::study::whatif::settings::Settings;

/// Where results lie that all members share.
const SHARED: &str = "shared";

/// What is asked, of which ground.
pub struct Ready {
    pub spec: Spec,
    setup: Setup,
    shared: Digest,
    scenarios: Vec<Prepared>,
    /// Results of the models that do not vary.
    kept: Cache,
    nowhere: Cache,
    folder: PathBuf,
}

impl Ready {
    /// Carries the scenarios out (in the order of the spec; `None` is what is there today). `setup`'s settings do not
    /// count: the spec has its own.
    ///
    /// # Errors
    /// [`EnsembleError`]: what cannot be carried out.
    pub fn of(
        spec: Spec,
        scenarios: &[Option<ScenarioId>],
        project: &Arc<Project>,
        setup: Setup,
        folder: &Path,
    ) -> Result<Self, EnsembleError> {
        let shared = digest::of(&spec, scenarios, project, &setup)?;
        let with_ground = |p: Prepared| {
            if spec.models.contains(&Model::Fire) { p.with_ground(&spec.settings) } else { Ok(p) }
        };
        let prepared = scenarios
            .iter()
            .map(|s| setup.prepare(project, s.as_ref()).and_then(with_ground))
            .collect::<Result<_, WhatIfError>>()?;
        Ok(Self {
            spec,
            setup,
            shared,
            scenarios: prepared,
            kept: Cache::in_folder(&folder.join(SHARED)),
            nowhere: Cache::nowhere(),
            folder: folder.to_owned(),
        })
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    #[must_use]
    pub fn shared_digest(&self) -> Digest {
        self.shared
    }

    #[must_use]
    pub fn path(&self, member: u32) -> PathBuf {
        self.folder.join(digest::file_name(self.shared, member))
    }

    /// Whether a member's result is there and whole.
    #[must_use]
    pub fn has(&self, member: u32) -> bool {
        matches!(MemberResult::read(&self.path(member), member), Ok(Some(_)))
    }

    /// Runs a member and writes its file. Call it inside the pool of threads that it shall use; `threads` is their number.
    ///
    /// # Errors
    /// [`EnsembleError`]; nothing is then written.
    pub fn run(&self, member: u32, threads: usize, context: &StepContext) -> Result<MemberResult, EnsembleError> {
        if member >= self.spec.members {
            return Err(EnsembleError::NoMember { member, last: self.spec.members - 1 });
        }
        let drawn = self.spec.draw(member);
        let settings = Settings { threads, ..drawn.settings };
        let kept = |model| if self.spec.varies(model) { &self.nowhere } else { &self.kept };
        let mut scenarios = Vec::with_capacity(self.scenarios.len());
        for (name, prepared) in self.spec.scenarios.iter().zip(&self.scenarios) {
            let run = prepared.run(&settings, &self.spec.models, kept, context).map_err(|e| match e {
                // Each model has its own word for it.
                _ if context.cancel.is_cancelled() => EnsembleError::Cancelled,
                source => EnsembleError::Member { member, source },
            })?;
            scenarios.push(self.result(name, &run));
        }
        let result = MemberResult::new(member, drawn.values, scenarios);
        result.write(&self.path(member))?;
        Ok(result)
    }

    fn result(&self, name: &str, run: &ScenarioRun) -> ScenarioResult {
        let asked = |f: &Figure| self.spec.models.contains(&f.model) && f.value.is_finite();
        let all = figures(run, &self.setup.effects.uncertainty_percent);
        ScenarioResult {
            scenario: name.to_owned(),
            figures: all.into_iter().filter(asked).collect(),
            assumptions: run.assumptions(),
            burnt: self.spec.models.contains(&Model::Fire).then(|| Burnt::of(&run.fire)),
        }
    }
}
