//! The session: what is open, what is selected, what is going on; and the one place where commands change it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::air::AirDesk;
use super::ask::desk::AskDesk;
use super::checks::CheckDesk;
use super::command::Command;
use super::edit::{self, Context, Edit};
use super::effects::Effects;
use super::error::SessionError;
use super::fire::FireDesk;
use super::history::{History, State, weight_of_change};
use super::import::desk::ImportDesk;
use super::inspect::{Inspection, inspect};
use super::io::SessionIo;
use super::jobs::{Job, Jobs};
use super::keep::Keeper;
use super::live::LiveState;
use super::marked::Marked;
use super::notice::{Level, Notice, Notices};
use super::place::{site_box, site_from_lon_lat};
use super::plan::{PlanCommand, PlanDesk};
use super::sea::SeaDesk;
use super::selection::Selection;
use super::settings::{SCALES, Settings, SettingsStore};
use super::spatial::Indexes;
use super::styling::StyleCommand;
use super::table::TableDesk;
use super::traffic::TrafficDesk;
use super::view_state::{CameraPose, CameraRequest, Quit, Tool, ViewState};
use crate::base::message::{Message, ToMessage};
use crate::model::layer::LayerId;
use crate::model::project::Project;
use crate::model::scenario::ScenarioId;
use crate::text::Language;

pub struct Session {
    pub(super) io: Arc<dyn SessionIo>,
    pub(super) settings: SettingsStore,
    pub(super) state: Option<State>,
    /// Where the project came from or was last saved to.
    pub(super) path: Option<PathBuf>,
    pub(super) saved_revision: u64,
    last_revision: u64,
    history: History,
    selection: Option<Selection>,
    inspection: Option<Inspection>,
    pub(super) notices: Notices,
    pub(super) jobs: Jobs,
    pub(super) air: AirDesk,
    pub(super) sea: SeaDesk,
    pub(super) fire: FireDesk,
    pub(super) traffic: TrafficDesk,
    pub(super) importing: ImportDesk,
    pub(super) checks: CheckDesk,
    pub(super) table: TableDesk,
    pub(super) ask: AskDesk,
    pub(super) marked: Option<Marked>,
    pub(super) live: LiveState,
    pub(super) plan: PlanDesk,
    /// A story that waits for its project.
    pub(super) kiosk: Option<ScenarioId>,
    pub(super) keeper: Keeper,
    pub(super) indexes: Indexes,
    /// The window's present state; the view writes its own fields every frame.
    pub view: ViewState,
}

impl Session {
    #[must_use]
    pub fn new(io: Arc<dyn SessionIo>, settings: SettingsStore) -> Self {
        Self {
            io,
            settings,
            state: None,
            path: None,
            saved_revision: 0,
            last_revision: 0,
            history: History::default(),
            selection: None,
            inspection: None,
            notices: Notices::default(),
            jobs: Jobs::default(),
            air: AirDesk::default(),
            sea: SeaDesk::default(),
            fire: FireDesk::default(),
            traffic: TrafficDesk::default(),
            importing: ImportDesk::default(),
            checks: CheckDesk::default(),
            table: TableDesk::default(),
            ask: AskDesk::default(),
            marked: None,
            live: LiveState::default(),
            plan: PlanDesk::default(),
            kiosk: None,
            keeper: Keeper::default(),
            indexes: Indexes::default(),
            view: ViewState::default(),
        }
    }

    #[must_use]
    pub fn project(&self) -> Option<&Arc<Project>> {
        self.state.as_ref().map(|s| &s.project)
    }

    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether there are edits that are not in the file.
    #[must_use]
    pub fn is_modified(&self) -> bool {
        self.state.as_ref().is_some_and(|s| s.revision != self.saved_revision) || self.sensors_changed()
    }

    #[must_use]
    pub fn undo_label(&self) -> Option<&Message> {
        self.history.undo_label()
    }

    #[must_use]
    pub fn redo_label(&self) -> Option<&Message> {
        self.history.redo_label()
    }

    #[must_use]
    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// What there is to tell about the active hit of the selection.
    #[must_use]
    pub fn inspection(&self) -> Option<&Inspection> {
        self.inspection.as_ref()
    }

    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        self.notices.list()
    }

    #[must_use]
    pub fn is_working(&self) -> bool {
        !self.jobs.running().is_empty()
    }

    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        self.jobs.running()
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.settings.get().language
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.settings.get()
    }

    #[must_use]
    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    /// Makes a project that was read elsewhere the open one, as a finished `Open` would.
    pub fn install(&mut self, project: Project, path: Option<PathBuf>) -> Effects {
        let project = Arc::new(project);
        self.indexes.warm(&project);
        self.last_revision += 1;
        self.saved_revision = self.last_revision;
        self.state = Some(State { project, revision: self.last_revision });
        self.path = path;
        self.history.clear();
        self.selection = None;
        self.inspection = None;
        self.view.measure.clear();
        self.air = AirDesk::default();
        self.sea = SeaDesk::default();
        self.fire = FireDesk::default();
        self.traffic = TrafficDesk::default();
        self.importing = ImportDesk::default();
        self.checks = CheckDesk::default();
        self.table = TableDesk::default();
        self.ask = AskDesk::default();
        self.marked = None;
        self.view.show_personal = false;
        self.plan = PlanDesk::default();
        let path = self.path.clone();
        self.take_hold(path.as_deref());
        self.start_live();
        if let Err(error) = self.start_kiosk() {
            self.notices.push(Level::Error, error.to_message(), None, None);
        }
        Effects { project_replaced: true, selection: true, ..Effects::default() }
    }

    /// Like [`Self::apply`]; what goes wrong becomes a notice.
    pub fn perform(&mut self, command: Command) -> Effects {
        self.apply(command).unwrap_or_else(|error| {
            self.notices.push(Level::Error, error.to_message(), None, None);
            Effects::default()
        })
    }

    pub fn notify(&mut self, level: Level, message: Message, detail: Option<String>, path: Option<PathBuf>) {
        self.notices.push(level, message, detail, path);
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// When the command names something that is not there; nothing is changed then.
    pub fn apply(&mut self, command: Command) -> Result<Effects, SessionError> {
        if let Some(state) = &self.state {
            let context = Context { language: self.language(), camera: self.view.camera };
            if let Some(edit) = edit::edit(&state.project, &command, &context)? {
                if let Command::Plan(command) = &command {
                    self.note_conflicts(command);
                }
                let mut effects = self.commit(edit);
                // A new scenario is the one that the next edits are for.
                if matches!(command, Command::Plan(PlanCommand::Add { .. }))
                    && let Some(new) = self.project().and_then(|p| p.scenarios.last()).map(|s| s.id.clone())
                {
                    match self.apply(Command::Plan(PlanCommand::Activate(Some(new)))) {
                        Ok(shown) => effects.merge(shown),
                        // It is there all the same.
                        Err(error) => self.notices.push(Level::Warning, error.to_message(), None, None),
                    }
                }
                return Ok(effects);
            }
        }
        let live = |c: &Command| matches!(c, Command::Style(StyleCommand::Set { live: true, .. }));
        if !live(&command) && !matches!(command, Command::SetTime(_) | Command::MoveCamera(_)) {
            self.history.stop_merging();
        }
        match command {
            Command::Open(path) => self.open(&path)?,
            Command::SaveAs(path) => self.save(&path)?,
            Command::Import(paths) => self.begin_import(paths)?,
            Command::Importing(command) => return self.command_import(command),
            Command::Check(command) => return self.command_check(command),
            Command::Table(command) => return self.command_table(command),
            Command::Ask(command) => return self.command_ask(command),
            Command::Style(command) => return self.command_style(command),
            Command::AddColumn { layer, name, expression } => return self.add_column(&layer, &name, &expression),
            Command::Mark { layer, ids } => return self.mark_features(layer, ids),
            Command::Export(wish) => self.start_export(*wish)?,
            Command::ExportView(path) => self.start_view_export(path)?,
            Command::ShowPersonal(show) => {
                self.view.show_personal = show;
                self.refresh_selection();
                return Ok(Effects { selection: true, ..Effects::default() });
            }
            Command::Undo => return Ok(self.travel(History::undo)),
            Command::Redo => return Ok(self.travel(History::redo)),
            Command::SetTime(time) => return self.set_time(time),
            Command::Select(selection) => return Ok(self.select(selection)),
            Command::ActivateHit(index) => {
                if let Some(selection) = self.selection.as_mut().filter(|s| index < s.hits.len()) {
                    selection.active = index;
                }
                self.refresh_selection();
                return Ok(Effects { selection: true, ..Effects::default() });
            }
            Command::SetTool(tool) => {
                self.view.tool = tool;
                self.fire.drawing = false;
                self.air.drawing = false;
                self.live.placing = None;
                self.plan.drawing = None;
                self.plan.proposal = None;
                self.view.measure.clear();
            }
            Command::ToolClick(point) => match self.view.tool {
                tool if tool.is_of_fire() => self.click_for_fire(point),
                tool if tool.is_of_air() => self.click_for_air(point),
                Tool::SeaOutfall | Tool::SeaSpill => self.click_for_sea(point),
                Tool::TrafficProbe => self.click_for_traffic(point)?,
                Tool::PlaceStation => self.click_for_station(point)?,
                Tool::PlanDraw => return self.click_for_plan(point),
                _ => self.add_measure_point(point),
            },
            Command::Air(command) => return self.command_air(command),
            Command::Sea(command) => return self.command_sea(command),
            Command::Fire(command) => return self.command_fire(command),
            Command::Traffic(command) => return self.command_traffic(command),
            Command::Live(command) => return self.command_live(command),
            Command::Plan(command) => return self.command_plan(command),
            Command::ClearMeasure => self.view.measure.clear(),
            Command::SetXray(on) => self.view.xray = on,
            Command::SetLanguage(language) => {
                self.settings.change(|s| s.language = language);
                return Ok(Effects { language: true, ..Effects::default() });
            }
            Command::SetFullScreen(on) => self.view.full_screen = on,
            Command::SetDarkTheme(dark) => self.settings.change(|s| s.dark_theme = dark),
            Command::SetScale(scale) => {
                let scale = if scale.is_finite() { scale.clamp(*SCALES.start(), *SCALES.end()) } else { 1.0 };
                self.settings.change(|s| s.scale = scale);
            }
            Command::MoveCamera(request) => self.view.camera_request = Some(request),
            Command::ZoomToLayer(layer) => self.zoom_to_layer(&layer)?,
            Command::GoToBookmark { id } => self.go_to_bookmark(&id)?,
            Command::Quit { sure } => {
                self.keep_what_waits();
                self.view.quit = if sure || !self.is_modified() { Quit::Now } else { Quit::Asking };
            }
            Command::StayOpen => self.view.quit = Quit::No,
            Command::CancelJobs => self.jobs.cancel(|_| true),
            Command::DismissNotice(id) => self.notices.dismiss(id),
            Command::DismissAllNotices => self.notices.clear(),
            // Edits; without a project there is nothing to edit.
            Command::SetVisible { .. }
            | Command::SetOpacity { .. }
            | Command::RenameLayer { .. }
            | Command::MoveLayer { .. }
            | Command::RemoveLayer(_)
            | Command::SetCell { .. }
            | Command::AddBookmark { .. }
            | Command::RemoveBookmark { .. } => return Err(SessionError::NoProject),
        }
        Ok(Effects::default())
    }

    pub(super) fn commit(&mut self, edit: Edit) -> Effects {
        self.last_revision += 1;
        let next = State { project: Arc::new(edit.project), revision: self.last_revision };
        let Some(before) = self.state.replace(next.clone()) else { return Effects::default() };
        let effects = Effects::between(&before.project, &next.project);
        let weight = weight_of_change(&before.project, &next.project);
        let dragging = edit.merge.is_some();
        self.history.push(edit.label, before, edit.merge, weight);
        self.keep(dragging);
        self.after_change(effects)
    }

    fn travel(&mut self, step: impl FnOnce(&mut History, State) -> Option<State>) -> Effects {
        let Some(present) = self.state.clone() else { return Effects::default() };
        let Some(mut other) = step(&mut self.history, present.clone()) else { return Effects::default() };
        // The clock is no edit: it keeps showing what it shows.
        if other.project.time != present.project.time {
            Arc::make_mut(&mut other.project).time = present.project.time;
        }
        let effects = Effects::between(&present.project, &other.project);
        self.state = Some(other);
        self.keep(false);
        self.after_change(effects)
    }

    fn after_change(&mut self, mut effects: Effects) -> Effects {
        effects.selection |= self.selection.is_some();
        self.follow_table();
        effects.merge(self.follow_scenario());
        self.follow_beside();
        self.refresh_selection();
        effects
    }

    #[must_use]
    pub fn importing(&self) -> &ImportDesk {
        &self.importing
    }

    pub(super) fn select(&mut self, selection: Option<Selection>) -> Effects {
        self.selection = selection;
        self.refresh_selection();
        Effects { selection: true, ..Effects::default() }
    }

    /// Drops hits that are no more, and looks again at what is left.
    pub(super) fn refresh_selection(&mut self) {
        self.inspection = None;
        let Some(mut selection) = self.selection.take() else { return };
        let beside = self.plan.beside.as_ref().filter(|_| selection.beside).map(|b| &b.project);
        let Some(project) = beside.or_else(|| self.shown()).cloned() else { return };
        let exists = |layer: &LayerId, feature: u64| {
            let table = project.layer(layer).and_then(|l| l.content.features());
            table.is_some_and(|t| t.row_of(feature).is_some())
        };
        selection.hits.retain(|h| exists(&h.layer, h.feature));
        selection.active = selection.active.min(selection.hits.len().saturating_sub(1));
        if !selection.hits.is_empty() {
            self.inspection = inspect(&project, &selection, &self.indexes, self.view.show_personal);
            self.selection = Some(selection);
        }
    }

    pub(super) fn set_time(&mut self, time: jiff::Timestamp) -> Result<Effects, SessionError> {
        let state = self.state.as_mut().ok_or(SessionError::NoProject)?;
        Arc::make_mut(&mut state.project).time = time;
        self.look_back();
        self.traffic_follows_clock();
        Ok(Effects { time: true, ..Effects::default() })
    }

    fn add_measure_point(&mut self, point: [f64; 3]) {
        let full = match self.view.tool {
            Tool::MeasureHeight => 2,
            Tool::MeasureDistance | Tool::MeasureArea => usize::MAX,
            _ => return,
        };
        if self.view.measure.len() >= full {
            self.view.measure.clear();
        }
        self.view.measure.push(point);
    }

    fn zoom_to_layer(&mut self, id: &LayerId) -> Result<(), SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let layer = project.layer(id).ok_or_else(|| SessionError::NoLayer(id.clone()))?;
        if let Some(bounds) = layer.content.bounds() {
            let bounds = site_box(&project.frame, bounds);
            self.view.camera_request = Some(CameraRequest::Frame(bounds));
        }
        Ok(())
    }

    pub(super) fn go_to_bookmark(&mut self, id: &str) -> Result<(), SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let bookmark =
            project.bookmarks.iter().find(|b| b.id == id).ok_or_else(|| SessionError::NoBookmark(id.to_owned()))?;
        let place = |[lon, lat, up]: [f64; 3]| {
            site_from_lon_lat(&project.frame, [lon, lat])
                .map(|[east, north]| [east, north, up])
                .ok_or_else(|| SessionError::UnknownCrs(project.frame.crs.to_string()))
        };
        let pose = CameraPose { eye: place(bookmark.eye)?, look: place(bookmark.look)? };
        self.view.camera_request = Some(CameraRequest::Pose(pose));
        Ok(())
    }
}
