//! The site's own frame: metres east and north of an origin, so that small numbers reach the screen.

use serde::{Deserialize, Serialize};

use super::crs::Crs;

/// Local metres around the site, in f64. Everything that is imported ends in `crs`; the view subtracts `origin`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteFrame {
    /// A projected system in metres.
    pub crs: Crs,
    /// (easting, northing) of the local origin, metres.
    pub origin: [f64; 2],
}

impl SiteFrame {
    #[must_use]
    pub fn site_from_crs(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x - self.origin[0], y - self.origin[1]]
    }

    #[must_use]
    pub fn crs_from_site(&self, [east, north]: [f64; 2]) -> [f64; 2] {
        [east + self.origin[0], north + self.origin[1]]
    }
}
