//! A fire in a few sentences.

use super::clock::LocalClock;
use super::compare::Comparison;
use super::impact::{Impact, Reached};
use super::uncertainty::{Range, Uncertainty};
use crate::base::message::Message;
use crate::base::units::significant;
use crate::model::layer::LayerRole;
use crate::model::project::Project;

/// Roads and places that are named in the headlines.
const NAMED: usize = 3;

/// The most important first: area, roads, places, people, forest.
#[must_use]
pub fn of(impact: &Impact, project: &Project, clock: &LocalClock) -> Vec<Message> {
    let end = clock.at(impact.end_s);
    let (key, hectares) = if impact.burnt_ha < impact.cell_ha {
        ("study-fire-within-a-cell", impact.cell_ha)
    } else {
        ("study-fire-burnt", impact.burnt_ha)
    };
    let mut lines = vec![Message::new(key).with("hectares", short(hectares)).with("clock", end.clone())];
    let of_note: Vec<&Reached> = wide_roads(impact, project);
    for road in of_note.iter().take(NAMED) {
        lines.push(
            Message::new("study-fire-reaches-road")
                .with("road", road.name.as_str())
                .with("clock", clock.at(road.time_s)),
        );
    }
    for place in impact.places.iter().take(NAMED) {
        lines.push(
            Message::new("study-fire-reaches-place")
                .with("place", place.name.as_str())
                .with("clock", clock.at(place.time_s)),
        );
    }
    lines.push(match impact.buildings.first() {
        None => Message::new("study-fire-no-buildings").with("clock", end.clone()),
        Some(first) => Message::new("study-fire-buildings")
            .with("buildings", impact.buildings.len())
            .with("residents", impact.residents)
            .with("first", clock.at(first.time_s))
            .with("clock", end.clone()),
    });
    if impact.forest_ha > 0.0 {
        lines.push(Message::new("study-fire-forest").with("hectares", short(impact.forest_ha)));
    }
    if impact.special_use_ha + impact.protection_ha > 0.0 {
        lines.push(
            Message::new("study-fire-protected-forest")
                .with("special", short(impact.special_use_ha))
                .with("protection", short(impact.protection_ha)),
        );
    }
    lines
}

/// Roads that hold a front or lead somewhere; a lane of a village does not make a headline.
fn wide_roads<'a>(impact: &'a Impact, project: &Project) -> Vec<&'a Reached> {
    let Some(table) = project.with_role(LayerRole::Roads).and_then(|l| l.content.features()) else {
        return impact.roads.iter().collect();
    };
    let width = |r: &Reached| {
        let row = table.row_of(r.feature)?;
        table.value(row, super::impact::field::ROAD_WIDTH).as_f64()
    };
    impact.roads.iter().filter(|r| width(r).is_none_or(|w| w >= 8.0)).collect()
}

/// How sure the numbers are.
#[must_use]
pub fn of_uncertainty(u: &Uncertainty) -> Vec<Message> {
    let range = |key: &str, r: &Range| {
        Message::new(key).with("low", short(r.low)).with("middle", short(r.middle)).with("high", short(r.high))
    };
    let mut lines = vec![range("study-fire-range-area", &u.burnt_ha).with("members", u.members)];
    if u.buildings.high > 0.0 {
        lines.push(range("study-fire-range-buildings", &u.buildings));
    }
    lines
}

/// What the measures change.
#[must_use]
pub fn of_comparison(c: &Comparison) -> Vec<Message> {
    let change = |key: &str, before: f64, after: f64| {
        Message::new(key)
            .with("before", short(before))
            .with("after", short(after))
            .with("spared", short(before - after))
    };
    let mut lines = vec![change("study-fire-change-area", c.before.burnt_ha, c.after.burnt_ha)];
    let houses = [&c.before, &c.after].map(|i| i.buildings.len() as f64);
    if houses != [0.0; 2] {
        lines.push(change("study-fire-change-buildings", houses[0], houses[1]));
        let people = [&c.before, &c.after].map(|i| f64::from(i.residents));
        lines.push(change("study-fire-change-residents", people[0], people[1]));
    }
    lines
}

/// Three digits are more than a fire model can promise.
fn short(value: f64) -> f64 {
    // Counts stay what they are.
    if value.fract() == 0.0 && value.abs() < 1e6 { value } else { significant(value, 3) }
}
