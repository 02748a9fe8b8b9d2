//! Scenarios: what a planner would change, as differences from what is there, and what is to be simulated with it.

use serde::{Deserialize, Serialize};

use super::style::Text2;

/// Stable name for the command line and for other scenarios: "fuel-break-north".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScenarioId(pub String);

impl std::fmt::Display for ScenarioId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of changes, on top of those of another scenario when it has a base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub id: ScenarioId,
    pub name: Text2,
    #[serde(default)]
    pub base: Option<ScenarioId>,
    #[serde(default)]
    pub edits: Vec<Edit>,
    #[serde(default)]
    pub runs: Vec<RunSpec>,
}

/// One change. Places are longitude and latitude in degrees (WGS 84).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Edit {
    /// A strip kept free of fuel.
    FuelBreak { line: Vec<[f64; 2]>, width_m: f64 },
    /// A new road.
    Road {
        line: Vec<[f64; 2]>,
        width_m: f64,
        #[serde(default)]
        name: String,
    },
}

/// What to simulate; saved with a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    pub version: u32,
    /// "fire".
    pub model: String,
    pub span_s: f64,
    pub seed: u64,
    /// A snapshot every so many steps; the last step always gives one.
    pub save_every: usize,
    /// 0: as many as the machine has. The result does not depend on it.
    pub threads: usize,
}

/// Why a list of scenarios makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    #[error("there is no scenario {0:?}; give one of the scene's scenarios")]
    Unknown(String),
    #[error("two scenarios are called {0:?}; give each an id of its own")]
    Twice(String),
    #[error("the scenario {0:?} rests on itself; take the circle out of the bases")]
    Circle(String),
    #[error(
        "a line or width in scenario {0:?} is not possible; give two points at least, in degrees, and a width in metres"
    )]
    BadLine(String),
}

/// All changes of a scenario, those of what it rests on first.
///
/// # Errors
/// [`ScenarioError::Unknown`] and [`ScenarioError::Circle`].
pub fn edits_of<'a>(scenarios: &'a [Scenario], id: &ScenarioId) -> Result<Vec<&'a Edit>, ScenarioError> {
    let find =
        |id: &ScenarioId| scenarios.iter().find(|s| s.id == *id).ok_or_else(|| ScenarioError::Unknown(id.to_string()));
    let mut chain = vec![find(id)?];
    while let Some(base) = chain.last().and_then(|s| s.base.as_ref()) {
        if chain.len() > scenarios.len() {
            return Err(ScenarioError::Circle(id.to_string()));
        }
        chain.push(find(base)?);
    }
    Ok(chain.into_iter().rev().flat_map(|s| &s.edits).collect())
}

/// Checks a whole list, as it is read from a file.
///
/// # Errors
/// [`ScenarioError`].
pub fn validate(scenarios: &[Scenario]) -> Result<(), ScenarioError> {
    for (i, scenario) in scenarios.iter().enumerate() {
        if scenarios[..i].iter().any(|s| s.id == scenario.id) {
            return Err(ScenarioError::Twice(scenario.id.to_string()));
        }
        edits_of(scenarios, &scenario.id)?;
        let possible = |edit: &Edit| {
            let (Edit::FuelBreak { line, width_m } | Edit::Road { line, width_m, .. }) = edit;
            let on_earth = |p: &[f64; 2]| p[0].abs() <= 180.0 && p[1].abs() <= 90.0;
            line.len() > 1 && line.iter().all(on_earth) && (0.0..=2000.0).contains(width_m)
        };
        if !scenario.edits.iter().all(possible) {
            return Err(ScenarioError::BadLine(scenario.id.to_string()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(id: &str, base: Option<&str>, edits: Vec<Edit>) -> Scenario {
        let id = ScenarioId(id.to_owned());
        Scenario { id, name: Text2::same(""), base: base.map(|b| ScenarioId(b.to_owned())), edits, runs: Vec::new() }
    }

    fn strip(lon: f64, width_m: f64) -> Edit {
        Edit::FuelBreak { line: vec![[lon, 10.0], [lon, 10.1]], width_m }
    }

    #[test]
    fn a_scenario_has_the_changes_of_its_base_first() {
        let all = [
            scenario("more", Some("some"), vec![strip(104.1, 30.0)]),
            scenario("some", None, vec![strip(104.0, 60.0)]),
        ];
        assert_eq!(validate(&all), Ok(()));
        let edits = edits_of(&all, &all[0].id).unwrap();
        assert_eq!(edits, [&strip(104.0, 60.0), &strip(104.1, 30.0)]);
        assert_eq!(edits_of(&all, &all[1].id).unwrap().len(), 1);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let name = |n: &str| n.to_owned();
        let circle = [scenario("a", Some("b"), vec![]), scenario("b", Some("a"), vec![])];
        assert_eq!(validate(&circle), Err(ScenarioError::Circle(name("a"))));
        assert_eq!(validate(&[scenario("a", Some("x"), vec![])]), Err(ScenarioError::Unknown(name("x"))));
        let twice = [scenario("a", None, vec![]), scenario("a", None, vec![])];
        assert_eq!(validate(&twice), Err(ScenarioError::Twice(name("a"))));
        for bad in [strip(f64::NAN, 30.0), strip(441_000.0, 30.0), strip(104.0, -1.0)] {
            assert_eq!(validate(&[scenario("a", None, vec![bad])]), Err(ScenarioError::BadLine(name("a"))));
        }
    }
}
