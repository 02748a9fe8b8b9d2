//! `island-twin scenario`: the tree of plans of a scene or project, and what may be built.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::files::take;
use super::simulate_fire::{Told, pretty};
use super::whatif::{bad, named, norms, open, read, tell};
use super::whatif_args::{ByNorms, PreferArg, ScenarioAction};
use crate::base::message::{Message, ToMessage};
use crate::io::import::WorkerProgram;
use crate::io::store::{Commit, commit_project, is_project};
use crate::model::project::Project;
use crate::model::scenario::{Edit, Scenario, ScenarioId, validate};
use crate::model::scenario_tree::{Merge, Prefer, add, diff, find_mut, in_order, merge};
use crate::model::style::Text2;
use crate::study::effects::resolve;
use crate::study::effects::table::EffectTable;
use crate::study::fire::case::from_lon_lat;
use crate::study::zoning::allowance::{Allowance, Bound, most};
use crate::study::zoning::check::{Plots, Violations, check};
use crate::study::zoning::rules::PlanningNorms;
use crate::text::{Catalog, Language};

/// # Errors
/// The sentence for what is wrong; nothing is changed then.
pub fn run(action: &ScenarioAction, language: Language, worker: &WorkerProgram) -> Result<Told, Message> {
    let catalog = Catalog::load(language);
    let _held = match action {
        ScenarioAction::Add { project: path, .. } | ScenarioAction::Merge { path, name: Some(_), .. } => {
            if path.exists() && !is_project(path) {
                return Err(Message::new("whatif-only-projects").with("path", path.as_path()));
            }
            // A file that is not there is told by opening it.
            path.exists().then(|| take(path)).transpose()?
        }
        _ => None,
    };
    let (path, told) = match action {
        ScenarioAction::List { path, .. }
        | ScenarioAction::Diff { path, .. }
        | ScenarioAction::Merge { path, .. }
        | ScenarioAction::Check { path, .. }
        | ScenarioAction::Allowance { path, .. }
        | ScenarioAction::Add { project: path, .. } => (path, open(path, worker)?),
    };
    let (project, notices) = told;
    let text = match action {
        ScenarioAction::List { json, .. } => list(&project, *json, &catalog),
        ScenarioAction::Add { name, base, edits, .. } => {
            let base = base.as_deref().map_or(Ok(None), |b| named(&project, b, path))?;
            add_to(&project, path, name, base.as_ref(), edits.as_deref(), &catalog)?
        }
        ScenarioAction::Diff { first, second, json, .. } => {
            let (a, b) = (named(&project, first, path)?, named(&project, second, path)?);
            let found = diff(&project.scenarios, a.as_ref(), b.as_ref()).map_err(|e| e.to_message())?;
            if *json {
                pretty(&found)
            } else {
                let sides = [(first, &found.only_first), (second, &found.only_second)];
                let mut out = String::new();
                for (name, edits) in sides {
                    let _ = writeln!(
                        out,
                        "{}",
                        catalog.text(
                            &Message::new("whatif-only-in").with("name", name.as_str()).with("edits", edits.len())
                        )
                    );
                    for edit in edits {
                        let _ = writeln!(out, "- {}", tell(edit, &catalog));
                    }
                }
                out + &catalog.text(&Message::new("whatif-in-both").with("edits", found.both))
            }
        }
        ScenarioAction::Merge { into, from, prefer, name, json, .. } => {
            merged(&project, path, [into, from], *prefer, name.as_deref(), *json, &catalog)?
        }
        ScenarioAction::Check { by, .. } => {
            let (resolved, table) = judged(&project, by, path)?;
            violations(&check(&resolved, &table), by.json, &catalog)
        }
        ScenarioAction::Allowance { place, by, .. } => {
            let (resolved, table) = judged(&project, by, path)?;
            let numbers: Vec<f64> = place.split(',').map_while(|t| t.trim().parse().ok()).collect();
            let [lon, lat] = numbers[..] else {
                return Err(Message::new("whatif-no-place").with("text", place.as_str()));
            };
            let at = from_lon_lat(&project, [lon, lat]).map_err(|e| e.to_message())?;
            let effects = EffectTable::shipped().map_err(|e| e.to_message())?;
            let found = most(&resolved, &Plots::of(&resolved), at, &table, &effects)
                .ok_or_else(|| Message::new("whatif-nothing-there").with("text", place.as_str()))?;
            if by.json { pretty(&found) } else { allowance(&found, &catalog) }
        }
    };
    Ok(Told { text, notices })
}

/// The project as the scenario makes it, and the norms that judge it.
fn judged(project: &Project, by: &ByNorms, path: &Path) -> Result<(std::sync::Arc<Project>, PlanningNorms), Message> {
    let id = by.scenario.as_deref().map_or(Ok(None), |s| named(project, s, path))?;
    let norms = norms(by.norms.as_deref())?;
    let effects = EffectTable::shipped().map_err(|e| e.to_message())?;
    Ok((resolve(project, id.as_ref(), &effects).map_err(|e| e.to_message())?.project, norms))
}

fn pick(text: &Text2, language: Language) -> &str {
    if language == Language::Vi { &text.vi } else { &text.en }
}

fn list(project: &Project, as_json: bool, catalog: &Catalog) -> String {
    let ordered = in_order(&project.scenarios);
    if as_json {
        let all: Vec<Value> = ordered
            .iter()
            .map(|(depth, s)| json!({ "id": s.id, "name": s.name, "base": s.base, "depth": depth, "edits": s.edits }))
            .collect();
        return pretty(&all);
    }
    if ordered.is_empty() {
        return catalog.get("whatif-no-scenarios");
    }
    let mut out = String::new();
    for (depth, scenario) in ordered {
        let indent = "  ".repeat(depth);
        let _ = writeln!(out, "{indent}{}  {}", scenario.id, pick(&scenario.name, catalog.language()));
        for page in &scenario.story {
            let _ = writeln!(out, "{indent}    {}", pick(&page.text, catalog.language()));
        }
        for edit in &scenario.edits {
            let _ = writeln!(out, "{indent}    - {}", tell(edit, catalog));
        }
    }
    out
}

fn add_to(
    project: &Project,
    path: &Path,
    name: &str,
    base: Option<&ScenarioId>,
    edits: Option<&Path>,
    catalog: &Catalog,
) -> Result<String, Message> {
    let edits: Vec<Edit> = match edits {
        Some(file) => ron::from_str(&read(file)?).map_err(|e| bad(file, &e))?,
        None => Vec::new(),
    };
    let mut next = project.clone();
    let id = add(&mut next.scenarios, name, base).map_err(|e| e.to_message())?;
    find_mut(&mut next.scenarios, &id).map_err(|e| e.to_message())?.edits = edits;
    keep(project, next, path, &id, catalog)
}

/// Writes a project's new scenarios into its file, in one transaction.
fn keep(before: &Project, next: Project, path: &Path, id: &ScenarioId, catalog: &Catalog) -> Result<String, Message> {
    validate(&next.scenarios).map_err(|e| e.to_message())?;
    if !is_project(path) {
        return Err(Message::new("whatif-only-projects").with("path", path));
    }
    match commit_project(before, &next, path).map_err(|e| e.to_message())? {
        Commit::Done => {
            Ok(catalog.text(&Message::new("whatif-added").with("scenario", id.to_string()).with("path", path)))
        }
        Commit::NeedsSave => Err(Message::new("whatif-only-projects").with("path", path)),
    }
}

fn merged(
    project: &Project,
    path: &Path,
    [into, from]: [&str; 2],
    prefer: PreferArg,
    name: Option<&str>,
    as_json: bool,
    catalog: &Catalog,
) -> Result<String, Message> {
    let need = |name: &str| {
        named(project, name, path)?.ok_or_else(|| {
            let known: Vec<&str> = project.scenarios.iter().map(|s| s.id.0.as_str()).collect();
            Message::new("whatif-merge-today").with("known", known.join(", ")).with("path", path)
        })
    };
    let (a, b) = (need(into)?, need(from)?);
    let prefer = if prefer == PreferArg::Ours { Prefer::Ours } else { Prefer::Theirs };
    let found: Merge = merge(&project.scenarios, &a, &b, prefer).map_err(|e| e.to_message())?;
    let mut out = String::new();
    for conflict in &found.conflicts {
        let message = Message::new("whatif-conflict")
            .with("what", conflict.target.to_string())
            .with("ours", conflict.ours.to_message())
            .with("theirs", conflict.theirs.to_message());
        let _ = writeln!(out, "{}", catalog.text(&message));
    }
    let summary =
        Message::new("whatif-merged").with("edits", found.edits.len()).with("conflicts", found.conflicts.len());
    out += &catalog.text(&summary);
    if let Some(name) = name {
        let mut next = project.clone();
        let id = add(&mut next.scenarios, name, Some(&a)).map_err(|e| e.to_message())?;
        let scenario: &mut Scenario = find_mut(&mut next.scenarios, &id).map_err(|e| e.to_message())?;
        scenario.edits.clone_from(&found.edits);
        out = out + "\n" + &keep(project, next, path, &id, catalog)?;
    }
    Ok(if as_json { pretty(&found) } else { out })
}

/// Violations that are listed one by one on a screen; files get all.
const LISTED: usize = 20;

fn violations(found: &Violations, as_json: bool, catalog: &Catalog) -> String {
    if as_json {
        return pretty(&json!({ "plots": found.plots(), "by_clause": found.by_clause(), "violations": found.list }));
    }
    let mut out = catalog.text(&Message::new("whatif-violating-plots").with("plots", found.plots())) + "\n";
    for (clause, count) in found.by_clause() {
        let _ = writeln!(out, "- {clause}: {}", catalog.number(count as f64, 0));
    }
    for v in found.list.iter().take(LISTED) {
        let key = if v.in_plan { "whatif-violation-zone" } else { "whatif-violation-parcel" };
        let message = Message::new(key)
            .with("feature", v.feature.to_string())
            .with("use", v.land_use.as_str())
            .with("kind", Message::new(v.kind.key()))
            .with("found", catalog.number(v.found, 2))
            .with("most", catalog.number(v.most, 2))
            .with("clause", v.clause.as_str());
        let mark = if v.verify { format!(" {}", catalog.get("whatif-verify")) } else { String::new() };
        let _ = writeln!(out, "{}{mark}", catalog.text(&message));
    }
    out
}

fn allowance(found: &Allowance, catalog: &Catalog) -> String {
    let number = |v: f64, decimals: usize| catalog.number(v, decimals);
    let bound = |b: &Option<Bound>, decimals: usize| {
        b.as_ref().map_or_else(
            || catalog.get("whatif-no-limit"),
            |b| {
                let mark = if b.verify { format!(", {}", catalog.get("whatif-verify")) } else { String::new() };
                format!("{} ({}{mark})", number(b.value, decimals), b.clause)
            },
        )
    };
    let key = if found.in_plan { "whatif-allowance-zone" } else { "whatif-allowance-parcel" };
    let y = &found.yields;
    let mut lines = vec![
        Message::new(key)
            .with("feature", found.feature.to_string())
            .with("use", found.land_use.as_str())
            .with("area", number(found.area_m2, 0)),
        Message::new("whatif-allowance-coverage").with("bound", bound(&found.coverage, 2)),
        Message::new("whatif-allowance-ratio").with("bound", bound(&found.plot_ratio, 2)),
        Message::new("whatif-allowance-height").with("bound", bound(&found.height_m, 1)),
        Message::new("whatif-allowance-setback").with("bound", bound(&found.setback_m, 1)),
        Message::new("whatif-allowance-stands")
            .with("floor", number(found.standing.floor_m2, 0))
            .with("buildings", found.standing.buildings),
    ];
    // Streets, parks, forest: the bounds stand in the plan, and yet no house belongs there.
    if y.floor_m2 < 1.0 {
        lines.push(Message::new("whatif-allowance-none"));
        return lines.iter().map(|m| catalog.text(m)).collect::<Vec<_>>().join("\n");
    }
    lines.extend([
        Message::new("whatif-allowance-most")
            .with("floor", number(y.floor_m2, 0))
            .with("footprint", number(found.footprint_m2, 0))
            .with("storeys", number(found.storeys, 0)),
        Message::new("whatif-allowance-yield")
            .with("dwellings", number(y.dwellings, 0))
            .with("residents", number(y.residents, 0))
            .with("jobs", number(y.jobs, 0))
            .with("trips", number(y.trips_a_day, 0))
            .with("water", number(y.water_m3_a_day, 1))
            .with("power", number(y.power_kw, 0)),
    ]);
    lines.iter().map(|m| catalog.text(m)).collect::<Vec<_>>().join("\n")
}
