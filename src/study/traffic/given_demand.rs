//! Demand that somebody counted or modelled elsewhere, in place of the one that is made from buildings: a matrix by
//! hour, or a list of trips; between zones by their number, or by place.

use std::collections::BTreeMap;
use std::path::Path;

use super::zones::StudyZone;
use crate::geo::measure::distance;
use crate::sim::traffic::demand::day::Vehicles;
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::given::csv::Table;
use crate::sim::traffic::given::error::{Fault, GivenError};
use crate::sim::traffic::given::trips::kind;
use crate::sim::traffic::tntp::TntpTripTable;

/// A place farther from every zone than this has nobody who could travel: it is at sea, or of another island.
const FARTHEST_M: f64 = 5000.0;
/// More vehicles in one row are a slip of the pen.
const MOST: f64 = 1e6;

/// Vehicles from zone to zone by hour (0 to 23), row by row as a case has its zones.
pub type GivenDemand = BTreeMap<usize, Vec<Vehicles>>;

/// Columns: `from_zone`, `to_zone` (GMNS: `o_zone_id`, `d_zone_id`; or `from_x`, `from_y`, `to_x`, `to_y` in the site's
/// system); when: `hour` ("17" or "17:00") or `departs_s`, since midnight; how many: `motorbikes`, `cars`, `taxis`,
/// `trucks`, or `volume` of the kind in `vehicle` (car), or one.
///
/// # Errors
/// What is wrong, and in which line.
pub fn read(text: &str, path: &Path, zones: &[StudyZone]) -> Result<GivenDemand, GivenError> {
    let table = Table::parse(text);
    let by_id: BTreeMap<u64, usize> = zones.iter().enumerate().map(|(i, z)| (z.id, i)).collect();
    let column = |names: &[&str]| table.column(names);
    let ends = [
        ("from_zone", column(&["from_zone", "o_zone_id", "origin", "from"]), ["from_x", "from_y"]),
        ("to_zone", column(&["to_zone", "d_zone_id", "destination", "to"]), ["to_x", "to_y"]),
    ];
    let (named_hour, departs) = (column(&["hour", "time_period"]), column(&["departs_s", "depart_s"]));
    let kinds = ["motorbikes", "cars", "taxis", "trucks"].map(|name| (name, column(&[name])));
    let volume = column(&["volume", "trips", "vehicles", "count"]);
    let vehicle = column(&["vehicle", "kind", "class", "mode"]);
    let n = zones.len();
    let mut found = GivenDemand::new();
    for (line, fields) in &table.rows {
        let (line, row) = (*line, fields.as_slice());
        let fail = |fault: Fault| fault.at(line, path);
        let number = |c, name| table.number((line, row), c, name, path);
        let amount = |c, name: &'static str| -> Result<Option<f64>, GivenError> {
            match number(c, name)? {
                Some(value) if !(0.0..=MOST).contains(&value) => Err(fail(Fault::Impossible { column: name, value })),
                other => Ok(other),
            }
        };
        let mut at = [0; 2];
        for (place, (name, id, [x, y])) in at.iter_mut().zip(ends) {
            *place = if let Some(text) = table.text(row, id) {
                let known = text.parse::<u64>().ok().and_then(|id| by_id.get(&id));
                *known.ok_or_else(|| fail(Fault::Unknown { column: name, id: text.to_owned() }))?
            } else {
                let missing = || fail(Fault::Missing { column: name });
                let along = |axis| -> Result<f64, GivenError> { number(column(&[axis]), axis)?.ok_or_else(missing) };
                let point = [along(x)?, along(y)?];
                nearest(zones, point).ok_or_else(missing).and_then(|(zone, metres)| {
                    if metres <= FARTHEST_M { Ok(zone) } else { Err(fail(Fault::FarFromRoads { column: x, metres })) }
                })?
            };
        }
        let hour = match (table.text(row, named_hour), number(departs, "departs_s")?) {
            (Some(text), _) => {
                let whole = text.split(':').next().unwrap_or_default();
                let unknown = || fail(Fault::NotANumber { column: "hour", text: text.to_owned() });
                whole.parse::<f64>().map_err(|_| unknown())?
            }
            (None, Some(seconds)) => (seconds / 3600.0).floor(),
            (None, None) => return Err(fail(Fault::Missing { column: "hour" })),
        };
        if !(0.0..24.0).contains(&hour) {
            return Err(fail(match number(departs, "departs_s")? {
                Some(value) if table.text(row, named_hour).is_none() => {
                    Fault::Impossible { column: "departs_s", value }
                }
                _ => Fault::Impossible { column: "hour", value: hour },
            }));
        }
        let mut vehicles = Vehicles::default();
        let mut any = false;
        let [motorbikes, cars, taxis, trucks] = kinds;
        for ((name, column), sum) in [motorbikes, cars, taxis, trucks].into_iter().zip([
            &mut vehicles.motorbikes,
            &mut vehicles.cars,
            &mut vehicles.taxis,
            &mut vehicles.trucks,
        ]) {
            if let Some(value) = amount(column, name)? {
                *sum = value;
                any = true;
            }
        }
        if !any {
            let value = amount(volume, "volume")?.unwrap_or(1.0);
            match table.text(row, vehicle) {
                None => vehicles.cars = value,
                Some(text) => match kind(text) {
                    Some(0) => vehicles.cars = value,
                    Some(1) => vehicles.motorbikes = value,
                    Some(_) => vehicles.trucks = value,
                    None => return Err(fail(Fault::Unknown { column: "vehicle", id: text.to_owned() })),
                },
            }
        }
        let cells = found.entry(hour as usize).or_insert_with(|| vec![Vehicles::default(); n * n]);
        cells[at[0] * n + at[1]] = cells[at[0] * n + at[1]].plus(&vehicles);
    }
    if found.values().flatten().all(|v| v.sum() <= 0.0) {
        return Err(GivenError::NoTrips { path: path.to_owned() });
    }
    Ok(found)
}

/// A trip table of the TNTP collection: its zones are the case's in their order (as in zones.csv), counted from 1. It
/// knows no hours and no kinds: its trips are cars, the same in every hour.
///
/// # Errors
/// What is wrong, and in which line; another number of zones.
pub fn read_tntp(text: &str, path: &Path, zones: &[StudyZone]) -> Result<GivenDemand, TrafficError> {
    let table = TntpTripTable::parse(text, path)?;
    let n = zones.len();
    if table.zones != n {
        return Err(TrafficError::ZoneCount {
            said: table.zones,
            found: n,
            row: table.zones_row,
            path: path.to_owned(),
        });
    }
    let mut cells = vec![Vehicles::default(); n * n];
    for t in &table.trips {
        cells[(t.origin as usize - 1) * n + t.destination as usize - 1].cars += t.trips;
    }
    if cells.iter().all(|v| v.sum() <= 0.0) {
        return Err(TrafficError::NoTrips { path: path.to_owned() });
    }
    Ok((0..24).map(|hour| (hour, cells.clone())).collect())
}

/// Whether a file of demand is a trip table of the TNTP collection.
#[must_use]
pub fn is_tntp(text: &str) -> bool {
    text.contains("<NUMBER OF ZONES>")
}

fn nearest(zones: &[StudyZone], at: [f64; 2]) -> Option<(usize, f64)> {
    let far = zones.iter().map(|z| distance(z.at, at)).enumerate();
    far.min_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::demand::day::Activity;

    fn zones() -> Vec<StudyZone> {
        let zone = |id, x| StudyZone { id, name: String::new(), at: [x, 0.0], activity: Activity::default() };
        vec![zone(7, 0.0), zone(9, 4000.0)]
    }

    fn parsed(text: &str) -> Result<GivenDemand, GivenError> {
        read(text, Path::new("od.csv"), &zones())
    }

    #[test]
    fn a_matrix_a_list_of_trips_and_gmns_are_read() {
        let matrix =
            parsed("hour,from_zone,to_zone,motorbikes,cars,taxis,trucks\n17:00,7,9,10,2.5,0,1\n17:00,7,9,1,0,0,0\n");
        let cell = matrix.unwrap()[&17][1];
        assert_eq!((cell.motorbikes, cell.cars, cell.trucks), (11.0, 2.5, 1.0));
        let list = parsed("departs_s,from_x,from_y,to_x,to_y,vehicle\n3700,10,20,3900,0,motorbike\n").unwrap();
        assert_eq!(list[&1][1].motorbikes, 1.0);
        let gmns = parsed("o_zone_id,d_zone_id,hour,volume\n9,7,8,120\n").unwrap();
        assert_eq!(gmns[&8][2].cars, 120.0);
    }

    #[test]
    fn tntp_tables_count_the_zones() {
        let text = "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n 2 : 5.0;\n";
        assert!(is_tntp(text));
        let found = read_tntp(text, Path::new("t.tntp"), &zones()).unwrap();
        assert_eq!((found.len(), found[&17][1].cars, found[&17][2].cars), (24, 5.0, 0.0));
        let three = text.replace("ZONES> 2", "ZONES> 3");
        let failed = read_tntp(&three, Path::new("t.tntp"), &zones()).unwrap_err();
        assert!(matches!(failed, TrafficError::ZoneCount { said: 3, found: 2, row: 1, .. }), "{failed}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_row() {
        for (row, fault) in [
            ("17,7,8,1", Fault::Unknown { column: "to_zone", id: "8".to_owned() }),
            ("25,7,9,1", Fault::Impossible { column: "hour", value: 25.0 }),
            ("17,7,9,-3", Fault::Impossible { column: "volume", value: -3.0 }),
            (",7,9,1", Fault::Missing { column: "hour" }),
        ] {
            let failed = parsed(&format!("hour,from_zone,to_zone,volume\n8,7,9,1\n{row}\n")).unwrap_err();
            assert_eq!(failed, fault.at(3, Path::new("od.csv")));
        }
        let sea = parsed("hour,from_x,from_y,to_zone\n8,0,90000,9\n").unwrap_err();
        assert!(matches!(sea, GivenError::Row { row: 2, fault: Fault::FarFromRoads { column: "from_x", .. }, .. }));
        let list = |row: &str| parsed(&format!("departs_s,from_x,from_y,to_x,to_y\n{row}\n")).unwrap_err();
        let early = Fault::Impossible { column: "departs_s", value: -60.0 };
        assert_eq!(list("-60,1,2,3,4"), early.at(2, Path::new("od.csv")));
        let nowhere = Fault::NotANumber { column: "to_y", text: "nan".to_owned() };
        assert_eq!(list("60,1,2,3,nan"), nowhere.at(2, Path::new("od.csv")));
        assert!(matches!(parsed("hour,from_zone,to_zone\n"), Err(GivenError::NoTrips { .. })));
    }
}
