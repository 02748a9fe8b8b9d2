//! Crown fire: whether a surface fire climbs into the trees, how fast it then runs, and how hot it burns.

/// The trees as a crown fire sees them.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Crown {
    /// Height of the lowest branches, m.
    pub base_height_m: f64,
    /// Foliage that burns, kg/m³.
    pub bulk_density_kg_m3: f64,
    /// Foliar moisture, fraction (1 is 100 %).
    pub foliar_moisture: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FireType {
    Surface,
    /// Single trees torch.
    PassiveCrown,
    /// The crowns carry the fire.
    ActiveCrown,
}

/// What the crowns make of a surface fire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrownFire {
    pub kind: FireType,
    pub rate_mps: f64,
    /// Share of the crowns that burns, 0 to 1.
    pub share: f64,
}

/// Low heat of combustion of crown fuel, kJ/kg (Scott & Reinhardt 2001, RMRS-RP-29, p. 14).
const HEAT_KJ_KG: f64 = 18_000.0;

/// Surface fireline intensity in kW/m that sets crowns alight: Van Wagner (1977), eq. 4 with the heat of ignition of
/// his eq. 5, I0 = [0.01 CBH (460 + 25.9 FMC %)]^1.5.
#[must_use]
pub fn critical_intensity_kw_m(crown: &Crown) -> f64 {
    (0.01 * crown.base_height_m * (460.0 + 25.9 * crown.foliar_moisture * 100.0)).max(0.0).powf(1.5)
}

/// Spread of an active crown fire in m/s: Cruz, Alexander & Wakimoto (2005, Can. J. For. Res. 35),
/// R = 11.02 U10^0.9 CBD^0.19 exp(-0.17 M %) m/min, with the wind at 10 m in km/h. Conifers on level ground; fires with
/// winds of 10 to 70 km/h and fine fuel of 5 to 12 % moisture.
#[must_use]
pub fn active_rate_mps(wind_10m_mps: f64, bulk_density_kg_m3: f64, fine_dead_moisture: f64) -> f64 {
    let wind_kmh = (wind_10m_mps * 3.6).max(0.0);
    11.02 * wind_kmh.powf(0.9) * bulk_density_kg_m3.max(0.0).powf(0.19) * (-17.0 * fine_dead_moisture).exp() / 60.0
}

/// The fire's type and rate. A crown fire is active from Van Wagner's (1977, eq. 10) critical rate of 3 / CBD m/min on;
/// below it a passive one spreads at R exp(-R / (3 / CBD)) (Cruz et al. 2005), but not slower than the surface fire. Of
/// the crowns an active fire burns all, a passive one 1 - exp(-0.23 (R - R0)), R0 (m/min) being the rate at which the
/// surface fire has the critical intensity (Forestry Canada 1992, ST-X-3, eq. 58).
#[must_use]
pub fn crown_fire(
    surface_rate_mps: f64,
    surface_intensity_kw_m: f64,
    wind_10m_mps: f64,
    fine_dead_moisture: f64,
    crown: &Crown,
) -> CrownFire {
    let critical = critical_intensity_kw_m(crown);
    if crown.bulk_density_kg_m3 <= 0.0 || surface_intensity_kw_m < critical || surface_intensity_kw_m <= 0.0 {
        return CrownFire { kind: FireType::Surface, rate_mps: surface_rate_mps, share: 0.0 };
    }
    let active = active_rate_mps(wind_10m_mps, crown.bulk_density_kg_m3, fine_dead_moisture);
    let activity = active / (3.0 / crown.bulk_density_kg_m3 / 60.0);
    if activity >= 1.0 {
        return CrownFire { kind: FireType::ActiveCrown, rate_mps: active.max(surface_rate_mps), share: 1.0 };
    }
    let rate_mps = (active * (-activity).exp()).max(surface_rate_mps);
    let beginning = surface_rate_mps * critical / surface_intensity_kw_m;
    let share = 1.0 - (-0.23 * 60.0 * (surface_rate_mps - beginning)).exp();
    CrownFire { kind: FireType::PassiveCrown, rate_mps, share }
}

/// Heat that the crowns add to a square metre, kJ/m², where trees of `height_m` stand: their load times its heat
/// (Scott & Reinhardt 2001, eq. 22).
#[must_use]
pub fn heat_per_area_kj_m2(crown: &Crown, height_m: f64, share: f64) -> f64 {
    crown.bulk_density_kg_m3 * (height_m - crown.base_height_m).max(0.0) * HEAT_KJ_KG * share
}

/// Flame length of a crown fire: Thomas (1963), as in behave, 0.2 I^(2/3) in feet and Btu/ft/s, here 0.0266 I^(2/3).
#[must_use]
pub fn flame_length_m(intensity_kw_m: f64) -> f64 {
    0.026_6 * intensity_kw_m.max(0.0).powf(2.0 / 3.0)
}

/// Length to width of a crown fire by the wind at 20 ft in miles per hour: Rothermel (1991, INT-438), eq. 9,
/// 1 + 0.125 U.
#[must_use]
pub fn length_to_width(wind_20ft_mps: f64) -> f64 {
    const MPH_PER_MPS: f64 = 3600.0 / (5280.0 * 0.3048);
    (0.125 * wind_20ft_mps.max(0.0)).mul_add(MPH_PER_MPS, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_van_wagners() {
        let crown = Crown { base_height_m: 3.0, bulk_density_kg_m3: 0.2, foliar_moisture: 1.0 };
        // [0.01 x 3 x 3050]^1.5 = 91.5^1.5
        assert!((critical_intensity_kw_m(&crown) - 875.2).abs() < 0.2);
        assert_eq!(crown_fire(0.1, 800.0, 10.0, 0.06, &crown).kind, FireType::Surface);
        let fire = crown_fire(0.1, 2000.0, 10.0, 0.06, &crown);
        // 11.02 x 36^0.9 x 0.2^0.19 x e^-1.02 = 73.7 m/min, far above 15.
        assert_eq!((fire.kind, fire.share), (FireType::ActiveCrown, 1.0));
        assert!((fire.rate_mps * 60.0 - 73.7).abs() < 0.5, "{}", fire.rate_mps * 60.0);
        let passive = crown_fire(0.1, 2000.0, 1.0, 0.2, &crown);
        assert_eq!(passive.kind, FireType::PassiveCrown);
        // Surface fire at 6 m/min, critical at 6 x 875.2 / 2000 = 2.63: 1 - e^(-0.23 x 3.37) = 0.54.
        assert!((passive.share - 0.54).abs() < 0.005, "{}", passive.share);
        assert_eq!(passive.rate_mps, 0.1);
    }

    /// 0.2 kg/m³ over 9 m of crowns hold 1.8 kg/m²: 32,400 kJ/m². 10,000 kW/m give flames of 12.3 m.
    #[test]
    fn crowns_add_their_heat_and_length() {
        let crown = Crown { base_height_m: 3.0, bulk_density_kg_m3: 0.2, foliar_moisture: 1.0 };
        assert!((heat_per_area_kj_m2(&crown, 12.0, 1.0) - 32_400.0).abs() < 1e-6);
        assert_eq!(heat_per_area_kj_m2(&crown, 2.0, 1.0), 0.0);
        assert!((flame_length_m(10_000.0) - 12.35).abs() < 0.05);
        // In feet and Btu/ft/s the same is 0.2 I^(2/3).
        let feet = 0.2 * (10_000.0_f64 / 3.464).powf(2.0 / 3.0) * 0.3048;
        assert!((flame_length_m(10_000.0) / feet - 1.0).abs() < 0.005, "{feet}");
        // 20 mph.
        assert!((length_to_width(8.9408) - 3.5).abs() < 1e-9);
    }
}
