//! How one drives: the Intelligent Driver Model, and the speed that is safe whatever the leader does.

/// A driver with a vehicle.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    pub name: String,
    /// Desired speed as a share of the road's limit, and the vehicle's own limit.
    pub limit_share: f32,
    pub max_speed_mps: f32,
    /// Desired time gap.
    pub headway_s: f32,
    /// Gap at standstill.
    pub gap_m: f32,
    pub acceleration_mps2: f32,
    /// Comfortable braking.
    pub braking_mps2: f32,
    pub length_m: f32,
    pub width_m: f32,
    /// Moves sideways as it likes instead of keeping to a lane.
    pub filters: bool,
}

impl Driver {
    #[must_use]
    pub fn car() -> Self {
        Self {
            name: "car".to_owned(),
            limit_share: 1.0,
            max_speed_mps: 50.0,
            headway_s: 1.0,
            gap_m: 2.0,
            acceleration_mps2: 2.0,
            braking_mps2: 3.0,
            length_m: 5.0,
            width_m: 1.8,
            filters: false,
        }
    }

    #[must_use]
    pub fn truck() -> Self {
        Self {
            name: "truck".to_owned(),
            headway_s: 1.4,
            acceleration_mps2: 1.0,
            braking_mps2: 2.5,
            length_m: 9.0,
            width_m: 2.4,
            max_speed_mps: 25.0,
            ..Self::car()
        }
    }

    /// Time gap and gap at standstill as in Hanoi's capacity of 2,950 motorbikes an hour and file.
    #[must_use]
    pub fn motorbike() -> Self {
        Self {
            name: "motorbike".to_owned(),
            limit_share: 1.0,
            max_speed_mps: 14.0,
            headway_s: 0.8,
            gap_m: 0.5,
            acceleration_mps2: 2.0,
            braking_mps2: 3.0,
            length_m: 1.9,
            width_m: 0.75,
            filters: true,
        }
    }

    /// Acceleration behind a leader (Treiber, Hennecke & Helbing 2000, Phys. Rev. E 62, 1805, eqs. 3 and 4, with
    /// delta = 4). `gap_m` is infinite on an empty road.
    #[must_use]
    pub fn acceleration(&self, speed: f32, desired: f32, gap_m: f32, leader: f32) -> f32 {
        self.free(speed, desired) - self.interaction(speed, gap_m, leader)
    }

    /// What an empty road asks for.
    #[must_use]
    pub fn free(&self, speed: f32, desired: f32) -> f32 {
        let ratio = speed / desired;
        let square = ratio * ratio;
        // Too fast for a new limit: no harder than comfortable.
        (self.acceleration_mps2 * (1.0 - square * square)).max(-self.braking_mps2)
    }

    /// What the leader takes away.
    #[must_use]
    pub fn interaction(&self, speed: f32, gap_m: f32, leader: f32) -> f32 {
        let approach = speed * (speed - leader) / (2.0 * (self.acceleration_mps2 * self.braking_mps2).sqrt());
        let wanted = self.gap_m + (speed * self.headway_s + approach).max(0.0);
        let ratio = wanted / gap_m.max(0.1);
        self.acceleration_mps2 * ratio * ratio
    }

    /// Gap kept in steady traffic at a speed (Treiber et al. 2000, eq. 7): with a desired speed above it.
    #[must_use]
    pub fn equilibrium_gap_m(&self, speed: f64, desired: f64) -> f64 {
        let wanted = f64::from(self.gap_m) + speed * f64::from(self.headway_s);
        wanted / (1.0 - (speed / desired).powi(4)).sqrt()
    }

    /// Largest flow of one file of such vehicles in steady traffic, vehicles a second, and the speed at which it comes.
    #[must_use]
    pub fn capacity(&self, desired: f64) -> (f64, f64) {
        let flow = |v: f64| v / (self.equilibrium_gap_m(v, desired) + f64::from(self.length_m));
        // Flow has one hump: golden section.
        let (mut low, mut high) = (0.0, desired);
        let golden = f64::midpoint(5_f64.sqrt(), -1.0);
        while high - low > 1e-9 {
            let (a, b) = (high - golden * (high - low), low + golden * (high - low));
            if flow(a) < flow(b) {
                low = a;
            } else {
                high = b;
            }
        }
        (flow(low), low)
    }
}

/// Hardest braking that anybody does, and that everybody reckons with.
pub const HARDEST_BRAKING_MPS2: f32 = 9.0;

/// The fastest that one may drive in the next step so that one can always stop behind a leader who brakes as hard as
/// can be, by steps of `dt` in which the new speed holds (after Krauss 1998, "Microscopic modeling of traffic flow",
/// eq. 3.3, in the form for steps). Stopping from v takes v^2/2b + v dt/2 + b dt^2/8 at most, and from the leader's u at
/// least u^2/2b - u dt/2; the first must not exceed gap + the second. Whoever keeps to it can keep to it in the next
/// step by braking with b at most.
#[must_use]
pub fn safe_speed(gap_m: f32, leader_mps: f32, dt: f32) -> f32 {
    let b = HARDEST_BRAKING_MPS2;
    let half = 0.5 * b * dt;
    let lead = leader_mps - half;
    let square = lead * lead + 2.0 * b * gap_m - half * half;
    if square <= half * half { 0.0 } else { square.sqrt() - half }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed forms: v0 15 m/s, T 1 s, s0 2 m.
    #[test]
    fn steady_gaps_and_capacity_are_those_of_the_formula() {
        let car = Driver::car();
        for (v, gap) in [(0.0, 2.0), (5.0, 7.0436), (10.0, 13.3958), (12.0, 18.2203), (14.0, 32.5809)] {
            assert!((car.equilibrium_gap_m(v, 15.0) - gap).abs() < 1e-4, "{v}");
            // At that gap nobody accelerates.
            let a = car.acceleration(v as f32, 15.0, car.equilibrium_gap_m(v, 15.0) as f32, v as f32);
            assert!(a.abs() < 1e-4, "{v}: {a}");
        }
        let (flow, speed) = car.capacity(15.0);
        assert!((flow * 3600.0 - 1957.5).abs() < 0.1 && (speed - 10.15).abs() < 0.01, "{} {speed}", flow * 3600.0);
        let (flow, _) = Driver::motorbike().capacity(11.11);
        assert!((flow * 3600.0 - 2948.8).abs() < 0.1, "{}", flow * 3600.0);
    }

    /// A leader who brakes to a stop as hard as can be is never hit, from any speeds and gaps.
    #[test]
    fn the_safe_speed_is_safe() {
        for dt in [0.5_f32, 1.0] {
            for case in 0..4000_u16 {
                let (g, v, u) =
                    (f32::from(case % 20) * 2.3, f32::from(case / 20 % 10) * 2.1, f32::from(case / 200) * 1.7);
                let (mut x, mut speed, mut leader_x, mut leader) = (0.0_f32, v, g, u);
                if speed - HARDEST_BRAKING_MPS2 * dt > safe_speed(g, u, dt) {
                    continue;
                }
                for _ in 0..40 {
                    speed = safe_speed(leader_x - x, leader, dt).min(speed + 2.0 * dt);
                    leader = (leader - HARDEST_BRAKING_MPS2 * dt).max(0.0);
                    x += speed * dt;
                    leader_x += leader * dt;
                    assert!(x <= leader_x + 1e-3, "gap {g}, speeds {v} and {u}, step {dt}");
                }
            }
        }
    }
}
