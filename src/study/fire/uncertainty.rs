//! How sure a fire's numbers are: the same fire in slightly other winds and moistures.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::case::FireCase;
use super::error::FireStudyError;
use super::headline;
use super::impact::{field, house_cells};
use super::inputs::FireInputs;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::model::layer::LayerRole;
use crate::sim::fire::ensemble::Ensemble;
use crate::sim::fire::front::Fire;
use crate::sim::run::StepContext;

/// The tenth, the middle and the ninetieth of a hundred.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    pub low: f64,
    pub middle: f64,
    pub high: f64,
}

#[derive(Debug, Clone)]
pub struct Uncertainty {
    pub members: u32,
    pub burnt_ha: Range,
    pub buildings: Range,
    pub residents: Range,
    /// Share of the members in which a cell burns; NaN where none does.
    pub probability: Arc<Grid<f32>>,
    pub headlines: Vec<Message>,
}

/// How far off wind and moisture may be, as standard deviations: direction 20°, speed by a fifth, dead fuel moisture by
/// a sixth. Expert judgement.
#[must_use]
pub fn spread(seed: u64, members: u32) -> Ensemble {
    Ensemble { seed, members, wind_direction_rad: 20_f64.to_radians(), wind_log: 0.2, moisture_log: 0.15 }
}

/// Cells finer than this would cost minutes and tell no more.
const FINEST_CELL_M: f64 = 30.0;

/// Burns the same fire `ensemble.members` times (20 are enough for a first range).
///
/// # Errors
/// As [`FireCase::prepare`], or a cancellation.
pub fn measure(case: &FireCase, ensemble: &Ensemble, context: &StepContext) -> Result<Uncertainty, FireStudyError> {
    let coarse;
    let case = if case.inputs.cell_m < FINEST_CELL_M {
        coarse = case.with_inputs(FireInputs { cell_m: FINEST_CELL_M, ..case.inputs.clone() })?;
        &coarse
    } else {
        case
    };
    let spec = case.landscape.spec();
    let houses = house_cells(&case.project, spec);
    let table = case.project.with_role(LayerRole::Buildings).and_then(|l| l.content.features());
    let residents: Vec<f64> = houses
        .iter()
        .map(|(row, _)| table.and_then(|t| t.value(*row, field::RESIDENTS).as_f64()).map_or(0.0, |r| r.max(0.0)))
        .collect();
    let reached = |fire: &Fire| {
        let hit = |cells: &[u32]| cells.iter().any(|c| fire.march().arrival_s(*c as usize).is_finite());
        let mut sum = [0.0, 0.0];
        for ((_, cells), people) in houses.iter().zip(&residents) {
            if hit(cells) {
                sum = [sum[0] + 1.0, sum[1] + people];
            }
        }
        sum
    };
    let burns = ensemble.run(&case.setup(), &[], reached, &context.cancel, &context.progress)??;
    let cell_ha = spec.cell_width() * spec.cell_height() / 10_000.0;
    let share = |n: &u32| if *n == 0 { f32::NAN } else { *n as f32 / ensemble.members.max(1) as f32 };
    let probability = Grid { spec: spec.clone(), cells: burns.counts.iter().map(share).collect() };
    let mut uncertainty = Uncertainty {
        members: ensemble.members,
        burnt_ha: range(burns.members.iter().map(|m| m.burnt as f64 * cell_ha).collect()),
        buildings: range(burns.members.iter().map(|m| m.measured[0]).collect()),
        residents: range(burns.members.iter().map(|m| m.measured[1]).collect()),
        probability: Arc::new(probability),
        headlines: Vec::new(),
    };
    uncertainty.headlines = headline::of_uncertainty(&uncertainty);
    Ok(uncertainty)
}

fn range(mut values: Vec<f64>) -> Range {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (values.len().saturating_sub(1) as f64 * share).round() as usize;
        values.get(place).copied().unwrap_or_default()
    };
    Range { low: at(0.1), middle: at(0.5), high: at(0.9) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_off_the_sorted_members() {
        let r = range((0..21).rev().map(f64::from).collect());
        assert_eq!((r.low, r.middle, r.high), (2.0, 10.0, 18.0));
        assert_eq!(range(Vec::new()), Range::default());
    }
}
