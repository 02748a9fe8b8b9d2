//! Wind from the height where it is measured down to the flames.

/// Wind at 10 m over wind at 20 ft (6.1 m), open ground (Andrews 2012, RMRS-GTR-266, after Turner & Lawson 1978).
pub const TEN_METRE_OVER_TWENTY_FOOT: f64 = 1.15;

const FT_PER_M: f64 = 1.0 / 0.3048;

/// The trees over a cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Canopy {
    /// Ground covered by crowns, 0 to 1.
    pub cover: f64,
    pub height_m: f64,
}

/// Mid-flame wind over wind at 20 ft.
///
/// Under trees Albini & Baughman (1979, INT-221, eq. 21) with the crown fraction of Finney (1998, RMRS-RP-4, eq. 45); in
/// the open the average from the top of the bed to twice its depth (the same, eq. 9). The same formulas, and thresholds
/// for shelter (a crown fraction of 0.05 and 6 ft), as in behave without a crown ratio.
#[must_use]
pub fn adjustment_factor(canopy: Canopy, bed_depth_ft: f64) -> f64 {
    let crown_fraction = canopy.cover * std::f64::consts::PI / 12.0;
    let height = canopy.height_m * FT_PER_M;
    let log_profile = |h: f64| ((20.0 + 0.36 * h) / (0.13 * h)).ln();
    if canopy.cover >= 1e-7 && crown_fraction >= 0.05 && height >= 6.0 {
        0.555 / ((crown_fraction * height).sqrt() * log_profile(height))
    } else {
        1.83 / log_profile(bed_depth_ft)
    }
}

/// Mid-flame wind from the wind of a weather station at 10 m.
#[must_use]
pub fn midflame_from_10m(wind_10m_mps: f64, canopy: Canopy, bed_depth_ft: f64) -> f64 {
    wind_10m_mps / TEN_METRE_OVER_TWENTY_FOOT * adjustment_factor(canopy, bed_depth_ft)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Andrews (2012), table 3: unsheltered factors of fuel models 1 (1 ft: 0.36), 4 (6 ft: 0.55), 8 (0.2 ft: 0.28
    /// printed as 0.4 before rounding up of old tables; the equation gives 0.276).
    #[test]
    fn open_ground_agrees_with_the_published_table() {
        for (depth, factor) in [(1.0, 0.36), (6.0, 0.55), (2.5, 0.44), (3.0, 0.46)] {
            let got = adjustment_factor(Canopy::default(), depth);
            assert!((got - factor).abs() < 0.006, "{depth}: {got}");
        }
    }

    #[test]
    fn trees_shelter_only_from_behaves_thresholds() {
        let open = adjustment_factor(Canopy::default(), 1.0);
        assert_eq!(adjustment_factor(Canopy { cover: 0.19, height_m: 20.0 }, 1.0), open);
        assert_eq!(adjustment_factor(Canopy { cover: 0.8, height_m: 1.8 }, 1.0), open);
        let forest = adjustment_factor(Canopy { cover: 0.8, height_m: 20.0 }, 1.0);
        assert!(forest > 0.05 && forest < 0.15, "{forest}");
    }
}
