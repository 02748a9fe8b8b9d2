//! The table of what is assumed of roads and vehicles (`assets/traffic/roads.ron`).

use serde::{Deserialize, Serialize};

use super::error::TrafficError;
use super::road_class::RoadClass;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRow {
    pub class: RoadClass,
    /// Both directions together.
    pub lanes: u8,
    pub speed_kmh: f64,
    pub lane_pcu_per_h: f64,
    pub b: f64,
    pub power: f64,
    /// Taken over without being checked against its source.
    pub verify: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Vehicle {
    Motorbike,
    Car,
    Taxi,
    Bus,
    Truck,
    Bicycle,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VehicleRow {
    pub vehicle: Vehicle,
    pub pcu: f64,
    /// Persons in one.
    pub occupancy: f64,
    pub verify: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadTable {
    pub version: u32,
    pub date: String,
    classes: Vec<ClassRow>,
    vehicles: Vec<VehicleRow>,
    /// (lanes, motorbikes an hour)
    pub motorbikes_per_h: Vec<(u8, f64)>,
}

impl RoadTable {
    /// The table that ships with the program.
    ///
    /// # Errors
    /// Never, but for a fault of the table that a test would find.
    pub fn standard() -> Result<Self, TrafficError> {
        Self::parse(include_str!("../../../assets/traffic/roads.ron"))
    }

    /// # Errors
    /// [`TrafficError::Table`] for what is not a table, [`TrafficError::TableValue`] for one that lacks a class or vehicle, or
    /// holds what is not possible.
    pub fn parse(text: &str) -> Result<Self, TrafficError> {
        let table: Self = ron::from_str(text).map_err(|e| TrafficError::Table { reason: e.to_string() })?;
        for class in RoadClass::ALL {
            let row = table.classes.iter().find(|r| r.class == class);
            let possible = row.is_some_and(|r| {
                let numbers = [r.speed_kmh, r.lane_pcu_per_h];
                numbers.iter().all(|v| v.is_finite() && *v > 0.0) && r.lanes > 0 && r.b >= 0.0 && r.power >= 0.0
            });
            if !possible {
                return Err(TrafficError::TableValue { at: format!("classes: {class:?}") });
            }
        }
        for vehicle in [Vehicle::Motorbike, Vehicle::Car, Vehicle::Taxi, Vehicle::Bus, Vehicle::Truck, Vehicle::Bicycle]
        {
            if !table.vehicles.iter().any(|r| r.vehicle == vehicle && r.pcu > 0.0 && r.occupancy > 0.0) {
                return Err(TrafficError::TableValue { at: format!("vehicles: {vehicle:?}") });
            }
        }
        Ok(table)
    }

    #[must_use]
    pub fn class(&self, class: RoadClass) -> ClassRow {
        // Every class is in the table: `parse` saw to it.
        self.classes.iter().find(|r| r.class == class).copied().unwrap_or(ClassRow {
            class,
            lanes: 1,
            speed_kmh: 30.0,
            lane_pcu_per_h: 500.0,
            b: 0.15,
            power: 4.0,
            verify: true,
        })
    }

    #[must_use]
    pub fn pcu(&self, vehicle: Vehicle) -> f64 {
        self.vehicles.iter().find(|r| r.vehicle == vehicle).map_or(1.0, |r| r.pcu)
    }

    #[must_use]
    pub fn occupancy(&self, vehicle: Vehicle) -> f64 {
        self.vehicles.iter().find(|r| r.vehicle == vehicle).map_or(1.0, |r| r.occupancy)
    }

    /// Rows that nobody has checked yet.
    #[must_use]
    pub fn to_verify(&self) -> usize {
        self.classes.iter().filter(|r| r.verify).count() + self.vehicles.iter().filter(|r| r.verify).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_holds_every_class_and_vehicle() {
        let table = RoadTable::standard().unwrap();
        assert_eq!((table.pcu(Vehicle::Motorbike), table.motorbikes_per_h[0]), (0.29, (2, 13_358.0)));
        assert!((1.0 / table.pcu(Vehicle::Motorbike) - 3.4).abs() < 0.06);
        assert!(table.class(RoadClass::Arterial).verify && table.to_verify() > 5);
        let text = include_str!("../../../assets/traffic/roads.ron");
        let lacks = RoadTable::parse(&text.replace("class: Rail, lanes: 2", "class: Rail, lanes: 0"));
        assert_eq!(lacks, Err(TrafficError::TableValue { at: "classes: Rail".to_owned() }));
    }
}
