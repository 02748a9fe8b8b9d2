//! The figures that leadership asks for, of one scenario.

use serde::{Deserialize, Serialize};

use super::run::{Model, ScenarioRun};
use crate::base::message::Message;
use crate::base::units::significant;
use crate::model::layer::Origin;
use crate::study::air::limit::title_arg;
use crate::study::effects::Input;
use crate::study::effects::table::Percent;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Better {
    Less,
    More,
    Neither,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Key of its name in the catalogues.
    pub key: String,
    /// Goes into the name: a substance, a beach.
    pub about: String,
    /// Key of its unit.
    pub unit: String,
    pub decimals: usize,
    pub value: f64,
    /// May be so much higher or lower; `None` for what is counted.
    pub plus_minus: Option<f64>,
    pub origin: Origin,
    pub better: Better,
    pub target: Option<f64>,
    pub model: Model,
}

fn figure(key: &str, unit: &str, decimals: usize, value: f64, model: Model) -> Figure {
    Figure {
        key: format!("whatif-figure-{key}"),
        about: String::new(),
        unit: format!("whatif-unit-{unit}"),
        decimals,
        value,
        plus_minus: None,
        origin: if model == Model::Layers { Origin::Generated } else { Origin::Simulated },
        better: Better::Less,
        target: None,
        model,
    }
}

impl Figure {
    /// Its name: what it is, and of which substance or beach.
    #[must_use]
    pub fn name(&self) -> Message {
        let name = Message::new(&self.key);
        if self.model == Model::Air {
            name.with("about", title_arg(&self.about))
        } else {
            name.with("about", self.about.as_str())
        }
    }

    fn better(self, better: Better) -> Self {
        Self { better, ..self }
    }

    fn percent(self, percent: f64) -> Self {
        Self { plus_minus: Some(self.value.abs() * percent / 100.0), ..self }
    }

    fn about(self, about: &str) -> Self {
        Self { about: about.to_owned(), ..self }
    }
}

/// An uncertainty is not known to more.
pub(super) const UNCERTAINTY_DIGITS: i32 = 2;

/// All figures of a scenario, in the order in which they are shown.
#[must_use]
pub fn figures(run: &ScenarioRun, uncertainty: &Percent) -> Vec<Figure> {
    let (still, traffic, fire) = (&run.still, &run.traffic, &run.fire);
    let counted = |key, unit, value| Figure { origin: still.origin, ..figure(key, unit, 0, value, Model::Layers) };
    let travel =
        |key, unit, decimals, value, percent| figure(key, unit, decimals, value, Model::Traffic).percent(percent);
    let mut all = vec![
        counted("residents", "persons", still.residents).better(Better::Neither),
        Figure { origin: Origin::Assumed, ..travel("jobs", "jobs", 0, traffic.jobs, uncertainty.demand) }
            .better(Better::More),
        travel("trips", "trips", 0, traffic.person_trips, uncertainty.demand).better(Better::Neither),
        travel("mean-time", "minutes", 1, traffic.mean_min, uncertainty.speed),
        travel("p95-time", "minutes", 1, traffic.p95_min, uncertainty.speed),
        travel("vehicle-km", "km", 0, traffic.vehicle_km, uncertainty.demand),
        travel("congested-km", "km", 2, traffic.congested_km, uncertainty.demand * 2.0),
    ];
    all.extend(traffic.leaving.as_ref().map(|leaving| {
        travel("evacuation", "minutes", 0, leaving.minutes, uncertainty.demand).about(&leaving.commune)
    }));
    for air in &run.air {
        let of = |key, unit, decimals, value| {
            figure(key, unit, decimals, value, Model::Air).percent(uncertainty.air).about(&air.pollutant)
        };
        all.push(of("exposure", "person-ug", 0, air.person_ug_m3));
        all.push(Figure { target: Some(0.0), ..of("above-limit", "persons", 0, air.residents_above) });
    }
    // What other fires of the same kind would have given.
    let [median, p95] = [0, 1].map(|i: usize| fire.sure_ha.map(|s| s[i]));
    all.push(Figure { plus_minus: median, ..figure("burnt-median", "hectares", 0, fire.median_ha, Model::Fire) });
    all.push(Figure { plus_minus: p95, ..figure("burnt-p95", "hectares", 0, fire.p95_ha, Model::Fire) });
    let of_n = |value: f64| Some(value / f64::from(fire.fires.max(1)).sqrt());
    let houses = figure("fire-buildings", "buildings", 0, fire.buildings, Model::Fire);
    all.push(Figure { plus_minus: of_n(fire.buildings), ..houses });
    let people = figure("fire-people", "persons", 0, fire.residents, Model::Fire);
    all.push(Figure { plus_minus: of_n(fire.residents), ..people });
    all.push(counted("forest", "hectares", still.forest_ha).better(Better::More));
    all.extend(still.near_station.map(|n| counted("near-station", "persons", n).better(Better::More)));
    all.push(counted("floor", "m2", still.floor_m2).better(Better::Neither));
    all.push(Figure { target: Some(0.0), ..counted("violations", "plots", still.violations) });
    if let Some(water) = &run.water {
        for (beach, highest, _) in &water.beaches {
            let of = figure("beach", "cfu", 0, *highest, Model::Water).percent(uncertainty.water).about(beach);
            all.push(Figure { target: Some(water.limit), ..of });
        }
    }
    all.into_iter()
        .map(|f| Figure { plus_minus: f.plus_minus.map(|pm| significant(pm, UNCERTAINTY_DIGITS)), ..f })
        .collect()
}

/// What a figure rests on of what an edit may touch.
#[must_use]
pub fn reads(model: Model, key: &str) -> &'static [Input] {
    match model {
        Model::Layers if key.ends_with("forest") => &[Input::LandCover],
        Model::Layers if key.ends_with("violations") => &[Input::Buildings, Input::Plan, Input::Parcels],
        Model::Layers if key.ends_with("near-station") => &[Input::Buildings, Input::Sensors],
        Model::Layers => &[Input::Buildings],
        Model::Traffic => &[Input::Roads, Input::Buildings],
        Model::Air => &[Input::Roads, Input::Buildings, Input::Emitters],
        Model::Fire => &[Input::LandCover, Input::Roads, Input::Breaks, Input::Buildings],
        Model::Water => &[Input::Outlets],
    }
}

/// Key of a model's name.
#[must_use]
pub fn model_key(model: Model) -> &'static str {
    match model {
        Model::Layers => "whatif-model-layers",
        Model::Traffic => "whatif-model-traffic",
        Model::Air => "whatif-model-air",
        Model::Fire => "whatif-model-fire",
        Model::Water => "whatif-model-water",
    }
}
