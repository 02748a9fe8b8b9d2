//! Sources of the air that are set by clicks: a stack, a line of emission, and an area where a line is closed.

use super::air::AirForm;
use crate::geo::measure::ring_area;
use crate::sim::air::rise::Exhaust;
use crate::sim::air::source::{Place, Source};

/// A hot stack as it is offered: a boiler's.
pub const HOT: Exhaust = Exhaust { diameter_m: 1.0, velocity_mps: 10.0, temperature_k: 423.15 };
/// Of a line's emission, assumed.
const LINE_WIDTH_M: f64 = 10.0;
/// How high the air mixes where a line or an area lets something out (σz), assumed metres.
const INITIAL_Z_M: f64 = 1.5;
/// Points on one line enclose nothing, square metres.
const SMALLEST_M2: f64 = 0.25;
/// Over the ground, of what has no stack.
const LOW_M: f64 = 2.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    Stack,
    Line,
    Area,
}

impl SourceKind {
    /// Of the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Stack => "ui-air-stack",
            Self::Line => "ui-air-line",
            Self::Area => "ui-air-area",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlacedSource {
    /// (east, north) in the site's CRS: one of a stack, else a line.
    pub points: Vec<[f64; 2]>,
    /// The line is the edge of an area that emits.
    pub area: bool,
    /// Of the whole source.
    pub rate_g_s: f64,
    /// Above the ground.
    pub height_m: f64,
    /// Of a stack; `None`: what leaves it is as warm as the air.
    pub exhaust: Option<Exhaust>,
}

impl PlacedSource {
    #[must_use]
    pub fn stack(at: [f64; 2]) -> Self {
        Self { points: vec![at], area: false, rate_g_s: 10.0, height_m: 20.0, exhaust: None }
    }

    /// The first point of a line.
    #[must_use]
    pub fn line(at: [f64; 2]) -> Self {
        Self { height_m: LOW_M, ..Self::stack(at) }
    }

    #[must_use]
    pub fn kind(&self) -> SourceKind {
        match self.points.len() {
            0 | 1 => SourceKind::Stack,
            3.. if self.area && ring_area(&self.points).abs() >= SMALLEST_M2 => SourceKind::Area,
            _ => SourceKind::Line,
        }
    }

    fn source(&self, number: usize) -> Option<Source> {
        let height_m = self.height_m;
        let place = match self.kind() {
            SourceKind::Stack => Place::Point { at: *self.points.first()?, height_m, exhaust: self.exhaust },
            SourceKind::Line => {
                Place::Line { points: self.points.clone(), width_m: LINE_WIDTH_M, height_m, initial_z_m: INITIAL_Z_M }
            }
            SourceKind::Area => Place::Area { ring: self.points.clone(), height_m, initial_z_m: INITIAL_Z_M },
        };
        Some(Source::single(&id(self.kind(), number), &number.to_string(), place, self.rate_g_s))
    }
}

/// How a source of clicks is called in a run and in its files.
fn id(kind: SourceKind, number: usize) -> String {
    let name = match kind {
        SourceKind::Stack => "stack",
        SourceKind::Line => "line",
        SourceKind::Area => "area",
    };
    format!("{name}-{number}")
}

/// What was set, as a run takes it.
#[must_use]
pub fn sources(form: &AirForm) -> Vec<Source> {
    (1..).zip(&form.placed).filter_map(|(number, placed)| placed.source(number)).collect()
}

/// Kind and number of a run's source, where it was set by clicks.
#[must_use]
pub fn placed(form: &AirForm, source: &Source) -> Option<(SourceKind, usize)> {
    (1..).zip(&form.placed).find(|(number, p)| source.id == id(p.kind(), *number)).map(|(number, p)| (p.kind(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_make_a_stack_a_line_or_an_area() {
        let line =
            PlacedSource { points: vec![[0.0, 0.0], [100.0, 0.0], [100.0, 50.0]], ..PlacedSource::line([0.0; 2]) };
        let area = PlacedSource { area: true, ..line.clone() };
        let short = PlacedSource { points: vec![[0.0; 2], [9.0, 0.0]], ..area.clone() };
        let form = AirForm { placed: vec![PlacedSource::stack([1.0, 2.0]), line, area, short], ..AirForm::default() };
        let all = sources(&form);
        let kinds: Vec<_> = all.iter().map(|s| placed(&form, s).unwrap()).collect();
        let expected = [SourceKind::Stack, SourceKind::Line, SourceKind::Area, SourceKind::Line];
        assert_eq!(kinds, expected.into_iter().zip(1..).collect::<Vec<_>>());
        assert!(all.iter().all(|s| s.validate().is_ok()));
        assert!(placed(&form, &Source { id: "roads".to_owned(), ..all[0].clone() }).is_none());
    }
}
