//! What an ensemble is made of (`*.ensemble.ron`).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::EnsembleError;
use crate::study::whatif::run::Model;
use crate::study::whatif::settings::Settings;

/// The newest form that this program reads.
pub const SPEC_VERSION: u32 = 1;
/// More members than anybody waits for.
const MOST_MEMBERS: u32 = 1_000_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub version: u32,
    /// Scene or project; a relative path starts at the folder of this file.
    pub scene: PathBuf,
    /// Differences are told from the first one; `today` is what is there.
    pub scenarios: Vec<String>,
    pub members: u32,
    pub seed: u64,
    #[serde(default = "all")]
    pub models: Vec<Model>,
    /// What is the same in all members.
    #[serde(default)]
    pub settings: Settings,
    #[serde(default)]
    pub vary: Vary,
}

fn all() -> Vec<Model> {
    Model::ALL.to_vec()
}

/// What is drawn for each member; what is not named is the same in all, as the settings say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vary {
    pub wind_mps: Option<Spread>,
    pub wind_from_deg: Option<Spread>,
    pub cloud: Option<Spread>,
    pub background_ug_m3: Option<Spread>,
    pub fire_wind_mps: Option<Spread>,
    pub fire_moisture: Option<Spread>,
    pub traffic_demand: Option<Spread>,
    pub ignitions: Ignitions,
}

/// How a number varies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Spread {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    /// `sd_log`: standard deviation of the natural logarithm.
    LogNormal {
        median: f64,
        sd_log: f64,
    },
    /// As often as they stand here: measured values.
    OneOf(Vec<f64>),
    /// (value, weight): a wind rose.
    Weighted(Vec<(f64, f64)>),
}

/// Where the fires of a member start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ignitions {
    /// So many fires, each where vegetation burns today.
    Anywhere(u32),
    /// One fire at one of these places: (longitude, latitude).
    OneOf(Vec<[f64; 2]>),
    /// A fire at each of these places.
    AllOf(Vec<[f64; 2]>),
}

impl Default for Ignitions {
    fn default() -> Self {
        Self::Anywhere(1)
    }
}

/// A number that may vary: its name in the file, and what is possible. A draw beyond that is taken as the limit.
pub(super) struct Quantity {
    pub(super) name: &'static str,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Vary {
    /// All numbers that may vary. The place in this list keys the draws: it never changes, new ones go to its end.
    pub(super) fn numbers(&self) -> [(Quantity, Option<&Spread>); 7] {
        let q = |name, low, high| Quantity { name, low, high };
        [
            (q("wind_mps", 0.5, 60.0), self.wind_mps.as_ref()),
            // A direction goes round: it is brought into 0 to 360 and has no limit.
            (q("wind_from_deg", f64::MIN, f64::MAX), self.wind_from_deg.as_ref()),
            (q("cloud", 0.0, 1.0), self.cloud.as_ref()),
            (q("background_ug_m3", 0.0, 10_000.0), self.background_ug_m3.as_ref()),
            (q("fire_wind_mps", 0.0, 60.0), self.fire_wind_mps.as_ref()),
            (q("fire_moisture", 0.1, 10.0), self.fire_moisture.as_ref()),
            (q("traffic_demand", 0.01, 10.0), self.traffic_demand.as_ref()),
        ]
    }
}

impl Spread {
    fn is_possible(&self) -> bool {
        let fine = |v: &f64| v.is_finite() && v.abs() < 1e9;
        match self {
            Self::Uniform { low, high } => fine(low) && fine(high) && low <= high,
            Self::Normal { mean, sd } => fine(mean) && fine(sd) && *sd >= 0.0,
            Self::LogNormal { median, sd_log } => fine(median) && *median > 0.0 && (0.0..10.0).contains(sd_log),
            Self::OneOf(values) => !values.is_empty() && values.iter().all(fine),
            Self::Weighted(rows) => {
                rows.iter().all(|(v, w)| fine(v) && fine(w) && *w >= 0.0) && rows.iter().any(|(_, w)| *w > 0.0)
            }
        }
    }
}

impl Spec {
    /// # Errors
    /// [`EnsembleError::Spec`] for what is no spec; what is wrong in one, by name.
    pub fn parse(text: &str) -> Result<Self, EnsembleError> {
        let spec: Self = ron::from_str(text).map_err(|e| EnsembleError::Spec { reason: e.to_string() })?;
        if spec.version != SPEC_VERSION {
            return Err(EnsembleError::Version { found: spec.version, known: SPEC_VERSION });
        }
        if spec.members == 0 || spec.members > MOST_MEMBERS {
            return Err(EnsembleError::Members { found: spec.members, most: MOST_MEMBERS });
        }
        if spec.scenarios.is_empty() {
            return Err(EnsembleError::NoScenario);
        }
        if let Some(twice) = spec.scenarios.iter().enumerate().find(|(i, s)| spec.scenarios[..*i].contains(s)) {
            return Err(EnsembleError::ScenarioTwice { name: twice.1.clone() });
        }
        if spec.models.is_empty() {
            return Err(EnsembleError::NoModel);
        }
        if spec.models.contains(&Model::Air) && !spec.models.contains(&Model::Traffic) {
            return Err(EnsembleError::AirWithoutTraffic);
        }
        for (quantity, spread) in spec.vary.numbers() {
            if spread.is_some_and(|s| !s.is_possible()) {
                return Err(EnsembleError::Spread { name: quantity.name });
            }
        }
        spec.ignitions_are_possible().then_some(spec).ok_or(EnsembleError::Ignitions)
    }

    fn ignitions_are_possible(&self) -> bool {
        match &self.vary.ignitions {
            Ignitions::Anywhere(fires) => (1..=100_000).contains(fires),
            Ignitions::OneOf(places) | Ignitions::AllOf(places) => {
                let on_earth = |[lon, lat]: &[f64; 2]| lon.abs() <= 180.0 && lat.abs() <= 90.0;
                !places.is_empty() && places.iter().all(on_earth)
            }
        }
    }

    /// Whether a model's results differ from member to member.
    #[must_use]
    pub fn varies(&self, model: Model) -> bool {
        let v = &self.vary;
        let demand = v.traffic_demand.is_some();
        let wind = v.wind_mps.is_some() || v.wind_from_deg.is_some();
        match model {
            Model::Layers => false,
            Model::Traffic => demand,
            Model::Air => demand || wind || v.cloud.is_some() || v.background_ug_m3.is_some(),
            Model::Fire => true,
            Model::Water => wind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"(version: 1, scene: "a.scene.ron", scenarios: ["today", "b"], members: 10, seed: 1,
        vary: (wind_mps: Some(LogNormal(median: 3.0, sd_log: 0.4)), ignitions: Anywhere(4)))"#;

    fn key(text: &str) -> String {
        use crate::base::message::ToMessage;
        Spec::parse(text).map_or_else(|e| e.to_message().key, |_| "fine".to_owned())
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(key(SPEC), "fine");
        for (from, to, wanted) in [
            ("version: 1", "version: 2", "ensemble-version"),
            ("members: 10", "members: 0", "ensemble-members"),
            ("members: 10", "members: 2000000", "ensemble-members"),
            ("members: 10", "members: -1", "ensemble-spec"),
            ("[\"today\", \"b\"]", "[]", "ensemble-no-scenario"),
            ("\"b\"", "\"today\"", "ensemble-scenario-twice"),
            ("seed: 1", "seed: 1, models: []", "ensemble-no-model"),
            ("seed: 1", "seed: 1, models: [Air]", "ensemble-air-without-traffic"),
            ("sd_log: 0.4", "sd_log: -1", "ensemble-spread"),
            ("median: 3.0", "median: 0.0", "ensemble-spread"),
            ("median: 3.0", "median: NaN", "ensemble-spread"),
            ("Anywhere(4)", "Anywhere(0)", "ensemble-ignitions"),
            ("Anywhere(4)", "OneOf([])", "ensemble-ignitions"),
            ("Anywhere(4)", "AllOf([(10.2, 103.9)])", "ensemble-ignitions"),
            ("wind_mps", "wind_speed", "ensemble-spec"),
        ] {
            assert!(SPEC.contains(from));
            assert_eq!(key(&SPEC.replace(from, to)), wanted, "{to}");
        }
    }
}
