//! Who breathes it: residents by the air at their house, by commune and against the limit.

use std::fmt::Write as _;

use serde::Serialize;

use super::limit::ShownLimit;
use crate::base::csv::quoted;
use crate::geo::grid::Grid;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::anchor;
use crate::geo::shape::Shape;
use crate::model::layer::LayerRole;
use crate::model::project::Project;

/// Of a commune or of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Exposed {
    pub code: String,
    pub name: String,
    pub residents: u64,
    /// Mean over the residents, µg/m3.
    pub mean_ug_m3: f64,
    pub highest_ug_m3: f64,
    pub residents_above: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Exposure {
    pub all: Exposed,
    /// In the layer's order; communes without residents are left out.
    pub communes: Vec<Exposed>,
}

mod field {
    pub const RESIDENTS: &str = "SONGUOI";
    pub const CODE: &str = "MAXA";
    pub const NAME: &str = "TENXA";
}

#[derive(Default, Clone, Copy)]
struct Sum {
    people: f64,
    dose: f64,
    highest: f64,
    above: f64,
}

impl Sum {
    fn add(&mut self, people: f64, value: f64, is_above: bool) {
        self.people += people;
        self.dose += people * value;
        self.highest = self.highest.max(value);
        if is_above {
            self.above += people;
        }
    }

    fn told(self, code: &str, name: &str) -> Exposed {
        Exposed {
            code: code.to_owned(),
            name: name.to_owned(),
            residents: self.people.round() as u64,
            mean_ug_m3: if self.people > 0.0 { self.dose / self.people } else { 0.0 },
            highest_ug_m3: self.highest,
            residents_above: self.above.round() as u64,
        }
    }
}

/// Where people live: a house, how many, and which commune (row of its layer).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Home {
    pub at: [f64; 2],
    pub people: f64,
    pub commune: Option<usize>,
}

/// All houses with residents.
#[must_use]
pub fn homes(project: &Project) -> Vec<Home> {
    let table = |role| project.with_role(role).and_then(|l| l.content.features());
    let Some(houses) = table(LayerRole::Buildings) else { return Vec::new() };
    let communes = table(LayerRole::Communes);
    let index = communes.map(|c| FeatureIndex::build(&c.geometry));
    let home = |(row, shape): (usize, Shape<'_>)| {
        let people = houses.value(row, field::RESIDENTS).as_f64().filter(|n| *n > 0.0)?;
        let at = anchor(shape)?;
        let commune = communes.zip(index.as_ref()).and_then(|(c, i)| i.containing(&c.geometry, at).first().copied());
        Some(Home { at, people, commune })
    };
    houses.geometry.iter().enumerate().filter_map(home).collect()
}

/// (code, name) of every commune, in the layer's order.
#[must_use]
pub fn communes(project: &Project) -> Vec<(String, String)> {
    let table = project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
    let text = |row: usize, name: &str| table.map_or_else(String::new, |c| c.value(row, name).to_string());
    (0..table.map_or(0, |c| c.len())).map(|row| (text(row, field::CODE), text(row, field::NAME))).collect()
}

/// Sum over the houses of concentration times residents; those are above who live where the field that is held against
/// the limit is.
#[must_use]
pub fn of(project: &Project, field_ug_m3: &Grid<f32>, held: Option<(&Grid<f32>, f64)>) -> Exposure {
    let communes = communes(project);
    let mut all = Sum::default();
    let mut by_commune = vec![Sum::default(); communes.len()];
    for home in homes(project) {
        let value = f64::from(field_ug_m3.bilinear(home.at));
        if value.is_nan() {
            continue;
        }
        let is_above = held.is_some_and(|(judged, limit)| f64::from(judged.bilinear(home.at)) > limit);
        all.add(home.people, value, is_above);
        if let Some(commune) = home.commune {
            by_commune[commune].add(home.people, value, is_above);
        }
    }
    let told = |(sum, (code, name)): (Sum, &(String, String))| sum.told(code, name);
    Exposure {
        all: all.told("", ""),
        communes: by_commune.into_iter().zip(&communes).filter(|(s, _)| s.people > 0.0).map(told).collect(),
    }
}

/// One line a commune, and one of all.
#[must_use]
pub fn csv(exposure: &Exposure, limit: Option<&ShownLimit>, pollutant: &str) -> String {
    let mut text = String::from(
        "code,commune,residents,mean_ug_m3,highest_ug_m3,residents_above_limit,limit_ug_m3,limit_h,pollutant,origin\n",
    );
    let limit = limit.map_or_else(|| ",".to_owned(), |l| format!("{},{}", l.ug_m3, l.averaging_hours));
    let pollutant = quoted(pollutant);
    let mut row = |e: &Exposed, name: &str| {
        let _ = writeln!(
            text,
            "{},{},{},{:.6},{:.6},{},{limit},{pollutant},simulated",
            quoted(&e.code),
            quoted(name),
            e.residents,
            e.mean_ug_m3,
            e.highest_ug_m3,
            e.residents_above
        );
    };
    for commune in &exposure.communes {
        row(commune, &commune.name);
    }
    row(&exposure.all, "all");
    text
}
