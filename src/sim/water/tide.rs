//! The tide from four harmonic constituents.

use serde::{Deserialize, Serialize};

/// A constituent: its height is amplitude × cos(argument − phase).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Constituent {
    pub name: Name,
    pub amplitude_m: f64,
    /// Greenwich phase lag, degrees.
    pub phase_deg: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Name {
    K1,
    O1,
    M2,
    S2,
}

/// Assumed for the waters around Phú Quốc: mainly diurnal, about a metre between the waters of a spring tide. No station's
/// constants were at hand; verify before use.
pub const ASSUMED: [Constituent; 4] = [
    Constituent { name: Name::K1, amplitude_m: 0.26, phase_deg: 50.0 },
    Constituent { name: Name::O1, amplitude_m: 0.15, phase_deg: 10.0 },
    Constituent { name: Name::M2, amplitude_m: 0.10, phase_deg: 100.0 },
    Constituent { name: Name::S2, amplitude_m: 0.04, phase_deg: 150.0 },
];

impl Name {
    pub const ALL: [Self; 4] = [Self::K1, Self::O1, Self::M2, Self::S2];

    /// "K1".
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::K1 => "K1",
            Self::O1 => "O1",
            Self::M2 => "M2",
            Self::S2 => "S2",
        }
    }

    /// By its [`Self::code`], in letters of either size.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.code().eq_ignore_ascii_case(code))
    }

    /// Degrees an hour (Schureman 1958, US Coast and Geodetic Survey Spec. Publ. 98, table 2).
    #[must_use]
    pub fn speed_deg_per_h(self) -> f64 {
        match self {
            Self::K1 => 15.041_068_6,
            Self::O1 => 13.943_035_6,
            Self::M2 => 28.984_104_2,
            Self::S2 => 30.0,
        }
    }

    /// Equilibrium argument at Greenwich in degrees, without the slow nodal change (up to a fifth of O1's height): the
    /// sums of Schureman, table 2, with the mean longitudes of moon and sun of Meeus 1998, eq. 47.1 and 25.2.
    #[must_use]
    pub fn argument_deg(self, unix_s: f64) -> f64 {
        // Days since noon of 1 January 2000.
        let days = unix_s / 86_400.0 - 10_957.5;
        let moon = 218.316 + 13.176_396_48 * days;
        let sun = 280.466 + 0.985_647_36 * days;
        // The mean sun's angle from midnight.
        let hour = 360.0 * (days + 0.5).rem_euclid(1.0);
        match self {
            Self::K1 => hour + sun + 90.0,
            Self::O1 => hour - 2.0 * moon + sun - 90.0,
            Self::M2 => 2.0 * (hour - moon + sun),
            Self::S2 => 2.0 * hour,
        }
        .rem_euclid(360.0)
    }
}

impl Constituent {
    /// (cosine, sine) parts of the height for a place that the tide reaches `lag_s` later, to be multiplied by those of
    /// [`Self::turn`].
    #[must_use]
    pub fn parts(&self, start_unix_s: f64, lag_s: f64) -> [f64; 2] {
        let speed = self.name.speed_deg_per_h() / 3600.0;
        let angle = (self.name.argument_deg(start_unix_s) - self.phase_deg - speed * lag_s).to_radians();
        [self.amplitude_m * angle.cos(), -self.amplitude_m * angle.sin()]
    }

    /// Cosine and sine of what the constituent has turned since the start.
    #[must_use]
    pub fn turn(&self, since_s: f64) -> [f64; 2] {
        let angle = (self.name.speed_deg_per_h() / 3600.0 * since_s).to_radians();
        [angle.cos(), angle.sin()]
    }
}

/// Height above mean sea level, metres.
#[must_use]
pub fn height_m(tide: &[Constituent], start_unix_s: f64, since_s: f64) -> f64 {
    let of = |c: &Constituent| {
        let ([a, b], [cos, sin]) = (c.parts(start_unix_s, 0.0), c.turn(since_s));
        a * cos + b * sin
    };
    tide.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_advance_at_the_constituents_speeds() {
        for name in Name::ALL {
            let gained = name.argument_deg(1_700_036_000.0) - name.argument_deg(1_700_000_000.0);
            let want = 10.0 * name.speed_deg_per_h();
            let off = (gained - want + 180.0).rem_euclid(360.0) - 180.0;
            assert!(off.abs() < 1e-4, "{name:?} {off}");
        }
    }

    #[test]
    fn heights_are_amplitude_times_cosine() {
        let one = [Constituent { name: Name::M2, amplitude_m: 0.5, phase_deg: 30.0 }];
        let want = 0.5 * (Name::M2.argument_deg(1e9 + 7200.0) - 30.0).to_radians().cos();
        assert!((height_m(&one, 1e9, 7200.0) - want).abs() < 1e-5);
        let day: Vec<f64> = (0..24 * 15).map(|h| height_m(&ASSUMED, 1.7e9, f64::from(h) * 3600.0)).collect();
        let range = day.iter().fold(0.0_f64, |m, h| m.max(*h)) - day.iter().fold(0.0_f64, |m, h| m.min(*h));
        assert!((0.7..1.2).contains(&range), "{range}");
    }
}
