//! Circles of full links, each waiting for the next: nothing in them moves any more. They are told, never dissolved
//! by taking vehicles away.

use super::loading::Loading;
use super::route::NONE;

/// A circle that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Gridlock {
    /// When it was seen; it came at most five minutes before.
    pub seen_s: f64,
    /// Links of the circle, in the order in which each waits for the next, the lowest first.
    pub links: Vec<u32>,
    /// Vehicles on them.
    pub vehicles: u32,
}

/// Looks for circles that have not been told yet.
pub(super) fn look(loading: &mut Loading, now_s: f64) {
    let links = loading.roads.links();
    // Who waits for whom: the head of each link's queue for the link that has no room.
    let mut waits_for: Vec<u32> = (0..links as u32).map(|link| blocked_by(loading, link, now_s)).collect();
    if loading.guide.is_some() {
        free_those_with_a_way_on(loading, &mut waits_for);
    }
    let mut seen = vec![0_u32; links];
    let mut round = 0;
    for first in 0..links as u32 {
        if waits_for[first as usize] == NONE || seen[first as usize] != 0 {
            continue;
        }
        round += 1;
        let mut at = first;
        while at != NONE && seen[at as usize] == 0 {
            seen[at as usize] = round;
            at = waits_for[at as usize];
        }
        if at != NONE && seen[at as usize] == round {
            tell(loading, &waits_for, at, now_s);
        }
    }
}

fn blocked_by(loading: &mut Loading, link: u32, now_s: f64) -> u32 {
    let heads = [0, 1].map(|queue| loading.first(link, queue).copied());
    let mut blocked = NONE;
    for head in heads.into_iter().flatten() {
        let pcu = loading.pcu(head.class);
        let waits = head.ready_s < now_s
            && head.next != NONE
            && loading.ways_on(link, &head).into_iter().all(|out| loading.room_s(out, pcu) == f64::INFINITY);
        if !waits {
            return NONE;
        }
        blocked = head.next;
    }
    blocked
}

/// Who listens may go on by several links: he stands only while all of them stand.
fn free_those_with_a_way_on(loading: &Loading, waits_for: &mut [u32]) {
    loop {
        let mut freed = false;
        for link in 0..waits_for.len() {
            if waits_for[link] == NONE {
                continue;
            }
            let heads = (0..2).filter_map(|queue| loading.first(link as u32, queue));
            let moves = |out: u32| waits_for[out as usize] == NONE;
            if heads.flat_map(|h| loading.ways_on(link as u32, h)).any(moves) {
                waits_for[link] = NONE;
                freed = true;
            }
        }
        if !freed {
            return;
        }
    }
}

fn tell(loading: &mut Loading, waits_for: &[u32], on_circle: u32, now_s: f64) {
    let mut circle = vec![on_circle];
    let mut at = waits_for[on_circle as usize];
    while at != on_circle {
        circle.push(at);
        at = waits_for[at as usize];
    }
    let on = |l: &u32| (0..2).map(|queue| loading.standing(*l, queue)).sum::<u32>();
    let vehicles = circle.iter().map(on).sum();
    let mut circle: Vec<u32> = circle.iter().flat_map(|l| loading.pieces.of(*l)).copied().collect();
    let lowest = circle.iter().enumerate().min_by_key(|(_, l)| **l).map_or(0, |(i, _)| i);
    circle.rotate_left(lowest);
    if loading.out.gridlocks.iter().any(|g| g.links == circle) {
        return;
    }
    loading.out.gridlocks.push(Gridlock { seen_s: now_s, links: circle, vehicles });
}
