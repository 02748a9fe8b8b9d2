//! What an equilibrium's bushes tell: who uses a link, and what going from here to there takes.

use super::bush::Bush;
use super::problem::OriginDemand;

/// Trips between two nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    pub from: u32,
    pub to: u32,
    pub class: u32,
    pub value: f64,
}

/// Trips that use a link, by where they come from and go to. Where ways of equal cost share trips, each pair's trips
/// are taken to share in the same proportions at every junction (Bar-Gera 2010, "Traffic assignment by paired
/// alternative segments", section 2.3, holds this most likely).
#[must_use]
pub fn select_link(bushes: &[Bush], demand: &[OriginDemand], link: u32) -> Vec<Between> {
    let mut found = Vec::new();
    for (bush, demand) in bushes.iter().zip(demand) {
        if bush.flow_on(link) <= 0.0 {
            continue;
        }
        let share = mean_over(bush, |l, before| if l == link { 1.0 } else { before });
        collect(bush, demand, &mut found, |p, trips| trips * share[p]);
    }
    found.retain(|b| b.value > 0.0);
    found
}

/// Mean of a sum along the used ways from each origin to its destinations: times, lengths, tolls.
#[must_use]
pub fn skim(bushes: &[Bush], demand: &[OriginDemand], per_link: &[f64]) -> Vec<Between> {
    let mut found = Vec::new();
    for (bush, demand) in bushes.iter().zip(demand) {
        let sums = mean_over(bush, |l, before| before + per_link[l as usize]);
        collect(bush, demand, &mut found, |p, _| sums[p]);
    }
    found
}

/// A value at every position: `next` of the link and the value before it, averaged by the flows.
fn mean_over(bush: &Bush, next: impl Fn(u32, f64) -> f64) -> Vec<f64> {
    let mut value = vec![0.0; bush.node.len()];
    for p in 1..bush.node.len() {
        let range = bush.start[p] as usize..bush.start[p + 1] as usize;
        let flow: f64 = bush.flow[range.clone()].iter().sum();
        let count = range.len() as f64;
        value[p] = range
            .map(|e| {
                let weight = if flow > 0.0 { bush.flow[e] / flow } else { 1.0 / count };
                weight * next(bush.link[e], value[bush.tail[e] as usize])
            })
            .sum();
    }
    value
}

fn collect(bush: &Bush, demand: &OriginDemand, found: &mut Vec<Between>, value: impl Fn(usize, f64) -> f64) {
    let mut at: Vec<(u32, usize)> = bush.node.iter().enumerate().map(|(p, n)| (*n, p)).collect();
    at.sort_unstable();
    for &(to, trips) in &demand.to {
        if let Ok(i) = at.binary_search_by_key(&to, |a| a.0) {
            found.push(Between { from: bush.origin, to, class: bush.class, value: value(at[i].1, trips) });
        }
    }
}

/// Volumes of other trips on the same ways: `trips(o, node)` of origin number `o` take the shares that its bush has.
#[must_use]
pub fn load_alike(bushes: &[Bush], links: usize, trips: impl Fn(usize, u32) -> f64) -> Vec<f64> {
    let mut volume = vec![0.0; links];
    for (o, bush) in bushes.iter().enumerate() {
        let mut need: Vec<f64> = bush.node.iter().map(|n| trips(o, *n)).collect();
        for p in (1..bush.node.len()).rev() {
            let want = need[p];
            if want <= 0.0 {
                continue;
            }
            let range = bush.start[p] as usize..bush.start[p + 1] as usize;
            let flow: f64 = bush.flow[range.clone()].iter().sum();
            let first = range.start;
            for e in range {
                let share = if flow > 0.0 { bush.flow[e] / flow } else { f64::from(u8::from(e == first)) };
                volume[bush.link[e] as usize] += want * share;
                need[bush.tail[e] as usize] += want * share;
            }
        }
    }
    volume
}
