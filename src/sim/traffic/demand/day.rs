//! A day of trips between zones: made, sent somewhere, given a mode and an hour.

use rayon::prelude::*;

use super::gravity::{Balanced, Matrix, gravity};
use super::modes::{Way, shares};
use super::table::{ByMode, DemandTable, GateRow, PurposeRow, Quantity};
use crate::base::rng::KeyedRng;
use crate::sim::traffic::road_table::{RoadTable, Vehicle};

/// What lives, works and draws in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Activity {
    pub residents: f64,
    pub jobs: f64,
    pub pupils: f64,
    pub shops_m2: f64,
    pub visitors: f64,
    pub sights: f64,
    /// Number of the gate in the table, for a zone that is one.
    pub gate: Option<usize>,
}

impl Activity {
    #[must_use]
    pub fn of(&self, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::Residents => self.residents,
            Quantity::Jobs => self.jobs,
            Quantity::Pupils => self.pupils,
            Quantity::Shops => self.shops_m2,
            Quantity::Visitors => self.visitors,
            Quantity::Sights => self.sights,
        }
    }
}

/// Costs between zones that trips are made at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Costs {
    pub road_min: Matrix,
    pub km: Matrix,
    /// Minutes by railway; infinite where there is none.
    pub rail_min: Option<Matrix>,
    pub rail_wait_min: f64,
}

/// Persons of one purpose out in a day, and when.
#[derive(Debug, Clone)]
struct Flow {
    trips: Matrix,
    /// Where balancing a flow much like this one begins.
    factor: Vec<f64>,
    visitor_share: f64,
    trucks: bool,
    out: [f64; 24],
    back: [f64; 24],
}

/// Persons, vehicles and passenger-car units of a day.
#[derive(Debug, Clone, Default)]
pub struct DayDemand {
    flows: Vec<Flow>,
    /// Of residents and of visitors, for every pair of zones.
    modes: [Vec<ByMode>; 2],
    n: usize,
    /// The greatest relative error of a margin.
    pub margin_error: f64,
}

/// Vehicles, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Vehicles {
    pub motorbikes: f64,
    pub cars: f64,
    pub taxis: f64,
    pub trucks: f64,
}

impl Vehicles {
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.motorbikes + self.cars + self.taxis + self.trucks
    }

    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            motorbikes: self.motorbikes + other.motorbikes,
            cars: self.cars + other.cars,
            taxis: self.taxis + other.taxis,
            trucks: self.trucks + other.trucks,
        }
    }

    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            motorbikes: self.motorbikes * factor,
            cars: self.cars * factor,
            taxis: self.taxis * factor,
            trucks: self.trucks * factor,
        }
    }

    #[must_use]
    pub fn pcu(&self, table: &RoadTable) -> f64 {
        self.motorbikes * table.pcu(Vehicle::Motorbike)
            + self.cars * table.pcu(Vehicle::Car)
            + self.taxis * table.pcu(Vehicle::Taxi)
            + self.trucks * table.pcu(Vehicle::Truck)
    }
}

const MARGINS: f64 = 1e-7;

impl DayDemand {
    /// All trips of a day at these costs.
    #[must_use]
    pub fn make(table: &DemandTable, zones: &[Activity], costs: &Costs) -> Self {
        Self::default().again(table, zones, costs)
    }

    /// As [`Self::make`], begun at a day of the same zones whose trips are much like these.
    #[must_use]
    pub fn again(&self, table: &DemandTable, zones: &[Activity], costs: &Costs) -> Self {
        let n = zones.len();
        let start = |i: usize| self.flows.get(i).map_or(&[][..], |f| &f.factor);
        let purposes = table.purposes.par_iter().enumerate();
        let parts: Vec<(Flow, f64)> = purposes.map(|(i, p)| purpose_flow(p, zones, costs, start(i))).collect();
        let mut demand = Self { n, ..Self::default() };
        for (flow, error) in parts {
            demand.margin_error = demand.margin_error.max(error);
            demand.flows.push(flow);
        }
        for (z, zone) in zones.iter().enumerate() {
            if let Some(gate) = zone.gate.and_then(|g| table.gates.get(g)) {
                demand.flows.extend(gate_flows(gate, z, zones, costs));
            }
        }
        let choose = |visitor: bool| -> Vec<ByMode> {
            (0..n * n).into_par_iter().map(|c| shares(&table.choice, &way(costs, c), visitor)).collect()
        };
        demand.modes = [choose(false), choose(true)];
        demand
    }

    #[must_use]
    pub fn zones(&self) -> usize {
        self.n
    }

    /// Person trips of a day, both ways.
    #[must_use]
    pub fn person_trips(&self) -> f64 {
        2.0 * self.flows.iter().filter(|f| !f.trucks).map(|f| f.trips.sum()).sum::<f64>()
    }

    /// Vehicles from zone to zone that leave within an hour (0 to 23).
    #[must_use]
    pub fn hour(&self, hour: usize, table: &RoadTable) -> Vec<Vehicles> {
        let n = self.n;
        let occupancy = [Vehicle::Motorbike, Vehicle::Car, Vehicle::Taxi].map(|v| table.occupancy(v));
        (0..n * n)
            .into_par_iter()
            .with_min_len(1024)
            .map(|c| {
                let turned = (c % n) * n + c / n;
                let mut vehicles = Vehicles::default();
                for flow in &self.flows {
                    let trips = flow.trips.cells[c] * flow.out[hour] + flow.trips.cells[turned] * flow.back[hour];
                    if trips <= 0.0 {
                        continue;
                    }
                    if flow.trucks {
                        vehicles.trucks += trips;
                        continue;
                    }
                    for (modes, share) in self.modes.iter().zip([1.0 - flow.visitor_share, flow.visitor_share]) {
                        let persons = trips * share;
                        vehicles.motorbikes += persons * modes[c].motorbike / occupancy[0];
                        vehicles.cars += persons * modes[c].car / occupancy[1];
                        vehicles.taxis += persons * modes[c].taxi / occupancy[2];
                    }
                }
                vehicles
            })
            .collect()
    }

    /// Person trips of a day by mode, both ways.
    #[must_use]
    pub fn by_mode(&self) -> ByMode {
        let mut sum = ByMode::default();
        let n = self.n;
        for flow in self.flows.iter().filter(|f| !f.trucks) {
            for c in 0..n * n {
                let trips = flow.trips.cells[c] + flow.trips.cells[(c % n) * n + c / n];
                if trips > 0.0 {
                    for (modes, share) in self.modes.iter().zip([1.0 - flow.visitor_share, flow.visitor_share]) {
                        let (m, p) = (&modes[c], trips * share);
                        sum.motorbike += p * m.motorbike;
                        sum.car += p * m.car;
                        sum.taxi += p * m.taxi;
                        sum.bus += p * m.bus;
                        sum.bicycle += p * m.bicycle;
                        sum.walk += p * m.walk;
                    }
                }
            }
        }
        sum
    }
}

fn way(costs: &Costs, c: usize) -> Way {
    let rail = costs.rail_min.as_ref().map(|m| m.cells[c]).filter(|m| m.is_finite());
    Way { road_min: costs.road_min.cells[c], km: costs.km.cells[c], rail_min: rail, rail_wait_min: costs.rail_wait_min }
}

fn purpose_flow(row: &PurposeRow, zones: &[Activity], costs: &Costs, start: &[f64]) -> (Flow, f64) {
    let produced: Vec<f64> = zones.iter().map(|z| z.of(row.from) * row.rate).collect();
    let attracted: Vec<f64> = zones.iter().map(|z| z.of(row.to)).collect();
    let found = gravity(&costs.road_min, row.decay_per_min, &produced, &attracted, start, MARGINS);
    let Balanced { trips, factor, error } = found;
    let visitor_share = f64::from(u8::from(row.from == Quantity::Visitors));
    (Flow { trips, factor, visitor_share, trucks: false, out: row.out, back: row.back }, error)
}

/// Passengers of a gate by where visitors and residents are, and its trucks by where shops and jobs are.
fn gate_flows(gate: &GateRow, at: usize, zones: &[Activity], costs: &Costs) -> [Flow; 3] {
    let n = zones.len();
    let flow = |weight: &dyn Fn(&Activity) -> f64, persons: f64, visitor_share: f64, trucks: bool| {
        let mut trips = Matrix::filled(n, 0.0);
        let of = |z: &Activity| if z.gate.is_some() { 0.0 } else { weight(z) };
        let sum: f64 = zones.iter().map(of).sum();
        for (i, zone) in zones.iter().enumerate() {
            if sum > 0.0 && costs.road_min.at(i, at).is_finite() {
                trips.cells[i * n + at] = persons * of(zone) / sum;
            }
        }
        Flow { trips, factor: Vec::new(), visitor_share, trucks, out: gate.out, back: gate.back }
    };
    [
        flow(&|z| z.visitors, gate.persons_each_way * gate.visitor_share, 1.0, false),
        flow(&|z| z.residents, gate.persons_each_way * (1.0 - gate.visitor_share), 0.0, false),
        flow(&|z| z.jobs + z.shops_m2 / 20.0, gate.trucks, 0.0, true),
    ]
}

/// One vehicle's trip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trip {
    /// Seconds after midnight.
    pub departs_s: f64,
    pub from: u32,
    pub to: u32,
    pub vehicle: Vehicle,
}

/// Single vehicles of an hour, in the order of their departures. Numbers are drawn by (hour, pair, kind) and each
/// vehicle's minute by its own: what a plan leaves as it is draws the same vehicles before and after.
#[must_use]
pub fn trips(hour: usize, vehicles: &[Vehicles], zone_ids: &[u64], seed: u64) -> Vec<Trip> {
    let n = zone_ids.len();
    let kinds = [Vehicle::Motorbike, Vehicle::Car, Vehicle::Taxi, Vehicle::Truck];
    let mut all = Vec::new();
    for (c, v) in vehicles.iter().enumerate() {
        let (from, to) = (c / n, c % n);
        let pair = zone_ids[from].rotate_left(24) ^ zone_ids[to];
        for (kind, count) in kinds.into_iter().zip([v.motorbikes, v.cars, v.taxis, v.trucks]) {
            let stream = hour as u64 * 8 + kind as u64;
            let rng = KeyedRng::new(seed, stream);
            // Rounded up as often as the fraction says.
            let whole = (count + rng.unit(pair, u64::MAX)).floor() as u64;
            all.extend((0..whole).map(|k| Trip {
                departs_s: (hour as f64 + rng.unit(pair, k)) * 3600.0,
                from: from as u32,
                to: to as u32,
                vehicle: kind,
            }));
        }
    }
    all.sort_by(|a, b| {
        let key = |t: &Trip| (t.from, t.to, t.vehicle);
        a.departs_s.total_cmp(&b.departs_s).then_with(|| key(a).cmp(&key(b)))
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn town() -> (DemandTable, Vec<Activity>, Costs) {
        let table = DemandTable::standard().unwrap();
        let zone = |residents: f64, jobs: f64| Activity {
            residents,
            jobs,
            pupils: jobs / 2.0,
            shops_m2: jobs * 3.0,
            visitors: residents / 4.0,
            sights: 1.0,
            gate: None,
        };
        let mut zones = vec![zone(3000.0, 200.0), zone(800.0, 900.0), zone(1500.0, 50.0)];
        zones.push(Activity { gate: Some(0), ..Activity::default() });
        let km = Matrix { n: 4, cells: (0..16).map(|c| f64::from(1 + (c / 4_i32 - c % 4).abs() * 5)).collect() };
        let road_min = Matrix { n: 4, cells: km.cells.iter().map(|k| k * 2.0).collect() };
        (table, zones, Costs { road_min, km, ..Costs::default() })
    }

    /// Persons by hour and mode are the persons that the zones made, out and back.
    #[test]
    fn trips_are_conserved() {
        let (table, zones, costs) = town();
        let day = DayDemand::make(&table, &zones, &costs);
        assert!(day.margin_error <= 1e-6, "{}", day.margin_error);
        let made: f64 =
            table.purposes.iter().map(|p| 2.0 * p.rate * zones.iter().map(|z| z.of(p.from)).sum::<f64>()).sum::<f64>()
                + 2.0 * table.gates[0].persons_each_way;
        assert!((day.person_trips() / made - 1.0).abs() < 1e-6, "{} {made}", day.person_trips());
        let m = day.by_mode();
        let by_mode = m.motorbike + m.car + m.taxi + m.bus + m.bicycle + m.walk;
        assert!((by_mode / made - 1.0).abs() < 1e-6);
        let roads = RoadTable::standard().unwrap();
        let vehicles: Vec<Vehicles> = (0..24).flat_map(|h| day.hour(h, &roads)).collect();
        let riders: f64 = vehicles.iter().map(|v| v.motorbikes * roads.occupancy(Vehicle::Motorbike)).sum();
        assert!((riders / m.motorbike - 1.0).abs() < 1e-9);
        let trucks: f64 = vehicles.iter().map(|v| v.trucks).sum();
        assert!((trucks - 2.0 * table.gates[0].trucks).abs() < 1e-9);
    }

    /// Another zone's plan draws the same vehicles between the zones that it leaves alone.
    #[test]
    fn random_numbers_are_common_between_plans() {
        let ids = [11, 22, 33];
        let one = Vehicles { motorbikes: 40.3, cars: 5.5, taxis: 0.0, trucks: 1.0 };
        let mut plan = vec![one; 9];
        let before = trips(7, &plan, &ids, 1);
        plan[5].motorbikes += 30.0;
        let after = trips(7, &plan, &ids, 1);
        let others = |all: &[Trip]| -> Vec<Trip> { all.iter().filter(|t| (t.from, t.to) != (1, 2)).copied().collect() };
        assert_eq!(others(&before), others(&after));
        assert_eq!(after.len() - before.len(), 30);
        assert!(before.iter().all(|t| (25_200.0..28_800.0).contains(&t.departs_s)));
        assert_ne!(before, trips(7, &[one; 9], &ids, 2));
    }
}
