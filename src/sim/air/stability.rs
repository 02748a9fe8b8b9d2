//! How strongly the air mixes: Pasquill's classes from sun, cloud and wind, or from the Obukhov length.

use serde::{Deserialize, Serialize};

use super::error::AirError;

/// Pasquill's class, from very unstable to stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StabilityClass {
    A,
    B,
    C,
    D,
    E,
    F,
}

impl StabilityClass {
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];

    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// One step more stable; F is the last.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self.index() + 1).min(5)]
    }

    #[must_use]
    pub fn is_stable(self) -> bool {
        self >= Self::E
    }

    /// "A" to "F", small letters too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.letter().eq_ignore_ascii_case(text.trim()))
    }

    #[must_use]
    pub fn letter(self) -> &'static str {
        ["A", "B", "C", "D", "E", "F"][self.index()]
    }
}

/// A class, or a place between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    pub class: StabilityClass,
    /// 0 to 1: how far towards the next class.
    pub towards_next: f64,
}

impl From<StabilityClass> for Stability {
    fn from(class: StabilityClass) -> Self {
        Self { class, towards_next: 0.0 }
    }
}

impl Stability {
    /// The nearer class.
    #[must_use]
    pub fn nearest(self) -> StabilityClass {
        if self.towards_next > 0.5 { self.class.next() } else { self.class }
    }
}

/// Golder (1972), "Relations among stability parameters in the surface layer", fig. 5, as fitted by Seinfeld & Pandis
/// (2006), eq. 16.83 and table 16.8: the middle of each class is 1/L = a + b log10(z0). Roughness 0.001 to 0.5 m.
const GOLDER: [(f64, f64); 6] =
    [(-0.096, 0.029), (-0.037, 0.029), (-0.002, 0.018), (0.0, 0.0), (0.004, -0.018), (0.035, -0.036)];

fn middle_per_m(class: StabilityClass, log_roughness: f64) -> f64 {
    let (a, b) = GOLDER[class.index()];
    b.mul_add(log_roughness, a)
}

/// From the Obukhov length, between the middles of the classes.
///
/// # Errors
/// A length of zero, or a roughness that is not one of ground.
pub fn from_obukhov(length_m: f64, roughness_m: f64) -> Result<Stability, AirError> {
    AirError::require("roughness", roughness_m, 1e-5, 5.0)?;
    if length_m == 0.0 || length_m.is_nan() {
        return Err(AirError::OutOfRange { what: "obukhov", value: length_m, low: 1.0, high: 1e9 });
    }
    // Beyond the classes' own range of roughness their order would break.
    let log_roughness = roughness_m.clamp(0.001, 0.5).log10();
    let per_m = 1.0 / length_m;
    for class in StabilityClass::ALL {
        let (here, next) = (middle_per_m(class, log_roughness), middle_per_m(class.next(), log_roughness));
        if per_m <= here {
            return Ok(class.into());
        }
        if per_m < next {
            return Ok(Stability { class, towards_next: (per_m - here) / (next - here) });
        }
    }
    Ok(StabilityClass::F.into())
}

/// Sky as an observer reports it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sky {
    /// Above the horizon, radians; negative at night.
    pub sun_elevation_rad: f64,
    /// Share of the sky under cloud, 0 to 1.
    pub cloud: f64,
    /// Height of the cloud's base, metres; infinite where there is none.
    pub ceiling_m: f64,
}

/// Turner (1964), "A diffusion model for an urban area", J. Appl. Meteorol. 3, 83-91, with the net radiation index of
/// EPA-454/R-99-005 (2000), tables 6-6 and 6-7. His class 7 counts as F.
///
/// # Errors
/// Values that no sky and no wind has.
pub fn turner(sky: Sky, wind_10m_mps: f64) -> Result<StabilityClass, AirError> {
    AirError::require("wind", wind_10m_mps, 0.0, 100.0)?;
    AirError::require("cloud", sky.cloud, 0.0, 1.0)?;
    AirError::require("sun", sky.sun_elevation_rad, -1.6, 1.6)?;
    Ok(table(net_radiation_index(sky), wind_10m_mps))
}

const LOW_CEILING_M: f64 = 7000.0 * 0.3048;
const HIGH_CEILING_M: f64 = 16_000.0 * 0.3048;

/// -2 (clear night) to 4 (high sun).
fn net_radiation_index(sky: Sky) -> i32 {
    let overcast = sky.cloud > 0.95;
    if overcast && sky.ceiling_m < LOW_CEILING_M {
        return 0;
    }
    let degrees = sky.sun_elevation_rad.to_degrees();
    if degrees <= 0.0 {
        return if sky.cloud <= 0.4 { -2 } else { -1 };
    }
    let sun = match degrees {
        d if d > 60.0 => 4,
        d if d > 35.0 => 3,
        d if d > 15.0 => 2,
        _ => 1,
    };
    if sky.cloud <= 0.5 {
        return sun;
    }
    let mut index = sun;
    if sky.ceiling_m < LOW_CEILING_M {
        index -= 2;
    } else if sky.ceiling_m < HIGH_CEILING_M {
        index -= 1;
    }
    if overcast && sky.ceiling_m >= LOW_CEILING_M {
        index -= 1;
    }
    index.max(1)
}

/// Rows: upper edges of the wind classes, m/s at 10 m (Turner's knots, EPA-454/R-99-005 table 6-7); columns: index 4
/// down to -2.
const TURNER: [(f64, [u8; 7]); 9] = [
    (0.75, [1, 1, 2, 3, 4, 6, 7]),
    (1.85, [1, 2, 2, 3, 4, 6, 7]),
    (2.85, [1, 2, 3, 4, 4, 5, 6]),
    (3.35, [2, 2, 3, 4, 4, 5, 6]),
    (3.85, [2, 2, 3, 4, 4, 4, 5]),
    (4.85, [2, 3, 3, 4, 4, 4, 5]),
    (5.45, [3, 3, 4, 4, 4, 4, 5]),
    (5.95, [3, 3, 4, 4, 4, 4, 4]),
    (f64::INFINITY, [3, 4, 4, 4, 4, 4, 4]),
];

fn table(index: i32, wind_mps: f64) -> StabilityClass {
    let row = TURNER.iter().find(|(up_to, _)| wind_mps <= *up_to).map_or([4; 7], |(_, row)| *row);
    let column = usize::try_from(4 - index).unwrap_or(0).min(6);
    StabilityClass::ALL[usize::from(row[column].clamp(1, 6)) - 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use StabilityClass::{A, B, C, D, E, F};

    const CLEAR: f64 = f64::INFINITY;

    fn class(sun_deg: f64, cloud: f64, ceiling_m: f64, wind: f64) -> StabilityClass {
        turner(Sky { sun_elevation_rad: f64::to_radians(sun_deg), cloud, ceiling_m }, wind).unwrap()
    }

    #[test]
    fn turners_table() {
        assert_eq!(class(70.0, 0.0, CLEAR, 1.5), A);
        assert_eq!(class(70.0, 0.0, CLEAR, 3.1), B);
        assert_eq!(class(40.0, 0.2, CLEAR, 4.0), C);
        assert_eq!((class(70.0, 0.0, CLEAR, 8.0), class(50.0, 0.0, CLEAR, 8.0)), (C, D));
        assert_eq!(class(-20.0, 0.1, CLEAR, 3.5), E);
        assert_eq!(class(-20.0, 0.1, CLEAR, 1.0), F);
        assert_eq!(class(-20.0, 0.8, CLEAR, 3.5), D);
        // Overcast below 7,000 ft is neutral by day and night.
        assert_eq!((class(70.0, 1.0, 900.0, 1.0), class(-30.0, 1.0, 900.0, 1.0)), (D, D));
        // Broken middle cloud takes one step off a high sun.
        assert_eq!(class(70.0, 0.7, 3500.0, 2.5), B);
    }

    #[test]
    fn golders_lines_are_met_and_kept_in_order() {
        // Project Prairie Grass, z0 = 6 mm.
        assert_eq!(from_obukhov(-5.2, 0.006).unwrap(), A.into());
        assert_eq!(from_obukhov(6.4, 0.006).unwrap(), F.into());
        let neutral = from_obukhov(1e9, 0.006).unwrap();
        assert!(neutral.nearest() == D && neutral.towards_next < 1e-6);
        let mut before = -1.0;
        for i in -300..300 {
            let s = from_obukhov(1.0 / (f64::from(i) * 0.001 + 1e-7), 0.1).unwrap();
            let at = s.class.index() as f64 + s.towards_next;
            assert!(at >= before, "{i}");
            before = at;
        }
        assert!(from_obukhov(0.0, 0.1).is_err() && from_obukhov(f64::NAN, 0.1).is_err());
        assert!(from_obukhov(10.0, 0.0).is_err());
    }

    #[test]
    fn letters_are_read() {
        assert_eq!(StabilityClass::parse(" d "), Some(D));
        assert_eq!(StabilityClass::parse("G"), None);
    }
}
