//! Trips begin where there is room, in the order of their departures.
//!
//! All links look at once, at what was on the road before anybody began in this step: whoever begins can stop before the
//! end of its link, so it troubles nobody who begins on the next one.

use rayon::prelude::*;

use super::driver::{Driver, safe_speed};
use super::engine::{CHUNK, Engine, sort};
use super::streets::lane_middle_m;
use super::vehicle::Vehicle;

/// A vehicle about to begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub depart_s: f64,
    pub driver: u8,
    /// Where its way begins among all links of all ways.
    pub at: u32,
}

impl Engine {
    pub(super) fn insert(&mut self, starts: &[Start]) {
        let engine = &*self;
        let begin: Vec<(u32, Vec<Vehicle>)> = engine
            .waiting_links
            .par_chunks(CHUNK)
            .flat_map_iter(|links| {
                let each = links.iter().map(|link| (*link, engine.beginning(*link, starts)));
                each.filter(|(_, new)| !new.is_empty())
            })
            .collect();
        let mut emptied = false;
        for (link, new) in begin {
            let live = &mut self.lives[link as usize];
            live.pending.drain(..new.len());
            live.vehicles.extend(&new);
            sort(&mut live.vehicles);
            self.inserted += new.len() as u64;
            emptied |= live.pending.is_empty();
        }
        if emptied {
            self.waiting_links.retain(|l| !self.lives[*l as usize].pending.is_empty());
        }
    }

    /// Those whose trips begin on a link now, in their order.
    fn beginning(&self, link: u32, starts: &[Start]) -> Vec<Vehicle> {
        let now = self.time_s();
        let mut new = Vec::new();
        for &trip in &self.lives[link as usize].pending {
            let start = &starts[trip as usize];
            if start.depart_s > now {
                break;
            }
            let Some(vehicle) = self.place(link, trip, start, &new) else { break };
            new.push(vehicle);
        }
        new
    }

    fn place(&self, link: u32, trip: u32, start: &Start, new: &[Vehicle]) -> Option<Vehicle> {
        let driver = &self.drivers[usize::from(start.driver)];
        let street = &self.streets.streets[link as usize];
        let next = self.routes.link(start.at + 1);
        let goal = self.streets.lane_for(link, (trip % u32::from(street.lanes)) as u8, next);
        // Motorbikes find room anywhere across the road.
        let places = if driver.filters { 4 * u32::from(street.lanes) } else { u32::from(street.lanes) };
        (0..places).find_map(|n| {
            let (lane, y_m) = if driver.filters {
                let usable = street.width_m() - driver.width_m - 0.5;
                let turn = (n + trip * 5) % places;
                let y = 0.5 * driver.width_m + 0.25 + usable * turn as f32 / (places - 1).max(1) as f32;
                (street.lane_at(y), y)
            } else {
                let lane = ((u32::from(goal) + n) % u32::from(street.lanes)) as u8;
                (lane, lane_middle_m(lane))
            };
            let mut v = Vehicle {
                x_m: driver.length_m.min(street.length_m * 0.5),
                y_m,
                speed_mps: 0.0,
                sideways_mps: 0.0,
                length_m: driver.length_m,
                width_m: driver.width_m,
                trip,
                at: start.at,
                next,
                connection: self.streets.way(link, lane, next),
                waits_s: 0.0,
                lane,
                driver: start.driver,
                settled: 0,
                committed: false,
            };
            v.speed_mps = self.speed_at_start(link, &v, driver, new)?;
            Some(v)
        })
    }

    /// The speed with which a vehicle can begin at its place without making anybody brake hard; `None` without room.
    fn speed_at_start(&self, link: u32, v: &Vehicle, driver: &Driver, new: &[Vehicle]) -> Option<f32> {
        let street = &self.streets.streets[link as usize];
        let mut speed = (street.speed_mps * driver.limit_share).min(driver.max_speed_mps);
        // Room to stop before the end, whatever the junction says.
        speed = speed.min(safe_speed(street.length_m - v.x_m - 1.0, 0.0, self.dt));
        for other in self.lives[link as usize].vehicles.iter().chain(new).filter(|o| v.in_file_with(o)) {
            let gap = other.rear_m() - v.x_m;
            if gap < driver.gap_m {
                return None;
            }
            speed = speed.min(safe_speed(gap, other.speed_mps, self.dt));
        }
        for from in &self.streets.junctions[street.from as usize].incoming {
            let length = self.streets.streets[*from as usize].length_m;
            for other in &self.lives[*from as usize].vehicles {
                let gap = length - other.x_m + v.rear_m();
                if gap > 100.0 {
                    break;
                }
                if other.next != link {
                    continue;
                }
                if gap < 1.0 || other.speed_mps - 4.0 * self.dt > safe_speed(gap, speed, self.dt) {
                    return None;
                }
            }
        }
        Some(speed)
    }
}
