//! The check report: what was found in each layer, the way there, and the safe repairs.

use egui::{ComboBox, Label, RichText, ScrollArea, Sense, Ui, vec2};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::files::{FileDialogs, Pick};
use super::super::widgets::{icon_button, icon_button_sized, primary_button};
use crate::analysis::check::{CheckReport, Issue, IssueKind};
use crate::base::message::Message;
use crate::model::layer::LayerId;
use crate::report::import::FileReport;
use crate::session::checks::CheckCommand;
use crate::session::command::Command;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(icon::CLIPBOARD_TEXT).size(18.0).color(cx.palette.accent));
        ui.label(cx.heading(cx.tr("gis-report-title")));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("gis-report-close"), false).clicked() {
                cx.push(Command::Check(CheckCommand::SetOpen(false)));
            }
            ui.menu_button(format!("{}  {}", icon::FLOPPY_DISK, cx.tr("gis-report-save")), |ui| {
                for (name, label, ending) in
                    [("report.html", "gis-report-html", "html"), ("report.json", "gis-report-json", "json")]
                {
                    if ui.button(cx.tr(label)).clicked() {
                        let then = |path| Command::Check(CheckCommand::Save(path));
                        files.pick(cx, Pick::save("gis-report-save", name, ending, ending, then));
                        ui.close();
                    }
                }
            });
        });
    });
    chooser(ui, cx);
    let Some(report) = cx.session.checks().current() else { return };
    ui.add_space(2.0);
    if let Some(error) = &report.error {
        ui.add(Label::new(RichText::new(cx.say(error)).color(cx.palette.bad)).wrap());
        return;
    }
    facts(ui, cx, report);
    let Some(check) = &report.check else {
        ui.add(Label::new(cx.weak(cx.tr("gis-report-no-check"))).wrap());
        return;
    };
    let stale = cx.session.project().is_some_and(|p| cx.session.checks().is_stale(p));
    if stale && let Some(layer) = &report.layer {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(cx.tr("gis-report-stale")).color(cx.palette.warn));
            if ui.button(cx.tr("gis-report-again")).clicked() {
                cx.push(Command::Check(CheckCommand::Check(LayerId::new(layer))));
            }
        });
    }
    if check.counts.is_empty() {
        ui.add_space(8.0);
        let text = format!("{}  {}", icon::CHECK_CIRCLE, cx.tr("gis-report-clean"));
        ui.label(RichText::new(text).color(cx.palette.good));
        return;
    }
    kinds(ui, cx, check);
    let repairable = check.repairable();
    if repairable > 0 && !stale {
        let palette = cx.palette;
        let text = cx.say(&Message::new("gis-report-repair-all").with("count", repairable));
        if primary_button(ui, &palette, text).on_hover_text(cx.tr("gis-report-repair-hint")).clicked() {
            cx.push(Command::Check(CheckCommand::Repair(None)));
        }
        ui.add(Label::new(cx.weak(cx.tr("gis-report-repair-hint"))).wrap());
    }
    ui.add_space(4.0);
    issues(ui, cx, check, stale);
}

fn name_of(report: &FileReport) -> String {
    let file = report.path.file_name().map(|n| n.to_string_lossy().into_owned());
    file.or_else(|| report.layer.clone()).unwrap_or_default()
}

fn chooser(ui: &mut Ui, cx: &mut Cx<'_>) {
    let desk = cx.session.checks();
    if desk.reports.len() < 2 {
        if let Some(report) = desk.current() {
            ui.add(Label::new(cx.strong(name_of(report))).truncate());
        }
        return;
    }
    let line = |report: &FileReport| {
        let found: u64 = report.check.iter().flat_map(|c| &c.counts).map(|(_, n)| n).sum();
        let sign = match (&report.error, found) {
            (Some(_), _) => icon::X_CIRCLE,
            (None, 0) => icon::CHECK_CIRCLE,
            (None, _) => icon::WARNING,
        };
        format!("{sign}  {} ({found})", name_of(report))
    };
    let mut chosen = None;
    ComboBox::from_id_salt("reports")
        .width(ui.available_width() - 12.0)
        .selected_text(desk.current().map(line).unwrap_or_default())
        .show_ui(ui, |ui| {
            for (i, report) in desk.reports.iter().enumerate() {
                if ui.selectable_label(i == desk.active, line(report)).clicked() {
                    chosen = Some(i);
                }
            }
        });
    if let Some(i) = chosen {
        cx.push(Command::Check(CheckCommand::Activate(i)));
    }
}

fn facts(ui: &mut Ui, cx: &Cx<'_>, report: &FileReport) {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let counts = Message::new("report-import-counts")
        .with("read", count(report.read))
        .with("kept", count(report.kept))
        .with("refused", count(report.refused))
        .with("repaired", report.repaired);
    ui.add(Label::new(cx.say(&counts)).wrap());
    let facts = [report.crs.as_deref(), report.encoding.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    if !facts.is_empty() {
        ui.add(Label::new(cx.weak(facts.join(" · "))).wrap());
    }
    if !report.problems.is_empty() {
        let title = cx.say(&Message::new("gis-report-problems").with("count", report.problems.len()));
        egui::CollapsingHeader::new(title).id_salt("problems").show(ui, |ui| {
            for problem in report.problems.iter().take(50) {
                let row = problem.row.map(|r| format!("{}: ", cx.number(r as f64, 0, ""))).unwrap_or_default();
                ui.add(Label::new(cx.weak(format!("{row}{}", cx.say(&problem.message)))).wrap());
            }
        });
    }
}

fn kinds(ui: &mut Ui, cx: &mut Cx<'_>, check: &CheckReport) {
    let shown = cx.session.checks().kind;
    let all: u64 = check.counts.iter().map(|(_, n)| n).sum();
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        let text = format!("{} {}", cx.tr("gis-report-all"), cx.number(all as f64, 0, ""));
        if ui.selectable_label(shown.is_none(), text).clicked() {
            chosen = Some(None);
        }
        for (kind, count) in &check.counts {
            let text = format!("{} {}", cx.tr(kind_key(*kind)), cx.number(*count as f64, 0, ""));
            if ui.selectable_label(shown == Some(*kind), text).clicked() {
                chosen = Some(Some(*kind));
            }
        }
    });
    if let Some(kind) = chosen {
        cx.push(Command::Check(CheckCommand::SetKind(kind)));
    }
}

const ROW_HEIGHT: f32 = 44.0;

fn issues(ui: &mut Ui, cx: &mut Cx<'_>, check: &CheckReport, stale: bool) {
    let kind = cx.session.checks().kind;
    let listed: Vec<(usize, &Issue)> =
        check.issues.iter().enumerate().filter(|(_, i)| kind.is_none_or(|k| k == i.kind)).collect();
    let mut pushed = None;
    ScrollArea::vertical().id_salt("issues").auto_shrink(false).show_rows(ui, ROW_HEIGHT, listed.len(), |ui, range| {
        for (at, issue) in &listed[range] {
            let line = ui.allocate_ui_with_layout(
                vec2(ui.available_width(), ROW_HEIGHT - 6.0),
                egui::Layout::right_to_left(egui::Align::Center),
                |ui| {
                    if icon_button_sized(ui, icon::CROSSHAIR, &cx.tr("gis-report-go"), false, 26.0).clicked() {
                        pushed = Some(CheckCommand::GoTo(*at));
                    }
                    if issue.repair.is_some() && !stale {
                        let name = cx.tr("gis-report-repair");
                        if icon_button_sized(ui, icon::WRENCH, &name, false, 26.0).clicked() {
                            pushed = Some(CheckCommand::Repair(Some(*at)));
                        }
                    }
                    ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        let text = cx.say(&issue.message());
                        let head = ui.add(Label::new(&text).truncate().sense(Sense::click()));
                        let head = head.on_hover_text(text);
                        let mut below = cx.say(
                            &Message::new("gis-report-row").with("row", i64::try_from(issue.row).unwrap_or(i64::MAX)),
                        );
                        if let Some([x, y]) = issue.at {
                            below = format!("{below} · X {} · Y {}", cx.number(x, 2, ""), cx.number(y, 2, ""));
                        }
                        ui.add(Label::new(cx.weak(below)).truncate());
                        head.clicked()
                    })
                    .inner
                },
            );
            if line.inner {
                pushed = Some(CheckCommand::GoTo(*at));
            }
        }
    });
    let all: u64 = check.counts.iter().filter(|(k, _)| kind.is_none_or(|kind| kind == *k)).map(|(_, n)| n).sum();
    if all > listed.len() as u64 {
        let more = i64::try_from(all - listed.len() as u64).unwrap_or(i64::MAX);
        ui.label(cx.weak(cx.say(&Message::new("report-import-more").with("count", more))));
    }
    if let Some(command) = pushed {
        cx.push(Command::Check(command));
    }
}

fn kind_key(kind: IssueKind) -> &'static str {
    match kind {
        IssueKind::NotANumber => "gis-issue-not-a-number",
        IssueKind::EmptyGeometry => "gis-issue-empty-geometry",
        IssueKind::RingNotClosed => "gis-issue-ring-not-closed",
        IssueKind::RingWithoutArea => "gis-issue-ring-without-area",
        IssueKind::SelfIntersection => "gis-issue-self-intersection",
        IssueKind::SelfTouch => "gis-issue-self-touch",
        IssueKind::InteriorSplit => "gis-issue-interior-split",
        IssueKind::DuplicateVertex => "gis-issue-duplicate-vertex",
        IssueKind::HoleOutside => "gis-issue-hole-outside",
        IssueKind::NestedHole => "gis-issue-nested-hole",
        IssueKind::NestedPart => "gis-issue-nested-part",
        IssueKind::Overlap => "gis-issue-overlap",
        IssueKind::Gap => "gis-issue-gap",
        IssueKind::DuplicateParcel => "gis-issue-duplicate-parcel",
        IssueKind::MissingValue => "gis-issue-missing-value",
        IssueKind::OutOfRange => "gis-issue-out-of-range",
        IssueKind::UnknownCode => "gis-issue-unknown-code",
        IssueKind::AreaDiffers => "gis-issue-area-differs",
    }
}
