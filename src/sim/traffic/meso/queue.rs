//! Vehicles that are on the road, each in one line of memory that it keeps from its first link to its last, and the
//! queues that they stand in: who is first, and of each who is behind it. So a queue costs no memory of its own, and what a
//! day touches stays as small as what is on the road.

use super::route::{NONE, Routes};
use crate::base::prefetch::prefetch;

/// Links of the way ahead that are kept with the vehicle.
const AHEAD: usize = 7;

/// A vehicle on a link, with all that moving it needs.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Waiting {
    /// When it reaches the end of the link.
    pub ready_s: f64,
    pub entered_s: f64,
    pub vehicle: u32,
    /// Where `next` stands among all links of all ways; of those who listen on the way, how many links they entered.
    at: u32,
    pub next: u32,
    behind: u32,
    pub class: u8,
    /// How many of `ahead` are driven already.
    used: u8,
    ahead: [u32; AHEAD],
}

/// One vehicle's time on a link.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    pub entered_s: f64,
    pub ready_s: f64,
    pub vehicle: u32,
    pub class: u8,
}

impl Waiting {
    pub fn stay(&self) -> Stay {
        Stay { entered_s: self.entered_s, ready_s: self.ready_s, vehicle: self.vehicle, class: self.class }
    }

    /// At the place where its way begins.
    pub fn new(leaving: Leaving) -> Self {
        let Leaving { depart_s, vehicle, at, next, class } = leaving;
        let ahead = [NONE; AHEAD];
        let (ready_s, entered_s) = (depart_s, depart_s);
        Self { ready_s, entered_s, vehicle, at, next, behind: NONE, class, used: AHEAD as u8, ahead }
    }

    /// Who draws, and which draw of his it is.
    pub fn driver(&self) -> (u32, u32) {
        (self.vehicle, self.at)
    }

    /// It goes on by a way that begins there.
    pub fn turn_to(&mut self, routes: &Routes, at: u32) {
        (self.at, self.next, self.used) = (at, routes.link(at), AHEAD as u8);
    }

    /// One link further.
    pub fn go_on(&mut self, routes: &Routes) {
        self.at += 1;
        if usize::from(self.used) == AHEAD {
            let ahead = routes.from(self.at);
            match ahead.first_chunk() {
                Some(all) => self.ahead = *all,
                None => self.ahead[..ahead.len()].copy_from_slice(ahead),
            }
            self.used = 0;
        }
        self.next = self.ahead[usize::from(self.used)];
        self.used += 1;
        if usize::from(self.used) == AHEAD {
            routes.ask(self.at + 1);
        }
    }

    /// One link further, for one who chooses when it is first.
    pub fn go_on_freely(&mut self, undecided: u32) {
        (self.at, self.next) = (self.at + 1, undecided);
    }
}

/// First and last of a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Queue {
    first: u32,
    last: u32,
}

pub(super) const EMPTY: Queue = Queue { first: NONE, last: NONE };

impl Queue {
    pub fn is_empty(self) -> bool {
        self.first == NONE
    }
}

/// All vehicles that are on the road.
#[derive(Debug, Default)]
pub(super) struct Vehicles {
    places: Vec<Waiting>,
    free: Vec<u32>,
}

impl Vehicles {
    pub fn first(&self, queue: Queue) -> Option<&Waiting> {
        self.places.get(queue.first as usize)
    }

    pub fn first_mut(&mut self, queue: Queue) -> Option<&mut Waiting> {
        self.places.get_mut(queue.first as usize)
    }

    /// Asks for the memory of the one behind.
    pub fn ask_behind(&self, vehicle: &Waiting) {
        prefetch(&self.places, vehicle.behind as usize);
    }

    /// From the first to the last.
    pub fn all(&self, queue: Queue) -> impl Iterator<Item = &Waiting> {
        let mut at = queue.first;
        std::iter::from_fn(move || {
            let this = self.places.get(at as usize)?;
            at = this.behind;
            Some(this)
        })
    }

    /// Takes a place and stands at the end of a queue.
    pub fn appear(&mut self, queue: &mut Queue, vehicle: Waiting) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(vehicle);
            self.places.len() as u32 - 1
        });
        self.places[place as usize] = vehicle;
        self.join(queue, place);
    }

    fn join(&mut self, queue: &mut Queue, place: u32) {
        self.places[place as usize].behind = NONE;
        match self.places.get_mut(queue.last as usize) {
            Some(last) => last.behind = place,
            None => queue.first = place,
        }
        queue.last = place;
    }

    /// The first leaves its queue; its place is still its own.
    pub fn leave(&mut self, queue: &mut Queue) -> Option<(u32, Stay)> {
        let place = queue.first;
        let this = self.places.get(place as usize)?;
        let stay = this.stay();
        queue.first = this.behind;
        if queue.first == NONE {
            queue.last = NONE;
        }
        Some((place, stay))
    }

    /// Stands at the end of another queue.
    pub fn stand(&mut self, queue: &mut Queue, place: u32) -> &mut Waiting {
        self.join(queue, place);
        &mut self.places[place as usize]
    }

    pub fn vanish(&mut self, place: u32) {
        self.free.push(place);
    }
}

/// One who has not left yet, with all that leaving needs: who leaves next stands in the next place of memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving {
    pub depart_s: f64,
    pub vehicle: u32,
    /// Where its way begins among all links of all ways, and the link there.
    pub at: u32,
    pub next: u32,
    pub class: u8,
}

/// Those who have not left yet, by place of origin and queue, each list by departure. The first of each stands in its queue.
#[derive(Debug)]
pub(super) struct Departures {
    /// Two lists an origin.
    next: Vec<u32>,
    end: Vec<u32>,
    all: Vec<Leaving>,
}

impl Departures {
    /// `list_of` says in which list each stands.
    pub fn new(lists: usize, leaving: &[Leaving], list_of: impl Fn(&Leaving) -> usize) -> Self {
        let mut start = vec![0_u32; lists + 1];
        for one in leaving {
            start[list_of(one) + 1] += 1;
        }
        for list in 0..lists {
            start[list + 1] += start[list];
        }
        let mut all = leaving.to_vec();
        let mut end = start.clone();
        for one in leaving {
            let place = &mut end[list_of(one)];
            all[*place as usize] = *one;
            *place += 1;
        }
        end.truncate(lists);
        for (from, to) in start.iter().zip(&end) {
            let list = &mut all[*from as usize..*to as usize];
            list.sort_by(|a, b| a.depart_s.total_cmp(&b.depart_s).then(a.vehicle.cmp(&b.vehicle)));
        }
        start.truncate(lists);
        Self { next: start, end, all }
    }

    pub fn take(&mut self, list: usize) -> Option<Leaving> {
        let next = &mut self.next[list];
        (*next < self.end[list]).then(|| {
            *next += 1;
            prefetch(&self.all, *next as usize);
            self.all[*next as usize - 1]
        })
    }

    /// Those who still stand behind the first.
    pub fn left(&self, list: usize) -> u32 {
        self.end[list] - self.next[list]
    }
}
