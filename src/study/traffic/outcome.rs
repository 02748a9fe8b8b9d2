//! Some hours of traffic with and without a plan, and what that says.

use std::sync::Arc;

use super::case::{Hour, Start, Tables, TrafficCase, Ways};
use super::headline;
use super::hours::{busiest, solve_hours};
use super::plan::Plan;
use super::totals::Totals;
use crate::base::message::Message;
use crate::model::project::Project;
use crate::sim::fields::Snapshot;
use crate::sim::run::StepContext;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::error::TrafficError;

/// So many more or fewer trips are tried, to tell how far the demand, which is assumed, moves the figures.
pub const TRIPS_UNSURE: f64 = 0.15;

/// The roads as they are, for the hours that were asked.
#[derive(Debug)]
pub struct Base {
    pub case: TrafficCase,
    pub hours: Vec<Hour>,
    /// Of the busiest hour.
    ways: Option<Ways>,
    span: std::ops::Range<usize>,
}

/// The busiest hour with fewer and with more trips.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub hour: usize,
    pub fewer: Totals,
    pub more: Totals,
}

#[derive(Debug)]
pub struct TrafficResult {
    pub base: Arc<Base>,
    pub plan: Option<(Plan, TrafficCase, Vec<Hour>)>,
    /// One an hour, of what is shown: with the plan where there is one.
    pub snapshots: Vec<Arc<Snapshot>>,
    pub totals: Vec<Totals>,
    pub spread: Option<Spread>,
    pub headlines: Vec<Message>,
    pub assumptions: Vec<Message>,
}

impl Base {
    /// # Errors
    /// As [`TrafficCase::prepare`].
    pub fn prepare(
        project: &Project,
        tables: Tables,
        span: std::ops::Range<usize>,
        stop: Stop,
        cx: &StepContext,
    ) -> Result<Self, TrafficError> {
        cx.progress.stage(Message::new("traffic-stage-demand"), 0);
        let case = TrafficCase::prepare(project, tables, None, &cx.cancel)?;
        Self::of(case, span, stop, cx)
    }

    /// Other hours of the same roads.
    ///
    /// # Errors
    /// [`TrafficError::NoWay`], [`TrafficError::Cancelled`].
    pub fn of(
        case: TrafficCase,
        span: std::ops::Range<usize>,
        stop: Stop,
        cx: &StepContext,
    ) -> Result<Self, TrafficError> {
        let (hours, ways) = solve_hours(&case, span.clone(), stop, None, cx)?;
        Ok(Self { case, hours, ways, span })
    }

    #[must_use]
    pub fn span(&self) -> std::ops::Range<usize> {
        self.span.clone()
    }

    /// The same hours after an edit of the layers: what the edit left alone is carried over.
    ///
    /// # Errors
    /// As [`TrafficCase::prepare`].
    pub fn edited(&self, project: &Project, stop: Stop, cx: &StepContext) -> Result<Option<Self>, TrafficError> {
        let Some((hour, ways)) = self.busiest() else { return Ok(None) };
        cx.progress.stage(Message::new("traffic-stage-demand"), 0);
        let Some((case, first)) = self.case.edited(project, hour, ways, stop, &cx.cancel)? else { return Ok(None) };
        let start = (first.solution.bushes, first.solution.volume);
        let (hours, ways) = solve_hours(&case, self.span(), stop, Some(start), cx)?;
        Ok(Some(Self { case, hours, ways, span: self.span() }))
    }

    /// The busiest hour (0 to 23) and its ways.
    fn busiest(&self) -> Option<(usize, Start<'_>)> {
        Some((self.hours[busiest(&self.hours)?].hour, self.ways.as_ref()?.into()))
    }
}

impl TrafficResult {
    /// # Errors
    /// As [`TrafficCase::after`].
    pub fn with(base: Arc<Base>, plan: Option<Plan>, stop: Stop, cx: &StepContext) -> Result<Self, TrafficError> {
        let mut planned = None;
        let plan = match plan.zip(base.busiest()) {
            Some((plan, (hour, before))) => {
                let (case, first) = base.case.after(&plan, hour, before, stop, &cx.cancel)?;
                let start = (first.solution.bushes, first.solution.volume);
                let (hours, found) = solve_hours(&case, base.span(), stop, Some(start), cx)?;
                planned = found;
                Some((plan, case, hours))
            }
            None => None,
        };
        let (case, hours) = plan.as_ref().map_or((&base.case, &base.hours), |(_, case, hours)| (case, hours));
        let totals: Vec<Totals> = hours.iter().map(|h| Totals::of(case, h)).collect();
        let ways = if plan.is_some() { &planned } else { &base.ways };
        let spread = spread(case, hours, ways.as_ref(), stop, cx)?;
        let moments = totals.iter().enumerate().map(|(i, t)| Arc::new(t.snapshot(i as f64 * 3600.0))).collect();
        let mut result = Self {
            snapshots: moments,
            totals,
            spread,
            headlines: Vec::new(),
            assumptions: headline::assumptions(case),
            base,
            plan,
        };
        result.headlines = headline::of(&result);
        Ok(result)
    }

    /// The roads that are shown, and their hours.
    #[must_use]
    pub fn shown(&self) -> (&TrafficCase, &[Hour]) {
        self.plan.as_ref().map_or((&self.base.case, &self.base.hours), |(_, case, hours)| (case, hours))
    }

    /// The same link without the plan; none for a new one.
    #[must_use]
    pub fn link_before(&self, link: usize) -> Option<usize> {
        let (_, case, _) = self.plan.as_ref()?;
        self.base.case.network.link_index().get(&case.network.links.get(link)?.id).map(|l| *l as usize)
    }
}

fn spread(
    case: &TrafficCase,
    hours: &[Hour],
    ways: Option<&Ways>,
    stop: Stop,
    cx: &StepContext,
) -> Result<Option<Spread>, TrafficError> {
    let (Some(i), Some(ways)) = (busiest(hours), ways) else { return Ok(None) };
    cx.progress.stage(Message::new("traffic-stage-spread"), 2);
    let at = |factor: f64| -> Result<Totals, TrafficError> {
        let hour = case.hour_scaled(hours[i].hour, factor, stop, Some(ways.into()), &cx.cancel)?;
        cx.progress.advance(1);
        Ok(Totals::of(case, &hour))
    };
    Ok(Some(Spread { hour: hours[i].hour, fewer: at(1.0 - TRIPS_UNSURE)?, more: at(1.0 + TRIPS_UNSURE)? }))
}
