//! Check reports of layers: where the faults are, how to get there, and repairs that can be taken back.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use super::apply::Session;
use super::edit::{self, Edit};
use super::effects::Effects;
use super::error::SessionError;
use super::jobs::{JobKind, Outcome};
use super::marks::{Mark, MarkKind};
use super::notice::Level;
use super::place::site_box;
use super::selection::{Hit, Selection};
use super::view_state::CameraRequest;
use crate::analysis::check::{CheckOptions, CheckReport, IssueKind, Repair, check, repair};
use crate::base::message::{Message, ToMessage};
use crate::geo::shape::Shape;
use crate::io::export::write_text_file;
use crate::model::layer::{LayerContent, LayerId};
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::report::import::{FileReport, to_html, to_json};
use crate::text::Catalog;

/// The reports on the desk: of the last import, or of a layer that was checked again.
#[derive(Debug, Default)]
pub struct CheckDesk {
    pub open: bool,
    pub reports: Vec<FileReport>,
    /// The table that each report is about.
    tables: Vec<Weak<FeatureTable>>,
    pub active: usize,
    /// Only faults of this kind are listed.
    pub kind: Option<IssueKind>,
    /// The place of the fault that was gone to last.
    pub(super) mark: Option<Arc<Mark>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CheckCommand {
    SetOpen(bool),
    Activate(usize),
    SetKind(Option<IssueKind>),
    /// Checks a layer, whether or not it has a report yet.
    Check(LayerId),
    /// Goes to a fault of the report that is shown, by its place in the list.
    GoTo(usize),
    /// Makes the safe repairs of the report that is shown: of one fault, or of all (undo).
    Repair(Option<usize>),
    /// Writes all reports: a page for people where the name ends in .html, else JSON.
    Save(PathBuf),
}

impl CheckDesk {
    pub(super) fn show(&mut self, reports: Vec<FileReport>, project: Option<&Project>) {
        let table = |r: &FileReport| {
            let layer = project?.layer(&LayerId::new(r.layer.as_deref()?))?;
            layer.content.features().map(Arc::downgrade)
        };
        self.tables = reports.iter().map(|r| table(r).unwrap_or_default()).collect();
        // What needs somebody comes first.
        self.active = reports.iter().position(FileReport::has_findings).unwrap_or(0);
        self.kind = None;
        self.mark = None;
        self.open = !reports.is_empty();
        self.reports = reports;
    }

    #[must_use]
    pub fn current(&self) -> Option<&FileReport> {
        self.reports.get(self.active)
    }

    /// Whether the layer has changed since it was checked.
    #[must_use]
    pub fn is_stale(&self, project: &Project) -> bool {
        let (Some(report), Some(table)) = (self.current(), self.tables.get(self.active)) else { return false };
        let Some(id) = &report.layer else { return false };
        let now = project.layer(&LayerId::new(id)).and_then(|l| l.content.features());
        now.is_none_or(|now| !std::ptr::eq(Arc::as_ptr(now), table.as_ptr()))
    }
}

/// How much ground is shown around a fault, metres.
const AROUND_M: f64 = 40.0;
/// Half the arm of the cross at a fault, metres.
const CROSS_M: f64 = 4.0;

impl Session {
    #[must_use]
    pub fn checks(&self) -> &CheckDesk {
        &self.checks
    }

    pub(super) fn command_check(&mut self, command: CheckCommand) -> Result<Effects, SessionError> {
        match command {
            CheckCommand::SetOpen(open) => {
                self.checks.open = open;
                self.checks.mark = None;
            }
            CheckCommand::Activate(report) => {
                self.checks.active = report;
                self.checks.kind = None;
                self.checks.mark = None;
            }
            CheckCommand::SetKind(kind) => self.checks.kind = kind,
            CheckCommand::Check(layer) => self.start_check(layer)?,
            CheckCommand::GoTo(issue) => return Ok(self.go_to_issue(issue)),
            CheckCommand::Repair(issue) => return self.repair(issue),
            CheckCommand::Save(path) => self.save_reports(path),
        }
        Ok(Effects::default())
    }

    fn start_check(&mut self, id: LayerId) -> Result<(), SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let layer = project.layer(&id).ok_or_else(|| SessionError::NoLayer(id.clone()))?;
        let (path, crs) = (layer.source.path.clone(), layer.source.crs.clone());
        let table = layer.content.features().ok_or_else(|| SessionError::NoTable(id.clone()))?.clone();
        let encoding = layer.source.encoding.clone();
        let name = id.0.clone();
        self.start(JobKind::Check, Path::new(&name), move |progress, cancel| {
            progress.stage(Message::new("gis-import-checking"), 0);
            let found = check(&table, &CheckOptions::for_table(&table), cancel)?;
            let rows = table.len() as u64;
            let report = FileReport {
                path,
                layer: Some(id.0),
                crs: crs.map(|c| c.to_string()),
                encoding,
                read: rows,
                kept: rows,
                check: Some(found),
                ..FileReport::default()
            };
            Ok(Outcome::then(move |session| session.take_check(report, &table)))
        })
    }

    /// Replaces what was found before, and keeps what else the report says.
    fn take_check(&mut self, fresh: FileReport, table: &Arc<FeatureTable>) -> Effects {
        let desk = &mut self.checks;
        desk.mark = None;
        if let Some(at) = desk.reports.iter().position(|r| r.layer == fresh.layer) {
            desk.reports[at].check = fresh.check;
            desk.tables[at] = Arc::downgrade(table);
            desk.active = at;
            // A kind of which there is no fault left would hide the others.
            let left = desk.reports[at].check.as_ref().map_or(&[][..], |c| &c.counts);
            desk.kind = desk.kind.filter(|k| left.iter().any(|(kind, _)| kind == k));
        } else {
            desk.reports.push(fresh);
            desk.tables.push(Arc::downgrade(table));
            desk.active = desk.reports.len() - 1;
            desk.kind = None;
        }
        desk.open = true;
        Effects::default()
    }

    fn go_to_issue(&mut self, at: usize) -> Effects {
        let Some(project) = self.project().cloned() else { return Effects::default() };
        let found =
            self.checks.current().and_then(|r| Some((r.layer.clone()?, r.check.as_ref()?.issues.get(at)?.clone())));
        let Some((layer, issue)) = found else { return Effects::default() };
        let (layer, id) = (LayerId(layer), issue.id);
        let table = project.layer(&layer).and_then(|l| l.content.features());
        let shape = table.and_then(|t| t.row_of(id).map(|row| t.geometry.get(row)));
        let Some(bounds) = shape.and_then(Shape::bounds) else { return Effects::default() };
        let middle = [f64::midpoint(bounds[0], bounds[2]), f64::midpoint(bounds[1], bounds[3])];
        let [x, y] = issue.at.unwrap_or(middle);
        let arm = |dx: f64, dy: f64| vec![[x - dx, y - dy], [x + dx, y + dy]];
        let cross = vec![arm(CROSS_M, CROSS_M), arm(CROSS_M, -CROSS_M)];
        self.checks.mark = Some(Arc::new(Mark::lines(MarkKind::Fault, cross)));
        let around = match issue.at {
            Some([x, y]) => [x - AROUND_M, y - AROUND_M, x + AROUND_M, y + AROUND_M],
            None => bounds,
        };
        self.view.camera_request = Some(CameraRequest::Frame(site_box(&project.frame, around)));
        let [east, north] = project.frame.site_from_crs([x, y]);
        self.select(Some(Selection {
            hits: vec![Hit { layer, feature: id }],
            active: 0,
            at: [east, north, 0.0],
            beside: false,
        }))
    }

    fn repair(&mut self, only: Option<usize>) -> Result<Effects, SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let Some(report) = self.checks.current() else { return Ok(Effects::default()) };
        let (Some(id), Some(found)) = (report.layer.clone().map(LayerId), &report.check) else {
            return Ok(Effects::default());
        };
        let wanted = repairs(found, only);
        let layer = project.layer(&id).ok_or_else(|| SessionError::NoLayer(id.clone()))?;
        let table = layer.content.features().ok_or_else(|| SessionError::NoTable(id.clone()))?;
        // Rows are counted in the table that was checked.
        if wanted.is_empty() || self.checks.is_stale(&project) {
            return Ok(Effects::default());
        }
        let repaired = repair(table, &wanted);
        let mut next = (*project).clone();
        let mended = Arc::new(repaired.table);
        edit::change_layer(&mut next, &id, |l| l.content = LayerContent::Features(mended))?;
        let title = super::place::title(&layer.title, self.language()).to_owned();
        let label = Message::new("gis-undo-repair").with("count", repaired.done.len()).with("layer", title.as_str());
        let effects = self.commit(Edit { project: next, label, merge: None });
        if let Some(report) = self.checks.reports.get_mut(self.checks.active) {
            report.repaired += repaired.done.len();
        }
        self.start_check(id)?;
        Ok(effects)
    }

    fn save_reports(&mut self, path: PathBuf) {
        let catalog = Catalog::load(self.language());
        let say = |m: &Message| catalog.text(m);
        let is_page = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html") || e.eq_ignore_ascii_case("htm"));
        let reports = &self.checks.reports;
        let text = if is_page { to_html(reports, self.language().code(), &say) } else { to_json(reports, &say) };
        match write_text_file(&text, &path) {
            Ok(()) => self.notices.push(Level::Info, Message::new("gis-report-saved"), None, Some(path)),
            Err(error) => self.notices.push(Level::Error, error.to_message(), None, Some(path)),
        }
    }
}

fn repairs(found: &CheckReport, only: Option<usize>) -> Vec<(u64, Repair)> {
    let chosen = found.issues.iter().enumerate().filter(|(i, _)| only.is_none_or(|only| *i == only));
    chosen.filter_map(|(_, issue)| Some((issue.row, issue.repair?))).collect()
}
