//! The road network and the ways of vehicles as SUMO writes them (`.net.xml` of netconvert or netgenerate, `.rou.xml`
//! of duarouter), so that both programs run one case. Read are edges, lanes, connections, signal programmes (fixed and
//! actuated), vehicles with their routes and flows; the inside of junctions counts as the beginning of the next road.

use std::collections::BTreeMap;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::error::{Fault, GivenError};
use super::network::{Given, Local};
use super::trips::kind;
use crate::sim::traffic::network::{Actuation, Control, Link, Network, Node, Phase, SignalPlan};
use crate::sim::traffic::road_class::RoadClass;

/// A lane's capacity; SUMO's files name none.
const CAPACITY_PCU_H_LANE: f64 = 1800.0;

/// What SUMO takes where an actuated programme says nothing.
const SHORTEST_GREEN_S: f64 = 5.0;
const GAP_S: f64 = 3.0;

/// An element's attributes.
type Attributes = BTreeMap<String, String>;

/// Calls `take` for every element with its number, its name, its attributes and the name of what it stands in.
fn elements(
    text: &str,
    path: &Path,
    mut take: impl FnMut(usize, &str, &Attributes, &str) -> Result<(), GivenError>,
) -> Result<(), GivenError> {
    let fail = |reason: String| GivenError::File { reason, path: path.to_owned() };
    let mut reader = Reader::from_str(text);
    let mut inside: Vec<String> = Vec::new();
    let mut number = 0;
    loop {
        let event = reader.read_event().map_err(|e| fail(format!("{e}; byte {}", reader.buffer_position())))?;
        let (element, opens) = match &event {
            Event::Start(e) => (e, true),
            Event::Empty(e) => (e, false),
            Event::End(_) => {
                inside.pop();
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        number += 1;
        let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
        let attributes = attributes(element).map_err(fail)?;
        take(number, &name, &attributes, inside.last().map_or("", String::as_str))?;
        if opens {
            inside.push(name);
        }
    }
    if inside.is_empty() && number > 0 { Ok(()) } else { Err(GivenError::Cut { path: path.to_owned() }) }
}

fn attributes(element: &BytesStart) -> Result<Attributes, String> {
    let mut all = Attributes::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|e| e.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let value = String::from_utf8_lossy(&attribute.value).into_owned();
        all.insert(key, value);
    }
    Ok(all)
}

fn required<'a>(all: &'a Attributes, name: &'static str, row: usize, path: &Path) -> Result<&'a str, GivenError> {
    all.get(name).map(String::as_str).ok_or_else(|| Fault::Missing { column: name }.at(row, path))
}

fn number(all: &Attributes, name: &'static str, row: usize, path: &Path) -> Result<f64, GivenError> {
    let text = required(all, name, row, path)?;
    let not = || Fault::NotANumber { column: name, text: text.to_owned() }.at(row, path);
    text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(not)
}

#[derive(Default)]
struct Edge {
    from: String,
    to: String,
    lanes: u8,
    length_m: f64,
    speed_mps: f64,
    priority: i64,
    line: Vec<[f64; 2]>,
    /// Driven inside the junction before it, in the mean.
    before_m: (f64, u32),
}

/// A signal's programme as it stands in the file.
#[derive(Default)]
struct Programme {
    offset_s: f64,
    actuated: bool,
    /// Seconds and letters of each phase.
    states: Vec<(f64, String)>,
    /// Shortest and longest of the greens that the file lets traffic choose.
    least_s: Option<f64>,
    most_s: Option<f64>,
}

struct RawConnection {
    from: String,
    to: String,
    lanes: (u8, u8),
    via: Option<String>,
    signal: Option<(String, usize)>,
}

/// # Errors
/// What is wrong and with which element, counted from 1.
pub fn read_net(text: &str, path: &Path) -> Result<Given, GivenError> {
    let mut edges: Vec<(String, Edge)> = Vec::new();
    let mut internal: BTreeMap<String, f64> = BTreeMap::new();
    let mut junctions: BTreeMap<String, ([f64; 2], String)> = BTreeMap::new();
    let mut connections: Vec<RawConnection> = Vec::new();
    let mut programmes: BTreeMap<String, Programme> = BTreeMap::new();
    let mut programme = String::new();
    let mut in_internal = false;
    elements(text, path, |row, name, a, inside| {
        match name {
            "edge" => {
                in_internal = a.get("function").is_some_and(|f| f != "normal");
                if !in_internal {
                    let edge = Edge {
                        from: required(a, "from", row, path)?.to_owned(),
                        to: required(a, "to", row, path)?.to_owned(),
                        priority: a.get("priority").and_then(|p| p.parse().ok()).unwrap_or(0),
                        ..Edge::default()
                    };
                    edges.push((required(a, "id", row, path)?.to_owned(), edge));
                }
            }
            "lane" if inside == "edge" => {
                let length = number(a, "length", row, path)?;
                if in_internal {
                    internal.insert(required(a, "id", row, path)?.to_owned(), length);
                } else if let Some((_, edge)) = edges.last_mut() {
                    edge.lanes = edge.lanes.saturating_add(1);
                    edge.length_m = length;
                    edge.speed_mps = number(a, "speed", row, path)?;
                    edge.line = line(a.get("shape").map_or("", String::as_str));
                }
            }
            "junction" if a.get("type").is_none_or(|t| t != "internal") => {
                let at = [number(a, "x", row, path)?, number(a, "y", row, path)?];
                let kind = a.get("type").cloned().unwrap_or_default();
                junctions.insert(required(a, "id", row, path)?.to_owned(), (at, kind));
            }
            "connection" if a.get("from").is_some_and(|f| !f.starts_with(':')) => {
                let signal = a.get("tl").map(|tl| -> Result<_, GivenError> {
                    Ok((tl.clone(), number(a, "linkIndex", row, path)? as usize))
                });
                connections.push(RawConnection {
                    from: required(a, "from", row, path)?.to_owned(),
                    to: required(a, "to", row, path)?.to_owned(),
                    lanes: (number(a, "fromLane", row, path)? as u8, number(a, "toLane", row, path)? as u8),
                    via: a.get("via").cloned(),
                    signal: signal.transpose()?,
                });
            }
            "tlLogic" => {
                required(a, "id", row, path)?.clone_into(&mut programme);
                let offset_s = if a.contains_key("offset") { number(a, "offset", row, path)? } else { 0.0 };
                let actuated = a.get("type").is_some_and(|t| matches!(t.as_str(), "actuated" | "delay_based"));
                programmes.insert(programme.clone(), Programme { offset_s, actuated, ..Programme::default() });
            }
            "phase" if inside == "tlLogic" => {
                let duration = number(a, "duration", row, path)?;
                if duration <= 0.0 {
                    let id = programme.clone();
                    return Err(Fault::Phase { id, value: duration }.at(row, path));
                }
                let state = required(a, "state", row, path)?.to_owned();
                let bound = |name: &'static str| {
                    if a.contains_key(name) { number(a, name, row, path).map(Some) } else { Ok(None) }
                };
                let (least, most) = (bound("minDur")?, bound("maxDur")?);
                if let Some(p) = programmes.get_mut(&programme) {
                    if state.contains(['G', 'g']) && !state.contains('y') {
                        p.least_s = [p.least_s, least].into_iter().flatten().reduce(f64::min);
                        p.most_s = [p.most_s, most].into_iter().flatten().reduce(f64::max);
                    }
                    p.states.push((duration, state));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if edges.is_empty() {
        return Err(GivenError::NoLinks { path: path.to_owned() });
    }
    let links: BTreeMap<String, u32> = (0..).zip(&edges).map(|(i, e)| (e.0.clone(), i)).collect();
    for c in &connections {
        let inner = c.via.as_ref().and_then(|via| internal.get(via));
        if let (Some(to), Some(inner)) = (links.get(&c.to), inner) {
            let before = &mut edges[*to as usize].1.before_m;
            *before = (before.0 + inner, before.1 + 1);
        }
    }
    let nodes: BTreeMap<String, u32> = (0..).zip(&junctions).map(|(i, j)| (j.0.clone(), i)).collect();
    let mut network = Network::default();
    for (id, (at, kind)) in (0_u64..).zip(junctions.values()) {
        let control = match kind.as_str() {
            "right_before_left" | "allway_stop" | "dead_end" | "unregulated" => Control::Uncontrolled,
            _ => Control::Priority,
        };
        network.nodes.push(Node { id, at: *at, control });
    }
    let best = edges.iter().map(|e| e.1.priority).max().unwrap_or(0);
    for (id, (name, edge)) in (0_u64..).zip(&edges) {
        let node = |n: &String| {
            let unknown = || Fault::Unknown { column: "junction", id: n.clone() }.at(id as usize + 1, path);
            nodes.get(n).copied().ok_or_else(unknown)
        };
        let before = edge.before_m.0 / f64::from(edge.before_m.1.max(1));
        network.links.push(Link {
            id,
            from: node(&edge.from)?,
            to: node(&edge.to)?,
            length_m: edge.length_m + before,
            free_speed_mps: edge.speed_mps,
            lanes: edge.lanes.max(1),
            capacity_pcu_per_h: CAPACITY_PCU_H_LANE * f64::from(edge.lanes.max(1)),
            class: class(best.saturating_sub(edge.priority)),
            feature: id,
            name: name.clone(),
            line: edge.line.clone(),
        });
    }
    signals(&mut network, &connections, &programmes, &links);
    let known = |c: &RawConnection| Some((*links.get(&c.from)?, c.lanes.0, *links.get(&c.to)?, c.lanes.1));
    let lanes =
        |w: &(u32, u8, u32, u8)| w.1 < network.links[w.0 as usize].lanes && w.3 < network.links[w.2 as usize].lanes;
    let ways = Some(connections.iter().filter_map(known).filter(lanes).collect());
    Ok(Given { network, nodes, links, local: Local { origin: None }, ways, notices: Vec::new() })
}

fn line(text: &str) -> Vec<[f64; 2]> {
    let point = |p: &str| {
        let mut parts = p.split(',').map_while(|t| t.parse::<f64>().ok());
        Some([parts.next()?, parts.next()?])
    };
    text.split_whitespace().filter_map(point).collect()
}

/// By how much a road is less important than the most important.
fn class(below: i64) -> RoadClass {
    RoadClass::ALL[usize::try_from(below).unwrap_or(0).min(5)]
}

/// Phases with some green become ours; yellow and red between them their clearance. A link has green when any of its
/// connections has: left turns then wait for gaps.
fn signals(
    network: &mut Network,
    connections: &[RawConnection],
    programmes: &BTreeMap<String, Programme>,
    links: &BTreeMap<String, u32>,
) {
    for (tl, programme) in programmes {
        let own: Vec<(u32, usize)> = connections
            .iter()
            .filter_map(|c| Some((*links.get(&c.from)?, c.signal.as_ref().filter(|s| s.0 == *tl)?.1)))
            .collect();
        let mut phases: Vec<Phase> = Vec::new();
        for (duration, state) in &programme.states {
            let green = |i: usize| state.as_bytes().get(i).is_some_and(|s| matches!(s, b'G' | b'g'));
            let mut green_links: Vec<u64> =
                own.iter().filter(|(_, i)| green(*i)).map(|(l, _)| network.links[*l as usize].id).collect();
            green_links.sort_unstable();
            green_links.dedup();
            match phases.last_mut() {
                Some(last) if green_links.is_empty() || state.contains('y') => last.clearance_s += duration,
                Some(last) if last.links == green_links && last.clearance_s == 0.0 => last.green_s += duration,
                _ => phases.push(Phase { green_s: *duration, clearance_s: 0.0, links: green_links }),
            }
        }
        if phases.is_empty() {
            continue;
        }
        let mut nodes: Vec<u32> = own.iter().map(|(l, _)| network.links[*l as usize].to).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let longest = phases.iter().map(|p| p.green_s).fold(0.0, f64::max);
        let min_green_s = programme.least_s.unwrap_or(SHORTEST_GREEN_S).max(0.0);
        let max_green_s = programme.most_s.unwrap_or(longest).max(min_green_s).max(1.0);
        let actuation = programme.actuated.then_some(Actuation { min_green_s, max_green_s, gap_s: GAP_S });
        for node in nodes {
            let plan = SignalPlan { offset_s: programme.offset_s, phases: phases.clone(), actuation };
            network.nodes[node as usize].control = Control::Signal(plan);
        }
    }
}

/// A vehicle and the links that it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct SumoVehicle {
    pub depart_s: f64,
    pub kind: u8,
    pub links: Vec<u32>,
}

/// Vehicles with their ways, and how many are left out because the file has no way for them.
///
/// # Errors
/// What is wrong and with which element, counted from 1.
pub fn read_routes(text: &str, path: &Path, given: &Given) -> Result<(Vec<SumoVehicle>, usize), GivenError> {
    let mut kinds: BTreeMap<String, u8> = BTreeMap::new();
    let mut named: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut vehicles: Vec<SumoVehicle> = Vec::new();
    // A flow's (begin, end, number), while its route is still to come.
    let mut flow: Option<(f64, f64, u64)> = None;
    let mut without = 0;
    elements(text, path, |row, name, a, inside| {
        let edges = |text: &str| -> Result<Vec<u32>, GivenError> {
            let find = |id: &str| {
                let unknown = || Fault::Unknown { column: "edges", id: id.to_owned() }.at(row, path);
                given.links.get(id).copied().ok_or_else(unknown)
            };
            text.split_whitespace().map(find).collect()
        };
        match name {
            "vType" => {
                let id = required(a, "id", row, path)?.to_owned();
                let of = a.get("vClass").and_then(|c| kind(c)).or_else(|| kind(&id)).unwrap_or(0);
                kinds.insert(id, of);
            }
            "route" if inside == "vehicle" || inside == "flow" => {
                let links = edges(required(a, "edges", row, path)?)?;
                put(&mut vehicles, flow.take(), links);
            }
            "route" => {
                named.insert(required(a, "id", row, path)?.to_owned(), edges(required(a, "edges", row, path)?)?);
            }
            "vehicle" | "flow" => {
                let kind = a.get("type").and_then(|t| kinds.get(t).copied().or_else(|| kind(t))).unwrap_or(0);
                let begin = number(a, if name == "flow" { "begin" } else { "depart" }, row, path)?;
                if begin < 0.0 {
                    return Err(Fault::Impossible { column: "depart", value: begin }.at(row, path));
                }
                flow = None;
                if name == "flow" {
                    let end = number(a, "end", row, path)?;
                    let count =
                        match (a.contains_key("number"), a.contains_key("vehsPerHour"), a.contains_key("period")) {
                            (true, _, _) => number(a, "number", row, path)?,
                            (_, true, _) => number(a, "vehsPerHour", row, path)? * (end - begin) / 3600.0,
                            _ => (end - begin) / number(a, "period", row, path)?.max(1e-3),
                        };
                    flow = Some((begin, end, count.clamp(0.0, 1e7) as u64));
                }
                vehicles.push(SumoVehicle { depart_s: begin, kind, links: Vec::new() });
                if let Some(route) = a.get("route") {
                    let unknown = || Fault::Unknown { column: "route", id: route.clone() }.at(row, path);
                    put(&mut vehicles, flow.take(), named.get(route).ok_or_else(unknown)?.clone());
                }
            }
            // Wishes that duarouter has not made ways of.
            "trip" => without += 1,
            _ => {}
        }
        Ok(())
    })?;
    without += vehicles.iter().filter(|v| v.links.is_empty()).count();
    vehicles.retain(|v| !v.links.is_empty());
    if vehicles.is_empty() {
        return Err(GivenError::NoTrips { path: path.to_owned() });
    }
    Ok((vehicles, without))
}

/// Gives the last vehicle its way; a flow becomes its vehicles.
fn put(vehicles: &mut Vec<SumoVehicle>, flow: Option<(f64, f64, u64)>, links: Vec<u32>) {
    let Some(last) = vehicles.last_mut() else { return };
    last.links = links;
    if let Some((begin, end, count)) = flow {
        let model = last.clone();
        vehicles.pop();
        let at = |i: u64| begin + (end - begin) * i as f64 / count as f64;
        vehicles.extend((0..count).map(|i| SumoVehicle { depart_s: at(i), ..model.clone() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(logic: &str, priority: &str) -> String {
        format!(
            r#"<net><edge id="in" from="a" to="m" priority="1"><lane id="in_0" speed="13" length="90"/></edge>
<edge id="out" from="m" to="b" priority="{priority}"><lane id="out_0" speed="13" length="90"/></edge>{logic}
<junction id="a" type="dead_end" x="0" y="0"/><junction id="m" type="traffic_light" x="95" y="0"/>
<junction id="b" type="dead_end" x="190" y="0"/>
<connection from="in" to="out" fromLane="0" toLane="0" tl="m" linkIndex="0"/></net>"#
        )
    }

    fn plan(logic: &str) -> Result<SignalPlan, GivenError> {
        let given = read_net(&net(logic, "1"), Path::new("n.net.xml"))?;
        match &given.network.nodes[given.nodes["m"] as usize].control {
            Control::Signal(plan) => Ok(plan.clone()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn programmes_are_read_and_impossible_ones_named() {
        let fixed = r#"<tlLogic id="m" type="static" offset="7"><phase duration="30" state="G"/><phase duration="4" state="y"/></tlLogic>"#;
        let read = plan(fixed).unwrap();
        assert_eq!((read.offset_s, read.cycle_s(), read.actuation), (7.0, 34.0, None));
        let bounds = r#""30" minDur="8" maxDur="45""#;
        let actuated = fixed.replace("static", "actuated").replace(r#""30""#, bounds);
        let expected = Actuation { min_green_s: 8.0, max_green_s: 45.0, gap_s: 3.0 };
        assert_eq!(plan(&actuated).unwrap().actuation, Some(expected));
        for bad in ["0", "-3"] {
            let failed = plan(&fixed.replace("30", bad)).unwrap_err().to_string();
            assert!(failed.contains(r#"signal "m""#) && failed.contains(bad), "{failed}");
        }
        // The least important road that a number can name.
        let given = read_net(&net("", &i64::MIN.to_string()), Path::new("n.net.xml")).unwrap();
        assert_eq!(given.network.links.len(), 2);
        let cut = read_net(r#"<net><edge id="a" from="x" to="y">"#, Path::new("n.net.xml")).unwrap_err();
        assert_eq!(cut, GivenError::Cut { path: "n.net.xml".into() });
    }

    #[test]
    fn vehicles_without_a_way_are_counted() {
        let given = read_net(&net("", "1"), Path::new("n.net.xml")).unwrap();
        let routes = r#"<routes><vehicle id="0" depart="1"><route edges="in out"/></vehicle><vehicle id="1" depart="2"/>
<trip id="2" depart="3" from="in" to="out"/></routes>"#;
        let (vehicles, without) = read_routes(routes, Path::new("r.rou.xml"), &given).unwrap();
        assert_eq!((vehicles.len(), without), (1, 2));
    }
}
