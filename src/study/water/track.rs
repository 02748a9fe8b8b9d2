//! Where oil or debris drifted: a line for each particle, and a table of its places.

use std::fmt::Write as _;

use crate::geo::shape::ShapeKind;
use crate::model::table::{FeatureTable, FieldKind, Value};
use crate::sim::transport::particles::State;
use crate::sim::water::sea::{Sighting, Spill, evaporated};

/// A word for tables; the same in every language.
#[must_use]
pub fn word(state: State) -> &'static str {
    match state {
        State::Afloat => "afloat",
        State::Stranded => "stranded",
        State::Gone => "gone",
    }
}

/// One line a particle and sighting. `weight_share` is what evaporation has left of it.
#[must_use]
pub fn csv(sightings: &[Sighting], spill: &Spill) -> String {
    let mut table = String::from("time_s,particle,x_m,y_m,state,weight_share\n");
    for sighting in sightings {
        let left = 1.0 - evaporated(spill, sighting.time_s);
        for (i, ([x, y], state)) in sighting.particles.iter().enumerate() {
            let _ = writeln!(table, "{:.0},{i},{x:.1},{y:.1},{},{left:.4}", sighting.time_s, word(*state));
        }
    }
    table
}

/// A line each, as long as the particle moved: `ended_s` is when it was first seen stranded or gone, or the last sighting.
#[must_use]
pub fn lines(sightings: &[Sighting], spill: &Spill) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("particle", FieldKind::Integer),
        ("state", FieldKind::Text),
        ("ended_s", FieldKind::Real),
        ("weight_share", FieldKind::Real),
    ]);
    let Some(last) = sightings.last() else { return table };
    let left = 1.0 - evaporated(spill, last.time_s);
    let start = spill.at;
    for i in 0..last.particles.len() {
        let course: Vec<(f64, [f32; 2], State)> =
            sightings.iter().filter_map(|s| s.particles.get(i).map(|(at, state)| (s.time_s, *at, *state))).collect();
        let moved = course.iter().position(|(.., state)| *state != State::Afloat).unwrap_or(course.len() - 1);
        let mut points: Vec<[f64; 2]> = vec![start];
        points.extend(course[..=moved].iter().filter(|(time, ..)| *time > 0.0).map(|(_, at, _)| at.map(f64::from)));
        if points.len() < 2 {
            points.push(start);
        }
        let (ended, _, state) = course[moved];
        table.geometry.push_parts(ShapeKind::Line, &[&[&points]]);
        table.push_row(&[
            Value::Integer(i.cast_signed() as i64),
            Value::Text(word(state)),
            Value::Real(ended),
            Value::Real(left),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::water::sea::Floating;

    #[test]
    fn a_track_ends_where_the_particle_stranded() {
        let spill = Spill {
            what: Floating::Oil,
            at: [0.0, 0.0],
            particles: 2,
            light_share: 0.3,
            water_celsius: 29.0,
            amount: None,
        };
        let at = |time_s: f64, a: State| Sighting {
            time_s,
            particles: vec![([time_s as f32, 0.0], a), ([0.0, time_s as f32], State::Afloat)],
        };
        let seen = [at(3600.0, State::Afloat), at(7200.0, State::Stranded), at(10_800.0, State::Stranded)];
        let table = lines(&seen, &spill);
        let ends: Vec<usize> = table.geometry.iter().map(|s| s.points().len()).collect();
        assert_eq!(ends, [3, 4], "the start, and every sighting up to where it stranded");
        assert_eq!(table.value(0, "ended_s"), Value::Real(7200.0));
        assert_eq!(table.value(1, "state"), Value::Text("afloat"));
        let text = csv(&seen, &spill);
        assert_eq!(text.lines().count(), 1 + 3 * 2);
        let share = |line: &str| line.rsplit(',').next().and_then(|v| v.parse::<f64>().ok()).unwrap();
        let shares: Vec<f64> = text.lines().skip(1).map(share).collect();
        assert!(shares[0] < 1.0 && shares[5] < shares[0], "oil evaporates: {shares:?}");
        let debris = Spill { what: Floating::Debris, ..spill };
        assert_eq!(share(csv(&seen, &debris).lines().last().unwrap()), 1.0);
    }
}
