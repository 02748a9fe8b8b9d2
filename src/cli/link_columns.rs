//! Columns that both tables of the mesoscopic level have, of a bare network and of a scene.

use crate::sim::traffic::meso::level::LinkState;

pub const COLUMNS: &str = "vehicles,motorbikes,speed_kmh,density_veh_km,delay_s,queue_veh,level_of_service";

/// A link's state under [`COLUMNS`].
#[must_use]
pub fn cells(s: &LinkState) -> String {
    format!(
        "{},{},{:.2},{:.2},{:.2},{:.2},{}",
        s.vehicles,
        s.motorbikes,
        s.speed_mps * 3.6,
        s.density_per_m * 1000.0,
        s.delay_s,
        s.queue,
        s.level
    )
}
