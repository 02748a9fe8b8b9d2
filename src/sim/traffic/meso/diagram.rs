//! The triangular fundamental diagram of a link.
//!
//! Newell 1993, "A simplified theory of kinematic waves in highway traffic", parts I-III, Transportation Research B
//! 27(4); Yperman 2007, "The link transmission model for dynamic network loading", eqs. 4.11 and 4.17. Holds where flow
//! is a function of density alone: no capacity drop, no acceleration at a queue's head.

/// Flow against density, all lanes of a link together; flows and densities in passenger-car units (PCU).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diagram {
    pub length_m: f64,
    pub free_speed_mps: f64,
    /// How fast a gap travels back through a queue.
    pub wave_speed_mps: f64,
    pub capacity_pcu_per_s: f64,
    /// What stands on the link in a jam.
    pub storage_pcu: f64,
}

impl Diagram {
    /// From free speed, capacity and jam density: the wave speed is what closes the triangle.
    #[must_use]
    pub fn new(length_m: f64, free_speed_mps: f64, capacity_pcu_per_s: f64, jam_pcu_per_m: f64) -> Self {
        let moving = capacity_pcu_per_s / free_speed_mps;
        // A capacity that no jam density could give is the table's fault; the queue then still has room.
        let jam = jam_pcu_per_m.max(moving * 1.25);
        Self {
            length_m,
            free_speed_mps,
            wave_speed_mps: capacity_pcu_per_s / (jam - moving),
            capacity_pcu_per_s,
            storage_pcu: jam * length_m,
        }
    }

    /// From the driver's reaction time, as Newell's car-following has it: w = 1 / (tau kappa), and capacity is
    /// u kappa / (1 + u tau kappa), a lane (Newell 2002, "A simplified car-following theory: a lower order model").
    #[must_use]
    pub fn of_lanes(length_m: f64, free_speed_mps: f64, jam_pcu_per_m_lane: f64, reaction_s: f64, lanes: f64) -> Self {
        let capacity =
            free_speed_mps * jam_pcu_per_m_lane / (1.0 + free_speed_mps * reaction_s * jam_pcu_per_m_lane) * lanes;
        Self::new(length_m, free_speed_mps, capacity, jam_pcu_per_m_lane * lanes)
    }

    #[must_use]
    pub fn free_time_s(&self) -> f64 {
        self.length_m / self.free_speed_mps
    }

    /// How long a gap takes from the end of the link to its beginning.
    #[must_use]
    pub fn wave_time_s(&self) -> f64 {
        self.length_m / self.wave_speed_mps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triangle_closes() {
        let d = Diagram::of_lanes(1000.0, 20.0, 0.2, 1.0, 1.0);
        assert!((d.capacity_pcu_per_s - 0.8).abs() < 1e-12 && (d.wave_speed_mps - 5.0).abs() < 1e-12);
        assert!((d.storage_pcu - 200.0).abs() < 1e-9);
        // Vehicles between the ends at capacity, and gaps on their way back, fill the storage.
        let q = d.capacity_pcu_per_s;
        assert!((q * (d.free_time_s() + d.wave_time_s()) - d.storage_pcu).abs() < 1e-9);
    }
}
