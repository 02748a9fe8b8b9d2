//! Sideways: lanes are changed by MOBIL, motorbikes move continuously.
//!
//! Done link by link and vehicle by vehicle from the front, each seeing what those before it have done: no two move
//! into one gap.

use super::driver::{Driver, safe_speed};
use super::engine::{Live, View};
use super::follow::{EASY_BRAKING_MPS2, horizon_m};
use super::streets::{LANE_WIDTH_M, Street, lane_middle_m};
use super::vehicle::{NONE, Vehicle};

/// MOBIL (Kesting, Treiber & Helbing 2007, Transportation Research Record 1999, eqs. 2-4): politeness, threshold and
/// safe braking.
const POLITENESS: f32 = 0.2;
const THRESHOLD_MPS2: f32 = 0.2;
const SAFE_BRAKING_MPS2: f32 = 4.0;
/// Steps between two lane changes.
const SETTLES: u8 = 5;
/// Nearer to the junction than this, lanes that do not lead on are left.
const PREPARE_M: f32 = 250.0;

/// Intelligent Agent Model (Treiber & Chaudhari 2023, arXiv 2310.16816, section 2): what slows one down also pushes
/// one aside. Its strength, the time in which sideways speed follows, and the fastest that one moves sideways at rest
/// and with speed; assumed, no measurements in Vietnam.
const PUSH_S: f32 = 0.5;
/// Who is farther aside than some of these pushes no more.
const PUSH_SCALE_M: f32 = 0.2;
const FOLLOWS_S: f32 = 0.8;
const SIDEWAYS_AT_REST_MPS: f32 = 0.25;
const SIDEWAYS_SHARE: f32 = 0.3;
const FASTEST_SIDEWAYS_MPS: f32 = 1.2;
/// Kept from the edge of the road.
const EDGE_M: f32 = 0.2;
/// How far ahead others push aside.
const PUSHES_M: f32 = 25.0;

pub(super) fn move_sideways(view: &View, link: u32, live: &mut Live) {
    if live.vehicles.is_empty() {
        return;
    }
    let street = &view.streets.streets[link as usize];
    let needs_m = view.controls[street.from as usize].needs_of(link);
    for i in 0..live.vehicles.len() {
        let driver = &view.drivers[usize::from(live.vehicles[i].driver)];
        if driver.filters {
            drift(view, street, link, driver, &mut live.vehicles, i, needs_m);
        } else if street.lanes > 1 {
            change_lane(view, street, link, driver, &mut live.vehicles, i, needs_m);
        }
    }
}

fn change_lane(view: &View, street: &Street, link: u32, driver: &Driver, list: &mut [Vehicle], i: usize, needs_m: f32) {
    let v = list[i];
    if v.settled > 0 {
        list[i].settled -= 1;
        return;
    }
    if v.committed {
        return;
    }
    let goal = view.streets.lane_for(link, v.lane, v.next);
    let remaining = street.length_m - v.x_m;
    if goal != v.lane && remaining < PREPARE_M {
        let lane = if goal > v.lane { v.lane + 1 } else { v.lane - 1 };
        if is_safe(view, list, i, lane_middle_m(lane), SAFE_BRAKING_MPS2, needs_m) {
            take(view, link, &mut list[i], lane);
        }
        return;
    }
    // Everybody looks around every fourth step, and only if there is something to gain.
    let desired = view.desired(&v, link);
    if !(u64::from(v.trip) + view.step).is_multiple_of(4) || v.speed_mps > 0.9 * desired {
        return;
    }
    let mut best = (THRESHOLD_MPS2, None);
    for lane in [v.lane.wrapping_sub(1), v.lane + 1] {
        if lane >= street.lanes || remaining < PREPARE_M && !leads(view, link, lane, v.next) {
            continue;
        }
        let y = lane_middle_m(lane);
        if is_safe(view, list, i, y, SAFE_BRAKING_MPS2, needs_m) {
            let gain = incentive(view, driver, list, i, y, desired);
            if gain > best.0 {
                best = (gain, Some(lane));
            }
        }
    }
    if let Some(lane) = best.1 {
        take(view, link, &mut list[i], lane);
    }
}

fn leads(view: &View, link: u32, lane: u8, next: u32) -> bool {
    next == NONE || view.streets.way(link, lane, next) != NONE
}

fn take(view: &View, link: u32, v: &mut Vehicle, lane: u8) {
    v.lane = lane;
    v.y_m = lane_middle_m(lane);
    v.connection = view.streets.way(link, lane, v.next);
    v.settled = SETTLES;
}

/// (gap, speed) of the nearest in file ahead at `y`.
fn leader(list: &[Vehicle], i: usize, y: f32) -> Option<(f32, f32)> {
    let v = &list[i];
    let look = horizon_m(v.speed_mps);
    let near = list[..i].iter().rev().take_while(|o| o.x_m - v.x_m < look + 10.0);
    near.filter(|o| v.in_file_at(y, o)).map(|o| (o.rear_m() - v.x_m, o.speed_mps)).next()
}

/// The nearest in file behind at `y`.
fn follower(list: &[Vehicle], i: usize, y: f32) -> Option<&Vehicle> {
    let v = &list[i];
    list[i + 1..].iter().take_while(|o| v.x_m - o.x_m < 60.0).find(|o| v.in_file_at(y, o))
}

/// What changing would gain, own and others' accelerations together (MOBIL, eq. 4).
fn incentive(view: &View, driver: &Driver, list: &[Vehicle], i: usize, y: f32, desired: f32) -> f32 {
    let v = &list[i];
    let behind = |lead: Option<(f32, f32)>| {
        let (gap, speed) = lead.unwrap_or((f32::INFINITY, v.speed_mps));
        driver.acceleration(v.speed_mps, desired, gap, speed)
    };
    let own = behind(leader(list, i, y)) - behind(leader(list, i, v.y_m));
    let loss = follower(list, i, y).map_or(0.0, |f| {
        let other = &view.drivers[usize::from(f.driver)];
        other.interaction(f.speed_mps, v.rear_m() - f.x_m, v.speed_mps)
    });
    own - POLITENESS * loss
}

/// Whether all in file at `y`, ahead and behind, could go on without braking harder than `braking`.
fn is_safe(view: &View, list: &[Vehicle], i: usize, y: f32, braking: f32, needs_m: f32) -> bool {
    let v = &list[i];
    let ease = braking * view.dt;
    let look = horizon_m(v.speed_mps) + 10.0;
    for other in list[..i].iter().rev() {
        if other.x_m - v.x_m > look {
            break;
        }
        if v.in_file_at(y, other) {
            let gap = other.rear_m() - v.x_m;
            if gap < 0.3 || v.speed_mps - ease > safe_speed(gap, other.speed_mps, view.dt) {
                return false;
            }
            if !view.mixed {
                break;
            }
        }
    }
    for other in &list[i + 1..] {
        if v.rear_m() - other.x_m > 60.0 {
            break;
        }
        if v.in_file_at(y, other) {
            let gap = v.rear_m() - other.x_m;
            if gap < 0.3 || other.speed_mps - ease > safe_speed(gap, v.speed_mps, view.dt) {
                return false;
            }
            if !view.mixed {
                break;
            }
        }
    }
    // Who is about to come in needs the beginning of the link to stop in.
    v.rear_m() > needs_m
}

/// One step of a motorbike to the side.
fn drift(view: &View, street: &Street, link: u32, driver: &Driver, list: &mut [Vehicle], i: usize, needs_m: f32) {
    let v = list[i];
    let mut push = 0.0;
    for other in list[..i].iter().rev() {
        if other.x_m - v.x_m > PUSHES_M {
            break;
        }
        let aside = v.y_m - other.y_m;
        let sideways = aside.abs() - 0.5 * (v.width_m + other.width_m);
        let gap = (other.rear_m() - v.x_m).max(0.5);
        let strength = driver.interaction(v.speed_mps, gap, other.speed_mps).min(4.0);
        let fades = (-sideways.max(0.0) / PUSH_SCALE_M).exp();
        // Straight behind: every other one passes on the left.
        let side = if aside.abs() > 0.05 {
            aside.signum()
        } else if v.trip.is_multiple_of(2) {
            1.0
        } else {
            -1.0
        };
        push += PUSH_S * strength * fades * side;
    }
    let goal = view.streets.lane_for(link, v.lane, v.next);
    if goal != v.lane && street.length_m - v.x_m < PREPARE_M && !v.committed {
        push += 1.5 * (lane_middle_m(goal) - v.y_m).signum();
    }
    let fastest = (SIDEWAYS_AT_REST_MPS + SIDEWAYS_SHARE * v.speed_mps).min(FASTEST_SIDEWAYS_MPS);
    let wanted = push.clamp(-fastest, fastest);
    let sideways = v.sideways_mps + (wanted - v.sideways_mps) * (view.dt / FOLLOWS_S).min(1.0);
    let edge = 0.5 * v.width_m + EDGE_M;
    let mut y = (v.y_m + sideways * view.dt).clamp(edge, street.width_m() - edge);
    if v.committed {
        // Whoever drives into the junction stays in its lane.
        let middle = lane_middle_m(v.lane);
        y = y.clamp(middle - 0.49 * LANE_WIDTH_M, middle + 0.49 * LANE_WIDTH_M);
    }
    list[i].sideways_mps = sideways;
    if y == v.y_m || !is_safe(view, list, i, y, EASY_BRAKING_MPS2, needs_m) {
        list[i].sideways_mps = 0.0;
        return;
    }
    list[i].y_m = y;
    if !v.committed {
        list[i].lane = street.lane_at(y);
        list[i].connection = view.streets.way(link, list[i].lane, v.next);
    }
}
