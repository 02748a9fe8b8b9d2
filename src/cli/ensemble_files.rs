//! An ensemble's table for people, as JSON and CSV, and its maps.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::rows::quoted;
use super::simulate_fire::pretty;
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::Grid;
use crate::io::export::{RasterOptions, write_raster};
use crate::io::staging::FolderStaging;
use crate::study::ensemble::merge::{Change, Merged, Row, Summary};
use crate::study::ensemble::spec::Spec;
use crate::study::whatif::difference::difference;
use crate::text::Catalog;

/// Missing members that are told on a screen one by one; the report has all.
const TOLD: usize = 20;

/// "3, 17, 20–29".
fn ranges(members: &[u32]) -> Vec<String> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for member in members {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *member => *last = *member,
            _ => ranges.push((*member, *member)),
        }
    }
    ranges.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}–{b}") }).collect()
}

/// What the reader must know of the members.
pub(super) fn notices(merged: &Merged) -> Vec<Message> {
    let list = |members: &[u32]| {
        let ranges = ranges(members);
        let more = if ranges.len() > TOLD { ", …" } else { "" };
        format!("{}{more}", ranges[..ranges.len().min(TOLD)].join(", "))
    };
    let mut notices = Vec::new();
    if !merged.missing.is_empty() {
        let message = Message::new("ensemble-missing").with("count", merged.missing.len());
        notices.push(message.with("members", list(&merged.missing)));
    }
    if !merged.damaged.is_empty() {
        notices.push(Message::new("ensemble-damaged").with("members", list(&merged.damaged)));
    }
    if merged.others > 0 {
        notices.push(Message::new("ensemble-others").with("count", merged.others));
    }
    notices
}

fn indicator(row: &Row) -> &str {
    row.key.trim_start_matches("whatif-figure-")
}

pub(super) fn report(merged: &Merged, spec: &Spec, shared: Digest, catalog: &Catalog) -> Value {
    let row = |row: &Row| {
        json!({
            "indicator": indicator(row),
            "about": row.about,
            "name": catalog.text(&row.name()),
            "unit": catalog.get(&row.unit),
            "source": row.origin,
            "model": row.model,
            "target": row.target,
            "better": row.better,
            "scenarios": row.scenarios,
            "changes_from_first": row.changes,
        })
    };
    json!({
        "program_version": env!("CARGO_PKG_VERSION"),
        "inputs_digest": shared.to_string(),
        "spec": spec,
        "members": merged.there,
        "missing": merged.missing,
        "damaged": merged.damaged,
        "fires": merged.fires,
        "rows": merged.rows.iter().map(row).collect::<Vec<_>>(),
        "assumptions": merged.assumptions.iter().map(|m| catalog.text(m)).collect::<Vec<_>>(),
    })
}

fn csv(merged: &Merged, catalog: &Catalog) -> String {
    let mut out = String::from(
        "indicator,about,unit,source,scenario,minus,members,mean,median,p05,p95,better_share,worse_share,target\n",
    );
    let maybe = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v}"));
    for row in &merged.rows {
        let mut line = |scenario: &str, minus: &str, s: &Summary, change: Option<&Change>| {
            let _ = writeln!(
                out,
                "{},{},{},{:?},{},{},{},{},{},{},{},{},{},{}",
                indicator(row),
                quoted(&row.about),
                quoted(&catalog.get(&row.unit)),
                row.origin,
                quoted(scenario),
                quoted(minus),
                s.members,
                s.mean,
                s.median,
                s.p05,
                s.p95,
                maybe(change.and_then(|c| c.better)),
                maybe(change.and_then(|c| c.worse)),
                maybe(row.target),
            );
        };
        for (name, summary) in merged.scenarios.iter().zip(&row.scenarios) {
            if let Some(summary) = summary {
                line(name, "", summary, None);
            }
        }
        for (name, change) in merged.scenarios.iter().skip(1).zip(&row.changes) {
            if let Some(change) = change {
                line(name, &merged.scenarios[0], &change.summary, Some(change));
            }
        }
    }
    out
}

/// Table and maps, all or none.
///
/// # Errors
/// The sentence for what cannot be written.
pub(super) fn write(merged: &Merged, report: &Value, folder: &Path, catalog: &Catalog) -> Result<(), Message> {
    let failed = |e: std::io::Error| Message::new("ensemble-write").with("reason", e.to_string()).with("path", folder);
    let staging = FolderStaging::inside(folder).map_err(failed)?;
    std::fs::write(staging.path("ensemble.json"), pretty(report)).map_err(failed)?;
    std::fs::write(staging.path("ensemble.csv"), csv(merged, catalog)).map_err(failed)?;
    let raster = |name: &str, grid: &Grid<f32>| {
        write_raster(grid, &staging.path(name), RasterOptions::default()).map_err(|e| e.to_message())
    };
    for (side, grid) in merged.burnt.iter().enumerate() {
        // By letter: a scenario's name need not be a file's.
        raster(&format!("burn_probability-{}.tif", letter(side)), grid)?;
        if side > 0
            && let Some(grid) = difference(&merged.burnt[0], grid)
        {
            raster(&format!("burn_probability-{}-A.tif", letter(side)), &grid)?;
        }
    }
    staging.commit().map_err(failed)
}

/// A, B, C … for the scenarios; beyond Z by number.
fn letter(side: usize) -> String {
    u8::try_from(side).ok().filter(|n| *n < 26).map_or_else(|| side.to_string(), |n| char::from(b'A' + n).to_string())
}

/// The table in words.
pub(super) fn tell(merged: &Merged, folder: &Path, catalog: &Catalog) -> String {
    let title = Message::new("ensemble-title").with("members", merged.there);
    let mut out = catalog.text(&title) + "\n";
    for (side, name) in merged.scenarios.iter().enumerate() {
        let _ = writeln!(out, "{} = {name}", letter(side));
    }
    out.push('\n');
    for row in &merged.rows {
        let number = |v: f64| catalog.number(v, row.decimals);
        let spread = |key: &str, side: String, s: &Summary| {
            let message = Message::new(key).with("side", side).with("median", number(s.median));
            catalog.text(&message.with("low", number(s.p05)).with("high", number(s.p95)).with("mean", number(s.mean)))
        };
        let origin = catalog.get(&format!("model-origin-{}", format!("{:?}", row.origin).to_lowercase()));
        let _ = writeln!(out, "{} ({}; {origin})", catalog.text(&row.name()), catalog.get(&row.unit));
        for (side, summary) in row.scenarios.iter().enumerate() {
            if let Some(summary) = summary {
                let _ = writeln!(out, "    {}", spread("ensemble-spread-of", letter(side), summary));
            }
        }
        for (side, change) in row.changes.iter().enumerate() {
            let Some(change) = change else { continue };
            let _ = write!(out, "    {}", spread("ensemble-change-of", letter(side + 1), &change.summary));
            if let (Some(better), Some(worse)) = (change.better, change.worse) {
                let percent = |share: f64| catalog.number(share * 100.0, 0);
                let message = Message::new("ensemble-better").with("better", percent(better));
                let _ = write!(out, "; {}", catalog.text(&message.with("worse", percent(worse))));
            }
            out.push('\n');
        }
    }
    out.push('\n');
    out += &catalog.get("ensemble-only-varied");
    out.push('\n');
    out += &catalog.text(&Message::new("whatif-written").with("path", folder));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_told_as_a_range() {
        assert_eq!(ranges(&[3, 17, 20, 21, 22, 40]).join(", "), "3, 17, 20–22, 40");
        assert!(ranges(&[]).is_empty());
        assert_eq!((letter(1).as_str(), letter(26).as_str()), ("B", "26"));
    }
}
