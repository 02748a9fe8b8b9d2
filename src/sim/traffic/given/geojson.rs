//! Roads from GeoJSON: lines are roads, points say how a node is controlled, rows without a place forbid turns.

use std::path::Path;

use serde_json::Value;

use super::controls;
use super::error::{Fault, GivenError};
use super::feature::{Feature, Road};
use super::network::Given;
use super::{drawn, named, places};
use crate::base::message::Message;
use crate::sim::traffic::noding::NodingOptions;

/// Roads that all name the nodes at their ends are taken as they say; others are cut where they cross.
///
/// # Errors
/// What is wrong and with which feature, counted from 1.
pub fn read(text: &str, path: &Path, options: NodingOptions) -> Result<Given, GivenError> {
    let unreadable = |reason: String| GivenError::File { reason, path: path.to_owned() };
    let root: Value = serde_json::from_str(text).map_err(|e| unreadable(e.to_string()))?;
    let features = root["features"].as_array().ok_or_else(|| GivenError::NoCollection { path: path.to_owned() })?;
    let (mut lines, mut points, mut turns) = (Vec::new(), Vec::new(), Vec::new());
    for (row, feature) in (1..).zip(features) {
        let f = Feature { row, properties: &feature["properties"], path };
        let coordinates = &feature["geometry"]["coordinates"];
        let none = || Fault::NoLine.at(row, path);
        match feature["geometry"]["type"].as_str() {
            Some("LineString") => lines.push((f, vec![line(coordinates).ok_or_else(none)?])),
            Some("MultiLineString") => {
                let parts: Option<Vec<_>> =
                    coordinates.as_array().map(|p| p.iter().map(line).collect()).ok_or_else(none)?;
                lines.push((f, parts.filter(|p| !p.is_empty()).ok_or_else(none)?));
            }
            _ if f.text(&["restriction"]).is_some() => turns.push(f),
            Some("Point") => points.push((f, point(coordinates).ok_or_else(none)?)),
            _ => return Err(none()),
        }
    }
    let said = root["crs"]["properties"]["name"].as_str();
    let local = places::local(said, lines.iter().flat_map(|l| l.1.iter().flatten()), path)?;
    let mut roads = Vec::with_capacity(lines.len());
    let all = lines.len();
    for (f, mut parts) in lines {
        parts.iter_mut().flatten().for_each(|p| *p = local.metres(*p));
        roads.extend(Road::of(&f, parts)?);
    }
    if roads.is_empty() {
        return Err(GivenError::NoLinks { path: path.to_owned() });
    }
    let mut given = if roads.iter().all(|r| r.ends.iter().all(Option::is_some)) {
        named::network(&roads, local, path)?
    } else {
        drawn::network(&roads, local, options, path)?
    };
    if roads.len() < all {
        given.notices.push(Message::new("vehicles-not-driven").with("roads", all - roads.len()));
    }
    controls::control(&mut given, &points)?;
    for turn in &turns {
        controls::ban(&mut given, turn)?;
    }
    Ok(given)
}

fn point(value: &Value) -> Option<[f64; 2]> {
    Some([value.get(0)?.as_f64()?, value.get(1)?.as_f64()?])
}

fn line(value: &Value) -> Option<Vec<[f64; 2]>> {
    let mut points: Vec<[f64; 2]> = value.as_array()?.iter().map(point).collect::<Option<_>>()?;
    points.dedup();
    (points.len() > 1).then_some(points)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sim::traffic::network::Control;

    fn parsed(features: &Value) -> Result<Given, GivenError> {
        let crs = json!({ "type": "name", "properties": { "name": "metres" } });
        let text = json!({ "type": "FeatureCollection", "crs": crs, "features": features }).to_string();
        read(&text, Path::new("net.geojson"), NodingOptions::default())
    }

    fn road(properties: Value, line: Value) -> Value {
        json!({ "properties": properties, "geometry": { "type": "LineString", "coordinates": line } })
    }

    fn at(properties: Value, place: [f64; 2]) -> Value {
        json!({ "properties": properties, "geometry": { "type": "Point", "coordinates": place } })
    }

    /// Two roads that cross in the middle and share no point.
    fn cross() -> Vec<Value> {
        vec![
            road(json!({ "id": 1 }), json!([[0, 0], [200, 0]])),
            road(json!({ "id": 2 }), json!([[100, -100], [100, 100]])),
        ]
    }

    #[test]
    fn drawn_roads_are_cut_where_they_cross() {
        let given = parsed(&json!(cross())).unwrap();
        assert_eq!((given.network.nodes.len(), given.network.links.len()), (5, 8));
        assert_eq!(given.links_named("1").len(), 2);
        let piece = &given.network.links[given.links["-1.2"] as usize];
        assert_eq!((piece.line[0], piece.line[1], piece.feature), ([200.0, 0.0], [100.0, 0.0], 1));
        // A bridge meets nothing.
        let mut bridged = cross();
        bridged[1]["properties"]["bridge"] = json!("yes");
        assert_eq!(parsed(&json!(bridged)).unwrap().network.links.len(), 4);
        // Ends on both sides of a cell's border are one node, and lengths that are told are shared by the pieces.
        let ends = json!([
            road(json!({ "length_m": 50.0 }), json!([[-100, 0], [0.49, 0]])),
            road(json!({}), json!([[0.51, 0.0], [100, 0]])),
        ]);
        let given = parsed(&ends).unwrap();
        assert_eq!(given.network.nodes.len(), 3);
        assert!((given.network.links[given.links["1"] as usize].length_m - 50.0).abs() < 0.1);
    }

    /// With the ids that names make, "-1" got the number of another link, and both approaches of a crossing were in
    /// both phases of its signal.
    #[test]
    fn links_have_numbers_of_their_own() {
        let mut features = cross();
        features.push(at(json!({ "control": "signal" }), [100.0, 0.0]));
        let given = parsed(&json!(features)).unwrap();
        let mut ids: Vec<u64> = given.network.links.iter().map(|l| l.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        let Some(Control::Signal(plan)) =
            given.network.nodes.iter().map(|n| &n.control).find(|c| **c != Control::Uncontrolled)
        else {
            panic!("no signal")
        };
        let green: Vec<&[u64]> = plan.phases.iter().map(|p| p.links.as_slice()).collect();
        assert_eq!(green.iter().map(|g| g.len()).collect::<Vec<_>>(), [2, 2]);
        assert!(green[0].iter().all(|l| !green[1].contains(l)));
        // Names that are numbers: links 2 and 1, and their ways back.
        let ends = |id: u64, from: &str, to: &str| json!({ "id": id, "from": from, "to": to, "oneway": "no" });
        let named = json!([
            road(ends(2, "a", "b"), json!([[0, 0], [100, 0]])),
            road(ends(1, "b", "c"), json!([[100, 0], [100, 90]])),
        ]);
        let mut ids: Vec<u64> = parsed(&named).unwrap().network.links.iter().map(|l| l.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 4);
    }

    #[test]
    fn roads_in_several_parts_are_read() {
        let parts = |parts: Value| json!([{ "properties": {}, "geometry": { "type": "MultiLineString", "coordinates": parts } }]);
        let apart = parsed(&parts(json!([[[0, 0], [100, 0]], [[300, 0], [400, 0]]]))).unwrap();
        assert_eq!((apart.network.nodes.len(), apart.links_named("1").len()), (4, 2));
        let touching = parsed(&parts(json!([[[0, 0], [100, 0]], [[100, 0], [400, 0]]]))).unwrap();
        assert_eq!((touching.network.nodes.len(), touching.links["1"]), (2, 0));
        assert!(matches!(parsed(&parts(json!([]))), Err(GivenError::Row { row: 1, .. })));
    }

    #[test]
    fn tags_mean_what_they_mean_on_openstreetmap() {
        let line = json!([[0, 0], [100, 0]]);
        let links = |tags: Value| parsed(&json!([road(tags, line.clone())])).unwrap().network.links;
        let turned = links(json!({ "oneway": "-1", "highway": "primary" }));
        assert_eq!((turned.len(), turned[0].line[0]), (1, [100.0, 0.0]));
        assert_eq!(links(json!({ "junction": "roundabout" })).len(), 1);
        let two_way = links(json!({ "lanes": "4" }));
        assert_eq!(two_way.iter().map(|l| (l.lanes, l.capacity_pcu_per_h)).collect::<Vec<_>>(), [(2, 3600.0); 2]);
        assert_eq!(links(json!({ "lanes": 3, "oneway": "yes" }))[0].lanes, 3);
        let sides = links(json!({ "lanes": 3, "lanes:forward": 2, "lanes:backward": 1 }));
        assert_eq!((sides[0].lanes, sides[1].lanes), (2, 1));
        for (tag, kmh) in [("50 mph", 80.4672), ("50 km/h", 50.0), ("50", 50.0), ("signals", 40.0)] {
            let speed = links(json!({ "maxspeed": tag }))[0].free_speed_mps * 3.6;
            assert!((speed - kmh).abs() < 1e-9, "{tag}: {speed}");
        }
        assert!(parsed(&json!([road(json!({ "maxspeed": "-5" }), line.clone())])).is_err());
        assert!(parsed(&json!([road(json!({ "highway": "footway" }), line.clone())])).is_err());
    }

    #[test]
    fn only_signs_of_control_control() {
        let signal = at(json!({ "highway": "traffic_signals" }), [104.0, 3.0]);
        let stop = at(json!({ "highway": "bus_stop", "name": "x" }), [100.0, 6.0]);
        let mut features = cross();
        features.extend([signal, stop, at(json!({ "highway": "stop" }), [100.0, 9.0])]);
        let given = parsed(&json!(features)).unwrap();
        let signals =
            |given: &Given| given.network.nodes.iter().filter(|n| matches!(n.control, Control::Signal(_))).count();
        assert_eq!(signals(&given), 1, "a later point took the signal away");
        // What is asked for by name must be known.
        features.push(at(json!({ "control": "sgnal" }), [100.0, 0.0]));
        assert!(matches!(parsed(&json!(features)), Err(GivenError::Row { row: 6, .. })));
        // A signal for those who walk is told and left out.
        let mut alone = cross();
        alone.push(at(json!({ "highway": "traffic_signals" }), [30.0, 0.0]));
        let given = parsed(&json!(alone)).unwrap();
        assert_eq!((signals(&given), given.notices.len()), (0, 1));
    }

    #[test]
    fn turns_are_forbidden_by_rows() {
        let turn = |properties: Value| json!({ "properties": properties, "geometry": null });
        let mut features = cross();
        features.push(turn(json!({ "restriction": "no_left_turn", "from": "1.1", "to": "2.2" })));
        let given = parsed(&json!(features)).unwrap();
        let id = |name: &str| given.network.links[given.links[name] as usize].id;
        let bans: Vec<(u64, u64)> = given.network.turn_bans.iter().map(|b| (b.from_link, b.to_link)).collect();
        assert_eq!(bans, [(id("1.1"), id("2.2"))]);
        features[2] = turn(json!({ "restriction": "only_straight_on", "from": "1.1", "to": "1.2" }));
        assert_eq!(parsed(&json!(features)).unwrap().network.turn_bans.len(), 3);
        features[2] = turn(json!({ "restriction": "no_left_turn", "from": "1.1", "to": "9" }));
        assert!(matches!(parsed(&json!(features)), Err(GivenError::Row { row: 3, .. })));
    }
}
