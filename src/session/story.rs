//! A scenario told page by page: where to look from, what is shown, the text; by hand or by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::apply::Session;
use super::desks::Desk;
use super::effects::Effects;
use super::error::SessionError;
use super::plan_beside::BesideWish;
use crate::model::layer::LayerId;
use crate::model::project::Project;
use crate::model::scenario::{Scenario, ScenarioError, ScenarioId, Show, StoryPage};

/// How long a page stays when they turn by themselves: some twenty seconds of reading aloud are too slow on a wall.
pub const PAGE: Duration = Duration::from_secs(14);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoryCommand {
    Start(ScenarioId),
    /// From 0; beyond the last page is the last.
    Go(usize),
    Next,
    Previous,
    /// Pages turn by themselves, the first after the last.
    SetAuto(bool),
    End,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub scenario: ScenarioId,
    pub page: usize,
    pub auto: bool,
    turned: Instant,
    /// What was shown before.
    before: Option<ScenarioId>,
    /// The project with only this page's layers, when the page names some.
    pub(super) staged: Option<Arc<Project>>,
}

impl Session {
    /// The scenario that is being told, and the page: `None` on the last one, which has the figures.
    #[must_use]
    pub fn story_page(&self) -> Option<(&Scenario, Option<&StoryPage>)> {
        let story = self.plan().story.as_ref()?;
        let scenario = self.project()?.scenarios.iter().find(|s| s.id == story.scenario)?;
        Some((scenario, scenario.story.get(story.page)))
    }

    /// Pages of the story that is being told: its own, and one of figures when two plans were compared.
    #[must_use]
    pub fn story_pages(&self) -> usize {
        let figures = usize::from(self.plan().outcome.is_some());
        self.story_page().map_or(0, |(scenario, _)| scenario.story.len() + figures)
    }

    /// Tells this story as soon as a project with it is open: full screen, the pages turning by themselves.
    pub fn show_at_once(&mut self, scenario: Option<ScenarioId>) {
        self.kiosk = scenario;
    }

    pub(super) fn start_kiosk(&mut self) -> Result<Effects, SessionError> {
        let Some(scenario) = self.kiosk.take() else { return Ok(Effects::default()) };
        let effects = self.command_story(StoryCommand::Start(scenario.clone()))?;
        self.command_story(StoryCommand::SetAuto(true))?;
        // The figures come as the last page as soon as they are known.
        self.start_comparison(None, Some(scenario))?;
        self.view.full_screen = true;
        Ok(effects)
    }

    pub(super) fn command_story(&mut self, command: StoryCommand) -> Result<Effects, SessionError> {
        let last = self.story_pages().saturating_sub(1);
        let page = self.plan().story.as_ref().map_or(0, |s| s.page);
        match command {
            StoryCommand::Start(scenario) => {
                let project = self.project().ok_or(SessionError::NoProject)?;
                let found = project.scenarios.iter().find(|s| s.id == scenario && !s.story.is_empty());
                found.ok_or_else(|| ScenarioError::Unknown(scenario.to_string()))?;
                self.open_only(Desk::Plan);
                let (before, turned) = (self.plan.active.clone(), Instant::now());
                self.plan.story = Some(Story { scenario, page: 0, auto: false, turned, before, staged: None });
                self.turn_page_to(0)
            }
            StoryCommand::Go(page) => self.turn_page_to(page.min(last)),
            StoryCommand::Next => self.turn_page_to((page + 1).min(last)),
            StoryCommand::Previous => self.turn_page_to(page.saturating_sub(1)),
            StoryCommand::SetAuto(auto) => {
                if let Some(story) = &mut self.plan.story {
                    (story.auto, story.turned) = (auto, Instant::now());
                }
                Ok(Effects::default())
            }
            StoryCommand::End => {
                let shown = self.shown().cloned();
                let Some(story) = self.plan.story.take() else { return Ok(Effects::default()) };
                let now = self.shown().cloned();
                let mut effects = shown.zip(now).map_or_else(Effects::default, |(a, b)| Effects::between(&a, &b));
                self.put_beside(BesideWish::Nothing)?;
                effects.merge(self.activate(story.before)?);
                Ok(effects)
            }
        }
    }

    fn turn_page_to(&mut self, page: usize) -> Result<Effects, SessionError> {
        let seen = self.shown().cloned();
        let Some(story) = &mut self.plan.story else { return Ok(Effects::default()) };
        (story.page, story.turned, story.staged) = (page, Instant::now(), None);
        let id = story.scenario.clone();
        let Some((_, Some(told))) = self.story_page() else { return Ok(Effects::default()) };
        let told = told.clone();
        let (shown, beside) = match told.show {
            Show::This => (Some(id), BesideWish::Nothing),
            Show::Today => (None, BesideWish::Nothing),
            Show::Beside => (None, BesideWish::Plan(Some(id))),
        };
        let mut effects = self.activate(shown)?;
        self.put_beside(beside)?;
        if let Some(time) = told.time.as_deref().and_then(|t| t.parse().ok()) {
            effects.merge(self.set_time(time)?);
        }
        if let Some(bookmark) = &told.bookmark {
            self.go_to_bookmark(bookmark)?;
        }
        if !told.layers.is_empty()
            && let Some(project) = self.shown()
        {
            let staged = Arc::new(only(project, &told.layers));
            if let Some(story) = &mut self.plan.story {
                story.staged = Some(staged);
            }
        }
        // With the page's layers, or with those of the page before.
        let now = self.shown().cloned();
        effects.merge(seen.zip(now).map_or_else(Effects::default, |(a, b)| Effects::between(&a, &b)));
        Ok(effects)
    }

    /// Turns the page when its time has come.
    pub(super) fn turn_page_when_due(&mut self) -> Effects {
        let due = self.plan().story.as_ref().filter(|s| s.auto && s.turned.elapsed() >= PAGE);
        let Some(page) = due.map(|s| (s.page + 1) % self.story_pages().max(1)) else { return Effects::default() };
        self.turn_page_to(page).unwrap_or_default()
    }
}

/// The project with these layers shown and no others; the terrain is always there.
fn only(project: &Project, layers: &[LayerId]) -> Project {
    let mut staged = project.clone();
    for layer in &mut staged.layers {
        let visible = layers.contains(&layer.id);
        if layer.visible != visible {
            Arc::make_mut(layer).visible = visible;
        }
    }
    staged
}
