//! Looking at where a file's coordinates fall, before anybody believes them.

use std::sync::Arc;

use crate::analysis::zone::{self, Site, Suspicion};
use crate::geo::crs::Crs;
use crate::geo::frame::SiteFrame;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::anchor;
use crate::geo::shape::Shapes;
use crate::geo::transform::Transform;
use crate::io::import::{ImportError, Imported, SourceSpec};
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::table::FeatureTable;
use crate::session::spatial::Indexes;

/// A file as it was read, and what its coordinates say.
pub struct Looked {
    pub result: Result<Imported, ImportError>,
    /// `None` where nothing can be judged: rasters, and sites without a coast.
    pub suspicion: Option<Suspicion>,
    /// The file's own numbers, as if they were the site's; `None` where `result` has them.
    pub raw: Option<Imported>,
}

/// `read_again` reads one source once more. A file that does not say its system, or one that is not known, is read as
/// if it were the site's, so that its numbers can be judged.
pub fn look(
    source: &SourceSpec,
    result: Result<Imported, ImportError>,
    (project, indexes): (&Project, &Indexes),
    read_again: &mut dyn FnMut(SourceSpec) -> Option<Imported>,
) -> Looked {
    let unknown = matches!(result, Err(ImportError::NoCrs { .. } | ImportError::Crs { .. }));
    if result.is_err() && !unknown {
        return Looked { result, suspicion: None, raw: None };
    }
    let site = &project.frame.crs;
    let raw = match &result {
        Ok(imported) if imported.crs == *site || imported.content.features().is_none() => None,
        _ => read_again(SourceSpec { crs: Some(site.clone()), ..source.clone() }),
    };
    let (declared, content) = match (&result, &raw) {
        (Ok(imported), None) => (Some(&imported.crs), Some(&imported.content)),
        (Ok(imported), Some(raw)) => (Some(&imported.crs), Some(&raw.content)),
        (Err(_), raw) => (None, raw.as_ref().map(|r| &r.content)),
    };
    let table = content.and_then(|c| c.features());
    let suspicion = table.and_then(|t| suspect(t, declared, project, indexes));
    Looked { result, suspicion, raw }
}

/// `None` where the project has no coast or boundary to judge by.
fn suspect(table: &FeatureTable, declared: Option<&Crs>, project: &Project, indexes: &Indexes) -> Option<Suspicion> {
    let outline = project.with_role(LayerRole::Coast).or_else(|| project.with_role(LayerRole::Communes));
    let default_land = phu_quoc_outline(&project.frame.crs);
    let land: &Shapes = match outline.and_then(|l| l.content.features()) {
        Some(table) => &table.geometry,
        None => default_land.as_ref()?,
    };
    let tables: Vec<&Arc<FeatureTable>> = project.layers.iter().filter_map(|l| l.content.features()).collect();
    let built: Vec<Arc<FeatureIndex>> = tables.iter().map(|t| indexes.of(t)).collect();
    let layers: Vec<(&Shapes, &FeatureIndex)> =
        tables.iter().zip(&built).map(|(table, index)| (&table.geometry, &**index)).collect();
    let mut places: Vec<(String, [f64; 2])> = project
        .layers
        .iter()
        .filter(|l| l.id.0 == "places" || l.role == LayerRole::Communes)
        .filter_map(|l| l.content.features())
        .flat_map(|t| {
            let name =
                |row| ["TEN", "TENXA", "name"].iter().map(|f| t.value(row, f).to_string()).find(|n| !n.is_empty());
            (0..t.len()).filter_map(move |row| Some((name(row)?, anchor(t.geometry.get(row))?)))
        })
        .collect();
    if places.is_empty() {
        places = phu_quoc_places(&project.frame.crs);
    }
    let site = Site { frame: &project.frame, land, layers: &layers, places: &places };
    Some(zone::suspect(table.geometry.xy(), declared, site))
}

/// Where a reading of the file puts its outlines, for the map: at most [`MOST_OUTLINES`] of them.
#[must_use]
pub fn outlines(raw: &FeatureTable, crs: &Crs, swapped: bool, frame: &SiteFrame) -> Vec<Vec<[f64; 2]>> {
    let Some(transform) = Transform::between(crs, &frame.crs) else { return Vec::new() };
    let step = raw.len().div_ceil(MOST_OUTLINES).max(1);
    (0..raw.len())
        .step_by(step)
        .filter_map(|row| {
            let ring = raw.geometry.get(row).rings().next()?;
            let thin = ring.points().len().div_ceil(MOST_POINTS).max(1);
            let place = |p: &[f64; 2]| transform.apply(if swapped { [p[1], p[0]] } else { *p });
            let mut line: Vec<[f64; 2]> = ring.points().iter().step_by(thin).map(place).collect();
            // A thinned ring stays closed.
            line.extend(ring.points().last().map(place).filter(|last| line.last() != Some(last)));
            line.iter().flatten().all(|v| v.is_finite()).then_some(line)
        })
        .collect()
}

const MOST_OUTLINES: usize = 300;
const MOST_POINTS: usize = 40;

/// Roughly the land of Phú Quốc and its islets, for judging zones before any layer is there: corners in degrees
/// (WGS 84), some hundred metres outside the shore.
const PHU_QUOC: [[f64; 2]; 12] = [
    [103.84, 10.37],
    [103.93, 10.45],
    [104.05, 10.46],
    [104.09, 10.38],
    [104.09, 10.25],
    [104.07, 10.08],
    [104.06, 9.99],
    [103.99, 9.89],
    [103.97, 9.99],
    [103.95, 10.15],
    [103.89, 10.27],
    [103.84, 10.30],
];

/// The same of Thổ Châu.
const THO_CHAU: [[f64; 2]; 4] = [[103.42, 9.26], [103.42, 9.35], [103.52, 9.35], [103.52, 9.26]];

/// Town and commune centres (WGS 84), to say where points fall; © OpenStreetMap contributors, ODbL.
const PLACES: [(&str, [f64; 2]); 9] = [
    ("Dương Đông", [103.967, 10.217]),
    ("An Thới", [104.011, 10.028]),
    ("Dương Tơ", [103.990, 10.127]),
    ("Hàm Ninh", [104.045, 10.183]),
    ("Cửa Cạn", [103.912, 10.300]),
    ("Gành Dầu", [103.856, 10.363]),
    ("Bãi Thơm", [104.031, 10.410]),
    ("Cửa Dương", [103.982, 10.279]),
    ("Thổ Châu", [103.470, 9.305]),
];

fn phu_quoc_outline(crs: &Crs) -> Option<Shapes> {
    let to = Transform::between(&Crs::WGS84, crs)?;
    let mut land = Shapes::new();
    for corners in [&PHU_QUOC[..], &THO_CHAU] {
        let mut ring: Vec<[f64; 2]> = corners.iter().rev().map(|p| to.apply(*p)).collect();
        ring.extend(ring.first().copied());
        land.push_polygon(&[&ring]);
    }
    Some(land)
}

fn phu_quoc_places(crs: &Crs) -> Vec<(String, [f64; 2])> {
    let Some(to) = Transform::between(&Crs::WGS84, crs) else { return Vec::new() };
    PLACES.iter().map(|(name, at)| ((*name).to_owned(), to.apply(*at))).collect()
}
