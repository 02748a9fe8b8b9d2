//! Air that changes by the hour in a few sentences.

use super::case::AirCase;
use super::commune_day::{CommuneDay, WholeDay, overall};
use super::headline::against_limit;
use super::transient::{Course, TransientResult};
use crate::base::message::Message;
use crate::sim::air::transient::{EMITTED, IN_AIR};

/// The worst hour, what is left in the air, who is above the limit, and the days above it.
#[must_use]
pub fn of(case: &AirCase, result: &TransientResult, communes: &[CommuneDay]) -> Vec<Message> {
    let mut told = Vec::new();
    let highest = |course: &Course| course.ug_m3.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    if let Some(worst) = result.courses.iter().max_by(|a, b| highest(a).total_cmp(&highest(b))) {
        let value = highest(worst);
        let hour = worst.ug_m3.iter().position(|v| *v == value).unwrap_or(0);
        told.push(
            Message::new("air-transient-worst")
                .with("station", worst.station.name.as_str())
                .with("value", format!("{value:.2}"))
                .with("hour", hour + 1),
        );
    }
    if let Some(last) = result.snapshots.last() {
        let kg = |name: &str| format!("{:.3}", last.scalars.get(name).copied().unwrap_or_default() * 1e-9);
        told.push(Message::new("air-transient-balance").with("emitted", kg(EMITTED)).with("left", kg(IN_AIR)));
    }
    let held = result.limit.as_ref().map(|l| (&*result.judged, l));
    told.extend(against_limit(case, &result.exposure, held));
    told.extend(days_above(communes));
    told
}

/// Days above the 24-hour limit: of the communes, and of all residents together.
#[must_use]
pub fn days_above(communes: &[CommuneDay]) -> Vec<Message> {
    above(communes).into_iter().chain(above_overall(&overall(communes))).collect()
}

/// Communes and days above the 24-hour limit; nothing where there is no limit or no whole day.
fn above(communes: &[CommuneDay]) -> Option<Message> {
    let judged = communes.iter().filter(|d| d.above.is_some()).count();
    let above = communes.iter().filter(|d| d.above == Some(true)).count();
    let limit = communes.iter().find_map(|d| d.limit_24h_ug_m3)?;
    (judged > 0).then(|| {
        Message::new("air-transient-days-above").with("above", above).with("judged", judged).with("limit", limit)
    })
}

/// Days on which all residents together breathe more than the 24-hour limit.
fn above_overall(days: &[WholeDay]) -> Option<Message> {
    let limit = days.first()?.limit_24h_ug_m3;
    let above = days.iter().filter(|d| d.above).count();
    let told = Message::new("air-transient-whole-days-above").with("above", above).with("judged", days.len());
    Some(told.with("limit", limit))
}
