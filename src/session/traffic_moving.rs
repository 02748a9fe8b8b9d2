//! What the traffic study shows besides ribbons: every vehicle on its way, and how far one gets from a place.

use std::sync::Arc;

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::field_view::{FieldView, Shade};
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use crate::base::message::{Message, ToMessage};
use crate::geo::grid::Grid;
use crate::model::style::Rgba;
use crate::sim::traffic::error::TrafficError;
use crate::study::traffic::close::{Close, CloseError, CloseLook};
use crate::study::traffic::isochrone::reach;
use crate::study::traffic::tracks::{Tracks, TracksError};

/// Vehicles of the hours of a result.
#[derive(Debug, Default)]
pub struct Moving {
    /// They shall be seen.
    pub wanted: bool,
    pub tracks: Option<Arc<Tracks>>,
    /// Some minutes around a place, driven one by one.
    pub close: Option<Arc<Close>>,
}

impl Moving {
    /// What belonged to an earlier result.
    pub(super) fn forget(&mut self) {
        (self.tracks, self.close) = (None, None);
    }
}

/// Half the side of the square that is looked at closely, metres, and the time in it, seconds.
pub const CLOSE_HALF_M: f64 = 600.0;
pub const CLOSE_SPAN_S: usize = 600;

/// How far one gets from a clicked place.
#[derive(Debug, Default)]
pub struct HowFar {
    /// The next click asks it.
    pub wanted: bool,
    /// (east, north) in the site's CRS.
    pub from: Option<[f64; 2]>,
    /// Minutes to everywhere near a road.
    pub minutes: Option<Arc<Grid<f32>>>,
}

impl HowFar {
    #[must_use]
    pub fn field_view(&self) -> Option<FieldView> {
        let values = self.minutes.clone().filter(|_| self.wanted)?;
        Some(FieldView { values, factor: 1.0, shade: minutes_shade(), front: None })
    }
}

fn minutes_shade() -> Shade {
    let stops = vec![
        (0.0, Rgba::opaque(26, 120, 80)),
        (10.0, Rgba::opaque(120, 190, 90)),
        (20.0, Rgba::opaque(246, 220, 110)),
        (30.0, Rgba::opaque(238, 140, 60)),
        (45.0, Rgba::opaque(196, 50, 60)),
        (60.0, Rgba::opaque(96, 20, 90)),
    ];
    Shade { title: "ui-traffic-how-far", unit: "ui-traffic-minutes", stops }
}

impl Session {
    /// The vehicles that are to be seen, and the second of the day that the clock shows.
    #[must_use]
    pub fn moving_vehicles(&self) -> Option<(&Arc<Tracks>, f64)> {
        let desk = self.traffic();
        let tracks = desk.moving.tracks.as_ref().filter(|_| desk.moving.wanted && !desk.covered)?;
        Some((tracks, self.second_of_day()?))
    }

    /// Local time, seconds since midnight.
    #[must_use]
    pub fn second_of_day(&self) -> Option<f64> {
        let project = self.project()?;
        let seconds = project.time.as_millisecond() as f64 / 1000.0 + project.utc_offset_hours * 3600.0;
        Some(seconds.rem_euclid(86_400.0))
    }

    pub(super) fn show_vehicles(&mut self, wanted: bool) -> Result<(), SessionError> {
        self.traffic.moving.wanted = wanted;
        if !wanted {
            self.jobs.cancel(|j| j.kind == JobKind::TrafficVehicles);
        }
        self.find_tracks()
    }

    /// Simulates the hours of the result vehicle by vehicle, where that is wanted and not known.
    pub(super) fn find_tracks(&mut self) -> Result<(), SessionError> {
        let desk = &self.traffic;
        let (Some(outcome), Some(project)) = (desk.outcome.clone(), self.project()) else { return Ok(()) };
        if !desk.moving.wanted || desk.moving.tracks.is_some() {
            return Ok(());
        }
        // One that still runs is of an earlier result, or was cancelled: this one must come.
        self.jobs.cancel(|j| j.kind == JobKind::TrafficVehicles);
        let title = project.title.vi.clone();
        self.start(JobKind::TrafficVehicles, title.as_ref(), move |progress, cancel| {
            progress.stage(Message::new("traffic-stage-vehicles"), 0);
            let found = Tracks::of(outcome.result.shown().0, outcome.form.from..outcome.form.to, cancel);
            let tracks = found.map_err(|e| match e {
                TracksError::Traffic(TrafficError::Cancelled(_)) => IoFailure::Cancelled,
                other => other.to_message().into(),
            })?;
            Ok(Outcome::then(move |session| {
                // Only those of the result that is still shown.
                let shown = session.traffic.outcome.as_ref().is_some_and(|o| Arc::ptr_eq(o, &outcome));
                if shown {
                    if tracks.in_gridlock > 0 {
                        let told = Message::new("session-traffic-gridlock").with("vehicles", tracks.in_gridlock);
                        session.notices.push(Level::Warning, told, None, None);
                    }
                    session.traffic.moving.tracks = Some(Arc::new(tracks));
                }
                Effects::default()
            }))
        })
    }

    /// Drives the minutes after the clock's second around what the camera looks at.
    pub(super) fn look_closely(&mut self) -> Result<(), SessionError> {
        let desk = &self.traffic;
        let (Some(outcome), Some(project)) = (desk.outcome.clone(), self.project()) else { return Ok(()) };
        let (Some(tracks), Some(second)) = (desk.moving.tracks.clone(), self.second_of_day()) else { return Ok(()) };
        let [x, y, _] = self.view.camera.look;
        let [x, y] = project.frame.crs_from_site([x, y]);
        let bounds = [x - CLOSE_HALF_M, y - CLOSE_HALF_M, x + CLOSE_HALF_M, y + CLOSE_HALF_M];
        let look = CloseLook { bounds, from_s: second.floor(), span_s: CLOSE_SPAN_S };
        let title = project.title.vi.clone();
        self.jobs.cancel(|j| j.kind == JobKind::TrafficClose);
        self.start(JobKind::TrafficClose, title.as_ref(), move |progress, cancel| {
            let driven = Close::drive(outcome.result.shown().0, &tracks, look, progress, cancel);
            let close = driven.map_err(|e| match e {
                CloseError::Cancelled(_) => IoFailure::Cancelled,
                other => other.to_message().into(),
            })?;
            Ok(Outcome::then(move |session| {
                // Only of the vehicles that are still shown.
                let moving = &mut session.traffic.moving;
                if moving.tracks.as_ref().is_some_and(|t| Arc::ptr_eq(t, &tracks)) {
                    moving.close = Some(Arc::new(close));
                }
                Effects::default()
            }))
        })
    }

    /// The close look that is to be seen.
    #[must_use]
    pub fn close_look(&self) -> Option<&Arc<Close>> {
        let desk = self.traffic();
        desk.moving.close.as_ref().filter(|_| desk.moving.wanted && !desk.covered)
    }

    pub(super) fn ask_how_far(&mut self, wanted: bool) {
        let far = &mut self.traffic.how_far;
        far.wanted = wanted;
        if !wanted {
            (far.from, far.minutes) = (None, None);
        }
    }

    /// In the hour that is shown, from the place that was clicked.
    pub(super) fn find_how_far(&mut self) -> Result<(), SessionError> {
        let desk = &self.traffic;
        let (Some(outcome), Some(project)) = (desk.outcome.clone(), self.project()) else { return Ok(()) };
        let Some(from) = desk.how_far.from.filter(|_| desk.how_far.wanted) else { return Ok(()) };
        let (shown, crs, title) = (desk.shown, project.frame.crs.clone(), project.title.vi.clone());
        self.jobs.cancel(|j| j.kind == JobKind::TrafficReach);
        self.start(JobKind::TrafficReach, title.as_ref(), move |_, cancel| {
            cancel.check()?;
            let (case, hours) = outcome.result.shown();
            let found = hours.get(shown).and_then(|hour| reach(case, hour, from, &crs));
            let minutes = found.map(|r| Arc::new(r.minutes));
            Ok(Outcome::then(move |session| {
                if minutes.is_none() {
                    session.notices.push(Level::Info, Message::new("session-traffic-no-road-near"), None, None);
                }
                session.traffic.how_far.minutes = minutes;
                Effects::default()
            }))
        })
    }
}
