//! Several hours of one case, one after the other: the hour before knows most of the ways.

use super::case::{Hour, Start, TrafficCase, Ways};
use crate::base::message::Message;
use crate::sim::run::StepContext;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::error::TrafficError;

/// Hours at equilibrium, without the ways of their single origins: those take much room. The ways of the busiest hour
/// come back beside them, as a start for what is asked next.
///
/// # Errors
/// [`TrafficError::NoWay`], [`TrafficError::Cancelled`].
pub fn solve_hours(
    case: &TrafficCase,
    hours: std::ops::Range<usize>,
    stop: Stop,
    mut start: Option<Ways>,
    cx: &StepContext,
) -> Result<(Vec<Hour>, Option<Ways>), TrafficError> {
    let mut found: Vec<Hour> = Vec::new();
    let mut busiest: Option<(f64, Ways)> = None;
    cx.progress.stage(Message::new("traffic-stage-hours"), hours.len() as u64);
    for hour in hours {
        let mut solved = case.hour(hour % 24, stop, start.as_ref().map(Start::from), &cx.cancel)?;
        let ways = (std::mem::take(&mut solved.solution.bushes), solved.solution.volume.clone());
        if busiest.as_ref().is_none_or(|b| solved.pcu > b.0) {
            busiest = Some((solved.pcu, ways.clone()));
        }
        start = Some(ways);
        found.push(solved);
        cx.progress.advance(1);
    }
    Ok((found, busiest.map(|b| b.1)))
}

/// The number of the busiest hour.
#[must_use]
pub fn busiest(hours: &[Hour]) -> Option<usize> {
    (0..hours.len()).max_by(|a, b| hours[*a].pcu.total_cmp(&hours[*b].pcu).then(b.cmp(a)))
}
