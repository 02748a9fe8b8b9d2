//! Who may drive into a junction in this step.
//!
//! Connections that cross are never used by two vehicles that can no longer stop. A connection is open when it has
//! green, when nobody who cannot stop any more crosses it, when nobody with precedence comes too near in time (gap
//! acceptance) unless one has waited too long, and when there is room behind it, so that nobody stands in the junction.

use super::engine::View;
use super::follow::EASY_BRAKING_MPS2;
use super::streets::{Junction, Signal, lane_middle_m};
use super::vehicle::NONE;

/// Critical gap: who has precedence and is nearer in time is waited for. Highway Capacity Manual 2010, table 19-10:
/// 4.1 s for left turns from the main road to 7.5 s for those from the side road; one value here.
const CRITICAL_GAP_S: f32 = 5.0;
/// Whoever has stood so long is let in by those who still can stop, whatever the precedence: a stream without gaps would
/// keep left turns and side roads standing for ever, and all behind them. Assumed.
const PATIENCE_S: f32 = 30.0;
/// Approaches are looked at this far.
const APPROACH_M: f32 = 80.0;
/// Room that one needs behind the junction when those ahead stand.
const ROOM_M: f32 = 8.0;
const STANDING_MPS: f32 = 1.5;

#[derive(Debug, Clone, Default)]
pub(super) struct Control {
    pub open: Vec<bool>,
    seen: Vec<Seen>,
    order: Vec<u32>,
    /// By link that is entered from here: room that those who come need to stop in.
    needs: Vec<(u32, f32)>,
    phase: usize,
    /// Since the phase began; the clearance time follows the green.
    phase_s: f64,
    /// Since somebody came on green.
    quiet_s: f64,
    started: bool,
}

/// Who comes on a connection.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    comes: bool,
    committed: bool,
    claims: bool,
    waits_s: f32,
}

impl Control {
    pub fn decide(&mut self, junction: &Junction, view: &View) {
        self.open_ways(junction, view);
        self.note_needs(junction, view);
    }

    /// Metres from the beginning of a link that must stay free of lane changes.
    pub fn needs_of(&self, link: u32) -> f32 {
        self.needs.iter().find(|n| n.0 == link).map_or(0.0, |n| n.1)
    }

    fn note_needs(&mut self, junction: &Junction, view: &View) {
        self.needs.clear();
        for &link in &junction.incoming {
            let length = view.streets.streets[link as usize].length_m;
            for v in &view.lives[link as usize].vehicles {
                let distance = length - v.x_m;
                if distance > APPROACH_M {
                    break;
                }
                if v.connection == NONE || !(v.committed || self.open[(v.connection - junction.first) as usize]) {
                    continue;
                }
                // One step from now it may be as fast as this and as near as this.
                let speed = v.speed_mps + 3.0 * view.dt;
                let room = speed * speed / (2.0 * EASY_BRAKING_MPS2) + 2.5 * speed * view.dt + 1.0 - distance;
                if room > 0.0 {
                    let to = view.streets.connections[v.connection as usize].to;
                    match self.needs.iter_mut().find(|n| n.0 == to) {
                        Some(need) => need.1 = need.1.max(room),
                        None => self.needs.push((to, room)),
                    }
                }
            }
        }
    }

    fn open_ways(&mut self, junction: &Junction, view: &View) {
        let count = junction.count as usize;
        self.open.resize(count, false);
        self.open.fill(false);
        self.seen.clear();
        self.seen.resize(count, Seen::default());
        self.order.clear();
        for &link in &junction.incoming {
            self.look(junction, link, view);
        }
        let green = junction.signal.as_ref().map(|s| self.signal(s, view));
        let rank = |k: usize| view.streets.connections[junction.first as usize + k].rank;
        // Left turns that found no gap leave while the junction is cleared.
        let is_green = |k: usize| green.is_none_or(|(green, clears)| green[k] && (!clears || rank(k) > 0));
        if !junction.crossing {
            for (k, open) in self.open.iter_mut().enumerate() {
                *open = is_green(k);
            }
            return;
        }
        let (seen, connections) = (&self.seen, &view.streets.connections);
        self.order.sort_unstable_by(|a, b| {
            let waits = |k: u32| seen[k as usize].waits_s;
            let key = |k: u32| (waits(k) < PATIENCE_S, connections[(junction.first + k) as usize].rank);
            key(*a).cmp(&key(*b)).then(waits(*b).total_cmp(&waits(*a))).then(a.cmp(b))
        });
        let mut taken = [0_u64; 8];
        let words = junction.words().min(taken.len());
        let set = |taken: &mut [u64; 8], k: usize| {
            if let Some(word) = taken.get_mut(k / 64) {
                *word |= 1 << (k % 64);
            }
        };
        for k in 0..count {
            if self.seen[k].committed {
                set(&mut taken, k);
            }
        }
        for &k in &self.order {
            let (k, seen) = (k as usize, self.seen[k as usize]);
            let crossed = junction.conflicts_of(k).iter().zip(&taken[..words]).any(|(a, b)| a & b != 0);
            if crossed || !is_green(k) || !has_room(junction, k, view) {
                continue;
            }
            self.open[k] = true;
            if seen.claims {
                set(&mut taken, k);
            }
        }
    }

    fn look(&mut self, junction: &Junction, link: u32, view: &View) {
        let length = view.streets.streets[link as usize].length_m;
        for v in &view.lives[link as usize].vehicles {
            let distance = length - v.x_m;
            if distance > APPROACH_M {
                break;
            }
            if v.connection == NONE {
                continue;
            }
            let k = v.connection - junction.first;
            let seen = &mut self.seen[k as usize];
            if !seen.comes {
                seen.comes = true;
                self.order.push(k);
            }
            seen.committed |= v.committed;
            seen.waits_s = seen.waits_s.max(v.waits_s);
            let stops_in = v.speed_mps * v.speed_mps / (2.0 * EASY_BRAKING_MPS2) + 2.0 * v.speed_mps + 4.0;
            seen.claims |= distance < stops_in || distance < CRITICAL_GAP_S * v.speed_mps;
        }
    }

    /// The greens of the present phase, and whether the junction is being cleared after it.
    fn signal<'a>(&mut self, signal: &'a Signal, view: &View) -> (&'a [bool], bool) {
        let phases = &signal.plan.phases;
        let cycle = signal.plan.cycle_s();
        let dt = f64::from(view.dt);
        if let (Some(actuation), true) = (signal.plan.actuation, self.started) {
            self.phase_s += dt;
            let phase = &phases[self.phase];
            let comes = signal.green[self.phase].iter().zip(&self.seen).any(|(g, s)| *g && s.comes && s.claims);
            self.quiet_s = if comes { 0.0 } else { self.quiet_s + dt };
            let over = self.phase_s >= actuation.max_green_s
                || self.phase_s >= actuation.min_green_s && self.quiet_s >= actuation.gap_s;
            if self.phase_s < phase.green_s.min(actuation.min_green_s) || !over && phase.green_s > 0.0 {
                return (&signal.green[self.phase], false);
            }
            // Cleared: `phase_s` runs on from the end of the green.
            let cleared = self.phase;
            phase_ends(self, phase.clearance_s, phases.len(), actuation.max_green_s);
            return (&signal.green[cleared], true);
        }
        self.started = true;
        let within = (view.time_s - signal.plan.offset_s).rem_euclid(cycle.max(1e-9));
        let mut begin = 0.0;
        for (i, phase) in phases.iter().enumerate() {
            if within < begin + phase.green_s {
                self.phase = i;
                return (&signal.green[i], false);
            }
            begin += phase.green_s + phase.clearance_s;
            if within < begin {
                self.phase = i;
                return (&signal.green[i], true);
            }
        }
        (&signal.green[self.phase], true)
    }
}

/// Ends an actuated green, then waits for the clearance time to pass before the next phase begins.
fn phase_ends(control: &mut Control, clearance_s: f64, phases: usize, max_green_s: f64) {
    // From here on `phase_s` counts on from the longest green, so that it cannot be prolonged again.
    control.phase_s = control.phase_s.max(max_green_s);
    if control.phase_s >= max_green_s + clearance_s {
        control.phase = (control.phase + 1) % phases;
        control.phase_s = 0.0;
        control.quiet_s = 0.0;
    }
}

/// Whether one can leave the junction behind a connection.
fn has_room(junction: &Junction, k: usize, view: &View) -> bool {
    let way = &view.streets.connections[junction.first as usize + k];
    let middle = lane_middle_m(way.to_lane);
    for v in view.lives[way.to as usize].vehicles.iter().rev() {
        if v.rear_m() > ROOM_M {
            return true;
        }
        if (v.y_m - middle).abs() < 1.5 && v.speed_mps < STANDING_MPS {
            return false;
        }
    }
    true
}
