//! One step of all vehicles, on as many threads as there are: every phase reads what the one before has written and
//! writes only what is its own, so the result does not depend on the threads.

use std::collections::VecDeque;
use std::sync::Arc;

use rayon::prelude::*;

use super::driver::Driver;
use super::follow::{Plan, plan};
use super::insert::Start;
use super::junction::Control;
use super::lateral::move_sideways;
use super::streets::{LANE_WIDTH_M, Streets, lane_middle_m};
use super::vehicle::{NONE, Vehicle};
use crate::sim::traffic::meso::route::Routes;

/// Vehicles of a link, front first, and those that wait to begin their trip there, by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    pub vehicles: Vec<Vehicle>,
    pub pending: VecDeque<u32>,
}

/// What a phase may read.
pub(super) struct View<'a> {
    pub streets: &'a Streets,
    pub drivers: &'a [Driver],
    pub routes: &'a Routes,
    /// Empty while vehicles move.
    pub lives: &'a [Live],
    pub controls: &'a [Control],
    pub dt: f32,
    pub time_s: f64,
    pub step: u64,
    /// Some move sideways as they like.
    pub mixed: bool,
}

impl View<'_> {
    pub fn desired(&self, v: &Vehicle, link: u32) -> f32 {
        let driver = &self.drivers[usize::from(v.driver)];
        (self.streets.streets[link as usize].speed_mps * driver.limit_share).min(driver.max_speed_mps)
    }

    pub fn is_open(&self, link: u32, connection: u32) -> bool {
        if connection == NONE {
            return false;
        }
        let node = self.streets.streets[link as usize].to as usize;
        let first = self.streets.junctions[node].first;
        self.controls[node].open.get((connection - first) as usize).copied().unwrap_or(false)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Engine {
    pub streets: Arc<Streets>,
    pub drivers: Vec<Driver>,
    pub routes: Routes,
    pub lives: Vec<Live>,
    controls: Vec<Control>,
    plans: Vec<Vec<Plan>>,
    /// Those that leave each link in this step, front first; and those that leave the next one in the same step.
    outs: Vec<Vec<Vehicle>>,
    next_outs: Vec<Vec<Vehicle>>,
    pub dt: f32,
    pub step: u64,
    pub mixed: bool,
    /// Trips that arrived in the last step.
    pub arrived: Vec<u32>,
    pub inserted: u64,
    /// Links with trips that wait to begin.
    pub waiting_links: Vec<u32>,
}

/// Links handed to a thread together.
pub(super) const CHUNK: usize = 64;
/// Whoever stands at a junction in a lane that does not lead on for so long takes what the lane offers.
pub(super) const LOST_S: f32 = 40.0;

macro_rules! view {
    ($engine:ident, $lives:expr) => {
        View {
            streets: &$engine.streets,
            drivers: &$engine.drivers,
            routes: &$engine.routes,
            lives: $lives,
            controls: &$engine.controls,
            dt: $engine.dt,
            time_s: $engine.step as f64 * f64::from($engine.dt),
            step: $engine.step,
            mixed: $engine.mixed,
        }
    };
}

impl Engine {
    pub fn new(
        streets: Arc<Streets>,
        drivers: Vec<Driver>,
        routes: Routes,
        pending: Vec<VecDeque<u32>>,
        dt: f32,
    ) -> Self {
        let links = streets.streets.len();
        let waiting_links = (0..links as u32).filter(|l| !pending[*l as usize].is_empty()).collect();
        Self {
            lives: pending.into_iter().map(|pending| Live { vehicles: Vec::new(), pending }).collect(),
            controls: vec![Control::default(); streets.junctions.len()],
            plans: vec![Vec::new(); links],
            outs: vec![Vec::new(); links],
            next_outs: vec![Vec::new(); links],
            mixed: drivers.iter().any(|d| d.filters),
            streets,
            drivers,
            routes,
            dt,
            step: 0,
            arrived: Vec::new(),
            inserted: 0,
            waiting_links,
        }
    }

    pub fn time_s(&self) -> f64 {
        self.step as f64 * f64::from(self.dt)
    }

    pub fn advance(&mut self, starts: &[Start]) {
        self.insert(starts);
        let mut controls = std::mem::take(&mut self.controls);
        {
            let view = view!(self, &self.lives);
            controls
                .par_iter_mut()
                .zip(&self.streets.junctions)
                .with_min_len(CHUNK)
                .for_each(|(control, junction)| control.decide(junction, &view));
        }
        self.controls = controls;
        let mut plans = std::mem::take(&mut self.plans);
        {
            let view = view!(self, &self.lives);
            plans
                .par_iter_mut()
                .zip(&self.lives)
                .enumerate()
                .with_min_len(CHUNK)
                .for_each(|(link, (plans, live))| plan(&view, link as u32, live, plans));
        }
        self.plans = plans;
        self.drive();
        self.hand_over();
        let mut lives = std::mem::take(&mut self.lives);
        {
            let view = view!(self, &[]);
            lives
                .par_iter_mut()
                .enumerate()
                .with_min_len(CHUNK)
                .for_each(|(link, live)| move_sideways(&view, link as u32, live));
        }
        self.lives = lives;
        self.step += 1;
    }

    /// New speeds, new places; those past the end go into `outs`.
    fn drive(&mut self) {
        let (streets, dt) = (&self.streets, self.dt);
        let work = self.lives.par_iter_mut().zip(&self.plans).zip(&mut self.outs).enumerate().with_min_len(CHUNK);
        work.for_each(|(link, ((live, plans), out))| {
            out.clear();
            for (v, plan) in live.vehicles.iter_mut().zip(plans) {
                v.speed_mps = plan.speed_mps;
                v.committed = plan.committed;
                v.x_m += plan.speed_mps * dt;
                v.waits_s = if plan.speed_mps < 0.1 { v.waits_s + dt } else { 0.0 };
            }
            sort(&mut live.vehicles);
            take_past_end(&mut live.vehicles, streets.streets[link].length_m, out);
        });
    }

    /// Those past the end enter their next link, in rounds while somebody is past the end of that too.
    fn hand_over(&mut self) {
        self.arrived.clear();
        while self.outs.iter().any(|out| !out.is_empty()) {
            let gone = self.outs.iter().flatten().filter(|v| v.next == NONE).map(|v| v.trip);
            self.arrived.extend(gone);
            let (streets, routes, outs) = (&self.streets, &self.routes, &self.outs);
            let work = self.lives.par_iter_mut().zip(&mut self.next_outs).enumerate().with_min_len(CHUNK);
            work.for_each(|(link, (live, out))| {
                out.clear();
                let street = &streets.streets[link];
                let before = live.vehicles.len();
                for from in &streets.junctions[street.from as usize].incoming {
                    let comes = |v: &&Vehicle| v.next == link as u32;
                    for v in outs[*from as usize].iter().filter(comes) {
                        let way = &streets.connections[v.connection as usize];
                        let at = v.at + 1;
                        let next = routes.link(at + 1);
                        live.vehicles.push(Vehicle {
                            x_m: v.x_m - streets.streets[*from as usize].length_m,
                            y_m: v.y_m + lane_middle_m(way.to_lane) - lane_middle_m(way.from_lane),
                            at,
                            next,
                            connection: streets.way(link as u32, way.to_lane, next),
                            lane: way.to_lane,
                            settled: 2,
                            committed: false,
                            ..*v
                        });
                    }
                }
                if live.vehicles.len() > before {
                    sort(&mut live.vehicles);
                    take_past_end(&mut live.vehicles, street.length_m, out);
                }
            });
            std::mem::swap(&mut self.outs, &mut self.next_outs);
        }
    }

    /// Those who stand in a lane that does not lead on, by (link, place in it).
    pub fn lost(&self) -> Vec<(u32, usize)> {
        let near = |link: usize, v: &Vehicle| self.streets.streets[link].length_m - v.x_m < 15.0;
        let is_lost =
            |link: usize, v: &Vehicle| v.next != NONE && v.connection == NONE && v.waits_s > LOST_S && near(link, v);
        let lives = self.lives.par_iter().enumerate().with_min_len(CHUNK);
        lives
            .flat_map_iter(|(link, live)| {
                let places = live.vehicles.iter().enumerate().filter(move |(_, v)| is_lost(link, v));
                places.map(move |(place, _)| (link as u32, place))
            })
            .collect()
    }

    pub fn vehicles(&self) -> usize {
        self.lives.iter().map(|l| l.vehicles.len()).sum()
    }

    pub fn pending(&self) -> usize {
        self.lives.iter().map(|l| l.pending.len()).sum()
    }
}

/// Front first; nearly sorted already. Equal places keep their order.
pub(super) fn sort(vehicles: &mut [Vehicle]) {
    for i in 1..vehicles.len() {
        let mut at = i;
        while at > 0 && vehicles[at - 1].x_m < vehicles[at].x_m {
            vehicles.swap(at - 1, at);
            at -= 1;
        }
    }
}

fn take_past_end(vehicles: &mut Vec<Vehicle>, length_m: f32, out: &mut Vec<Vehicle>) {
    let past = vehicles.iter().take_while(|v| v.x_m >= length_m).count();
    out.extend(vehicles.drain(..past));
}

/// Width of a road in lanes' widths, for those who ask where a vehicle may be.
pub(super) fn is_on_road(streets: &Streets, link: u32, v: &Vehicle) -> bool {
    let half = 0.5 * v.width_m;
    let width = f32::from(streets.streets[link as usize].lanes) * LANE_WIDTH_M;
    v.y_m - half >= -0.05 && v.y_m + half <= width + 0.05
}
