//! Who breathes it: residents by the air at their house, by commune and against the limit.

use serde::Serialize;

use crate::geo::grid::Grid;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::anchor;
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
    fn add(&mut self, people: f64, value: f64, limit: Option<f64>) {
        self.people += people;
        self.dose += people * value;
        self.highest = self.highest.max(value);
        if limit.is_some_and(|l| value > l) {
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

/// Sum over the houses of concentration times residents.
#[must_use]
pub fn of(project: &Project, field_ug_m3: &Grid<f32>, limit_ug_m3: Option<f64>) -> Exposure {
    let table = |role| project.with_role(role).and_then(|l| l.content.features());
    let Some(houses) = table(LayerRole::Buildings) else { return Exposure::default() };
    let communes = table(LayerRole::Communes);
    let index = communes.map(|c| FeatureIndex::build(&c.geometry));
    let mut all = Sum::default();
    let mut by_commune = vec![Sum::default(); communes.map_or(0, |c| c.len())];
    for (row, shape) in houses.geometry.iter().enumerate() {
        let Some(people) = houses.value(row, field::RESIDENTS).as_f64().filter(|n| *n > 0.0) else { continue };
        let Some(at) = anchor(shape) else { continue };
        let value = f64::from(field_ug_m3.bilinear(at));
        if value.is_nan() {
            continue;
        }
        all.add(people, value, limit_ug_m3);
        if let (Some(communes), Some(index)) = (communes, &index)
            && let Some(&commune) = index.containing(&communes.geometry, at).first()
        {
            by_commune[commune].add(people, value, limit_ug_m3);
        }
    }
    let told = |(row, sum): (usize, Sum)| {
        let text = |name: &str| communes.map_or_else(String::new, |c| c.value(row, name).to_string());
        sum.told(&text(field::CODE), &text(field::NAME))
    };
    Exposure {
        all: all.told("", ""),
        communes: by_commune.into_iter().enumerate().filter(|(_, s)| s.people > 0.0).map(told).collect(),
    }
}
