//! A ring parted in two by a line that is drawn across it.

use super::measure::{distance, ring_area, ring_contains};
use super::outline::closed;
use super::segments::{Meeting, meeting};

/// Where a line meets a ring: how far along the line and along the ring, in points and parts of the way to the next.
#[derive(Debug, Clone, Copy)]
struct Meet {
    on_line: f64,
    on_ring: f64,
    at: [f64; 2],
}

/// Two open rings from an open ring and a line across it; `None` where the line does not go in and out. What else the
/// line does beyond the first way through is left out.
#[must_use]
pub fn split(ring: &[[f64; 2]], line: &[[f64; 2]]) -> Option<[Vec<[f64; 2]>; 2]> {
    let closed = closed(ring.to_vec());
    let part = |a: [f64; 2], b: [f64; 2], p: [f64; 2]| distance(a, p) / distance(a, b).max(f64::MIN_POSITIVE);
    let mut meets = Vec::new();
    for (k, leg) in line.windows(2).enumerate() {
        for (i, side) in closed.windows(2).enumerate() {
            if let Meeting::Cross(at) | Meeting::Touch(at) = meeting([leg[0], leg[1]], [side[0], side[1]]) {
                let (on_line, on_ring) = (k as f64 + part(leg[0], leg[1], at), i as f64 + part(side[0], side[1], at));
                meets.push(Meet { on_line, on_ring, at });
            }
        }
    }
    meets.sort_by(|a, b| a.on_line.total_cmp(&b.on_line));
    // A corner of the ring is met on both its sides.
    meets.dedup_by(|b, a| a.at == b.at);
    let inside = |pair: &&[Meet]| {
        let middle = point_at(line, f64::midpoint(pair[0].on_line, pair[1].on_line));
        pair[0].at != pair[1].at && ring_contains(&closed, middle)
    };
    let pair = meets.windows(2).find(inside)?;
    let (a, b) = (pair[0], pair[1]);
    let between: Vec<[f64; 2]> = (0..line.len())
        .filter(|k| (*k as f64) > a.on_line && (*k as f64) < b.on_line)
        .filter_map(|k| line.get(k).copied())
        .collect();
    let mut first = vec![a.at];
    first.extend(&between);
    first.push(b.at);
    first.extend(around(ring, b.on_ring, a.on_ring));
    let mut second = vec![b.at];
    second.extend(between.iter().rev());
    second.push(a.at);
    second.extend(around(ring, a.on_ring, b.on_ring));
    [&mut first, &mut second].into_iter().for_each(tidy);
    let real = |ring: &Vec<[f64; 2]>| ring.len() > 2 && ring_area(&[ring.as_slice(), &ring[..1]].concat()).abs() > 0.0;
    (real(&first) && real(&second)).then_some([first, second])
}

fn point_at(line: &[[f64; 2]], on_line: f64) -> [f64; 2] {
    let k = (on_line.floor() as usize).min(line.len().saturating_sub(2));
    let (a, b, t) = (line[k], line[k + 1], on_line - k as f64);
    [(b[0] - a[0]).mul_add(t, a[0]), (b[1] - a[1]).mul_add(t, a[1])]
}

/// The ring's points after one place and before another, going forwards.
fn around(ring: &[[f64; 2]], from: f64, to: f64) -> Vec<[f64; 2]> {
    let n = ring.len();
    let end = if to < from { to + n as f64 } else { to };
    let first = from.floor() as usize + 1;
    (first..=end.ceil() as usize).filter(|i| (*i as f64) < end).map(|i| ring[i % n]).collect()
}

fn tidy(ring: &mut Vec<[f64; 2]>) {
    ring.dedup();
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [[f64; 2]; 4] = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];

    fn areas(ring: &[[f64; 2]], line: &[[f64; 2]]) -> Option<[f64; 2]> {
        let parts = split(ring, line)?;
        Some(parts.map(|part| ring_area(&[part.as_slice(), &part[..1]].concat()).abs()))
    }

    #[test]
    fn the_parts_make_the_whole() {
        assert_eq!(areas(&SQUARE, &[[3.0, -1.0], [3.0, 11.0]]), Some([30.0, 70.0]));
        assert_eq!(areas(&SQUARE, &[[3.0, 11.0], [3.0, -1.0]]), Some([70.0, 30.0]));
        // A bend inside.
        let [a, b] = areas(&SQUARE, &[[-1.0, 5.0], [5.0, 5.0], [5.0, 12.0]]).unwrap();
        assert_eq!((a + b, a.min(b)), (100.0, 25.0));
        // From corner to corner.
        assert_eq!(areas(&SQUARE, &[[0.0, 0.0], [10.0, 10.0]]), Some([50.0, 50.0]));
    }

    #[test]
    fn a_line_that_goes_not_through_parts_nothing() {
        for line in [
            vec![[3.0, -5.0], [3.0, 5.0]],
            vec![[-5.0, 3.0], [-5.0, 8.0]],
            vec![[-1.0, 0.0], [11.0, 0.0]],
            vec![[4.0, 4.0]],
            vec![],
        ] {
            assert_eq!(areas(&SQUARE, &line), None, "{line:?}");
        }
    }

    #[test]
    fn a_horseshoe_loses_its_first_leg() {
        let shoe = [[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [6.0, 9.0], [6.0, 3.0], [3.0, 3.0], [3.0, 9.0], [0.0, 9.0]];
        let [a, b] = areas(&shoe, &[[-1.0, 6.0], [10.0, 6.0]]).unwrap();
        assert_eq!((a + b, a.min(b)), (63.0, 9.0));
    }
}
