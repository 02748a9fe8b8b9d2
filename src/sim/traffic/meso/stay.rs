//! What is noted when a vehicle has left a link: its time there, and on each piece that the link stands for.

use super::input::VehicleClass;
use super::loading::{Loading, Passage, SHORTEST_TIME_S};
use super::queue::Stay;
use super::record::Record;

/// Shorter waits are rounding.
const NO_DELAY_S: f64 = 1e-6;

/// Vehicles that drove through freely within one interval: counted once, told by piece at the end.
#[derive(Debug)]
pub(super) struct FreeRuns {
    links: usize,
    classes: usize,
    /// By interval, link and class.
    count: Vec<u32>,
}

impl FreeRuns {
    pub fn new(intervals: usize, links: usize, classes: usize) -> Self {
        Self { links, classes, count: vec![0; intervals * links * classes] }
    }

    fn add(&mut self, interval: usize, link: u32, class: u8) {
        self.count[(interval * self.links + link as usize) * self.classes + usize::from(class)] += 1;
    }
}

/// The interval that is being counted.
#[derive(Debug, Default)]
pub(super) struct Now {
    interval: usize,
    from_s: f64,
    until_s: f64,
}

impl Now {
    pub fn turn_to(&mut self, record: &Record, t: f64) {
        if t >= self.until_s {
            self.interval = record.interval(t);
            self.from_s = self.interval as f64 * record.interval_s;
            self.until_s = self.from_s + record.interval_s;
        }
    }

    fn holds(&self, t: f64) -> bool {
        self.from_s <= t && t < self.until_s
    }
}

impl Loading<'_> {
    /// Speed of a class on a free link; what is driven in less than a second counts as a second long.
    fn pace(&self, link: u32, class: &VehicleClass) -> f64 {
        let d = &self.roads.diagrams[link as usize];
        d.free_speed_mps.min(class.max_speed_mps).min(d.length_m / SHORTEST_TIME_S)
    }

    /// A vehicle leaves a link as the one by which so much has left, itself counted.
    pub(super) fn note_stay(&mut self, link: u32, stay: Stay, until_s: f64) {
        let pieces = self.pieces.of(link).len();
        self.out.transfers += pieces as u64;
        let delayed = until_s > stay.ready_s + NO_DELAY_S;
        if !delayed && !self.options.keep_passages && self.now.holds(stay.entered_s) && self.now.holds(until_s) {
            self.free_runs.add(self.now.interval, link, stay.class);
            return;
        }
        let rank = self.links[link as usize].left;
        let mut begins = std::mem::take(&mut self.begins);
        self.piece_times(link, stay, rank, if delayed { Some(until_s) } else { None }, &mut begins);
        for piece in 0..pieces {
            let next = begins.get(piece + 1).copied().unwrap_or(until_s);
            self.note_piece(link, piece, stay, begins[piece], next);
        }
        self.begins = begins;
    }

    /// At the end of the day: who is still on a link has entered some of its pieces.
    pub(super) fn note_unfinished(&mut self, link: u32, stay: Stay, rank: u64, end_s: f64) {
        let mut begins = Vec::new();
        self.piece_times(link, stay, rank, Some(f64::INFINITY), &mut begins);
        let entered = begins.iter().filter(|t| **t < end_s).count().max(1);
        self.out.transfers += entered as u64;
        for piece in 0..entered {
            let next = if piece + 1 < entered { begins[piece + 1] } else { end_s };
            self.note_piece(link, piece, stay, begins[piece], next);
        }
    }

    fn note_piece(&mut self, link: u32, piece: usize, stay: Stay, from_s: f64, until_s: f64) {
        let real = self.pieces.of(link)[piece];
        if piece > 0 && self.options.keep_passages {
            self.out.passages.push(Passage { time_s: from_s, vehicle: stay.vehicle, link: real });
        }
        let class = &self.classes[usize::from(stay.class)];
        let free_s = self.free_time_s(link, piece, self.pace(link, class));
        let slot = self.out.record.slot(real, from_s);
        self.out.record.counts[slot].add(class.passes_queues, 1, until_s - from_s, free_s);
    }

    fn free_time_s(&self, link: u32, piece: usize, pace: f64) -> f64 {
        let from_m = self.pieces.begins_m(link);
        let end_m = from_m.get(piece + 1).copied().unwrap_or(self.roads.diagrams[link as usize].length_m);
        (end_m - from_m[piece]) / pace
    }

    /// When each piece was entered. Freely, or when who stands between there and the end had left, and the gap had come
    /// back; `until_s` is when a vehicle that was held up has left.
    fn piece_times(&self, link: u32, stay: Stay, rank: u64, until_s: Option<f64>, begins: &mut Vec<f64>) {
        let from_m = self.pieces.begins_m(link);
        let pace = self.pace(link, &self.classes[usize::from(stay.class)]);
        begins.clear();
        begins.extend(from_m.iter().map(|m| stay.entered_s + m / pace));
        let Some(until_s) = until_s else { return };
        let d = &self.roads.diagrams[link as usize];
        let state = &self.links[link as usize];
        let mut after = until_s;
        for piece in (1..from_m.len()).rev() {
            let to_end_m = d.length_m - from_m[piece];
            let between = (d.storage_pcu * 1000.0 * to_end_m / d.length_m).round() as u64;
            let Some(left_s) = rank
                .checked_sub(between)
                .and_then(|need| state.left_by_s(need, self.headway[link as usize], self.smallest))
            else {
                return;
            };
            let held_s = left_s + to_end_m / d.wave_speed_mps;
            // Behind a place that it came to freely it was nowhere held up: a queue's end only moves on.
            if held_s <= begins[piece] {
                return;
            }
            after = after.min(held_s);
            begins[piece] = after;
        }
    }

    /// Tells by piece what was counted by link.
    pub(super) fn tell_free_runs(&mut self) {
        let runs = std::mem::replace(&mut self.free_runs, FreeRuns::new(0, 0, 0));
        let rows = runs.count.chunks_exact((runs.links * runs.classes).max(1));
        for (interval, row) in rows.enumerate() {
            for (link, by_class) in (0..).zip(row.chunks_exact(runs.classes.max(1))) {
                for (class, &n) in self.classes.iter().zip(by_class).filter(|c| *c.1 > 0) {
                    let pace = self.pace(link, class);
                    for (piece, real) in self.pieces.of(link).iter().enumerate() {
                        let free_s = self.free_time_s(link, piece, pace);
                        let slot = interval * self.out.record.links + *real as usize;
                        self.out.record.counts[slot].add(class.passes_queues, n, free_s, free_s);
                    }
                }
            }
        }
    }
}
