//! Networks and trip tables in the format of the Transportation Networks for Research collection (Bar-Gera): a head
//! of `<KEY> value` lines, then rows that end in a semicolon; `~` begins a comment.

use std::path::Path;

use super::assign::link_cost::{Delay, LinkCost};
use super::assign::problem::{CostGraph, OriginDemand};
use super::error::{RowFault, TrafficError};

/// One link as the file has it, in the file's units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TntpLink {
    pub init_node: u32,
    pub term_node: u32,
    pub capacity: f64,
    pub length: f64,
    pub free_flow_time: f64,
    pub b: f64,
    pub power: f64,
    pub speed: f64,
    pub toll: f64,
    pub kind: f64,
    /// Where in the file it stands.
    pub row: usize,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct TntpNetwork {
    pub zones: usize,
    /// Where the head says so.
    pub zones_row: usize,
    pub nodes: usize,
    /// Nodes below this number may not be passed.
    pub first_thru_node: usize,
    pub links: Vec<TntpLink>,
}

/// Trips from one zone to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TntpTrips {
    pub origin: u32,
    pub destination: u32,
    pub trips: f64,
    pub row: usize,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct TntpTripTable {
    pub zones: usize,
    pub zones_row: usize,
    pub trips: Vec<TntpTrips>,
    /// What the head says that all trips sum to, if it does.
    pub total_said: Option<f64>,
}

/// A line's text without its comment, with its row.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.trim_start_matches('\u{feff}')
        .lines()
        .zip(1..)
        .map(|(line, row)| (row, line.split('~').next().unwrap_or_default().trim()))
        .filter(|(_, line)| !line.is_empty())
}

/// The head: what each key says, with its row; and the row that ends it.
struct Head<'a> {
    entries: Vec<(String, &'a str, usize)>,
    end: usize,
    path: &'a Path,
}

impl<'a> Head<'a> {
    fn read(text: &'a str, path: &'a Path) -> Result<Self, TrafficError> {
        let mut entries = Vec::new();
        // The original header is a comment behind its key, so lines are taken with their comments here.
        for (line, row) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('~') {
                continue;
            }
            let Some((key, value)) = line.strip_prefix('<').and_then(|l| l.split_once('>')) else {
                return Err(TrafficError::NoMetadata { name: "END OF METADATA", row, path: path.to_owned() });
            };
            let key = key.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
            if key == "END OF METADATA" {
                return Ok(Self { entries, end: row, path });
            }
            entries.push((key, value.split('~').next().unwrap_or_default().trim(), row));
        }
        let row = text.lines().count().max(1);
        Err(TrafficError::NoMetadata { name: "END OF METADATA", row, path: path.to_owned() })
    }

    fn optional(&self, name: &'static str) -> Result<Option<(f64, usize)>, TrafficError> {
        let Some((_, text, row)) = self.entries.iter().find(|e| e.0 == name) else { return Ok(None) };
        let fault = RowFault::NotANumber { column: name.to_owned(), text: (*text).to_owned() };
        let value = text.trim_end_matches(';').trim().parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
        value.map(|v| Some((v, *row))).ok_or_else(|| self.row(*row, fault))
    }

    /// A whole number that has to be there.
    fn count(&self, name: &'static str) -> Result<(usize, usize), TrafficError> {
        match self.optional(name)? {
            Some((value, row)) if value.fract() == 0.0 && value < f64::from(u32::MAX) => Ok((value as usize, row)),
            Some((value, row)) => {
                Err(self.row(row, RowFault::NotANumber { column: name.to_owned(), text: value.to_string() }))
            }
            None => Err(TrafficError::NoMetadata { name, row: self.end, path: self.path.to_owned() }),
        }
    }

    fn row(&self, row: usize, fault: RowFault) -> TrafficError {
        TrafficError::Row { row, fault, path: self.path.to_owned() }
    }
}

/// The columns of a link, in their order; those from `speed` on may be missing.
const COLUMNS: [&str; 10] =
    ["init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type"];
const NEEDED: usize = 7;

impl TntpNetwork {
    /// # Errors
    /// [`TrafficError`] with the row: what is missing, not a number, not possible; counts that do not hold.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TrafficError> {
        let head = Head::read(text, path)?;
        let (zones, zones_row) = head.count("NUMBER OF ZONES")?;
        let (nodes, nodes_row) = head.count("NUMBER OF NODES")?;
        let (first_thru_node, _) = head.count("FIRST THRU NODE")?;
        let (said, said_row) = head.count("NUMBER OF LINKS")?;
        let mut links = Vec::new();
        let mut last = head.end;
        let mut highest = 0;
        let records = lines(text).filter(|l| l.0 > head.end);
        for (row, record) in records.flat_map(|(row, line)| line.split(';').map(move |r| (row, r))) {
            let at = |fault| head.row(row, fault);
            let mut values = [0.0; COLUMNS.len()];
            let mut count = 0;
            for cell in record.split_whitespace() {
                // What some networks add behind the ten columns is theirs.
                let Some(value) = values.get_mut(count) else { break };
                let number = cell.parse::<f64>().ok().filter(|v| v.is_finite());
                *value = number.ok_or_else(|| {
                    at(RowFault::NotANumber { column: COLUMNS[count].to_owned(), text: cell.to_owned() })
                })?;
                count += 1;
            }
            if count == 0 {
                continue;
            }
            if count < NEEDED {
                return Err(at(RowFault::Missing { column: COLUMNS[count] }));
            }
            let node = |column: usize| -> Result<u32, TrafficError> {
                let id = values[column];
                if id.fract() != 0.0 || id < 1.0 || id > nodes as f64 {
                    // A head that says too few nodes lies; it is named together with the row that tells.
                    if id.fract() == 0.0 && id >= 1.0 && id < f64::from(u32::MAX) {
                        let (what, found) = ("nodes", id as usize);
                        let path = path.to_owned();
                        return Err(TrafficError::Count { what, said: nodes, found, row: nodes_row, last: row, path });
                    }
                    return Err(at(RowFault::Unknown { what: COLUMNS[column], id: id.to_string() }));
                }
                Ok(id as u32)
            };
            let link = TntpLink {
                init_node: node(0)?,
                term_node: node(1)?,
                capacity: values[2],
                length: values[3],
                free_flow_time: values[4],
                b: values[5],
                power: values[6],
                speed: values[7],
                toll: values[8],
                kind: values[9],
                row,
            };
            for column in 2..NEEDED {
                if values[column] < 0.0 {
                    return Err(at(RowFault::Negative { column: COLUMNS[column], value: values[column] }));
                }
            }
            if link.capacity == 0.0 && link.free_flow_time * link.b * link.power > 0.0 {
                return Err(at(RowFault::NoCapacity));
            }
            highest = highest.max(link.init_node).max(link.term_node);
            links.push(link);
            last = row;
        }
        let lie =
            |what, said, found, row| Err(TrafficError::Count { what, said, found, row, last, path: path.to_owned() });
        if links.is_empty() {
            return Err(TrafficError::NoLinks { path: path.to_owned() });
        }
        if links.len() != said {
            return lie("links", said, links.len(), said_row);
        }
        if zones > nodes {
            return lie("zones", zones, nodes, zones_row);
        }
        if (highest as usize) < nodes && nodes - highest as usize > nodes / 20 {
            // Single unused numbers happen; many of them unused is a lie.
            return lie("nodes", nodes, highest as usize, nodes_row);
        }
        Ok(Self { zones, zones_row, nodes, first_thru_node, links })
    }

    /// The solver's graph; costs are time + `toll_weight` * toll + `distance_weight` * length. Node `n` of the file is
    /// number `n - 1`.
    ///
    /// # Errors
    /// [`RowFault::Negative`] when toll or distance make an empty link cost less than nothing.
    pub fn graph(&self, toll_weight: f64, distance_weight: f64, path: &Path) -> Result<CostGraph, TrafficError> {
        self.graph_by(Delay::Bpr, toll_weight, distance_weight, path)
    }

    /// As [`Self::graph`], by another curve.
    ///
    /// # Errors
    /// As there.
    pub fn graph_by(
        &self,
        delay: Delay,
        toll_weight: f64,
        distance_weight: f64,
        path: &Path,
    ) -> Result<CostGraph, TrafficError> {
        let mut cost = Vec::with_capacity(self.links.len());
        for l in &self.links {
            let fixed = toll_weight * l.toll + distance_weight * l.length;
            let bpr = LinkCost::bpr(l.free_flow_time, l.b, l.power, l.capacity);
            let curve = match delay {
                Delay::Conical(a) if !bpr.is_constant() => LinkCost::conical(l.free_flow_time, a, l.capacity),
                _ => bpr,
            };
            let curve = curve.plus(fixed);
            if curve.free < 0.0 {
                let fault = RowFault::Negative { column: "cost", value: curve.free };
                return Err(TrafficError::Row { row: l.row, fault, path: path.to_owned() });
            }
            cost.push(curve);
        }
        let from = self.links.iter().map(|l| l.init_node - 1).collect();
        let to = self.links.iter().map(|l| l.term_node - 1).collect();
        let closed = (1..=self.nodes).map(|n| n < self.first_thru_node).collect();
        Ok(CostGraph::new(self.nodes, from, to, cost, closed))
    }
}

impl TntpTripTable {
    /// # Errors
    /// [`TrafficError`] with the row.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TrafficError> {
        let head = Head::read(text, path)?;
        let (zones, zones_row) = head.count("NUMBER OF ZONES")?;
        let total_said = head.optional("TOTAL OD FLOW")?.map(|t| t.0);
        let mut trips = Vec::new();
        let mut origin = None;
        for (row, line) in lines(text).filter(|l| l.0 > head.end) {
            let at = |fault| head.row(row, fault);
            let zone = |what: &'static str, text: &str| -> Result<u32, TrafficError> {
                let number = text.trim().parse::<f64>().ok().filter(|v| v.fract() == 0.0 && v.abs() < 1e9);
                let number = number.ok_or_else(|| {
                    at(RowFault::NotANumber { column: what.to_owned(), text: text.trim().to_owned() })
                })?;
                if number < 1.0 || number > zones as f64 {
                    return Err(at(RowFault::Unknown { what, id: number.to_string() }));
                }
                Ok(number as u32)
            };
            let mut rest = line;
            if line.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("origin")) {
                let after = line[6..].trim_start_matches([' ', '\t', ':']);
                let end = after.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(after.len());
                origin = Some(zone("origin", &after[..end])?);
                rest = &after[end..];
            }
            for entry in rest.split(';').map(str::trim).filter(|e| !e.is_empty()) {
                let Some((to, value)) = entry.split_once(':') else {
                    return Err(at(RowFault::Unexpected { text: entry.to_owned() }));
                };
                let Some(origin) = origin else { return Err(at(RowFault::Missing { column: "origin" })) };
                let destination = zone("destination", to)?;
                let value = value.trim();
                let number = value.parse::<f64>().ok().filter(|v| v.is_finite());
                let number = number
                    .ok_or_else(|| at(RowFault::NotANumber { column: "trips".to_owned(), text: value.to_owned() }))?;
                if number < 0.0 {
                    return Err(at(RowFault::Negative { column: "trips", value: number }));
                }
                trips.push(TntpTrips { origin, destination, trips: number, row });
            }
        }
        if !trips.iter().any(|t| t.trips > 0.0) {
            return Err(TrafficError::NoTrips { path: path.to_owned() });
        }
        Ok(Self { zones, zones_row, trips, total_said })
    }

    #[must_use]
    pub fn total(&self) -> f64 {
        self.trips.iter().map(|t| t.trips).sum()
    }

    /// Trips that stay within their zone and use no road.
    #[must_use]
    pub fn within_zones(&self) -> f64 {
        self.trips.iter().filter(|t| t.origin == t.destination).map(|t| t.trips).sum()
    }

    /// For the solver: by origin, nodes numbered from 0, pairs that stand twice in the file added up.
    #[must_use]
    pub fn demand(&self) -> Vec<OriginDemand> {
        let mut sorted: Vec<&TntpTrips> =
            self.trips.iter().filter(|t| t.trips > 0.0 && t.origin != t.destination).collect();
        sorted.sort_by_key(|t| (t.origin, t.destination));
        let mut demand: Vec<OriginDemand> = Vec::new();
        for t in sorted {
            let (node, to) = (t.origin - 1, t.destination - 1);
            if demand.last().is_none_or(|d| d.node != node) {
                demand.push(OriginDemand { node, class: 0, to: Vec::new() });
            }
            let Some(of) = demand.last_mut() else { continue };
            match of.to.last_mut() {
                Some(last) if last.0 == to => last.1 += t.trips,
                _ => of.to.push((to, t.trips)),
            }
        }
        demand
    }

    /// The first row with trips between two nodes of [`Self::demand`].
    #[must_use]
    pub fn row_of(&self, from: u32, to: u32) -> usize {
        let here = |t: &&TntpTrips| t.origin == from + 1 && t.destination == to + 1 && t.trips > 0.0;
        self.trips.iter().find(here).map_or(0, |t| t.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NET: &str = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES>3\n<first thru node>\t3\n<NUMBER OF LINKS> 2\n\
<ORIGINAL HEADER>~ a b c ;\n<END OF METADATA>\n\n~ init term cap length time b power speed toll type ;\n\
 1\t3  100 1 2 0.15 4 0 5 1 ;\n3 2 0 1 0 0.15 4;~ no time at all\n";
    const TRIPS: &str =
        "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 12\n<END OF METADATA>\nOrigin 1 2 : 5.0; 1:  7;\n 2 :1;\n";

    fn net(text: &str) -> Result<TntpNetwork, TrafficError> {
        TntpNetwork::parse(text, Path::new("n.tntp"))
    }

    fn table(text: &str) -> Result<TntpTripTable, TrafficError> {
        TntpTripTable::parse(text, Path::new("t.tntp"))
    }

    #[test]
    fn odd_spacing_and_comments_do_no_harm() {
        let read = net(NET).unwrap();
        assert_eq!((read.zones, read.nodes, read.first_thru_node, read.links.len()), (2, 3, 3, 2));
        assert_eq!((read.links[0].toll, read.links[1].row), (5.0, 10));
        let graph = read.graph(0.1, 2.0, Path::new("n.tntp")).unwrap();
        assert_eq!((graph.cost[0].cost(0.0), graph.closed), (4.5, vec![true, true, false]));
        let trips = table(TRIPS).unwrap();
        assert_eq!((trips.total(), trips.within_zones(), trips.total_said), (13.0, 7.0, Some(12.0)));
        // The pair that stands twice is one.
        assert_eq!(trips.demand(), [OriginDemand { node: 0, class: 0, to: vec![(1, 6.0)] }]);
        assert_eq!(trips.row_of(0, 1), 4);
        let windows = format!("\u{feff}{}", NET.replace('\n', "\r\n"));
        assert_eq!(net(&windows).unwrap().links.len(), 2);
    }

    fn fails(text: &str, what: &str) {
        let error = net(text).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }

    #[test]
    fn every_fault_names_its_row() {
        fails(&NET.replace("LINKS> 2", "LINKS> 3"), "row 4 says 3 links, but there are 2, the last in row 10");
        fails(&NET.replace("NODES>3", "NODES>2"), "row 2 says 2 nodes, but there are 3, the last in row 9");
        fails(&NET.replace("ZONES> 2", "ZONES> 9"), "row 1 says 9 zones");
        fails(&NET.replace("NODES>3", "NODES>many"), "row 2: NUMBER OF NODES");
        fails(&NET.replace("<NUMBER OF NODES>3\n", ""), "<NUMBER OF NODES> is missing");
        fails(&NET.replace("<END OF METADATA>\n", ""), "<END OF METADATA> is missing before row 8");
        fails(&NET.replace("3  100", "3  0"), "row 9: the capacity is 0");
        fails(&NET.replace("100 1 2", "100 1 -2"), "row 9: free_flow_time is -2");
        fails(&NET.replace("100 1 2", "100 1 x2"), "row 9: free_flow_time is \"x2\"");
        fails(&NET.replace("100 1 2", "100 1 NaN"), "row 9: free_flow_time");
        fails(&NET.replace("3 2 0 1 0 0.15 4", "3 2 0 1 0 0.15"), "row 10: power is missing");
        fails(&NET.replace("3 2 0 1", "0 2 0 1"), "row 10: there is no init_node 0");
        fails(NET.split("1\t3").next().unwrap(), "no links");
        fails("", "END OF METADATA");
        let bad = |text: &str| table(text).unwrap_err().to_string();
        assert!(bad(&TRIPS.replace("2 : 5.0", "3 : 5.0")).contains("row 4: there is no destination 3"));
        assert!(bad(&TRIPS.replace("5.0", "-5")).contains("row 4: trips is -5"));
        assert!(bad(&TRIPS.replace("Origin 1", "")).contains("row 4: origin is missing"));
        assert!(bad(&TRIPS.replace("5.0", "five")).contains("row 4: trips is \"five\""));
        assert!(bad(&TRIPS.replace("5.0", "0").replace('7', "0").replace(":1", ":0")).contains("no trips"));
        assert!(bad(&TRIPS.replace("<NUMBER OF ZONES> 2\n", "")).contains("NUMBER OF ZONES"));
    }
}
