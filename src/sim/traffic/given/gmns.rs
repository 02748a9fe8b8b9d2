//! Roads as GMNS gives them (General Modeling Network Specification 0.95, Zephyr Foundation): link.csv, with node.csv
//! and, beside it, config.csv where units are others than metres as drawn and km/h, and movement.csv where not every turn is
//! allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::controls;
use super::csv::Table;
use super::error::{Fault, GivenError};
use super::geojson;
use super::network::Given;
use crate::sim::traffic::network::{Link, TurnBan};
use crate::sim::traffic::noding::NodingOptions;

/// The tables of a network.
#[derive(Debug, Clone, Copy)]
pub struct Gmns<'a> {
    pub links: &'a str,
    pub nodes: &'a str,
    pub config: Option<&'a str>,
    /// movement.csv and where it is.
    pub movements: Option<(&'a str, &'a Path)>,
}

struct Units {
    /// Metres of the unit of `length`; none: lengths are as drawn.
    length_m: Option<f64>,
    speed_kmh: f64,
    /// Name of the coordinates' system.
    system: Option<String>,
}

impl Units {
    fn of(config: Option<&str>) -> Self {
        let table = config.map(Table::parse);
        let word = |name: &str| {
            let table = table.as_ref()?;
            let (_, row) = table.rows.first()?;
            table.text(row, table.column(&[name])).map(str::to_lowercase)
        };
        let length_m = word("long_length").and_then(|unit| match unit.as_str() {
            "m" | "meter" | "meters" | "metre" | "metres" => Some(1.0),
            "km" | "kilometer" | "kilometers" | "kilometre" | "kilometres" => Some(1000.0),
            "mi" | "mile" | "miles" => Some(1609.344),
            "ft" | "foot" | "feet" => Some(0.3048),
            _ => None,
        });
        let miles = word("speed").is_some_and(|unit| unit.starts_with("mph") || unit.starts_with("mi"));
        Self { length_m, system: word("crs"), speed_kmh: if miles { 1.609_344 } else { 1.0 } }
    }
}

/// # Errors
/// What is wrong, in which file and in which line of it.
pub fn read(tables: Gmns<'_>, link_path: &Path, node_path: &Path) -> Result<Given, GivenError> {
    let (nodes, mut features) = read_nodes(tables.nodes, node_path)?;
    let units = Units::of(tables.config);
    let table = Table::parse(tables.links);
    let column = |names: &[&str]| table.column(names);
    let (from, to) = (column(&["from_node_id"]), column(&["to_node_id"]));
    let (id, directed, facility) = (column(&["link_id"]), column(&["directed"]), column(&["facility_type"]));
    let (length, lanes, speed, capacity) =
        (column(&["length"]), column(&["lanes"]), column(&["free_speed"]), column(&["capacity"]));
    let mut lines = 0;
    for (line, fields) in &table.rows {
        let (line, row) = (*line, fields.as_slice());
        let fail = |fault: Fault| fault.at(line, link_path);
        let end = |c, name: &'static str| -> Result<(&str, [f64; 2]), GivenError> {
            let text = table.text(row, c).ok_or_else(|| fail(Fault::Missing { column: name }))?;
            let unknown = || fail(Fault::Unknown { column: name, id: text.to_owned() });
            Ok((text, *nodes.get(text).ok_or_else(unknown)?))
        };
        let number = |c, name: &'static str| table.number((line, row), c, name, link_path);
        let (from, to) = (end(from, "from_node_id")?, end(to, "to_node_id")?);
        let mut properties = json!({ "from": from.0, "to": to.0 });
        if let Some(id) = table.text(row, id) {
            properties["id"] = json!(id);
        }
        let one_way = table.text(row, directed).is_none_or(|t| !matches!(t.to_lowercase().as_str(), "0" | "false"));
        properties["oneway"] = json!(if one_way { "yes" } else { "no" });
        let lanes = number(lanes, "lanes")?;
        let values = [
            ("length_m", number(length, "length")?.zip(units.length_m).map(|(v, unit)| v * unit)),
            // GMNS counts those of one direction.
            ("lanes:forward", lanes),
            ("lanes:backward", lanes),
            ("speed_kmh", number(speed, "free_speed")?.map(|v| v * units.speed_kmh)),
            // GMNS gives it by lane.
            ("capacity_pcu_h", number(capacity, "capacity")?.map(|v| v * lanes.unwrap_or(1.0))),
        ];
        for (name, value) in values {
            if let Some(value) = value {
                properties[name] = json!(value);
            }
        }
        if let Some(class) = table.text(row, facility) {
            properties["class"] = json!(class.to_lowercase());
        }
        lines += 1;
        features.push(feature("LineString", &json!([from.1, to.1]), &properties));
    }
    if lines == 0 {
        return Err(GivenError::NoLinks { path: link_path.to_owned() });
    }
    // A junction without roads has nothing to control.
    let used: BTreeSet<String> = features.iter().flat_map(ends_of).collect();
    features.retain(|f| f["properties"]["node"].as_str().is_none_or(|node| used.contains(node)));
    let points = features.len() - lines;
    let crs = units.system.map(|name| json!({ "type": "name", "properties": { "name": name } }));
    let all = json!({ "type": "FeatureCollection", "crs": crs, "features": features });
    let given = geojson::read(&all.to_string(), link_path, NodingOptions::default()).map_err(|error| match error {
        // Counted there among features, here by the table's lines.
        GivenError::Row { row, fault, path } if row > points => match table.rows.get(row - points - 1) {
            Some((line, fields)) => as_written(fault, &table, fields).at(*line, link_path),
            None => GivenError::Row { row, fault, path },
        },
        other => other,
    });
    let mut given = given?;
    if let Some((text, path)) = tables.movements {
        movements(&mut given, text, path)?;
    }
    Ok(given)
}

/// Which turns there are: at a node with rows in movement.csv the others are not allowed, nor those whose row says
/// `prohibited` or a capacity of 0.
fn movements(given: &mut Given, text: &str, path: &Path) -> Result<(), GivenError> {
    let table = Table::parse(text);
    let column = |name: &str| table.column(&[name]);
    let (node, into, out) = (column("node_id"), column("ib_link_id"), column("ob_link_id"));
    let (prohibited, capacity) = (column("prohibited"), column("capacity"));
    let mut allowed: BTreeMap<u32, BTreeSet<(u32, u32)>> = BTreeMap::new();
    for (line, fields) in &table.rows {
        let (line, row) = (*line, fields.as_slice());
        let fail = |fault: Fault| fault.at(line, path);
        let field = |c, column: &'static str| table.text(row, c).ok_or_else(|| fail(Fault::Missing { column }));
        let unknown = |column, id: &str| fail(Fault::Unknown { column, id: id.to_owned() });
        let name = field(node, "node_id")?;
        let node = *given.nodes.get(name).ok_or_else(|| unknown("node_id", name))?;
        // Of a road with both directions the one that ends, or begins, at the node.
        let link = |c, column: &'static str, at: fn(&Link) -> u32| {
            let name = field(c, column)?;
            let both = [name.to_owned(), format!("-{name}")];
            let found = both.iter().filter_map(|n| given.links.get(n)).copied();
            let mut here = found.filter(|l| at(&given.network.links[*l as usize]) == node);
            here.next().ok_or_else(|| unknown(column, name))
        };
        let (into, out) = (link(into, "ib_link_id", |l| l.to)?, link(out, "ob_link_id", |l| l.from)?);
        let no = table.text(row, prohibited).is_some_and(|t| matches!(t.to_lowercase().as_str(), "1" | "true" | "yes"));
        let closed = table.number((line, row), capacity, "capacity", path)?.is_some_and(|c| c <= 0.0);
        let here = allowed.entry(node).or_default();
        if !(no || closed) {
            here.insert((into, out));
        }
    }
    let (incoming, outgoing) = (given.network.incoming(), given.network.outgoing());
    let id = |l: u32| given.network.links[l as usize].id;
    let mut bans = Vec::new();
    for (node, allowed) in &allowed {
        for into in incoming.of(*node) {
            let others = outgoing.of(*node).iter().filter(|out| !allowed.contains(&(*into, **out)));
            bans.extend(others.map(|out| TurnBan { from_link: id(*into), to_link: id(*out) }));
        }
    }
    given.network.turn_bans.extend(bans);
    controls::tidy(given);
    Ok(())
}

/// A fault by the column and the number that stand in the table.
fn as_written(fault: Fault, table: &Table, row: &[String]) -> Fault {
    let Fault::Impossible { column, value } = fault else { return fault };
    let column = match column {
        "length_m" => "length",
        "speed_kmh" => "free_speed",
        "capacity_pcu_h" => "capacity",
        "lanes:forward" => "lanes",
        other => other,
    };
    let written = table.text(row, table.column(&[column])).and_then(|text| text.parse().ok());
    Fault::Impossible { column, value: written.unwrap_or(value) }
}

type Places = BTreeMap<String, [f64; 2]>;

/// Where nodes are, and those that are controlled as points.
fn read_nodes(text: &str, path: &Path) -> Result<(Places, Vec<Value>), GivenError> {
    let table = Table::parse(text);
    let column = |names: &[&str]| table.column(names);
    let (id, control) = (column(&["node_id"]), column(&["ctrl_type"]));
    let (x, y) = (column(&["x_coord"]), column(&["y_coord"]));
    let mut nodes = Places::new();
    let mut controlled = Vec::new();
    for (line, fields) in &table.rows {
        let (line, row) = (*line, fields.as_slice());
        let missing = |column| Fault::Missing { column }.at(line, path);
        let number = |c, name: &'static str| table.number((line, row), c, name, path);
        let name = table.text(row, id).ok_or_else(|| missing("node_id"))?;
        let at = [
            number(x, "x_coord")?.ok_or_else(|| missing("x_coord"))?,
            number(y, "y_coord")?.ok_or_else(|| missing("y_coord"))?,
        ];
        if nodes.insert(name.to_owned(), at).is_some() {
            return Err(Fault::Twice { column: "node_id", id: name.to_owned() }.at(line, path));
        }
        let kind = table.text(row, control).map(str::to_lowercase);
        if let Some(kind @ ("signal" | "stop" | "yield" | "roundabout")) = kind.as_deref() {
            let kind = if kind == "yield" { "give_way" } else { kind };
            controlled.push(feature("Point", &json!(at), &json!({ "node": name, "control": kind })));
        }
    }
    Ok((nodes, controlled))
}

fn ends_of(feature: &Value) -> Vec<String> {
    ["from", "to"].iter().filter_map(|end| feature["properties"][*end].as_str().map(str::to_owned)).collect()
}

fn feature(kind: &str, coordinates: &Value, properties: &Value) -> Value {
    json!({
        "type": "Feature",
        "properties": properties,
        "geometry": { "type": kind, "coordinates": coordinates },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::network::Control;

    const NODES: &str = "node_id,x_coord,y_coord,ctrl_type\nZ,9,9,signal\nA,0,0,\nB,3000,0,signal\nC,3000,2000,none\n";

    fn parsed(links: &str, config: Option<&str>) -> Result<Given, GivenError> {
        let tables = Gmns { links, nodes: NODES, config, movements: None };
        read(tables, Path::new("link.csv"), Path::new("node.csv"))
    }

    #[test]
    fn links_nodes_and_units_are_read() {
        let links = "link_id,from_node_id,to_node_id,directed,length,lanes,free_speed,capacity,facility_type\n\
                     1,A,B,1,2,2,30,900,arterial\n2,B,C,0,,,,,\n";
        let given = parsed(links, Some("long_length,speed\nmile,mph\n")).unwrap();
        let network = &given.network;
        assert_eq!((network.nodes.len(), network.links.len()), (3, 3));
        let first = &network.links[given.links["1"] as usize];
        assert!((first.length_m - 3218.688).abs() < 1e-6 && (first.free_speed_mps * 3.6 - 48.28032).abs() < 1e-6);
        assert_eq!((first.lanes, first.capacity_pcu_per_h), (2, 1800.0));
        assert!((network.links[given.links["2"] as usize].length_m - 2000.0).abs() < 1e-9);
        assert!(given.links.contains_key("-2"), "not directed: both ways");
        assert!(matches!(network.nodes[given.nodes["B"] as usize].control, Control::Signal(_)));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let failed = parsed("link_id,from_node_id,to_node_id\n1,A,B\n2,B,D\n", None).unwrap_err();
        assert_eq!(failed, Fault::Unknown { column: "to_node_id", id: "D".to_owned() }.at(3, Path::new("link.csv")));
        let failed = parsed("link_id,from_node_id,to_node_id,lanes\n1,A,B,1\n2,B,C,0\n", None).unwrap_err();
        assert!(matches!(failed, GivenError::Row { row: 3, .. }), "{failed}");
        let units = "link_id,from_node_id,to_node_id,length,lanes,free_speed,capacity\n1,A,B,1,1,30,900\n\n";
        for (row, column, value) in [
            ("2,B,C,-1,2,30,900", "length", -1.0),
            ("2,B,C,1,2,-30,900", "free_speed", -30.0),
            ("2,B,C,1,2,30,0", "capacity", 0.0),
        ] {
            let failed = parsed(&format!("{units}{row}\n"), Some("long_length,speed\nmile,mph\n")).unwrap_err();
            assert_eq!(failed, Fault::Impossible { column, value }.at(4, Path::new("link.csv")));
        }
        assert!(matches!(parsed("link_id,from_node_id,to_node_id\n", None), Err(GivenError::NoLinks { .. })));
    }

    #[test]
    fn turns_that_no_movement_names_are_not_allowed() {
        let links = "link_id,from_node_id,to_node_id,directed,lanes\n1,A,B,0,2\n2,B,C,0,1\n3,B,A,1,1\n";
        let with = |movements: &str| {
            let movements = Some((movements, Path::new("movement.csv")));
            read(Gmns { links, nodes: NODES, config: None, movements }, Path::new("link.csv"), Path::new("node.csv"))
        };
        // Into B lead 1 and -2, out of it -1, 2 and 3.
        let given = with("mvmt_id,node_id,ib_link_id,ob_link_id,prohibited\n1,B,1,2,0\n2,B,2,3,\n3,B,2,1,1\n").unwrap();
        let id = |name: &str| given.network.links[given.links[name] as usize].id;
        let mut expected = [("1", "-1"), ("1", "3"), ("-2", "-1"), ("-2", "2")].map(|(a, b)| (id(a), id(b)));
        expected.sort_unstable();
        let bans: Vec<(u64, u64)> = given.network.turn_bans.iter().map(|b| (b.from_link, b.to_link)).collect();
        assert_eq!(bans, expected);
        assert_eq!(given.network.links[given.links["-1"] as usize].lanes, 2, "lanes of one direction");
        let failed = with("node_id,ib_link_id,ob_link_id\nB,1,1\nB,1,9\n").unwrap_err();
        let unknown = Fault::Unknown { column: "ob_link_id", id: "9".to_owned() };
        assert_eq!(failed, unknown.at(3, Path::new("movement.csv")));
    }
}
