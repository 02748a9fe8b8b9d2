//! One change of a plan, as data: what a scenario is made of.

use serde::{Deserialize, Serialize};

use crate::base::message::{Arg, Message};

/// What may be built on a plot, and who will be there. What is left out follows from the land use (`assets/planning`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZoneRule {
    /// Code of the land use: "TMD".
    pub land_use: String,
    /// Floor area over plot area ("hệ số sử dụng đất").
    pub plot_ratio: Option<f64>,
    /// Of the plot, 0 to 1 ("mật độ xây dựng").
    pub coverage: Option<f64>,
    pub max_height_m: Option<f64>,
    pub residents_per_ha: Option<f64>,
    pub jobs_per_ha: Option<f64>,
    /// Kept free of buildings along the border, metres; what the norms ask for along streets where nothing is said.
    pub setback_m: Option<f64>,
    /// Share of what is allowed that gets built; all of it where nothing is said.
    pub built: Option<f64>,
}

/// Something that emits into the air.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emitter {
    pub id: String,
    #[serde(default)]
    pub name: String,
    pub at: [f64; 2],
    pub height_m: f64,
    /// (substance, grams a second).
    pub rates_g_s: Vec<(String, f64)>,
}

/// A pipe into the sea.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeaOutlet {
    pub id: String,
    #[serde(default)]
    pub name: String,
    pub at: [f64; 2],
    pub flow_m3_day: f64,
    /// Coliform bacteria, CFU/100 mL.
    pub cfu_per_100ml: f64,
}

/// One change. Places are longitude and latitude in degrees (WGS 84); numbers of parcels and zones are those of their
/// layer's features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Edit {
    /// A strip kept free of fuel.
    FuelBreak {
        line: Vec<[f64; 2]>,
        width_m: f64,
    },
    /// A new road; its ends join the nearest road.
    Road {
        line: Vec<[f64; 2]>,
        width_m: f64,
        #[serde(default)]
        name: String,
        /// As the road layer writes it; "Đường gom" where nothing is said.
        #[serde(default)]
        class: Option<String>,
        /// Both directions together.
        #[serde(default)]
        lanes: Option<u8>,
        #[serde(default)]
        speed_kmh: Option<f64>,
    },
    /// No vehicle drives on the roads of this name any more.
    CloseRoad {
        name: String,
    },
    /// Another number of lanes, speed, width or class for all roads of a name.
    UpgradeRoad {
        name: String,
        #[serde(default)]
        lanes: Option<u8>,
        #[serde(default)]
        speed_kmh: Option<f64>,
        #[serde(default)]
        width_m: Option<f64>,
        #[serde(default)]
        class: Option<String>,
    },
    /// A new zone of the plan, with what it lets be built.
    Zone {
        id: String,
        #[serde(default)]
        name: String,
        ring: Vec<[f64; 2]>,
        rule: ZoneRule,
    },
    /// Another rule for parcels.
    Repaint {
        parcels: Vec<u64>,
        rule: ZoneRule,
    },
    /// Another rule for zones that the plan has.
    Rezone {
        zones: Vec<u64>,
        rule: ZoneRule,
    },
    AddEmitter(Emitter),
    RemoveEmitter {
        id: String,
    },
    AddOutlet(SeaOutlet),
    RemoveOutlet {
        id: String,
    },
    Hydrant {
        at: [f64; 2],
    },
    RemoveHydrant {
        feature: u64,
    },
    /// A station, camera or meter more in a layer of such.
    Sensor {
        layer: String,
        #[serde(default)]
        name: String,
        at: [f64; 2],
    },
    RemoveSensor {
        layer: String,
        feature: u64,
    },
}

/// What an edit is about: two edits of the same thing cannot both stand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Target {
    Parcel(u64),
    PlanZone(u64),
    NewZone(String),
    Road(String),
    Emitter(String),
    Outlet(String),
    Hydrant(u64),
    /// Layer and feature.
    Sensor(String, u64),
    /// A line or point with no name: its coordinates, to the metre or so.
    Place(String),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Parcel(id) | Self::PlanZone(id) | Self::Hydrant(id) => write!(f, "{id}"),
            Self::Sensor(layer, id) => write!(f, "{layer} {id}"),
            Self::NewZone(id) | Self::Road(id) | Self::Emitter(id) | Self::Outlet(id) | Self::Place(id) => {
                f.write_str(id)
            }
        }
    }
}

/// Widest strip and road, metres.
const WIDEST_M: f64 = 2000.0;

impl Edit {
    /// Key of its sentence in the catalogues.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::FuelBreak { .. } => "whatif-edit-fuel-break",
            Self::Road { .. } => "whatif-edit-road",
            Self::CloseRoad { .. } => "whatif-edit-close-road",
            Self::UpgradeRoad { .. } => "whatif-edit-upgrade-road",
            Self::Zone { .. } => "whatif-edit-zone",
            Self::Repaint { .. } => "whatif-edit-repaint",
            Self::Rezone { .. } => "whatif-edit-rezone",
            Self::AddEmitter(_) => "whatif-edit-emitter",
            Self::RemoveEmitter { .. } => "whatif-edit-remove-emitter",
            Self::AddOutlet(_) => "whatif-edit-outlet",
            Self::RemoveOutlet { .. } => "whatif-edit-remove-outlet",
            Self::Hydrant { .. } => "whatif-edit-hydrant",
            Self::RemoveHydrant { .. } => "whatif-edit-remove-hydrant",
            Self::Sensor { .. } => "whatif-edit-sensor",
            Self::RemoveSensor { .. } => "whatif-edit-remove-sensor",
        }
    }

    /// The sentence that tells it.
    #[must_use]
    pub fn to_message(&self) -> Message {
        let message = Message::new(self.key()).with("subject", self.subject());
        match self {
            Self::FuelBreak { width_m, .. } => message.with("width", *width_m),
            Self::Road { width_m, lanes, .. } => {
                message.with("width", *width_m).with("lanes", i64::from(lanes.unwrap_or(2)))
            }
            Self::AddOutlet(o) => message.with("flow", o.flow_m3_day),
            Self::AddEmitter(e) => message.with("height", e.height_m),
            Self::Sensor { layer, .. } | Self::RemoveSensor { layer, .. } => message.with("layer", layer.as_str()),
            Self::Zone { rule, .. } | Self::Repaint { rule, .. } | Self::Rezone { rule, .. } => {
                let number = |v: Option<f64>| v.map_or_else(|| Arg::from("–"), Arg::from);
                message
                    .with("use", rule.land_use.as_str())
                    .with("ratio", number(rule.plot_ratio))
                    .with("coverage", number(rule.coverage.map(|c| (c * 1000.0).round() / 10.0)))
                    .with("height", number(rule.max_height_m))
            }
            _ => message,
        }
    }

    /// What it is about, as its sentence names it.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Road { name, .. }
            | Self::CloseRoad { name }
            | Self::UpgradeRoad { name, .. }
            | Self::Sensor { name, .. } => name.clone(),
            Self::Zone { id, name, .. } => if name.is_empty() { id } else { name }.clone(),
            Self::Repaint { parcels: ids, .. } | Self::Rezone { zones: ids, .. } => ids.len().to_string(),
            Self::AddEmitter(e) => if e.name.is_empty() { &e.id } else { &e.name }.clone(),
            Self::AddOutlet(o) => if o.name.is_empty() { &o.id } else { &o.name }.clone(),
            Self::RemoveEmitter { id } | Self::RemoveOutlet { id } => id.clone(),
            Self::RemoveHydrant { feature } | Self::RemoveSensor { feature, .. } => feature.to_string(),
            Self::FuelBreak { .. } | Self::Hydrant { .. } => String::new(),
        }
    }

    /// What tells it apart from others of its kind, where it has that.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Zone { id, .. }
            | Self::AddEmitter(Emitter { id, .. })
            | Self::AddOutlet(SeaOutlet { id, .. })
            | Self::RemoveEmitter { id }
            | Self::RemoveOutlet { id } => Some(id),
            _ => None,
        }
    }

    /// Whether it has a place of its own on the map, which can be drawn anew.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        matches!(
            self,
            Self::FuelBreak { .. }
                | Self::Road { .. }
                | Self::Zone { .. }
                | Self::AddEmitter(_)
                | Self::AddOutlet(_)
                | Self::Hydrant { .. }
                | Self::Sensor { .. }
        )
    }

    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Zone { name, .. }
            | Self::Road { name, .. }
            | Self::CloseRoad { name }
            | Self::UpgradeRoad { name, .. }
            | Self::Sensor { name, .. }
            | Self::AddEmitter(Emitter { name, .. })
            | Self::AddOutlet(SeaOutlet { name, .. }) => Some(name),
            _ => None,
        }
    }

    #[must_use]
    pub fn rule(&self) -> Option<&ZoneRule> {
        match self {
            Self::Zone { rule, .. } | Self::Repaint { rule, .. } | Self::Rezone { rule, .. } => Some(rule),
            _ => None,
        }
    }

    /// All that it is about.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let place = |points: &[[f64; 2]]| {
            let text: Vec<String> = points.iter().map(|p| format!("{:.5},{:.5}", p[0], p[1])).collect();
            vec![Target::Place(text.join(" "))]
        };
        match self {
            Self::FuelBreak { line, .. } => place(line),
            Self::Road { line, name, .. } => {
                if name.is_empty() {
                    place(line)
                } else {
                    vec![Target::Road(name.clone())]
                }
            }
            Self::CloseRoad { name } | Self::UpgradeRoad { name, .. } => vec![Target::Road(name.clone())],
            Self::Zone { id, .. } => vec![Target::NewZone(id.clone())],
            Self::Repaint { parcels, .. } => parcels.iter().map(|p| Target::Parcel(*p)).collect(),
            Self::Rezone { zones, .. } => zones.iter().map(|z| Target::PlanZone(*z)).collect(),
            Self::AddEmitter(Emitter { id, .. }) | Self::RemoveEmitter { id } => vec![Target::Emitter(id.clone())],
            Self::AddOutlet(SeaOutlet { id, .. }) | Self::RemoveOutlet { id } => vec![Target::Outlet(id.clone())],
            Self::Hydrant { at } | Self::Sensor { at, .. } => place(&[*at]),
            Self::RemoveSensor { layer, feature } => vec![Target::Sensor(layer.clone(), *feature)],
            Self::RemoveHydrant { feature } => vec![Target::Hydrant(*feature)],
        }
    }

    /// Whether its numbers can be: places on earth, sizes that are sizes.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let on_earth = |p: &[f64; 2]| p[0].abs() <= 180.0 && p[1].abs() <= 90.0;
        let within = |v: f64, low: f64, high: f64| (low..=high).contains(&v);
        let maybe = |v: Option<f64>, low: f64, high: f64| v.is_none_or(|v| within(v, low, high));
        let line = |points: &[[f64; 2]], width: f64| {
            points.len() > 1 && points.iter().all(on_earth) && within(width, 0.0, WIDEST_M)
        };
        match self {
            Self::FuelBreak { line: points, width_m } => line(points, *width_m),
            Self::Road { line: points, width_m, lanes, speed_kmh, .. } => {
                line(points, *width_m) && lanes.is_none_or(|l| (1..=16).contains(&l)) && maybe(*speed_kmh, 1.0, 200.0)
            }
            Self::UpgradeRoad { name, lanes, speed_kmh, width_m, .. } => {
                !name.is_empty()
                    && lanes.is_none_or(|l| (1..=16).contains(&l))
                    && maybe(*speed_kmh, 1.0, 200.0)
                    && maybe(*width_m, 0.0, WIDEST_M)
            }
            Self::CloseRoad { name } => !name.is_empty(),
            Self::Zone { id, ring, rule, .. } => {
                !id.is_empty() && ring.len() > 2 && ring.iter().all(on_earth) && rule.is_possible()
            }
            Self::Repaint { parcels: ids, rule } | Self::Rezone { zones: ids, rule } => {
                !ids.is_empty() && rule.is_possible()
            }
            Self::AddEmitter(e) => {
                !e.id.is_empty()
                    && on_earth(&e.at)
                    && within(e.height_m, 0.0, 1000.0)
                    && e.rates_g_s.iter().all(|(_, rate)| within(*rate, 0.0, 1e6))
            }
            Self::AddOutlet(o) => {
                !o.id.is_empty()
                    && on_earth(&o.at)
                    && within(o.flow_m3_day, 0.0, 1e8)
                    && within(o.cfu_per_100ml, 0.0, 1e12)
            }
            Self::RemoveEmitter { id } | Self::RemoveOutlet { id } => !id.is_empty(),
            Self::Hydrant { at } => on_earth(at),
            Self::RemoveHydrant { .. } => true,
            Self::Sensor { layer, at, .. } => !layer.is_empty() && on_earth(at),
            Self::RemoveSensor { layer, .. } => !layer.is_empty(),
        }
    }
}

impl ZoneRule {
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let maybe = |v: Option<f64>, high: f64| v.is_none_or(|v| (0.0..=high).contains(&v));
        !self.land_use.trim().is_empty()
            && maybe(self.plot_ratio, 50.0)
            && maybe(self.coverage, 1.0)
            && maybe(self.max_height_m, 1000.0)
            && maybe(self.residents_per_ha, 1e5)
            && maybe(self.jobs_per_ha, 1e5)
            && maybe(self.setback_m, 1000.0)
            && maybe(self.built, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_told_from_what_can() {
        let rule = |land_use: &str, coverage: f64| ZoneRule {
            land_use: land_use.to_owned(),
            coverage: Some(coverage),
            ..ZoneRule::default()
        };
        let ring = vec![[104.0, 10.0], [104.01, 10.0], [104.01, 10.01]];
        let zone = |ring: &[[f64; 2]], rule: ZoneRule| Edit::Zone {
            id: "a".to_owned(),
            name: String::new(),
            ring: ring.to_vec(),
            rule,
        };
        assert!(zone(&ring, rule("TMD", 0.2)).is_possible());
        assert!(!zone(&ring[..2], rule("TMD", 0.2)).is_possible());
        assert!(!zone(&ring, rule("TMD", 1.2)).is_possible());
        assert!(!zone(&ring, rule(" ", 0.2)).is_possible());
        assert!(!Edit::Repaint { parcels: vec![], rule: rule("ODT", 0.4) }.is_possible());
        assert!(!Edit::CloseRoad { name: String::new() }.is_possible());
        let outlet = |flow_m3_day: f64| {
            Edit::AddOutlet(SeaOutlet {
                id: "a".to_owned(),
                name: String::new(),
                at: [103.9, 10.1],
                flow_m3_day,
                cfu_per_100ml: 1e6,
            })
        };
        assert!(outlet(3000.0).is_possible() && !outlet(f64::NAN).is_possible() && !outlet(-1.0).is_possible());
    }

    #[test]
    fn edits_of_one_thing_have_one_target() {
        let closed = Edit::CloseRoad { name: "ĐT 975".to_owned() };
        let wider = Edit::UpgradeRoad {
            name: "ĐT 975".to_owned(),
            lanes: Some(6),
            speed_kmh: None,
            width_m: None,
            class: None,
        };
        assert_eq!(closed.targets(), wider.targets());
        let rule = ZoneRule { land_use: "ODT".to_owned(), ..ZoneRule::default() };
        assert_eq!(Edit::Repaint { parcels: vec![3, 4], rule }.targets(), [Target::Parcel(3), Target::Parcel(4)]);
    }
}
