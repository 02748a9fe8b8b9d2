//! Points that say how a node is controlled, and turns that are not allowed.

use super::error::{Fault, GivenError};
use super::feature::Feature;
use super::network::Given;
use crate::base::message::Message;
use crate::sim::traffic::control::{CYCLE_S, SIGNAL_REACH_M, junctions, nearest_where, two_phases};
use crate::sim::traffic::network::{Control, TurnBan};

/// Signs that map makers put at or near a junction, the strongest last.
const SIGNS: [&str; 4] = ["give_way", "stop", "mini_roundabout", "traffic_signals"];

/// Sets the controls that points ask for; other points of a map (stops of a bus, crossings) are none of our business.
///
/// # Errors
/// A control that is not known, or that stands at no node.
pub fn control(given: &mut Given, points: &[(Feature, [f64; 2])]) -> Result<(), GivenError> {
    let meets = junctions(&given.network);
    let asked = |f: &Feature| f.word(&["control", "ctrl_type"]);
    let mut far = 0_usize;
    for sign in SIGNS {
        let signs = points.iter().filter(|(f, _)| asked(f).is_none() && f.word(&["highway"]).as_deref() == Some(sign));
        for (f, at) in signs {
            let at = given.local.metres(*at);
            match nearest_where(&given.network, at, |n| meets[n]).filter(|n| n.1 <= SIGNAL_REACH_M) {
                Some((node, _)) => set(given, f, node, sign)?,
                // One that stands alone, for those who walk.
                None => far += usize::from(sign == "traffic_signals"),
            }
        }
    }
    if far > 0 {
        given.notices.push(Message::new("vehicles-signals-far").with("signals", far).with("metres", SIGNAL_REACH_M));
    }
    for (f, at) in points {
        let Some(kind) = asked(f) else { continue };
        let name = f.text(&["node", "id", "node_id"]);
        let at = given.local.metres(*at);
        let node = match &name {
            Some(name) => given.nodes.get(name).copied(),
            None => nearest_where(&given.network, at, |_| true).filter(|n| n.1 < SIGNAL_REACH_M).map(|n| n.0),
        };
        let missing = || Fault::Unknown { column: "node", id: name.unwrap_or_default() }.at(f.row, f.path);
        set(given, f, node.ok_or_else(missing)?, &kind)?;
    }
    Ok(())
}

fn set(given: &mut Given, f: &Feature, node: u32, kind: &str) -> Result<(), GivenError> {
    let control = match kind {
        "signal" | "traffic_signals" | "traffic_light" | "actuated" => {
            let cycle = f.positive(&["cycle_s"])?.unwrap_or(CYCLE_S);
            let offset = f.number(&["offset_s"])?.unwrap_or(0.0);
            let actuated = kind == "actuated" || f.yes(&["actuated"]).unwrap_or(false);
            two_phases(&given.network, node, cycle, offset, actuated)
        }
        "priority" | "stop" | "give_way" | "yield" => Control::Priority,
        "roundabout" | "mini_roundabout" => Control::Roundabout,
        "none" | "no" | "uncontrolled" | "no_control" => Control::Uncontrolled,
        other => return Err(Fault::Unknown { column: "control", id: other.to_owned() }.at(f.row, f.path)),
    };
    given.network.nodes[node as usize].control = control;
    Ok(())
}

/// A row that forbids a turn as OpenStreetMap does: `restriction` = no_… (this turn) or only_… (all others), `from` and
/// `to` (roads by name), and if wanted `via` (a node by name).
///
/// # Errors
/// Roads that are not there, or that do not meet.
pub fn ban(given: &mut Given, f: &Feature) -> Result<(), GivenError> {
    let kind = f.word(&["restriction"]).unwrap_or_default();
    let missing = |column| Fault::Missing { column }.at(f.row, f.path);
    let unknown = |column, id: &str| Fault::Unknown { column, id: id.to_owned() }.at(f.row, f.path);
    let only = match kind.split_once('_') {
        Some(("no", _)) => false,
        Some(("only", _)) => true,
        _ => return Err(unknown("restriction", &kind)),
    };
    let roads = |column: &'static str| {
        let name = f.text(&[column]).ok_or_else(|| missing(column))?;
        let back = format!("-{name}");
        let found = [given.links_named(&name), given.links_named(&back)].concat();
        if found.is_empty() { Err(unknown(column, &name)) } else { Ok((name, found)) }
    };
    let ((_, from), (to_name, to)) = (roads("from")?, roads("to")?);
    let via = match f.text(&["via"]) {
        Some(name) => Some(*given.nodes.get(&name).ok_or_else(|| unknown("via", &name))?),
        None => None,
    };
    let links = &given.network.links;
    let outgoing = given.network.outgoing();
    let mut bans = Vec::new();
    let mut met = false;
    for &a in &from {
        let node = links[a as usize].to;
        if via.is_some_and(|via| via != node) {
            continue;
        }
        let out = outgoing.of(node);
        let joins = out.iter().any(|b| to.contains(b));
        met |= joins;
        let banned = out.iter().filter(|b| joins && to.contains(b) != only);
        bans.extend(banned.map(|b| TurnBan { from_link: links[a as usize].id, to_link: links[*b as usize].id }));
    }
    if !met {
        return Err(unknown("to", &to_name));
    }
    given.network.turn_bans.extend(bans);
    tidy(given);
    Ok(())
}

pub(super) fn tidy(given: &mut Given) {
    given.network.turn_bans.sort_unstable();
    given.network.turn_bans.dedup();
}
