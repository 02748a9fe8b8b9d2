//! What a vehicle's speed will be at the end of the step, seen from the state at its beginning.

use super::driver::{Driver, HARDEST_BRAKING_MPS2, safe_speed};
use super::engine::{Live, View};
use super::streets::lane_middle_m;
use super::vehicle::{NONE, Vehicle};

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Plan {
    pub speed_mps: f32,
    pub committed: bool,
}

/// Vehicles this near to the line, in stopping distances at this braking, go on when the junction closes.
pub(super) const EASY_BRAKING_MPS2: f32 = 4.0;
/// Stops this far before the line at the latest.
const LINE_MARGIN_M: f32 = 0.5;
/// Vehicles beside, nearer than some of these, slow down whoever filters past them (Treiber & Chaudhari, section 2:
/// longitudinal forces fade with the sideways distance). So small that two lanes of motorbikes carry what was counted in
/// Hanoi in 2012, 13,358 an hour: with 0.1 it is 5 % less, with 0.2 a sixth less.
const SIDE_SCALE_M: f32 = 0.05;

/// How far ahead one looks at a speed.
pub(super) fn horizon_m(speed: f32) -> f32 {
    12.0 + 1.5 * speed + speed * speed / 6.0
}

/// What is ahead, gathered one by one.
struct Ahead<'a> {
    driver: &'a Driver,
    speed: f32,
    dt: f32,
    interaction: f32,
    safe: f32,
}

impl Ahead<'_> {
    fn see(&mut self, gap_m: f32, leader: f32) {
        self.interaction = self.interaction.max(self.driver.interaction(self.speed, gap_m, leader));
        self.safe = self.safe.min(safe_speed(gap_m, leader, self.dt));
    }

    fn see_line(&mut self, distance_m: f32) {
        self.see(distance_m - LINE_MARGIN_M, 0.0);
    }

    fn see_beside(&mut self, gap_m: f32, leader: f32, sideways_m: f32) {
        let share = (-sideways_m / SIDE_SCALE_M).exp();
        self.interaction = self.interaction.max(share * self.driver.interaction(self.speed, gap_m.max(1.0), leader));
    }

    fn limit(&mut self, speed: f32) {
        self.safe = self.safe.min(speed);
    }
}

/// All vehicles of one link, front first.
pub(super) fn plan(view: &View, link: u32, live: &Live, plans: &mut Vec<Plan>) {
    plans.clear();
    plans.extend((0..live.vehicles.len()).map(|i| one(view, link, &live.vehicles, i)));
}

fn one(view: &View, link: u32, list: &[Vehicle], i: usize) -> Plan {
    let v = &list[i];
    let street = &view.streets.streets[link as usize];
    let driver = &view.drivers[usize::from(v.driver)];
    let desired = view.desired(v, link);
    let look = horizon_m(v.speed_mps);
    let mut ahead = Ahead { driver, speed: v.speed_mps, dt: view.dt, interaction: 0.0, safe: f32::INFINITY };
    let mut beyond = true;
    for other in list[..i].iter().rev() {
        if other.x_m - v.x_m > look + 10.0 {
            beyond = false;
            break;
        }
        let gap = other.rear_m() - v.x_m;
        if v.in_file_with(other) {
            ahead.see(gap, other.speed_mps);
            // Whoever is in front of this one is in its file too, unless it is narrow or drives elsewhere.
            if !view.mixed && other.connection == v.connection {
                beyond = false;
                break;
            }
        } else if driver.filters && gap > -v.length_m {
            let sideways = (v.y_m - other.y_m).abs() - 0.5 * (v.width_m + other.width_m);
            ahead.see_beside(gap, other.speed_mps, sideways);
        }
    }
    let remaining = street.length_m - v.x_m;
    let open = v.committed || view.is_open(link, v.connection);
    if beyond && v.next != NONE && remaining < look {
        if v.connection == NONE || !open {
            ahead.see_line(remaining);
        } else {
            look_beyond(view, v, remaining, look, &mut ahead);
        }
    }
    let a = (driver.free(v.speed_mps, desired) - ahead.interaction).max(-HARDEST_BRAKING_MPS2);
    let speed_mps = (v.speed_mps + a * view.dt).min(ahead.safe).max(0.0);
    let left = remaining - speed_mps * view.dt;
    let near = left < speed_mps * speed_mps / (2.0 * EASY_BRAKING_MPS2) + 0.5 * speed_mps * view.dt;
    let committed = v.next != NONE && v.connection != NONE && open && (near || v.committed && speed_mps > 0.1);
    Plan { speed_mps, committed }
}

/// Through the junction into the next links, as far as one looks.
fn look_beyond(view: &View, v: &Vehicle, remaining: f32, look: f32, ahead: &mut Ahead) {
    let mut distance = remaining;
    let (mut at, mut connection) = (v.at, v.connection);
    let mut y = v.y_m;
    loop {
        let way = &view.streets.connections[connection as usize];
        let turn = (way.speed_mps * way.speed_mps + 2.0 * ahead.driver.braking_mps2 * distance).sqrt();
        ahead.limit(turn.max(ahead.speed - EASY_BRAKING_MPS2 * view.dt));
        y += lane_middle_m(way.to_lane) - lane_middle_m(way.from_lane);
        let next = view.streets.streets[way.to as usize].length_m;
        for other in view.lives[way.to as usize].vehicles.iter().rev() {
            let gap = distance + other.rear_m();
            if gap > look {
                return;
            }
            if v.in_file_at(y, other) {
                ahead.see(gap, other.speed_mps);
                if !view.mixed {
                    return;
                }
            }
        }
        distance += next;
        at += 1;
        let goal = view.routes.link(at);
        if distance > look || goal == NONE {
            return;
        }
        connection = view.streets.way(way.to, way.to_lane, goal);
        if connection == NONE || !view.is_open(way.to, connection) {
            ahead.see_line(distance);
            return;
        }
    }
}
