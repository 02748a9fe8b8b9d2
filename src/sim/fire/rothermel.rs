//! Surface fire spread: Rothermel (1972, INT-115) with Albini's changes (1976, INT-30), as in Andrews (2018,
//! RMRS-GTR-371; "A." below gives its equation or page), in the order and with the rules of USFS behave.
//!
//! Metres, seconds, kilowatts and radians outside; feet, minutes, pounds and Btu inside, where the coefficients live.

use super::error::FireError;
use super::fuel::FuelModel;

const M_PER_FT: f64 = 0.3048;
const KW_M_PER_BTU_FT_S: f64 = SurfaceFire::KW_M_PER_BTU_FT_S;
const FT_MIN_PER_MPS: f64 = 60.0 / M_PER_FT;
const MPH_PER_FT_MIN: f64 = 1.0 / 88.0;
/// Oven-dry particle density, lb/ft³ (A. table 6).
const DENSITY: f64 = 32.0;
const TOTAL_SILICA: f64 = 0.0555;
const EFFECTIVE_SILICA: f64 = 0.01;
/// Surface area to volume of 10 h and 100 h fuel, 1/ft.
const SAVR_10H: f64 = 109.0;
const SAVR_100H: f64 = 30.0;
/// No real fire is longer (behave).
pub const LENGTH_TO_WIDTH_MAX: f64 = 8.0;

/// Fuel moistures, kilograms of water per kilogram of dry fuel.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Moisture {
    pub dead_1h: f64,
    pub dead_10h: f64,
    pub dead_100h: f64,
    pub live_herb: f64,
    pub live_woody: f64,
}

impl Moisture {
    /// # Errors
    /// [`FireError::OutOfRange`] for NaN, negative or impossible moistures.
    pub fn validate(&self) -> Result<(), FireError> {
        for dead in [self.dead_1h, self.dead_10h, self.dead_100h] {
            FireError::require("dead-moisture", dead, 0.0, 2.0)?;
        }
        for live in [self.live_herb, self.live_woody] {
            FireError::require("live-moisture", live, 0.0, 6.0)?;
        }
        Ok(())
    }
}

/// A fuel model at one moisture: all that wind and slope do not change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FuelBed {
    /// Btu/ft²/min.
    reaction_intensity: f64,
    /// Spread without wind or slope, ft/min.
    base_rate: f64,
    /// Btu/ft³.
    heat_sink: f64,
    /// 1/ft.
    savr: f64,
    wind_b: f64,
    /// C (beta / beta_op)^-E: phi_w = this times U^B (A. 47-50).
    wind_scale: f64,
    /// 5.275 beta^-0.3: phi_s = this times tan² (A. 51).
    slope_scale: f64,
    /// A fire needs both fuel and a moisture below extinction.
    burns: bool,
}

/// Wind and slope of one place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WindSlope {
    pub midflame_wind_mps: f64,
    /// Where the wind blows to, clockwise from upslope.
    pub wind_to_rad: f64,
    /// Rise over run.
    pub slope_tan: f64,
    /// Cap the effective wind at 0.9 I_R ft/min (Rothermel 1972, eq. 86).
    pub limit_wind: bool,
}

/// How fast and where to a fire spreads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub rate_mps: f64,
    /// Cosine and sine of the head's direction, clockwise from upslope on the slope plane.
    pub head: [f64; 2],
    pub length_to_width: f64,
    pub eccentricity: f64,
    pub effective_wind_mps: f64,
}

impl Default for Spread {
    /// No fire.
    fn default() -> Self {
        Self { rate_mps: 0.0, head: [1.0, 0.0], length_to_width: 1.0, eccentricity: 0.0, effective_wind_mps: 0.0 }
    }
}

/// What Rothermel's equations say of one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceFire {
    pub rate_of_spread_mps: f64,
    /// Direction of the head, clockwise from upslope, [0, 2 pi).
    pub head_rad: f64,
    pub reaction_intensity_kw_m2: f64,
    pub heat_per_area_kj_m2: f64,
    pub fireline_intensity_kw_m: f64,
    pub flame_length_m: f64,
    pub length_to_width: f64,
    pub eccentricity: f64,
    pub backing_mps: f64,
    pub flanking_mps: f64,
    /// 1/m.
    pub savr_per_m: f64,
    pub slope_factor: f64,
    pub heat_sink_kj_m3: f64,
    /// Mid-flame wind that alone would do what wind and slope do together.
    pub effective_wind_mps: f64,
}

/// kJ/m² from Btu/ft² and alike, consistent with [`KW_M_PER_BTU_FT_S`].
const KJ_M2_PER_BTU_FT2: f64 = KW_M_PER_BTU_FT_S / M_PER_FT;

impl WindSlope {
    /// # Errors
    /// [`FireError::OutOfRange`] for NaN, negative or impossible values.
    pub fn validate(&self) -> Result<(), FireError> {
        FireError::require("wind", self.midflame_wind_mps, 0.0, 100.0)?;
        FireError::require("wind-direction", self.wind_to_rad, -1e3, 1e3)?;
        FireError::require("slope", self.slope_tan, 0.0, 20.0)
    }
}

impl SurfaceFire {
    /// behave's factor. The international Btu would give 3.4615; its answers are the reference here.
    pub const KW_M_PER_BTU_FT_S: f64 = 3.464_140_401;
}

impl FuelBed {
    #[must_use]
    pub fn new(fuel: &FuelModel, moisture: &Moisture) -> Self {
        // Dead: 1 h, 10 h, 100 h, cured herbs; live: herbs, woody.
        let [w1, w10, w100, herb, woody] = fuel.load_lb_ft2;
        let [s1, s_herb, s_woody] = fuel.savr_per_ft;
        let cured = if fuel.dynamic { cured_fraction(moisture.live_herb) } else { 0.0 };
        let dead_load = [w1, w10, w100, herb * cured];
        let dead_savr = [s1, SAVR_10H, SAVR_100H, s_herb];
        let dead_moisture = [moisture.dead_1h, moisture.dead_10h, moisture.dead_100h, moisture.dead_1h];
        let live_load = [herb - herb * cured, woody];
        let live_savr = [s_herb, s_woody];
        let live_moisture = [moisture.live_herb, moisture.live_woody];

        let dead = LifeClass::weigh(&dead_load, &dead_savr, &dead_moisture);
        let live = LifeClass::weigh(&live_load, &live_savr, &live_moisture);
        let area = dead.area + live.area;
        let load = dead_load.iter().sum::<f64>() + live_load.iter().sum::<f64>();
        if area <= 0.0 || load <= 0.0 {
            return Self::barren();
        }
        let (f_dead, f_live) = (dead.area / area, 1.0 - dead.area / area);

        let savr = f_dead * dead.savr + f_live * live.savr;
        let bulk_density = load / fuel.depth_ft;
        let packing = bulk_density / DENSITY;
        let relative_packing = packing / (3.348 * savr.powf(-0.8189));

        // Reaction intensity (A. 27-38).
        let extinction_live =
            live_extinction(fuel.extinction, &dead_load, &dead_savr, &dead_moisture, &live_load, &live_savr);
        let savr_15 = savr.powf(1.5);
        let a = 133.0 * savr.powf(-0.7913);
        let velocity =
            savr_15 / (495.0 + 0.0594 * savr_15) * relative_packing.powf(a) * (a * (1.0 - relative_packing)).exp();
        let mineral = (0.174 * EFFECTIVE_SILICA.powf(-0.19)).min(1.0);
        let class = |c: &LifeClass, heat: f64, extinction: f64| {
            c.net_load * heat * moisture_damping(c.moisture, extinction) * mineral
        };
        let reaction_intensity = velocity
            * (class(&dead, fuel.heat_dead_btu_lb, fuel.extinction)
                + class(&live, fuel.heat_live_btu_lb, extinction_live));

        // Heat sink and propagating flux (A. 39-43).
        let heat_sink = bulk_density * (f_dead * dead.heat_of_ignition + f_live * live.heat_of_ignition);
        let flux = ((0.792 + 0.681 * savr.sqrt()) * (packing + 0.1)).exp() / (192.0 + 0.2595 * savr);
        let base_rate = reaction_intensity * flux / heat_sink;

        let c = 7.47 * (-0.133 * savr.powf(0.55)).exp();
        let e = 0.715 * (-0.000_359 * savr).exp();
        Self {
            reaction_intensity,
            base_rate,
            heat_sink,
            savr,
            wind_b: 0.02526 * savr.powf(0.54),
            wind_scale: c * relative_packing.powf(-e),
            slope_scale: 5.275 * packing.powf(-0.3),
            burns: base_rate > 0.0,
        }
    }

    /// Ground without fuel.
    #[must_use]
    pub fn barren() -> Self {
        Self {
            reaction_intensity: 0.0,
            base_rate: 0.0,
            heat_sink: 0.0,
            savr: 0.0,
            wind_b: 1.0,
            wind_scale: 1.0,
            slope_scale: 0.0,
            burns: false,
        }
    }

    /// Whether this fuel at this moisture carries fire at all.
    #[must_use]
    pub fn burns(&self) -> bool {
        self.burns
    }

    /// phi_w of a mid-flame wind (A. 47).
    #[must_use]
    pub fn wind_factor(&self, midflame_wind_mps: f64) -> f64 {
        let wind = midflame_wind_mps * FT_MIN_PER_MPS;
        if wind < 1e-7 { 0.0 } else { wind.powf(self.wind_b) * self.wind_scale }
    }

    /// The part of [`Self::fire`] that a map needs of every cell. `wind_to`: cosine and sine of the direction to which
    /// the wind blows, clockwise from upslope.
    #[must_use]
    pub fn spread(&self, wind_factor: f64, wind_to: [f64; 2], slope_tan: f64, limit_wind: bool) -> Spread {
        if !self.burns {
            return Spread::default();
        }
        let wind_limit = 0.9 * self.reaction_intensity;
        // Vectors on the slope plane, upslope and to its right (A. p. 87). The wind is not lengthened.
        let slope_factor = (self.slope_scale * slope_tan * slope_tan).min(wind_limit);
        let (x, y) = (slope_factor + wind_factor * wind_to[0], wind_factor * wind_to[1]);
        let mut factor = (x * x + y * y).sqrt();
        let head = if factor > 0.0 { [x / factor, y / factor] } else { [1.0, 0.0] };
        let mut effective_wind = (factor / self.wind_scale).powf(1.0 / self.wind_b);
        if limit_wind && effective_wind > wind_limit {
            effective_wind = wind_limit;
            factor = self.wind_scale * wind_limit.powf(self.wind_b);
        }
        let length_to_width = length_to_width(effective_wind * MPH_PER_FT_MIN);
        Spread {
            rate_mps: self.base_rate * (1.0 + factor) / FT_MIN_PER_MPS,
            head,
            length_to_width,
            eccentricity: (length_to_width * length_to_width - 1.0).max(0.0).sqrt() / length_to_width,
            effective_wind_mps: effective_wind / FT_MIN_PER_MPS,
        }
    }

    /// Heat released by a square metre as the front passes, kJ/m².
    #[must_use]
    pub fn heat_per_area_kj_m2(&self) -> f64 {
        if self.savr > 0.0 { self.reaction_intensity * 384.0 / self.savr * KJ_M2_PER_BTU_FT2 } else { 0.0 }
    }

    /// Fire at this bed's wind and slope.
    #[must_use]
    pub fn fire(&self, at: &WindSlope) -> SurfaceFire {
        let (sin, cos) = at.wind_to_rad.sin_cos();
        let spread = self.spread(self.wind_factor(at.midflame_wind_mps), [cos, sin], at.slope_tan, at.limit_wind);
        let slope_factor = (self.slope_scale * at.slope_tan * at.slope_tan).min(0.9 * self.reaction_intensity);
        let mut head_rad = spread.head[1].atan2(spread.head[0]);
        if head_rad < -1e-20 {
            head_rad += std::f64::consts::TAU;
        }
        // behave's rule: within half a degree of upslope is upslope.
        if head_rad.abs() < 0.5_f64.to_radians() {
            head_rad = 0.0;
        }
        let Spread { length_to_width, eccentricity, .. } = spread;
        let rate = spread.rate_mps * FT_MIN_PER_MPS;
        let backing = rate * (1.0 - eccentricity) / (1.0 + eccentricity);
        let heat_per_area_kj_m2 = self.heat_per_area_kj_m2();
        let fireline_intensity_kw_m = heat_per_area_kj_m2 * spread.rate_mps;
        SurfaceFire {
            rate_of_spread_mps: spread.rate_mps,
            head_rad,
            reaction_intensity_kw_m2: self.reaction_intensity * KJ_M2_PER_BTU_FT2 / 60.0,
            heat_per_area_kj_m2,
            fireline_intensity_kw_m,
            flame_length_m: flame_length_m(fireline_intensity_kw_m),
            length_to_width,
            eccentricity,
            backing_mps: backing / FT_MIN_PER_MPS,
            flanking_mps: (rate + backing) / (2.0 * length_to_width) / FT_MIN_PER_MPS,
            savr_per_m: self.savr / M_PER_FT,
            slope_factor,
            heat_sink_kj_m3: self.heat_sink * KJ_M2_PER_BTU_FT2 / M_PER_FT,
            effective_wind_mps: spread.effective_wind_mps,
        }
    }
}

/// Sums over the size classes of dead or of live fuel, weighted by surface area (A. table 13).
struct LifeClass {
    area: f64,
    savr: f64,
    moisture: f64,
    /// Net load, weighted by the area of the whole size bin (Albini 1976), lb/ft².
    net_load: f64,
    /// Weighted exp(-138/s) Qig, Btu/lb.
    heat_of_ignition: f64,
}

impl LifeClass {
    fn weigh<const N: usize>(load: &[f64; N], savr: &[f64; N], moisture: &[f64; N]) -> Self {
        let area: [f64; N] = std::array::from_fn(|i| load[i] * savr[i] / DENSITY);
        let total: f64 = area.iter().sum();
        let mut class = Self { area: total, savr: 0.0, moisture: 0.0, net_load: 0.0, heat_of_ignition: 0.0 };
        if total <= 1e-7 {
            return class;
        }
        for i in 0..N {
            let f = area[i] / total;
            class.savr += f * savr[i];
            class.moisture += f * moisture[i];
            class.heat_of_ignition += f * (250.0 + 1116.0 * moisture[i]) * (-138.0 / savr[i]).exp();
            let bin = size_bin(savr[i]);
            if bin > 0 {
                let f_bin = (0..N).filter(|&j| size_bin(savr[j]) == bin).map(|j| area[j] / total).sum::<f64>();
                class.net_load += f_bin * load[i] * (1.0 - TOTAL_SILICA);
            }
        }
        class
    }
}

/// Albini's size bins (1976, p. 19), coarsest 1; 0 is too coarse to count.
fn size_bin(savr: f64) -> u8 {
    [16.0, 48.0, 96.0, 192.0, 1200.0].iter().filter(|&&limit| savr >= limit).count() as u8
}

/// Share of herbs that is dead: 1 at 30 % moisture, 0 at 120 % (Scott & Burgan 2005), with behave's constants.
fn cured_fraction(live_herb: f64) -> f64 {
    if live_herb < 0.3 {
        1.0
    } else if live_herb <= 1.2 {
        1.333 - 1.11 * live_herb
    } else {
        0.0
    }
}

/// Moisture above which live fuel does not burn (Albini 1976, p. 16; A. 33-36).
fn live_extinction(
    dead_extinction: f64,
    dead_load: &[f64; 4],
    dead_savr: &[f64; 4],
    dead_moisture: &[f64; 4],
    live_load: &[f64; 2],
    live_savr: &[f64; 2],
) -> f64 {
    let fine: [f64; 4] = std::array::from_fn(|i| dead_load[i] * (-138.0 / dead_savr[i]).exp());
    let fine_dead: f64 = fine.iter().sum();
    let fine_live: f64 = (0..2).map(|i| live_load[i] * (-500.0 / live_savr[i]).exp()).sum();
    if fine_dead <= 1e-7 || fine_live <= 1e-7 {
        return dead_extinction;
    }
    let moisture = (0..4).map(|i| fine[i] * dead_moisture[i]).sum::<f64>() / fine_dead;
    (2.9 * fine_dead / fine_live * (1.0 - moisture / dead_extinction) - 0.226).max(dead_extinction)
}

/// eta_M (A. 30).
fn moisture_damping(moisture: f64, extinction: f64) -> f64 {
    let r = moisture / extinction;
    if r < 1.0 { 1.0 - 2.59 * r + 5.11 * r * r - 3.52 * r * r * r } else { 0.0 }
}

/// Flame length of a surface fire (Byram 1959, as in Albini 1976: 0.45 I^0.46 in feet and Btu/ft/s).
#[must_use]
pub fn flame_length_m(intensity_kw_m: f64) -> f64 {
    let intensity = intensity_kw_m / KW_M_PER_BTU_FT_S;
    if intensity < 1e-7 { 0.0 } else { 0.45 * intensity.powf(0.46) * M_PER_FT }
}

/// Anderson (1983, INT-305) by effective mid-flame wind in **miles per hour**, capped at 8.
fn length_to_width(wind_mph: f64) -> f64 {
    if wind_mph > 1e-7 {
        (0.936 * (0.1147 * wind_mph).exp() + 0.461 * (-0.0692 * wind_mph).exp() - 0.397).min(LENGTH_TO_WIDTH_MAX)
    } else {
        1.0
    }
}
