//! An air study in a few sentences.

use super::case::{AirCase, AtStation};
use super::exposure::Exposure;
use super::limit::{ShownLimit, title_arg};
use crate::base::message::{Arg, Message};
use crate::base::units::significant;
use crate::geo::grid::Grid;
use crate::sim::air::source::Source;

/// Sources that are named.
const NAMED: usize = 3;

/// The most important first: the limit, who is above it, the highest, whose it is.
#[must_use]
pub fn of(
    case: &AirCase,
    (field, exposure): (&Grid<f32>, &Exposure),
    held: Option<(&Grid<f32>, &ShownLimit)>,
    stations: &[AtStation],
) -> Vec<Message> {
    let mut lines = Vec::new();
    let highest = field.range().map_or(0.0, |(_, most)| f64::from(most));
    lines.push(
        Message::new("air-highest")
            .with("substance", title_arg(&case.inputs.pollutant))
            .with("value", short(highest))
            .with("hours", case.inputs.hours.len()),
    );
    lines.extend(against_limit(case, exposure, held));
    if let Some(worst) = stations.iter().max_by(|a, b| a.conc_ug_m3.total_cmp(&b.conc_ug_m3)) {
        lines.push(
            Message::new("air-worst-station")
                .with("station", worst.name.as_str())
                .with("value", short(worst.conc_ug_m3)),
        );
        let mut order: Vec<usize> = (0..case.sources.len()).collect();
        order.sort_by(|a, b| worst.shares_ug_m3[*b].total_cmp(&worst.shares_ug_m3[*a]));
        for i in order.into_iter().take(NAMED).filter(|i| worst.shares_ug_m3[*i] > 0.005 * worst.conc_ug_m3) {
            lines.push(
                Message::new("air-share")
                    .with("source", name(&case.sources[i]))
                    .with("value", short(worst.shares_ug_m3[i]))
                    .with("percent", (100.0 * worst.shares_ug_m3[i] / worst.conc_ug_m3).round()),
            );
        }
    }
    lines
}

/// A source by its title; one that was set by clicks, "stack-1" with the title "1", in the reader's words.
fn name(source: &Source) -> Arg {
    match source.id.split_once('-') {
        Some((kind @ ("stack" | "line" | "area"), number)) if source.title == number => {
            Message::new(&format!("ui-air-{kind}")).with("number", number).into()
        }
        _ => source.title.as_str().into(),
    }
}

/// What is held against the limit, and who is above it.
#[must_use]
pub fn against_limit(case: &AirCase, exposure: &Exposure, held: Option<(&Grid<f32>, &ShownLimit)>) -> Vec<Message> {
    let mut lines = Vec::new();
    match held {
        Some((judged, limit)) => {
            let area_ha = judged.cells.iter().filter(|v| f64::from(**v) > limit.ug_m3).count() as f64
                * judged.spec.cell_width()
                * judged.spec.cell_height()
                / 10_000.0;
            let key = if limit.verify { "air-limit-verify" } else { "air-limit" };
            lines.push(
                Message::new(key)
                    .with("limit", limit.ug_m3)
                    .with("hours", limit.averaging_hours)
                    .with("document", limit.document.as_str())
                    .with("area", short(area_ha)),
            );
            let (over, hours) = (limit.averaging_hours as usize, case.inputs.hours.len());
            if over != hours {
                let key = if over < hours { "air-limit-highest-mean" } else { "air-limit-short-run" };
                lines.push(Message::new(key).with("over", over).with("hours", hours));
            }
        }
        None => lines.push(Message::new("air-no-limit").with("substance", title_arg(&case.inputs.pollutant))),
    }
    if exposure.all.residents > 0 {
        let key = if held.is_some() { "air-exposed" } else { "air-exposed-no-limit" };
        lines.push(
            Message::new(key)
                .with("residents", exposure.all.residents as f64)
                .with("mean", short(exposure.all.mean_ug_m3))
                .with("above", exposure.all.residents_above as f64),
        );
    }
    lines
}

/// Three digits are more than a plume model can promise.
#[must_use]
pub fn short(value: f64) -> f64 {
    significant(value, 3)
}
