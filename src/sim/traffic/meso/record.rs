//! What is counted on every link, by interval of the day.

/// Counts of one link in one interval; vehicles are counted where and when they enter.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LinkCount {
    pub vehicles: u32,
    pub passing: u32,
    /// Time that these vehicles took for the link, together.
    pub time_s: f64,
    /// What they would have taken alone.
    pub free_time_s: f64,
    /// Those that have left the link.
    pub left: u32,
}

impl LinkCount {
    /// Vehicles that took so long each.
    pub(super) fn add(&mut self, passes: bool, vehicles: u32, time_s: f64, free_s: f64) {
        self.vehicles += vehicles;
        self.left += vehicles;
        self.passing += if passes { vehicles } else { 0 };
        self.time_s += f64::from(vehicles) * time_s;
        self.free_time_s += f64::from(vehicles) * free_s;
    }

    /// Mean travel time of those that have left, or `free_s` when there is none.
    #[must_use]
    pub fn mean_time_s(&self, free_s: f64) -> f64 {
        if self.left == 0 { free_s } else { self.time_s / f64::from(self.left) }
    }
}

/// All links by intervals of equal length: `counts[interval * links + link]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub interval_s: f64,
    pub links: usize,
    pub counts: Vec<LinkCount>,
}

/// More counts than this (1.6 GB) are refused before anything is driven.
pub const MOST_COUNTS: f64 = 50e6;

impl Record {
    /// How many counts so many links over such a time have.
    #[must_use]
    pub fn counts_of(links: usize, interval_s: f64, span_s: f64) -> f64 {
        (span_s / interval_s).ceil().max(1.0) * links as f64
    }

    #[must_use]
    pub fn new(links: usize, interval_s: f64, span_s: f64) -> Self {
        let intervals = (span_s / interval_s).ceil().max(1.0) as usize;
        Self { interval_s, links, counts: vec![LinkCount::default(); intervals * links] }
    }

    #[must_use]
    pub fn intervals(&self) -> usize {
        self.counts.len() / self.links.max(1)
    }

    #[must_use]
    pub fn interval(&self, t: f64) -> usize {
        ((t / self.interval_s) as usize).min(self.intervals() - 1)
    }

    #[must_use]
    pub fn slot(&self, link: u32, t: f64) -> usize {
        self.interval(t) * self.links + link as usize
    }

    #[must_use]
    pub fn at(&self, interval: usize, link: u32) -> &LinkCount {
        &self.counts[interval * self.links + link as usize]
    }

    /// Several intervals as one.
    #[must_use]
    pub fn sum(&self, intervals: std::ops::Range<usize>, link: u32) -> LinkCount {
        intervals.filter(|i| *i < self.intervals()).fold(LinkCount::default(), |sum, i| {
            let c = self.at(i, link);
            LinkCount {
                vehicles: sum.vehicles + c.vehicles,
                passing: sum.passing + c.passing,
                time_s: sum.time_s + c.time_s,
                free_time_s: sum.free_time_s + c.free_time_s,
                left: sum.left + c.left,
            }
        })
    }
}
