//! Lines along a flow, evenly spaced over a part of the map (after Jobard & Lefer 1997, "Creating evenly-spaced
//! streamlines of arbitrary density", Visualization in Scientific Computing, 43-55).

use std::collections::HashMap;

use super::grid::Grid;

/// A step along a line, and how near lines come to each other, as parts of the spacing.
const STEP: f64 = 0.25;
const NEAREST: f64 = 0.5;
/// Steps to each side of where a line begins.
const LONGEST: usize = 24;
/// Shorter ones say nothing of where it goes.
const SHORTEST: usize = 6;
/// What is slower than this part of the fastest stands still.
const STILL: f64 = 0.02;

/// From where it comes to where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Streamline {
    pub points: Vec<[f64; 2]>,
    /// Mean along it, in the flow's unit.
    pub speed: f64,
}

/// A flow towards the east and the north; NaN where nothing flows.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'a> {
    pub towards: [&'a Grid<f32>; 2],
    pub fastest: f64,
}

impl Flow<'_> {
    /// Direction and speed; `None` where it stands still.
    fn at(&self, place: [f64; 2]) -> Option<([f64; 2], f64)> {
        let [u, v] = self.towards.map(|grid| f64::from(grid.bilinear(place)));
        let speed = u.hypot(v);
        (speed > STILL * self.fastest && speed > 0.0).then(|| ([u / speed, v / speed], speed))
    }

    /// A step along it by the midpoint rule; negative: against it.
    fn step(&self, [x, y]: [f64; 2], length: f64) -> Option<([f64; 2], f64)> {
        let ([a, b], _) = self.at([x, y])?;
        let ([a, b], speed) = self.at([x + 0.5 * length * a, y + 0.5 * length * b])?;
        Some(([x + length * a, y + length * b], speed))
    }
}

/// Lines within `half_m` of the middle to all four sides, about `spacing_m` apart. They begin at whole multiples of the
/// spacing, so that the same part of the map gives the same lines.
#[must_use]
pub fn streamlines(flow: Flow<'_>, middle: [f64; 2], half_m: f64, spacing_m: f64) -> Vec<Streamline> {
    let mut drawn = Drawn { near: NEAREST * spacing_m, points: HashMap::new() };
    let [first, last] = [-half_m, half_m].map(|d| middle.map(|v| ((v + d) / spacing_m).round() as i64));
    let mut lines: Vec<Streamline> = Vec::new();
    for (row, col) in (first[1]..=last[1]).flat_map(|row| (first[0]..=last[0]).map(move |col| (row, col))) {
        let seed = [col as f64 * spacing_m, row as f64 * spacing_m];
        if !drawn.is_free(seed) || flow.at(seed).is_none() {
            continue;
        }
        let side = |sign: f64| {
            let (mut points, mut speeds) = (Vec::new(), 0.0);
            let mut place = seed;
            for _ in 0..LONGEST {
                let Some((next, speed)) = flow.step(place, sign * STEP * spacing_m) else { break };
                if (0..2).any(|k| (next[k] - middle[k]).abs() > half_m + spacing_m) || !drawn.is_free(next) {
                    break;
                }
                points.push(next);
                speeds += speed;
                place = next;
            }
            (points, speeds)
        };
        let ((mut points, before), (ahead, after)) = (side(-1.0), side(1.0));
        points.reverse();
        points.push(seed);
        points.extend(ahead);
        if points.len() > SHORTEST {
            let speed = (before + after) / (points.len() - 1) as f64;
            for p in &points {
                drawn.add(*p);
            }
            lines.push(Streamline { points, speed });
        }
    }
    lines
}

/// Points of the lines so far, by squares as wide as what lines keep between them.
struct Drawn {
    near: f64,
    points: HashMap<[i64; 2], Vec<[f64; 2]>>,
}

impl Drawn {
    fn square(&self, p: [f64; 2]) -> [i64; 2] {
        p.map(|v| (v / self.near).floor() as i64)
    }

    fn add(&mut self, p: [f64; 2]) {
        self.points.entry(self.square(p)).or_default().push(p);
    }

    /// Whether no line comes that near.
    fn is_free(&self, p: [f64; 2]) -> bool {
        let [x, y] = self.square(p);
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| [x + dx, y + dy]));
        let mut others = around.filter_map(|square| self.points.get(&square)).flatten();
        !others.any(|q| (p[0] - q[0]).hypot(p[1] - q[1]) < self.near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;

    fn grid(of: impl Fn([f64; 2]) -> f64) -> Grid<f32> {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, -5000.0, 5000.0, 100.0, 100, 100);
        let cells = (0..spec.len()).map(|i| of(spec.centre(i % 100, i / 100)) as f32).collect();
        Grid { spec, cells }
    }

    /// Round a centre every line stays at its distance from it.
    #[test]
    fn lines_of_a_vortex_are_circles_that_keep_their_distance() {
        let (east, north) = (grid(|p| -p[1] / 5000.0), grid(|p| p[0] / 5000.0));
        let flow = Flow { towards: [&east, &north], fastest: 1.0 };
        let lines = streamlines(flow, [0.0, 0.0], 3000.0, 500.0);
        assert!(lines.len() > 10, "{}", lines.len());
        for line in &lines {
            let far = |p: &[f64; 2]| p[0].hypot(p[1]);
            let first = far(&line.points[0]);
            assert!(line.points.iter().all(|p| (far(p) - first).abs() < 25.0), "{first}");
            assert!((line.speed - first / 5000.0).abs() < 0.02, "{} {first}", line.speed);
            // The way the flow goes: to the left of where one comes from.
            let ([x, y], [a, b]) = (line.points[0], line.points[1]);
            assert!(x * b - y * a > 0.0);
        }
        let near = |a: &Streamline, b: &Streamline| {
            let apart = |p: &[f64; 2]| b.points.iter().map(|q| (p[0] - q[0]).hypot(p[1] - q[1])).fold(1e9, f64::min);
            a.points.iter().filter(|p| apart(p) < 60.0).count() * 3 > a.points.len()
        };
        for (i, a) in lines.iter().enumerate() {
            assert!(lines[..i].iter().all(|b| !near(a, b)), "two lines side by side");
        }
        assert_eq!(lines, streamlines(flow, [0.0, 0.0], 3000.0, 500.0));
    }

    #[test]
    fn nothing_is_drawn_where_nothing_flows() {
        let (still, hole) = (grid(|_| 0.0), grid(|p| if p[0] > 0.0 { f64::NAN } else { 1.0 }));
        assert!(streamlines(Flow { towards: [&still, &still], fastest: 0.0 }, [0.0; 2], 3000.0, 500.0).is_empty());
        let lines = streamlines(Flow { towards: [&hole, &still], fastest: 1.0 }, [0.0; 2], 3000.0, 500.0);
        assert!(!lines.is_empty() && lines.iter().flat_map(|l| &l.points).all(|p| p[0] < 100.0));
    }
}
