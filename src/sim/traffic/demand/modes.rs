//! By what people travel: a nested logit (Ben-Akiva & Lerman 1985, Discrete Choice Analysis, ch. 10, eqs 10.3-10.10).

use super::table::{ByMode, Choice};

/// What a way from one zone to another is for each mode.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Way {
    /// By road, with the congestion there is.
    pub road_min: f64,
    pub km: f64,
    /// By a railway with stations near both ends, everything but waiting; none where there is none.
    pub rail_min: Option<f64>,
    /// Half its headway.
    pub rail_wait_min: f64,
}

/// Shares of the modes, summing to 1; `visitor` are those who do not live here.
#[must_use]
pub fn shares(choice: &Choice, way: &Way, visitor: bool) -> ByMode {
    let constant = if visitor { &choice.visitor } else { &choice.resident };
    let cost = &choice.cost_min_per_km;
    let bus_min = way.road_min.mul_add(choice.bus_slower, choice.bus_wait_min);
    let public_min = way.rail_min.map_or(bus_min, |rail| bus_min.min(rail + way.rail_wait_min));
    let value = |time: f64, constant: f64, per_km: f64| -choice.scale_per_min * per_km.mul_add(way.km, time + constant);
    let motorbike = value(way.road_min * choice.motorbike_faster, constant.motorbike, cost.motorbike);
    let car = value(way.road_min, constant.car, cost.car);
    let taxi = value(way.road_min, constant.taxi, cost.taxi);
    let bus = value(public_min, constant.bus, cost.bus);
    let bicycle = value(way.km / choice.bicycle_kmh * 60.0, constant.bicycle, cost.bicycle);
    let walk = value(way.km / choice.walk_kmh * 60.0, constant.walk, cost.walk);
    let theta = choice.nest_theta;
    // A nest's value is theta * ln(sum exp(v / theta)); of one mode alone it is that mode's.
    let (private, share_motorbike) = nest(motorbike, car, theta);
    let (active, share_bicycle) = nest(bicycle, walk, theta);
    let best = private.max(taxi).max(bus).max(active);
    let [private, taxi, bus, active] = [private, taxi, bus, active].map(|v| (v - best).exp());
    let sum = private + taxi + bus + active;
    ByMode {
        motorbike: private / sum * share_motorbike,
        car: private / sum * (1.0 - share_motorbike),
        taxi: taxi / sum,
        bus: bus / sum,
        bicycle: active / sum * share_bicycle,
        walk: active / sum * (1.0 - share_bicycle),
    }
}

/// The value of a nest of two and the first one's share of it.
fn nest(first: f64, second: f64, theta: f64) -> (f64, f64) {
    let best = first.max(second);
    let (a, b) = (((first - best) / theta).exp(), ((second - best) / theta).exp());
    (theta.mul_add((a + b).ln(), best), a / (a + b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::demand::table::DemandTable;

    fn sum(s: &ByMode) -> f64 {
        s.motorbike + s.car + s.taxi + s.bus + s.bicycle + s.walk
    }

    #[test]
    fn residents_ride_motorbikes_visitors_taxis_and_all_walk_short_ways() {
        let choice = DemandTable::standard().unwrap().choice;
        let way = |km: f64| Way { road_min: km * 1.8 + 2.0, km, ..Way::default() };
        for km in [0.2, 1.0, 5.0, 25.0, 50.0] {
            for visitor in [false, true] {
                assert!((sum(&shares(&choice, &way(km), visitor)) - 1.0).abs() < 1e-12);
            }
        }
        let (near, far) = (shares(&choice, &way(0.3), false), shares(&choice, &way(10.0), false));
        assert!(far.motorbike > 0.6 && near.walk > 0.15 && far.walk < 0.01, "{near:?} {far:?}");
        assert!(shares(&choice, &way(10.0), true).taxi > 0.2);
    }

    #[test]
    fn a_railway_draws_from_the_road() {
        let choice = DemandTable::standard().unwrap().choice;
        let road = Way { road_min: 35.0, km: 18.0, ..Way::default() };
        let rail = Way { rail_min: Some(24.0), rail_wait_min: 4.0, ..road };
        let (before, after) = (shares(&choice, &road, false), shares(&choice, &rail, false));
        assert!(after.bus > before.bus * 1.5 && after.motorbike < before.motorbike);
    }

    /// theta 1 is the plain logit.
    #[test]
    fn without_nests_it_is_multinomial() {
        let (value, first) = nest(-1.0, -2.0, 1.0);
        assert!((value - ((-1.0_f64).exp() + (-2.0_f64).exp()).ln()).abs() < 1e-12);
        assert!((first - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
    }
}
