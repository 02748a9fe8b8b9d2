//! A scenario through traffic, air, fire and, where it has outlets, the sea. Only what is stale is run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::error::WhatIfError;
use super::settings::Settings;
use super::{AirRun, FireRun, Still, TrafficRun, WaterRun};
use super::{air, fire, traffic, water};
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::measure::anchor;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::sim::run::{InputDigest, StepContext};
use crate::study::effects::table::EffectTable;
use crate::study::effects::{Resolved, resolve};
use crate::study::zoning::check::check;
use crate::study::zoning::rules::PlanningNorms;

/// All that is known of one scenario.
#[derive(Debug, Clone)]
pub struct ScenarioRun {
    pub resolved: Resolved,
    pub still: Still,
    pub traffic: TrafficRun,
    pub air: Vec<AirRun>,
    pub fire: FireRun,
    pub water: Option<WaterRun>,
}

/// Which model a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Model {
    Layers,
    Traffic,
    Air,
    Fire,
    Water,
}

impl Model {
    pub const ALL: [Self; 5] = [Self::Layers, Self::Traffic, Self::Air, Self::Fire, Self::Water];
}

/// What the runs are made with besides project and scenario.
#[derive(Debug, Clone)]
pub struct Setup {
    pub settings: Settings,
    pub effects: EffectTable,
    pub norms: PlanningNorms,
    pub cache: Cache,
}

impl Setup {
    /// What ships with the program, results kept nowhere.
    ///
    /// # Errors
    /// None that a build which passes its tests can give.
    pub fn shipped() -> Result<Self, WhatIfError> {
        Ok(Self {
            settings: Settings::default(),
            effects: EffectTable::shipped()?,
            norms: PlanningNorms::shipped().clone(),
            cache: Cache::nowhere(),
        })
    }

    /// Runs what is not known yet; `None` is what is there today. Call it inside the pool of threads that it shall use.
    ///
    /// # Errors
    /// [`WhatIfError`]: what cannot be resolved or run.
    pub fn run(
        &self,
        project: &Arc<Project>,
        scenario: Option<&ScenarioId>,
        context: &StepContext,
    ) -> Result<ScenarioRun, WhatIfError> {
        self.prepare(project, scenario)?.run(&self.settings, &Model::ALL, |_| &self.cache, context)
    }

    /// Carries a scenario out, before anything is simulated.
    ///
    /// # Errors
    /// [`WhatIfError`]: what cannot be resolved.
    pub fn prepare(&self, project: &Arc<Project>, scenario: Option<&ScenarioId>) -> Result<Prepared, WhatIfError> {
        let resolved = resolve(project, scenario, &self.effects)?;
        let still = Still::of(&resolved.project, &check(&resolved.project, &self.norms));
        Ok(Prepared { today: Arc::clone(project), resolved, still, ground: None })
    }
}

/// A scenario that was carried out: ready for any number of runs that differ in their settings.
pub struct Prepared {
    today: Arc<Project>,
    resolved: Resolved,
    still: Still,
    ground: Option<fire::Ground>,
}

impl Prepared {
    /// Keeps the ground that fires burn over; else every run makes its own.
    ///
    /// # Errors
    /// [`WhatIfError`]: no land cover, a cell size that is not possible.
    pub fn with_ground(mut self, settings: &Settings) -> Result<Self, WhatIfError> {
        self.ground = Some(fire::Ground::of(&self.resolved, &self.today, settings)?);
        Ok(self)
    }

    /// Runs some of the models, each with the results that are kept for it; figures of the others mean nothing. Air needs
    /// traffic. Call it inside the pool of threads that it shall use.
    ///
    /// # Errors
    /// [`WhatIfError`]: what cannot be run.
    pub fn run<'a>(
        &self,
        settings: &Settings,
        models: &[Model],
        kept: impl Fn(Model) -> &'a Cache,
        context: &StepContext,
    ) -> Result<ScenarioRun, WhatIfError> {
        let (resolved, today) = (&self.resolved, &self.today);
        let asked = |model: Model, key: &str| {
            context.progress.stage(Message::new(key), 0);
            models.contains(&model)
        };
        let traffic = if asked(Model::Traffic, "whatif-stage-traffic") {
            traffic::run(&resolved.project, today, settings, kept(Model::Traffic), &context.cancel)?
        } else {
            TrafficRun::default()
        };
        let air = if asked(Model::Air, "whatif-stage-air") {
            let one = |p: &String| air::run(resolved, &traffic, p, settings, kept(Model::Air), context);
            settings.pollutants.iter().map(one).collect::<Result<Vec<_>, _>>()?
        } else {
            Vec::new()
        };
        let fire = match &self.ground {
            _ if !asked(Model::Fire, "whatif-stage-fire") => FireRun::none(),
            Some(ground) => ground.run(settings, kept(Model::Fire), context)?,
            None => fire::Ground::of(resolved, today, settings)?.run(settings, kept(Model::Fire), context)?,
        };
        let water = if asked(Model::Water, "whatif-stage-water") {
            water::run(resolved, settings, kept(Model::Water), context)?
        } else {
            None
        };
        Ok(ScenarioRun { resolved: resolved.clone(), still: self.still.clone(), traffic, air, fire, water })
    }
}

impl ScenarioRun {
    /// Digests of the inputs of a model's run, and of the run.
    #[must_use]
    pub fn inputs(&self, model: Model) -> Vec<InputDigest> {
        match model {
            Model::Layers => Vec::new(),
            Model::Traffic => self.traffic.inputs.clone(),
            Model::Air => self.air.first().map(|a| a.inputs.clone()).unwrap_or_default(),
            Model::Fire => self.fire.inputs.clone(),
            Model::Water => self.water.as_ref().map(|w| w.inputs.clone()).unwrap_or_default(),
        }
    }

    #[must_use]
    pub fn digest(&self, model: Model) -> String {
        match model {
            Model::Layers => String::new(),
            Model::Traffic => self.traffic.digest.clone(),
            Model::Air => self.air.first().map(|a| a.digest.clone()).unwrap_or_default(),
            Model::Fire => self.fire.digest.clone(),
            Model::Water => self.water.as_ref().map(|w| w.digest.clone()).unwrap_or_default(),
        }
    }

    /// What all runs rest on, each sentence once.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Message> {
        let water = self.water.iter().flat_map(|w| &w.assumptions);
        let all = self.traffic.assumptions.iter().chain(self.air.iter().flat_map(|a| &a.assumptions));
        let mut told: Vec<Message> = Vec::new();
        for message in all.chain(&self.fire.assumptions).chain(water) {
            if !told.contains(message) {
                told.push(message.clone());
            }
        }
        told
    }

    #[must_use]
    pub fn notices(&self) -> Vec<Message> {
        let water = self.water.iter().flat_map(|w| &w.notices);
        let all = self.resolved.notices.iter().chain(&self.traffic.notices);
        let mut told: Vec<Message> = Vec::new();
        for message in all.chain(self.air.iter().flat_map(|a| &a.notices)).chain(&self.fire.notices).chain(water) {
            if !told.contains(message) {
                told.push(message.clone());
            }
        }
        told
    }
}

/// One digest of many, with the program's version.
pub(super) fn digest_of(inputs: &[InputDigest]) -> String {
    let mut digest = Digest::of(env!("CARGO_PKG_VERSION").as_bytes());
    for input in inputs {
        digest.add(input.name.as_bytes());
        digest.add(input.digest.as_bytes());
    }
    digest.to_string()
}

/// Where people live: what exposure and danger are counted over.
pub(super) fn houses_digest(project: &Project) -> String {
    let mut digest = Digest::default();
    if let Some(table) = project.with_role(LayerRole::Buildings).and_then(|l| l.content.features()) {
        for (row, shape) in table.geometry.iter().enumerate() {
            let people = table.value(row, "SONGUOI").as_f64().unwrap_or(0.0);
            let [x, y] = anchor(shape).unwrap_or([f64::NAN; 2]);
            for value in [x, y, people] {
                digest.add(&value.to_le_bytes());
            }
        }
    }
    digest.to_string()
}

/// Names and borders of communes: who is led out together.
pub(super) fn communes_digest(project: &Project) -> String {
    let mut digest = Digest::default();
    if let Some(table) = project.with_role(LayerRole::Communes).and_then(|l| l.content.features()) {
        for (row, shape) in table.geometry.iter().enumerate() {
            digest.add(table.value(row, "TENXA").to_string().as_bytes());
            for value in shape.points().iter().flatten() {
                digest.add(&value.to_le_bytes());
            }
        }
    }
    digest.to_string()
}

pub(super) fn terrain_digest(project: &Project) -> String {
    let mut digest = Digest::default();
    if let Some(terrain) = project.terrain() {
        for cell in &terrain.cells {
            digest.add(&cell.to_le_bytes());
        }
    }
    digest.to_string()
}
