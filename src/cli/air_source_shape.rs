//! What a source is told of besides where it lies, and the place that both make: a stack, a volume, a line or an area.

use crate::geo::measure::{length, ring_area};
use crate::sim::air::error::AirError;
use crate::sim::air::rise::Exhaust;
use crate::sim::air::source::{Place, Source};

/// Shorter lines and smaller areas are a slip of the pen, metres and square metres.
const SHORTEST_M: f64 = 0.5;
const SMALLEST_M2: f64 = 0.25;

/// Where a source lies, in the site's system.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    Point([f64; 2]),
    Line(Vec<[f64; 2]>),
    /// Closed: the last place repeats the first.
    Ring(Vec<[f64; 2]>),
}

impl Outline {
    /// One place is a point, several are a line, several that end where they began an area. `None` for none.
    #[must_use]
    pub fn of(places: Vec<[f64; 2]>) -> Option<Self> {
        match places[..] {
            [] => None,
            [only] => Some(Self::Point(only)),
            [first, .., last] if places.len() > 2 && first == last => Some(Self::Ring(places)),
            _ => Some(Self::Line(places)),
        }
    }

    /// By which the emission is shared out between several.
    fn size(&self) -> f64 {
        match self {
            Self::Point(_) => 1.0,
            Self::Line(points) => length(points),
            Self::Ring(ring) => ring_area(ring).abs(),
        }
    }
}

/// Emission and sizes of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub id: String,
    pub title: String,
    pub rate_g_s: f64,
    pub height_m: f64,
    /// Of a stack.
    pub exhaust: Option<Exhaust>,
    /// Makes a point a volume.
    pub side_m: Option<f64>,
    /// Of a line.
    pub width_m: Option<f64>,
    /// How far a line or an area is mixed upwards where it begins, as a standard deviation.
    pub sigma_z_m: Option<f64>,
}

/// Columns of a source, wherever its table stands.
pub trait Cells {
    fn text(&self, column: &str) -> Option<String>;

    /// `None` where nothing stands.
    ///
    /// # Errors
    /// [`AirError::BadRow`] for what is no finite number.
    fn real(&self, column: &str) -> Result<Option<f64>, AirError>;

    fn bad(&self, column: &str) -> AirError;
}

impl Given {
    /// From `id, rate_g_s, height_m` and, where they are given, `name`, `diameter_m, velocity_m_s, temperature_k`, `side_m`,
    /// `width_m`, `sigma_z_m`.
    ///
    /// # Errors
    /// A cell that is missing or no number.
    pub fn read(cells: &impl Cells) -> Result<Self, AirError> {
        let need = |column: &str| -> Result<f64, AirError> { cells.real(column)?.ok_or_else(|| cells.bad(column)) };
        let id = cells.text("id").ok_or_else(|| cells.bad("id"))?;
        let exhaust = match cells.real("diameter_m")? {
            Some(diameter_m) => {
                Some(Exhaust { diameter_m, velocity_mps: need("velocity_m_s")?, temperature_k: need("temperature_k")? })
            }
            None => None,
        };
        Ok(Self {
            title: cells.text("name").unwrap_or_else(|| id.clone()),
            id,
            rate_g_s: need("rate_g_s")?,
            height_m: need("height_m")?,
            exhaust,
            side_m: cells.real("side_m")?,
            width_m: cells.real("width_m")?,
            sigma_z_m: cells.real("sigma_z_m")?,
        })
    }

    /// Several outlines share the emission by their size.
    ///
    /// # Errors
    /// A line without length or width, an area that encloses nothing, sizes that go with another kind of source, a negative
    /// emission, a number that cannot be.
    pub fn source(&self, outlines: &[Outline]) -> Result<Source, AirError> {
        let bad = |why: &'static str| AirError::BadShape { source_id: self.id.clone(), why };
        let whole: f64 = outlines.iter().map(Outline::size).sum();
        let mut parts = Vec::with_capacity(outlines.len());
        for outline in outlines {
            let place = self.place(outline).map_err(bad)?;
            parts.push((place, outline.size() / whole));
        }
        if parts.is_empty() {
            return Err(bad("nowhere"));
        }
        let source = Source { id: self.id.clone(), title: self.title.clone(), parts, rate_g_s: self.rate_g_s };
        source.validate()?;
        if let Some(sigma_z_m) = self.sigma_z_m {
            AirError::require("sigma-z", sigma_z_m, 0.0, 500.0)?;
        }
        Ok(source)
    }

    /// `Err`: the end of the sentence's key.
    fn place(&self, outline: &Outline) -> Result<Place, &'static str> {
        let (height_m, initial_z_m) = (self.height_m, self.sigma_z_m.unwrap_or(0.0));
        let of_a_point = self.exhaust.is_some() || self.side_m.is_some();
        match outline {
            Outline::Point(_) if self.width_m.is_some() || self.sigma_z_m.is_some() => Err("one-place"),
            Outline::Point(at) => Ok(match self.side_m {
                Some(side_m) => Place::Volume { at: *at, side_m, height_m },
                None => Place::Point { at: *at, height_m, exhaust: self.exhaust },
            }),
            _ if of_a_point => Err("of-a-point"),
            Outline::Line(points) => {
                if length(points) < SHORTEST_M {
                    return Err("no-length");
                }
                let width_m = self.width_m.ok_or("no-width")?;
                Ok(Place::Line { points: points.clone(), width_m, height_m, initial_z_m })
            }
            Outline::Ring(_) if self.width_m.is_some() => Err("area-with-width"),
            Outline::Ring(ring) if ring_area(ring).abs() < SMALLEST_M2 => Err("no-area"),
            Outline::Ring(ring) => Ok(Place::Area { ring: ring.clone(), height_m, initial_z_m }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Given {
        Given {
            id: "s".to_owned(),
            title: "s".to_owned(),
            rate_g_s: 2.0,
            height_m: 1.0,
            exhaust: None,
            side_m: None,
            width_m: None,
            sigma_z_m: None,
        }
    }

    fn square(side: f64) -> Outline {
        Outline::of(vec![[0.0, 0.0], [side, 0.0], [side, side], [0.0, side], [0.0, 0.0]]).unwrap()
    }

    #[test]
    fn outlines_share_the_emission_by_their_size() {
        let line = |x: f64| Outline::of(vec![[0.0, 0.0], [x, 0.0]]).unwrap();
        let road = Given { width_m: Some(7.0), ..given() }.source(&[line(100.0), line(300.0)]).unwrap();
        assert_eq!(road.parts.iter().map(|p| p.1).collect::<Vec<_>>(), [0.25, 0.75]);
        let field = Given { sigma_z_m: Some(2.0), ..given() }.source(&[square(30.0)]).unwrap();
        assert!(matches!(field.parts[0].0, Place::Area { initial_z_m: 2.0, .. }));
        assert!(matches!(given().source(&[Outline::Point([0.0; 2])]).unwrap().parts[0].0, Place::Point { .. }));
    }

    #[test]
    fn what_cannot_be_is_told() {
        let wide = Given { width_m: Some(7.0), ..given() };
        let stack =
            Given { exhaust: Some(Exhaust { diameter_m: 1.0, velocity_mps: 9.0, temperature_k: 400.0 }), ..given() };
        let line = |points: &[[f64; 2]]| Outline::Line(points.to_vec());
        for (given, outline, want) in [
            (&wide, Outline::Point([0.0; 2]), "one-place"),
            (&wide, line(&[[5.0, 5.0], [5.0, 5.0]]), "no-length"),
            (&given(), line(&[[0.0, 0.0], [50.0, 0.0]]), "no-width"),
            (&stack, line(&[[0.0, 0.0], [50.0, 0.0]]), "of-a-point"),
            (&stack, square(10.0), "of-a-point"),
            (&wide, square(10.0), "area-with-width"),
            (&given(), Outline::Ring(vec![[0.0, 0.0], [9.0, 9.0], [0.0, 0.0]]), "no-area"),
        ] {
            let failed = given.source(std::slice::from_ref(&outline)).unwrap_err();
            assert!(matches!(&failed, AirError::BadShape { why, .. } if *why == want), "{outline:?}: {failed}");
        }
        assert!(matches!(given().source(&[]), Err(AirError::BadShape { why: "nowhere", .. })));
        let less = Given { rate_g_s: -1.0, ..given() };
        assert!(matches!(less.source(&[square(10.0)]), Err(AirError::NegativeEmission { .. })));
    }
}
