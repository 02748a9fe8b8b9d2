//! Answering: from a project and a form to a finding, on any thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::form::{AskForm, Question};
use super::unseen::{self, Unseen};
use crate::analysis::near;
use crate::analysis::overlay::overlay;
use crate::analysis::trace::Network;
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::geo::measure::anchor;
use crate::geo::shape::ShapeKind;
use crate::model::layer::{Layer, LayerId};
use crate::model::project::Project;
use crate::model::style::Text2;
use crate::model::table::FeatureTable;
use crate::model::zoning;
use crate::session::inspect::{FeatureTitle, feature_title};
use crate::session::io::IoFailure;
use crate::session::spatial::Indexes;

/// What came of a question.
#[derive(Debug, Clone)]
pub enum Finding {
    /// Features of a layer, of how many that were asked about.
    Features {
        layer: LayerId,
        ids: Vec<u64>,
        asked: usize,
    },
    Shares(Shares),
    Nearest {
        lines: Vec<NearLine>,
        links: Vec<Vec<[f64; 2]>>,
    },
    Trace {
        layer: LayerId,
        ids: Vec<u64>,
        length_m: f64,
        stopped_at: Vec<[f64; 2]>,
    },
    Unseen(Box<Unseen>),
}

/// Features by zone.
#[derive(Debug, Clone)]
pub struct Shares {
    pub layer: LayerId,
    pub zones: LayerId,
    pub lines: Vec<ShareLine>,
    /// By zone, over all features that were asked about: the largest first.
    pub totals: Vec<(String, f64)>,
    /// Square metres of the features themselves.
    pub asked_m2: f64,
}

#[derive(Debug, Clone)]
pub struct ShareLine {
    pub id: u64,
    pub title: FeatureTitle,
    pub zone: String,
    pub area_m2: f64,
    /// Of the feature, 0 to 100.
    pub percent: f64,
}

#[derive(Debug, Clone)]
pub struct NearLine {
    pub id: u64,
    pub title: FeatureTitle,
    pub other: u64,
    pub other_title: FeatureTitle,
    pub distance_m: f64,
}

/// Ends of pipes that are drawn apart by no more than this are joined, metres.
const JOINED_M: f64 = 0.5;
/// Lines of an answer that are kept for reading and saving.
const MOST_LINES: usize = 200_000;
/// Links that are drawn.
const MOST_LINKS: usize = 1000;

/// `chosen` are the features that are asked about; `None` for all of the layer.
///
/// # Errors
/// With what is missing, or when it was cancelled.
pub fn answer(
    project: &Project,
    form: &AskForm,
    chosen: Option<&[u64]>,
    indexes: &Indexes,
    cancel: &CancelToken,
) -> Result<Finding, IoFailure> {
    let (layer, table) = vector(project, form.layer.as_ref())?;
    let rows: Vec<usize> = match chosen {
        Some(ids) => ids.iter().filter_map(|id| table.row_of(*id)).collect(),
        None => (0..table.len()).collect(),
    };
    let id_of = |row: usize| table.ids.get(row).copied().unwrap_or_default();
    let found = match form.question {
        Question::Within | Question::Intersects => {
            let (_, other) = vector(project, form.other.as_ref())?;
            let reach = if form.question == Question::Within { form.distance_m.max(0.0) } else { 0.0 };
            let subset = table.select(&rows);
            let near = near::within(&subset.geometry, &other.geometry, &indexes.of(other), reach);
            let ids = near.into_iter().map(|i| subset.ids[i]).collect();
            Finding::Features { layer: layer.id.clone(), ids, asked: rows.len() }
        }
        Question::Shares => {
            let (zone_layer, zones) = vector(project, form.other.as_ref())?;
            Finding::Shares(shares((layer, table), (zone_layer, zones), &rows, indexes, cancel)?)
        }
        Question::Nearest => {
            let (other_layer, other) = vector(project, form.other.as_ref())?;
            let index = indexes.of(other);
            let (mut lines, mut links) = (Vec::new(), Vec::new());
            for &row in rows.iter().take(MOST_LINES) {
                cancel.check()?;
                let shape = table.geometry.get(row);
                let Some((to, distance_m)) = near::nearest(shape, &other.geometry, &index) else { continue };
                if let (true, Some(from), Some(at)) =
                    (links.len() < MOST_LINKS, anchor(shape), anchor(other.geometry.get(to)))
                {
                    links.push(vec![from, at]);
                }
                lines.push(NearLine {
                    id: id_of(row),
                    title: feature_title(layer, table, row),
                    other: other.ids[to],
                    other_title: feature_title(other_layer, other, to),
                    distance_m,
                });
            }
            // The farthest first: those are the ones to worry about.
            lines.sort_by(|a, b| b.distance_m.total_cmp(&a.distance_m).then(a.id.cmp(&b.id)));
            Finding::Nearest { lines, links }
        }
        Question::Trace => {
            let start = rows.first().copied().filter(|_| chosen.is_some());
            let start = start.ok_or_else(|| Message::new("gis-ask-choose-pipe"))?;
            let network = Network::build(&table.geometry, JOINED_M);
            let blocked: Vec<[f64; 2]> = match &form.stops {
                Some(id) => {
                    let (_, valves) = vector(project, Some(id))?;
                    valves.geometry.iter().filter(|s| s.kind() == ShapeKind::Point).filter_map(anchor).collect()
                }
                None => Vec::new(),
            };
            cancel.check()?;
            let trace = network.trace(start, form.direction, &blocked);
            let ids = trace.rows.into_iter().map(id_of).collect();
            let (layer, stopped_at) = (layer.id.clone(), trace.stopped_at);
            Finding::Trace { layer, ids, length_m: trace.length_m, stopped_at }
        }
        Question::Unseen => Finding::Unseen(Box::new(unseen::unseen(project, (layer, table), &rows, form, cancel)?)),
    };
    cancel.check()?;
    Ok(found)
}

fn vector<'a>(project: &'a Project, id: Option<&LayerId>) -> Result<(&'a Layer, &'a Arc<FeatureTable>), IoFailure> {
    let id = id.ok_or_else(|| Message::new("gis-ask-choose-layer"))?;
    let layer = project.layer(id).ok_or_else(|| Message::new("session-error-no-layer").with("layer", id.0.as_str()))?;
    let table =
        layer.content.features().ok_or_else(|| Message::new("gis-error-no-table").with("layer", id.0.as_str()))?;
    Ok((layer, table))
}

fn shares(
    (layer, table): (&Layer, &Arc<FeatureTable>),
    (zone_layer, zones): (&Layer, &Arc<FeatureTable>),
    rows: &[usize],
    indexes: &Indexes,
    cancel: &CancelToken,
) -> Result<Shares, IoFailure> {
    let index = indexes.of(zones);
    let zone_name = |row: usize| match zones.value(row, zoning::field::CODE).to_string() {
        code if code.is_empty() => match feature_title(zone_layer, zones, row) {
            FeatureTitle::Named(name) => name,
            _ => row.to_string(),
        },
        code => code,
    };
    let mut found = Shares {
        layer: layer.id.clone(),
        zones: zone_layer.id.clone(),
        lines: Vec::new(),
        totals: Vec::new(),
        asked_m2: 0.0,
    };
    let mut totals: BTreeMap<String, f64> = BTreeMap::new();
    for part in rows.chunks(4096) {
        cancel.check()?;
        found.asked_m2 += part.iter().map(|&row| crate::geo::measure::area(table.geometry.get(row))).sum::<f64>();
        // Several polygons of one zone are one line.
        let mut by_zone: BTreeMap<(usize, String), (f64, f64)> = BTreeMap::new();
        for share in overlay(&table.geometry, part, &zones.geometry, &index) {
            let sum = by_zone.entry((share.row, zone_name(share.zone))).or_default();
            sum.0 += share.area_m2;
            sum.1 += share.percent;
        }
        for ((row, zone), (area_m2, percent)) in by_zone {
            *totals.entry(zone.clone()).or_default() += area_m2;
            if found.lines.len() < MOST_LINES {
                let id = table.ids.get(row).copied().unwrap_or_default();
                found.lines.push(ShareLine { id, title: feature_title(layer, table, row), zone, area_m2, percent });
            }
        }
    }
    found.totals = totals.into_iter().collect();
    found.totals.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(found)
}

impl Finding {
    /// The features that the finding is about.
    #[must_use]
    pub fn features(&self, form: &AskForm) -> Option<(LayerId, Vec<u64>)> {
        match self {
            Self::Features { layer, ids, .. } | Self::Trace { layer, ids, .. } => Some((layer.clone(), ids.clone())),
            Self::Nearest { lines, .. } => {
                let mut ids: Vec<u64> = lines.iter().map(|l| l.other).collect();
                ids.sort_unstable();
                ids.dedup();
                Some((form.other.clone()?, ids))
            }
            Self::Shares(_) | Self::Unseen(_) => None,
        }
    }
}

/// What the new layer of an answer is called.
pub(super) fn hidden_title(of: &Text2) -> Text2 {
    Text2 { vi: format!("Vùng khuất của {}", of.vi), en: format!("Hidden from {}", of.en) }
}
