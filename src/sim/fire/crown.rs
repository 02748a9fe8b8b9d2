//! Crown fire: whether a surface fire climbs into the trees, and how fast it then runs.

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

/// Surface fireline intensity in kW/m that sets crowns alight: Van Wagner (1977), eq. 4 with Alexander's (1988) heat of ignition,
/// I0 = [0.01 CBH (460 + 25.9 FMC %)]^1.5.
#[must_use]
pub fn critical_intensity_kw_m(crown: &Crown) -> f64 {
    (0.01 * crown.base_height_m * (460.0 + 25.9 * crown.foliar_moisture * 100.0)).max(0.0).powf(1.5)
}

/// Spread of an active crown fire in m/s: Cruz, Alexander & Wakimoto (2005, Can. J. For. Res. 35),
/// R = 11.02 U10^0.9 CBD^0.19 exp(-17 M) m/min, with the wind at 10 m in km/h. Conifers; no slope. The same form and
/// constants as in pyretechnics.
#[must_use]
pub fn active_rate_mps(wind_10m_mps: f64, bulk_density_kg_m3: f64, fine_dead_moisture: f64) -> f64 {
    let wind_kmh = (wind_10m_mps * 3.6).max(0.0);
    11.02 * wind_kmh.powf(0.9) * bulk_density_kg_m3.max(0.0).powf(0.19) * (-17.0 * fine_dead_moisture).exp() / 60.0
}

/// The fire's type and rate. A crown fire is active from Van Wagner's critical rate of 3 / CBD m/min on; below it a
/// passive one spreads at R exp(-R / (3 / CBD)) (Cruz et al. 2005), but not slower than the surface fire.
#[must_use]
pub fn crown_fire(
    surface_rate_mps: f64,
    surface_intensity_kw_m: f64,
    wind_10m_mps: f64,
    fine_dead_moisture: f64,
    crown: &Crown,
) -> (FireType, f64) {
    if crown.bulk_density_kg_m3 <= 0.0 || surface_intensity_kw_m < critical_intensity_kw_m(crown) {
        return (FireType::Surface, surface_rate_mps);
    }
    let active = active_rate_mps(wind_10m_mps, crown.bulk_density_kg_m3, fine_dead_moisture);
    let activity = active / (3.0 / crown.bulk_density_kg_m3 / 60.0);
    if activity >= 1.0 {
        (FireType::ActiveCrown, active.max(surface_rate_mps))
    } else {
        (FireType::PassiveCrown, (active * (-activity).exp()).max(surface_rate_mps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_van_wagners() {
        let crown = Crown { base_height_m: 3.0, bulk_density_kg_m3: 0.2, foliar_moisture: 1.0 };
        // [0.01 x 3 x 3050]^1.5 = 91.5^1.5
        assert!((critical_intensity_kw_m(&crown) - 875.2).abs() < 0.2);
        assert_eq!(crown_fire(0.1, 800.0, 10.0, 0.06, &crown).0, FireType::Surface);
        let (kind, rate) = crown_fire(0.1, 2000.0, 10.0, 0.06, &crown);
        // 11.02 x 36^0.9 x 0.2^0.19 x e^-1.02 = 73.7 m/min, far above 15.
        assert_eq!(kind, FireType::ActiveCrown);
        assert!((rate * 60.0 - 73.7).abs() < 0.5, "{}", rate * 60.0);
        assert_eq!(crown_fire(0.1, 2000.0, 1.0, 0.2, &crown).0, FireType::PassiveCrown);
    }
}
