//! Scenarios: what a planner would change, as differences from what is there, and what is to be simulated with it.

use serde::{Deserialize, Serialize};

pub use super::change::Edit;
use super::layer::LayerId;
use super::style::Text2;
use crate::base::message::{Message, ToMessage};

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
    /// What it is about, page by page, for those who decide.
    #[serde(default)]
    pub story: Vec<StoryPage>,
}

/// A page of a scenario's story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryPage {
    pub text: Text2,
    /// Where to look from.
    #[serde(default)]
    pub bookmark: Option<String>,
    #[serde(default)]
    pub show: Show,
    /// The only layers that are shown; none named: those that are shown anyway.
    #[serde(default)]
    pub layers: Vec<LayerId>,
    /// "2026-03-20T17:00:00+07:00".
    #[serde(default)]
    pub time: Option<String>,
}

/// What of a scenario a page of its story shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    /// The scenario.
    #[default]
    This,
    /// What is there.
    Today,
    /// What is there, and the scenario beside it.
    Beside,
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
    #[error("a scenario needs a name of letters or digits")]
    NoName,
    #[error("scenario {0:?} cannot go: {1:?} rests on it; delete that one first")]
    HasBranches(String, String),
    #[error("scenario {0:?} has no edit number {1}")]
    NoEdit(String, usize),
    #[error(
        "edit {1} in scenario {0:?} is not possible; give places in degrees, two points a line, three a zone, sizes in metres"
    )]
    BadLine(String, usize),
    #[error("the time {1:?} in the story of {0:?} is not understood; write it like 2026-03-20T17:00:00+07:00")]
    BadTime(String, String),
}

impl ToMessage for ScenarioError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unknown(id) => Message::new("study-fire-no-scenario").with("scenario", id.as_str()),
            Self::Twice(id) => Message::new("whatif-scenario-twice").with("scenario", id.as_str()),
            Self::Circle(id) => Message::new("whatif-scenario-circle").with("scenario", id.as_str()),
            Self::BadTime(id, time) => {
                Message::new("whatif-bad-time").with("scenario", id.as_str()).with("time", time.as_str())
            }
            Self::BadLine(id, edit) => {
                Message::new("whatif-impossible-edit").with("scenario", id.as_str()).with("edit", *edit)
            }
            Self::NoName => Message::new("whatif-no-name"),
            Self::HasBranches(id, child) => {
                Message::new("whatif-has-branches").with("scenario", id.as_str()).with("child", child.as_str())
            }
            Self::NoEdit(id, edit) => Message::new("whatif-no-edit").with("scenario", id.as_str()).with("edit", *edit),
        }
    }
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
        let times = scenario.story.iter().filter_map(|page| page.time.as_deref());
        if let Some(bad) = times.into_iter().find(|t| t.parse::<jiff::Timestamp>().is_err()) {
            return Err(ScenarioError::BadTime(scenario.id.to_string(), bad.to_owned()));
        }
        if let Some(wrong) = scenario.edits.iter().position(|e| !e.is_possible()) {
            return Err(ScenarioError::BadLine(scenario.id.to_string(), wrong + 1));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(id: &str, base: Option<&str>, edits: Vec<Edit>) -> Scenario {
        let id = ScenarioId(id.to_owned());
        Scenario {
            id,
            name: Text2::same(""),
            base: base.map(|b| ScenarioId(b.to_owned())),
            edits,
            runs: Vec::new(),
            story: Vec::new(),
        }
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
            assert_eq!(validate(&[scenario("a", None, vec![bad])]), Err(ScenarioError::BadLine(name("a"), 1)));
        }
    }
}
