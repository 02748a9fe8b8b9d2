//! What an outfall lets into the sea, and how far it is diluted before the current takes over.

use serde::{Deserialize, Serialize};

use super::error::WaterError;

const GRAVITY: f64 = 9.81;

/// A pipe's end on the sea floor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outfall {
    /// (east, north) in the site's CRS.
    pub at: [f64; 2],
    pub flow_m3ps: f64,
    /// In the run's unit of concentration.
    pub concentration: f64,
}

impl Outfall {
    /// # Errors
    /// [`WaterError::OutOfRange`].
    pub fn validate(&self) -> Result<(), WaterError> {
        WaterError::require("flow", self.flow_m3ps, 0.0, 1e4)?;
        WaterError::require("concentration", self.concentration, 0.0, 1e15)
    }
}

/// Lightness of waste water in sea water, (ρ_sea − ρ_waste) / ρ_sea.
pub const LIGHTNESS: f64 = 0.025;

/// Least dilution of a round buoyant plume when it reaches the surface of still, unstratified water: 0.089 g'^(1/3)
/// H^(5/3) / Q^(2/3) (Rouse, Yih & Humphreys 1952, Tellus 4, 201; in this form Fischer et al. 1979, Mixing in Inland and
/// Coastal Waters, chapter 9). Holds for a port small beside the depth H and a weak current; never below 1.
#[must_use]
pub fn plume_dilution(flow_m3ps: f64, depth_m: f64) -> f64 {
    if flow_m3ps <= 0.0 {
        return 1.0;
    }
    (0.089 * (GRAVITY * LIGHTNESS).cbrt() * (depth_m.powi(5) / flow_m3ps.powi(2)).cbrt()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dilution_grows_with_depth_and_falls_with_flow() {
        // 0.089 × 0.24525^(1/3) × 10^(5/3) / 0.1^(2/3).
        assert!((plume_dilution(0.1, 10.0) - 12.0022).abs() < 1e-3, "{}", plume_dilution(0.1, 10.0));
        assert!((plume_dilution(0.8, 10.0) / plume_dilution(0.1, 10.0) - 0.25).abs() < 1e-12);
        assert_eq!(plume_dilution(50.0, 1.0), 1.0);
    }
}
