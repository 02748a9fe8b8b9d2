//! Everybody leaves a commune by airport, ferry and port, with the fire of the wildfire study closing roads as it comes.

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use crate::base::message::{Message, ToMessage};
use crate::sim::traffic::meso::learning::DayError;
use crate::study::traffic::evacuation::{self, Evacuation, NoAnswer, Question};
use crate::study::traffic::evacuation_words::sentences;

/// So long is looked at.
const SPAN_S: f64 = 12.0 * 3600.0;
const SEED: u64 = 1;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaveForm {
    /// Empty: the largest.
    pub commune: String,
    /// The fire that was simulated closes roads, from its outbreak on.
    pub fire: bool,
}

/// Who is out when.
#[derive(Debug)]
pub struct LeaveOutcome {
    pub form: LeaveForm,
    pub sentences: Vec<Message>,
    /// Minutes after the call, and the share of persons who are out by then.
    pub out: Vec<[f64; 2]>,
    /// Where they leave the island, and roads that the fire closes, in the site's CRS.
    pub exits: Vec<[f64; 2]>,
    pub closed: Vec<Vec<[f64; 2]>>,
}

#[derive(Debug, Default)]
pub struct LeaveDesk {
    pub form: LeaveForm,
    pub outcome: Option<Box<LeaveOutcome>>,
}

impl Session {
    /// Whether there is a fire that could close roads.
    #[must_use]
    pub fn has_fire(&self) -> bool {
        self.fire().arrival().is_some()
    }

    /// Communes that may be left.
    #[must_use]
    pub fn communes(&self) -> Vec<String> {
        self.project().map_or_else(Vec::new, |project| evacuation::communes(project))
    }

    pub(super) fn start_leaving(&mut self) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let Some(outcome) = self.traffic.outcome.clone() else { return Ok(()) };
        let form = self.traffic.leave.form.clone();
        let fire = self.fire().arrival().cloned().filter(|_| form.fire);
        let title = project.title.vi.clone();
        self.jobs.cancel(|j| j.kind == JobKind::TrafficLeave);
        self.start(JobKind::TrafficLeave, title.as_ref(), move |progress, cancel| {
            progress.stage(Message::new("traffic-stage-leaving"), 0);
            let case = outcome.result.shown().0;
            let largest = || evacuation::largest_commune(&project, case).unwrap_or_default();
            let commune = if form.commune.is_empty() { largest() } else { form.commune.clone() };
            let exits = evacuation::gates_outside(&project, case, &commune);
            if exits.is_empty() {
                return Err(Message::new("evacuation-no-exit").with("name", commune).into());
            }
            let question = Question {
                commune: &commune,
                exits: exits.clone(),
                fire: fire.as_ref().map(|arrival| (&**arrival, 0.0)),
                seed: SEED,
                span_s: SPAN_S,
                packet: 1.0,
            };
            let found = evacuation::run(&project, case, &question, cancel).map_err(|e| explain(e, &commune))?;
            let line = |link: &u32| case.network.links.get(*link as usize).map(|l| l.line.clone());
            let outcome = Box::new(LeaveOutcome {
                sentences: sentences(&found, &case.tables.demand.evacuation, SPAN_S, fire.is_some()),
                out: curve(&found),
                closed: found.closed.iter().filter_map(|(link, _)| line(link)).collect(),
                exits,
                form,
            });
            Ok(Outcome::then(move |session| {
                session.traffic.leave.outcome = Some(outcome);
                Effects::default()
            }))
        })
    }
}

/// Every five minutes until all are out, or as long as was looked at.
fn curve(found: &Evacuation) -> Vec<[f64; 2]> {
    let mut out = Vec::new();
    for step in 0..=(SPAN_S / 300.0) as u32 {
        let t = f64::from(step) * 300.0;
        let share = found.out_by(t) / found.persons.max(1e-9);
        out.push([t / 60.0, share]);
        if share >= 1.0 - 1e-9 {
            break;
        }
    }
    out
}

fn explain(error: NoAnswer, commune: &str) -> IoFailure {
    match error {
        NoAnswer::UnknownCommune { known } => {
            Message::new("evacuation-unknown-commune").with("name", commune).with("known", known.join(", ")).into()
        }
        NoAnswer::Nobody => Message::new("evacuation-nobody").with("name", commune).into(),
        NoAnswer::ExitAtSea { .. } | NoAnswer::ExitInside { .. } => {
            Message::new("evacuation-no-exit").with("name", commune).into()
        }
        NoAnswer::Day(DayError::Input(error)) => error.to_message().into(),
        NoAnswer::Day(DayError::Cancelled(cancelled)) => cancelled.into(),
    }
}
