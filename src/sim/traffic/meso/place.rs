//! Where the vehicles of a loaded day are at a moment, from when they entered and left each link.

use super::input::{Roads, Trip};
use super::loading::Loaded;
use super::route::NONE;

/// A vehicle on a link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub vehicle: u32,
    pub link: u32,
    /// Share of the link driven.
    pub share: f32,
    pub class: u8,
}

/// One stay of a vehicle on a link.
#[derive(Debug, Clone, Copy)]
struct Stay {
    from_s: f32,
    until_s: f32,
    vehicle: u32,
    link: u32,
}

/// All stays of a day, by the time of their beginning.
#[derive(Debug, Clone, Default)]
pub struct Stays {
    stays: Vec<Stay>,
    longest_s: f32,
}

impl Stays {
    /// From a day that kept its passages.
    #[must_use]
    pub fn new(loaded: &Loaded, span_s: f64) -> Self {
        let mut open: Vec<Option<(f64, u32)>> = vec![None; loaded.arrival_s.len()];
        let mut stays = Vec::with_capacity(loaded.passages.len());
        // Passages of one vehicle come in the order of time; those of different vehicles need not.
        for p in &loaded.passages {
            let place = &mut open[p.vehicle as usize];
            if let Some((from_s, link)) = place.take() {
                stays.push(Stay { from_s: from_s as f32, until_s: p.time_s as f32, vehicle: p.vehicle, link });
            }
            if p.link != NONE {
                *place = Some((p.time_s, p.link));
            }
        }
        for (vehicle, place) in (0..).zip(open) {
            if let Some((from_s, link)) = place {
                stays.push(Stay { from_s: from_s as f32, until_s: span_s as f32, vehicle, link });
            }
        }
        stays.sort_by(|a, b| a.from_s.total_cmp(&b.from_s).then(a.vehicle.cmp(&b.vehicle)));
        let longest_s = stays.iter().map(|s| s.until_s - s.from_s).fold(0.0, f32::max);
        Self { stays, longest_s }
    }

    /// Those on the road at a moment. A queue at a link's end is drawn by driving at free speed and then waiting.
    pub fn at<'a>(&'a self, roads: &'a Roads, trips: &'a [Trip], t: f64) -> impl Iterator<Item = Place> + 'a {
        let t = t as f32;
        let begin = self.stays.partition_point(|s| s.from_s < t - self.longest_s);
        let end = self.stays.partition_point(|s| s.from_s <= t);
        self.stays[begin..end].iter().filter(move |s| s.until_s > t).map(move |s| {
            let d = &roads.diagrams[s.link as usize];
            let driven = (t - s.from_s) / d.free_time_s() as f32;
            let left = (s.until_s - t) / (s.until_s - s.from_s).max(1e-3);
            let share = driven.min(1.0 - left * 0.3).clamp(0.0, 1.0);
            Place { vehicle: s.vehicle, link: s.link, share, class: trips[s.vehicle as usize].class }
        })
    }
}
