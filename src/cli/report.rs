//! `island-twin report`: two scenarios on paper, for those who decide.

use std::path::Path;
use std::sync::Arc;

use super::compare::why;
use super::report_maps::Maps;
use super::simulate_all::{name, origin};
use super::simulate_fire::{Told, pool};
use super::whatif::{TODAY, named, open, setup, tell};
use super::whatif_args::ReportArgs;
use crate::base::message::{Message, ToMessage};
use crate::io::import::WorkerProgram;
use crate::io::staging::write_bytes;
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::report::map::MapPicture;
use crate::report::page::{Align, Column, Document, Weight};
use crate::report::pdf::Color;
use crate::sim::run::StepContext;
use crate::study::whatif::compare::{Comparison, Row, Verdict, compare};
use crate::study::whatif::indicator::{Figure, model_key};
use crate::study::whatif::run::{Model, ScenarioRun, Setup};
use crate::text::{Catalog, Language};

/// # Errors
/// The sentence for what is wrong; nothing is written then.
pub fn run(args: &ReportArgs, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    let setup = setup(&args.run)?;
    let (project, mut notices) = open(&args.scene, worker)?;
    let [a, b] = args.scenarios.as_slice() else {
        return Err(Message::new("whatif-two-scenarios"));
    };
    let ids = [named(&project, a, &args.scene)?, named(&project, b, &args.scene)?];
    let pool = pool(args.run.threads)?;
    let one = |i: usize| {
        let run = pool.install(|| setup.run(&project, ids[i].as_ref(), &StepContext::default()));
        run.map_err(|e| e.to_message())
    };
    let runs = [one(0)?, one(1)?];
    for notice in runs.iter().flat_map(ScenarioRun::notices) {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }
    let found = compare(&runs[0], &runs[1], &setup.effects.uncertainty_percent);
    let paper =
        Paper { project: &project, setup: &setup, runs: &runs, found: &found, names: [a, b], catalog: &catalog };
    let (bytes, pages) = paper.write(&notices)?;
    write_file(&bytes, &args.out)?;
    let text = catalog.text(&Message::new("whatif-report-made").with("pages", pages).with("path", args.out.as_path()));
    Ok(Told { text, notices: Vec::new() })
}

fn write_file(bytes: &[u8], path: &Path) -> Result<(), Message> {
    write_bytes(bytes, path)
        .map_err(|e| Message::new("study-fire-write").with("reason", e.to_string()).with("path", path))
}

struct Paper<'a> {
    project: &'a Arc<Project>,
    setup: &'a Setup,
    runs: &'a [ScenarioRun; 2],
    found: &'a Comparison,
    names: [&'a str; 2],
    catalog: &'a Catalog,
}

impl Paper<'_> {
    fn pick<'t>(&self, text: &'t Text2) -> &'t str {
        if self.catalog.language() == Language::Vi { &text.vi } else { &text.en }
    }

    /// "A: Khu nghỉ dưỡng".
    fn title_of(&self, side: usize) -> String {
        let id = self.names[side];
        let named = self.project.scenarios.iter().find(|s| s.id.0 == id).map(|s| self.pick(&s.name).to_owned());
        let name =
            named.unwrap_or_else(|| if id == TODAY { self.catalog.get("whatif-report-today") } else { id.to_owned() });
        format!("{}: {name}", ["A", "B"][side])
    }

    fn write(&self, notices: &[Message]) -> Result<(Vec<u8>, usize), Message> {
        let tr = |key: &str| self.catalog.get(key);
        let title =
            self.catalog.text(&Message::new("whatif-report-title").with("project", self.pick(&self.project.title)));
        let program = Message::new("whatif-report-program").with("version", env!("CARGO_PKG_VERSION"));
        let footer = format!("{title} · {}", self.catalog.text(&program));
        let mut page = Document::new(&title, self.catalog.language().code(), &footer)
            .map_err(|e| Message::new("whatif-file").with("reason", e.to_string()).with("path", ""))?;
        page.paragraph(&title, 20.0, Weight::Bold, Color(0.05, 0.30, 0.42));
        page.space(4.0);
        page.heading(&tr("whatif-report-plans"));
        for side in 0..2 {
            page.paragraph(&self.title_of(side), 11.0, Weight::Bold, Color::BLACK);
            let scenario = self.project.scenarios.iter().find(|s| s.id.0 == self.names[side]);
            for story in scenario.iter().flat_map(|s| &s.story) {
                page.paragraph(self.pick(&story.text), 10.0, Weight::Regular, Color::BLACK);
                page.space(3.0);
            }
            let edits = &self.found.edits[side];
            if edits.is_empty() {
                page.list(&[tr("whatif-report-no-edits")]);
            } else {
                page.list(&edits.iter().map(|e| tell(e, self.catalog)).collect::<Vec<_>>());
            }
            page.space(4.0);
        }
        page.heading(&tr("whatif-report-key"));
        self.figures(&mut page, &self.found.key_rows());
        page.paragraph(&tr("whatif-report-note"), 8.5, Weight::Regular, Color::GREY);
        self.maps(&mut page);
        page.heading(&tr("whatif-report-all"));
        self.figures(&mut page, &self.found.rows.iter().collect::<Vec<_>>());
        self.reasons(&mut page);
        self.norms(&mut page);
        page.heading(&tr("whatif-report-assumptions"));
        let mut told: Vec<String> = vec![tr("whatif-assumes-built")];
        for message in self.runs.iter().flat_map(ScenarioRun::assumptions) {
            let text = self.catalog.text(&message);
            if !told.contains(&text) {
                told.push(text);
            }
        }
        page.list(&told);
        if !notices.is_empty() {
            page.heading(&tr("whatif-report-notices"));
            page.list(&notices.iter().map(|m| self.catalog.text(m)).collect::<Vec<_>>());
        }
        self.provenance(&mut page);
        let pages = page.pdf.page_count() + 1;
        Ok((page.finish(), pages))
    }

    fn figures(&self, page: &mut Document, rows: &[&Row]) {
        let tr = |key: &str| self.catalog.get(key);
        let column = |title: String, share: f64, align: Align| Column { title, share, align };
        let columns = [
            column(tr("whatif-report-column-figure"), 0.27, Align::Left),
            column("A".to_owned(), 0.17, Align::Right),
            column("B".to_owned(), 0.17, Align::Right),
            column(tr("whatif-report-column-change"), 0.18, Align::Right),
            column(tr("whatif-report-column-target"), 0.09, Align::Right),
            column(tr("whatif-report-column-source"), 0.12, Align::Left),
        ];
        let value = |f: Option<&Figure>| {
            f.map_or_else(|| "–".to_owned(), |f| self.catalog.estimate(f.value, f.plus_minus, f.decimals))
        };
        let cells = rows.iter().filter_map(|row| {
            let f = row.figure()?;
            let change = row.change.map_or_else(String::new, |c| {
                let sign = if c > 0.0 { "+" } else { "" };
                let number = self.catalog.estimate(c, row.plus_minus, f.decimals);
                format!("{sign}{number}\n{}", tr(row.verdict.key()))
            });
            let color = match row.verdict {
                Verdict::Better => Color(0.05, 0.45, 0.25),
                Verdict::Worse => Color(0.72, 0.12, 0.12),
                Verdict::Other => Color::BLACK,
                Verdict::Same => Color::GREY,
            };
            let target = f.target.map_or_else(String::new, |t| self.catalog.number(t, 0));
            Some(vec![
                (format!("{} ({})", name(f, self.catalog), tr(&f.unit)), Color::BLACK),
                (value(row.first.as_ref()), Color::BLACK),
                (value(row.second.as_ref()), Color::BLACK),
                (change, color),
                (target, Color::GREY),
                (origin(f, self.catalog), Color::GREY),
            ])
        });
        page.table(&columns, &cells.collect::<Vec<_>>());
    }

    fn maps(&self, page: &mut Document) {
        page.need(420.0);
        page.heading(&self.catalog.get("whatif-report-maps"));
        let maps = Maps::new(self.project, [&self.runs[0], &self.runs[1]], self.catalog);
        let names = ["A", "B"];
        let mut pairs: Vec<Vec<MapPicture>> = Vec::new();
        let both = |of: &dyn Fn(usize) -> Option<MapPicture>| (0..2).filter_map(of).collect::<Vec<_>>();
        pairs.push(both(&|i| Some(maps.change(&self.runs[i], names[i]))));
        pairs.push(both(&|i| Some(maps.traffic(&self.runs[i], names[i]))));
        for index in 0..self.runs[0].air.len().min(1) {
            let top =
                |r: &ScenarioRun| r.air.get(index).and_then(|a| a.field.range()).map_or(0.0, |(_, v)| f64::from(v));
            // One hot spot shall not leave the rest of the map without colour.
            let most = top(&self.runs[0]).max(top(&self.runs[1])) * 0.6;
            pairs.push(both(&|i| maps.air(&self.runs[i], index, most.max(1e-6), names[i])));
        }
        let top = |r: &ScenarioRun| r.fire.probability.range().map_or(0.0, |(_, v)| f64::from(v));
        let most = top(&self.runs[0]).max(top(&self.runs[1])).max(0.01);
        pairs.push(both(&|i| Some(maps.fire(&self.runs[i], most, names[i]))));
        pairs.push(both(&|i| maps.sea(&self.runs[i], names[i])));
        for pair in pairs.iter().filter(|p| !p.is_empty()) {
            page.pictures(pair.len().max(2), 330.0, |i, frame, canvas, pdf, fonts| {
                if let Some(picture) = pair.get(i) {
                    picture.draw(frame, canvas, pdf, fonts);
                }
            });
        }
    }

    fn reasons(&self, page: &mut Document) {
        page.heading(&self.catalog.get("whatif-report-why"));
        for row in self.found.rows.iter().filter(|r| r.verdict != Verdict::Same) {
            let Some(f) = row.figure() else { continue };
            page.paragraph(&name(f, self.catalog), 9.5, Weight::Bold, Color::BLACK);
            page.list(&why(row, self.found, self.catalog));
            page.space(3.0);
        }
    }

    fn norms(&self, page: &mut Document) {
        let tr = |key: &str| self.catalog.get(key);
        page.heading(&tr("whatif-report-norms"));
        page.paragraph(&tr("whatif-report-norms-note"), 9.0, Weight::Regular, Color::GREY);
        let row = self.found.rows.iter().find(|r| !r.why.clauses.is_empty());
        let rows: Vec<Vec<(String, Color)>> = row.map_or_else(Vec::new, |r| {
            r.why
                .clauses
                .iter()
                .map(|(clause, a, b)| {
                    let number = |n: usize| (self.catalog.number(n as f64, 0), Color::BLACK);
                    vec![(clause.clone(), Color::BLACK), number(*a), number(*b)]
                })
                .collect()
        });
        let column = |title: String, share: f64, align: Align| Column { title, share, align };
        let columns = [
            column(tr("whatif-report-column-clause"), 0.7, Align::Left),
            column("A".to_owned(), 0.15, Align::Right),
            column("B".to_owned(), 0.15, Align::Right),
        ];
        page.table(&columns, &rows);
    }

    fn provenance(&self, page: &mut Document) {
        let tr = |key: &str| self.catalog.get(key);
        page.heading(&tr("whatif-report-provenance"));
        let s = &self.setup.settings;
        let midnight = jiff::Timestamp::from_second(s.midnight(self.project) + 43_200).unwrap_or(self.project.time);
        let date = midnight.to_string();
        let text = Message::new("whatif-report-settings")
            .with("date", date.get(..10).unwrap_or_default())
            .with("wind", s.wind_mps)
            .with("from", s.wind_from_deg)
            .with("fires", s.fire_ignitions)
            .with("fire-wind", s.fire_wind_mps)
            .with("fire-hours", s.fire_hours)
            .with("aircell", s.air_cell_m)
            .with("fire-cell", s.fire_cell_m)
            .with("seed", s.seed.to_string());
        let mut lines = vec![self.catalog.text(&text)];
        for model in [Model::Traffic, Model::Air, Model::Fire, Model::Water] {
            let [a, b] = [self.runs[0].digest(model), self.runs[1].digest(model)];
            if !(a.is_empty() && b.is_empty()) {
                let message = Message::new("whatif-report-run")
                    .with("model", Message::new(model_key(model)))
                    .with("first", a)
                    .with("second", b);
                lines.push(self.catalog.text(&message));
            }
        }
        lines
            .push(self.catalog.text(&Message::new("whatif-report-program").with("version", env!("CARGO_PKG_VERSION"))));
        page.list(&lines);
        let column = |title: String, share: f64| Column { title, share, align: Align::Left };
        let columns = [
            column(tr("whatif-report-column-layer"), 0.38),
            column(tr("whatif-report-column-origin"), 0.14),
            column(tr("whatif-report-column-credit"), 0.48),
        ];
        let rows: Vec<Vec<(String, Color)>> = self
            .project
            .layers
            .iter()
            .map(|l| {
                let origin = tr(&format!("model-origin-{}", format!("{:?}", l.source.origin).to_lowercase()));
                [self.pick(&l.title).to_owned(), origin, l.source.credit.clone()].map(|t| (t, Color::BLACK)).to_vec()
            })
            .collect();
        page.table(&columns, &rows);
    }
}
