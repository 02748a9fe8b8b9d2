//! A planner's scenario as a fire meets it: new fuel breaks and roads are strips without fuel.

use super::case::from_lon_lat;
use super::error::FireStudyError;
use super::inputs::FuelBreak;
use crate::model::project::Project;
use crate::model::scenario::{Edit, ScenarioId, edits_of};

/// The strips of a scenario and of all that it rests on. A new road holds a front as the ones that are there do: from
/// `road_width_m` on.
///
/// # Errors
/// [`FireStudyError::Scenario`]; [`FireStudyError::OutsideMap`] and [`FireStudyError::NoLonLat`] for its places.
pub fn strips(project: &Project, id: &ScenarioId, road_width_m: f64) -> Result<Vec<FuelBreak>, FireStudyError> {
    edits_of(&project.scenarios, id)?
        .into_iter()
        .filter_map(|edit| match edit {
            Edit::FuelBreak { line, width_m } => Some((line, *width_m)),
            Edit::Road { line, width_m, .. } => (*width_m >= road_width_m).then_some((line, *width_m)),
            _ => None,
        })
        .map(|(line, width_m)| {
            let line = line.iter().map(|p| from_lon_lat(project, *p)).collect::<Result<_, _>>()?;
            Ok(FuelBreak { line, width_m })
        })
        .collect()
}
