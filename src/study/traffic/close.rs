//! A look from close by: the vehicles of some minutes in a window of the map, driven one by one (see
//! `sim::traffic::micro`), as the day of [`Tracks`] hands them over.

use super::case::TrafficCase;
use super::tracks::Tracks;
use crate::base::cancel::{CancelToken, Cancelled};
use crate::base::message::{Message, ToMessage};
use crate::base::progress::Progress;
use crate::sim::fields::AgentTable;
use crate::sim::traffic::meso::error::MesoError;
use crate::sim::traffic::meso::loading::Passage;
use crate::sim::traffic::micro::agents::agents;
use crate::sim::traffic::micro::drive::Case;
use crate::sim::traffic::micro::driver::Driver;
use crate::sim::traffic::micro::simulation::{Counts, Micro};
use crate::sim::traffic::micro::vehicle::NONE;
use crate::sim::traffic::micro::window::cut;

/// Who drives what, numbered as the kinds of [`Tracks`].
#[must_use]
pub fn drivers() -> Vec<Driver> {
    vec![Driver::car(), Driver::motorbike(), Driver::truck()]
}

/// Where and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CloseLook {
    /// (west, south, east, north) in the site's CRS.
    pub bounds: [f64; 4],
    /// Second of the day.
    pub from_s: f64,
    pub span_s: usize,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Close {
    pub look: CloseLook,
    /// Everybody at the end of each second, in the order of their numbers.
    pub seconds: Vec<AgentTable>,
    /// By link of the whole network: whether it lies in the window.
    pub inside: Vec<bool>,
    /// Vehicles that the day handed over.
    pub came: usize,
    pub counts: Counts,
    /// Two in one place at one time.
    pub collisions: usize,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CloseError {
    #[error("nobody drives in this window in these minutes")]
    Nobody,
    #[error(transparent)]
    Roads(#[from] MesoError),
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl ToMessage for CloseError {
    fn to_message(&self) -> Message {
        match self {
            Self::Nobody => Message::new("traffic-close-nobody"),
            Self::Roads(error) => error.to_message(),
            Self::Cancelled(_) => Message::new("sim-cancelled"),
        }
    }
}

impl Close {
    /// # Errors
    /// Nobody in the window, roads that nobody can be on, or the user stopped it.
    pub fn drive(
        case: &TrafficCase,
        tracks: &Tracks,
        look: CloseLook,
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Self, CloseError> {
        let mut seconds = Vec::with_capacity(look.span_s);
        let close = Self::watch(case, tracks, look, |table| seconds.push(table), progress, cancel)?;
        Ok(Self { seconds, ..close })
    }

    /// The same with every second handed to `each` and not kept: hours of a large window do not fit into memory.
    ///
    /// # Errors
    /// As [`Self::drive`].
    pub fn watch(
        case: &TrafficCase,
        tracks: &Tracks,
        look: CloseLook,
        mut each: impl FnMut(AgentTable),
        progress: &Progress,
        cancel: &CancelToken,
    ) -> Result<Self, CloseError> {
        let begin_s = look.from_s - tracks.hours.start as f64 * 3600.0;
        // A vehicle's last stay ends where it leaves the roads.
        let passages = tracks.stays().chunk_by(|a, b| a.vehicle == b.vehicle).flat_map(|stays| {
            let enters = stays.iter().map(|s| (s.enter_s, s.vehicle, s.link));
            enters.chain(stays.last().map(|s| (s.leave_s, s.vehicle, NONE)))
        });
        let passages = passages.map(|(time_s, vehicle, link)| Passage { time_s: f64::from(time_s), vehicle, link });
        let kind = |vehicle: u32| tracks.kinds.get(vehicle as usize).copied().unwrap_or(0);
        let until_s = begin_s + look.span_s as f64;
        let window = cut(&case.network, look.bounds, (tracks.kinds.len(), passages), kind, begin_s, until_s);
        cancel.check()?;
        let came = window.trips.len();
        if came == 0 {
            return Err(CloseError::Nobody);
        }
        let mut micro = Micro::new(Case::new(&window.network, None, drivers(), window.trips)?);
        progress.stage(Message::new("traffic-stage-close"), look.span_s as u64);
        for _ in 0..look.span_s {
            cancel.check()?;
            micro.second();
            let mut table = agents(&micro, &window.network);
            // The day's number of each, so that a vehicle keeps its colour when it is handed over.
            table.id.iter_mut().for_each(|id| *id = window.vehicle_of[*id as usize]);
            each(by_id(&table));
            progress.advance(1);
        }
        Ok(Self {
            look,
            seconds: Vec::new(),
            inside: window.place.iter().map(|p| *p != NONE).collect(),
            came,
            counts: micro.counts(),
            collisions: micro.faults().collisions.len(),
        })
    }

    /// The seconds before and after a moment of the day, and the share of the way between them; `None` outside.
    #[must_use]
    pub fn at(&self, second_of_day: f64) -> Option<(&AgentTable, &AgentTable, f32)> {
        let since = second_of_day - self.look.from_s - 1.0;
        if since < -1.0 {
            return None;
        }
        let before = self.seconds.get(since.max(0.0) as usize)?;
        let after = self.seconds.get(since.max(0.0) as usize + 1)?;
        Some((before, after, since.max(0.0).fract() as f32))
    }
}

fn by_id(table: &AgentTable) -> AgentTable {
    let mut order: Vec<usize> = (0..table.len()).collect();
    order.sort_unstable_by_key(|i| table.id[*i]);
    AgentTable {
        id: order.iter().map(|i| table.id[*i]).collect(),
        kind: order.iter().map(|i| table.kind[*i]).collect(),
        at: order.iter().map(|i| table.at[*i]).collect(),
        heading_rad: order.iter().map(|i| table.heading_rad[*i]).collect(),
        speed_mps: order.iter().map(|i| table.speed_mps[*i]).collect(),
    }
}
