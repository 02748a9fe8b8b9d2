//! The map pictures of a report: what changes, traffic, air, fire and sea of a scenario.

use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::geo::shape::{ShapeKind, bounds_of};
use crate::model::change::Edit;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::model::style::{Rgba, Symbol};
use crate::report::map::{Field, MapPicture};
use crate::study::air::limit::title;
use crate::study::effects::traffic_air::Piece;
use crate::study::fire::case::from_lon_lat;
use crate::study::whatif::run::ScenarioRun;
use crate::text::{Catalog, Language};

const ZONE: Rgba = Rgba::opaque(190, 40, 140);
const ROAD: Rgba = Rgba::opaque(20, 90, 200);
const BREAK: Rgba = Rgba::opaque(200, 110, 10);
const POINT: Rgba = Rgba::opaque(120, 30, 160);
const FREE: Rgba = Rgba::opaque(120, 150, 130);
const BUSY: Rgba = Rgba::opaque(230, 160, 30);
const FULL: Rgba = Rgba::opaque(200, 30, 40);
/// Around what is planned, metres; and the least side of a map.
const MARGIN_M: f64 = 2500.0;
const LEAST_M: f64 = 9000.0;
/// Names on a map at most.
const MOST_NAMES: usize = 9;

/// Everything a map of a scenario is made of.
pub(super) struct Maps<'a> {
    project: &'a Project,
    catalog: &'a Catalog,
    pub(super) bounds: [f64; 4],
}

impl<'a> Maps<'a> {
    /// Around what the scenarios change; the whole project where nothing of it has a place.
    pub(super) fn new(project: &'a Project, runs: [&ScenarioRun; 2], catalog: &'a Catalog) -> Self {
        let mut points: Vec<[f64; 2]> = Vec::new();
        for edit in runs.iter().flat_map(|r| &r.resolved.edits) {
            points.extend(places(edit).iter().filter_map(|p| from_lon_lat(project, *p).ok()));
            points.extend(features(project, edit).iter().flatten());
        }
        let whole = project.with_role(LayerRole::Coast).and_then(|l| l.content.bounds()).or_else(|| project.bounds());
        let bounds = match bounds_of(&points) {
            Some([w, s, e, n]) => {
                let (x, y) = (f64::midpoint(w, e), f64::midpoint(s, n));
                let half = |a: f64, b: f64| ((b - a) / 2.0 + MARGIN_M).max(LEAST_M / 2.0);
                let (dx, dy) = (half(w, e), half(s, n));
                [x - dx, y - dy, x + dx, y + dy]
            }
            None => whole.unwrap_or([0.0, 0.0, 1.0, 1.0]),
        };
        Self { project, catalog, bounds }
    }

    fn empty(&self, title: String) -> MapPicture {
        let features = |role| self.project.with_role(role).and_then(|l| l.content.features());
        let land = features(LayerRole::Coast).map_or_else(Vec::new, |t| {
            let polygons = t.geometry.iter().filter(|s| s.kind() == ShapeKind::Polygon && self.near(s.bounds()));
            polygons.map(|s| s.rings().map(|r| r.points().to_vec()).collect()).collect()
        });
        MapPicture {
            title,
            bounds: self.bounds,
            land,
            places: self.names(),
            crs: self.project.frame.crs.label(),
            north: self.catalog.get("whatif-report-north"),
            ..MapPicture::default()
        }
    }

    fn near(&self, bounds: Option<[f64; 4]>) -> bool {
        let [w, s, e, n] = self.bounds;
        // Maps are wider or higher than asked for, by the shape of their frame.
        let (dx, dy) = (e - w, n - s);
        bounds.is_some_and(|b| b[0] < e + dx && b[2] > w - dx && b[1] < n + dy && b[3] > s - dy)
    }

    fn names(&self) -> Vec<([f64; 2], String)> {
        let [w, s, e, n] = self.bounds;
        let mut found = Vec::new();
        for layer in self.project.layers.iter().filter(|l| matches!(l.style.symbol, Symbol::Hidden)) {
            let (Some(table), Some(label)) = (layer.content.features(), &layer.style.label) else { continue };
            for (row, shape) in table.geometry.iter().enumerate() {
                let Some(at) = shape.points().first().filter(|p| p[0] > w && p[0] < e && p[1] > s && p[1] < n) else {
                    continue;
                };
                found.push((*at, table.value(row, &label.field).to_string()));
            }
        }
        found.truncate(MOST_NAMES);
        found
    }

    fn roads(&self, picture: &mut MapPicture) {
        let Some(table) = self.project.with_role(LayerRole::Roads).and_then(|l| l.content.features()) else { return };
        let grey = Rgba::opaque(170, 165, 155);
        for shape in table.geometry.iter().filter(|s| s.kind() == ShapeKind::Line && self.near(s.bounds())) {
            picture.lines.extend(shape.rings().map(|r| (r.points().to_vec(), grey, 0.25)));
        }
    }

    /// What a scenario changes, drawn where it lies.
    pub(super) fn change(&self, run: &ScenarioRun, name: &str) -> MapPicture {
        let mut picture = self.empty(format!("{name}: {}", self.catalog.get("whatif-report-map-change")));
        self.roads(&mut picture);
        self.outline(run, &mut picture);
        picture.legend = [
            (ZONE, "whatif-report-legend-zone"),
            (ROAD, "whatif-report-legend-road"),
            (BREAK, "whatif-report-legend-break"),
            (POINT, "whatif-report-legend-point"),
        ]
        .map(|(color, key)| (color, self.catalog.get(key)))
        .to_vec();
        picture
    }

    fn outline(&self, run: &ScenarioRun, picture: &mut MapPicture) {
        for edit in &run.resolved.edits {
            let line: Vec<[f64; 2]> = places(edit).iter().filter_map(|p| from_lon_lat(self.project, *p).ok()).collect();
            match edit {
                Edit::Zone { .. } => {
                    let closed = line.iter().chain(line.first()).copied().collect();
                    picture.outlines.push((closed, ZONE));
                }
                Edit::Road { .. } => picture.outlines.push((line, ROAD)),
                Edit::FuelBreak { .. } => picture.outlines.push((line, BREAK)),
                Edit::AddOutlet(_) | Edit::AddEmitter(_) | Edit::Hydrant { .. } => {
                    if let Some([x, y]) = line.first().copied() {
                        let r = (self.bounds[2] - self.bounds[0]) / 120.0;
                        let ring = [[x - r, y], [x, y + r], [x + r, y], [x, y - r], [x - r, y]];
                        picture.outlines.push((ring.to_vec(), POINT));
                    }
                }
                _ => {}
            }
            for ring in features(self.project, edit) {
                picture.outlines.push((ring, ZONE));
            }
        }
    }

    pub(super) fn traffic(&self, run: &ScenarioRun, name: &str) -> MapPicture {
        let mut picture = self.empty(format!("{name}: {}", self.catalog.get("whatif-report-map-traffic")));
        let busiest = run.traffic.pieces.iter().map(Piece::vehicles_a_day).fold(1.0, f64::max);
        for piece in run.traffic.pieces.iter().filter(|p| self.near(bounds_of(&p.line))) {
            let color = match piece.fullest() {
                v if v >= 0.92 => FULL,
                v if v >= 0.55 => BUSY,
                _ => FREE,
            };
            let width = 0.2 + 3.0 * (piece.vehicles_a_day() / busiest).sqrt();
            picture.lines.push((piece.line.clone(), color, width));
        }
        // Full roads lie over free ones.
        picture.lines.sort_by_key(|(_, color, _)| if *color == FULL { 2 } else { u8::from(*color == BUSY) });
        picture.legend = [
            (FREE, "whatif-report-legend-free"),
            (BUSY, "whatif-report-legend-busy"),
            (FULL, "whatif-report-legend-full"),
        ]
        .map(|(color, key)| (color, self.catalog.get(key)))
        .to_vec();
        picture
    }

    /// A substance's day; `most` is the end of the scale for both scenarios.
    pub(super) fn air(&self, run: &ScenarioRun, index: usize, most: f64, name: &str) -> Option<MapPicture> {
        let air = run.air.get(index)?;
        let about = title(&air.pollutant);
        let about = if self.catalog.language() == Language::Vi { about.vi } else { about.en };
        let title = self.catalog.text(&Message::new("whatif-report-map-air").with("about", about));
        let mut picture = self.empty(format!("{name}: {title}"));
        self.roads(&mut picture);
        let decimals = if most < 3.0 { 2 } else { 1 };
        let colors = [Rgba(255, 245, 200, 0), Rgba(250, 200, 90, 170), Rgba(225, 95, 40, 200), Rgba(120, 15, 60, 220)];
        let legend = |v: f64| {
            let value = self.catalog.number(v, decimals);
            self.catalog.text(&Message::new("whatif-report-legend-value").with("value", value).with("unit", "µg/m³"))
        };
        Self::fill(&mut picture, &air.field, colors, most, legend);
        Some(picture)
    }

    pub(super) fn fire(&self, run: &ScenarioRun, most: f64, name: &str) -> MapPicture {
        let mut picture = self.empty(format!("{name}: {}", self.catalog.get("whatif-report-map-fire")));
        self.roads(&mut picture);
        let colors =
            [Rgba(255, 225, 150, 120), Rgba(250, 170, 60, 190), Rgba(225, 80, 30, 210), Rgba(120, 10, 20, 225)];
        let legend = |v: f64| {
            let value = self.catalog.number(v * 100.0, 0);
            self.catalog.text(&Message::new("whatif-report-legend-percent").with("value", value))
        };
        Self::fill(&mut picture, &run.fire.probability, colors, most, legend);
        self.outline(run, &mut picture);
        picture
    }

    pub(super) fn sea(&self, run: &ScenarioRun, name: &str) -> Option<MapPicture> {
        let water = run.water.as_ref()?;
        let mut picture = self.empty(format!("{name}: {}", self.catalog.get("whatif-report-map-sea")));
        // Bacteria spread over powers of ten.
        let cells = water.highest.cells.iter().map(|v| if *v > 1.0 { v.log10() } else { f32::NAN }).collect();
        let grid = Grid { spec: water.highest.spec.clone(), cells };
        let colors =
            [Rgba(200, 225, 160, 160), Rgba(225, 200, 70, 190), Rgba(200, 110, 40, 210), Rgba(110, 30, 30, 225)];
        let legend = |v: f64| {
            let value = self.catalog.number(10_f64.powf(v), 0);
            self.catalog
                .text(&Message::new("whatif-report-legend-value").with("value", value).with("unit", "CFU/100 mL"))
        };
        Self::fill(&mut picture, &grid, colors, 4.5, legend);
        self.outline(run, &mut picture);
        Some(picture)
    }

    fn fill(picture: &mut MapPicture, grid: &Grid<f32>, colors: [Rgba; 4], most: f64, legend: impl Fn(f64) -> String) {
        let stops: Vec<(f64, Rgba)> =
            [0.0, 0.25, 0.6, 1.0].into_iter().zip(colors).map(|(t, c)| (t * most, c)).collect();
        // What is drawn see-through looks so on land's colour: the legend shows it as it looks.
        let over = |c: Rgba| {
            let mix = |top: u8, under: f64| {
                let a = f64::from(c.3) / 255.0;
                f64::from(top).mul_add(a, under * (1.0 - a)).round() as u8
            };
            Rgba::opaque(mix(c.0, 246.0), mix(c.1, 245.0), mix(c.2, 238.0))
        };
        picture.legend = stops.iter().skip(1).map(|(v, c)| (over(*c), legend(*v))).collect();
        picture.field = Some(Field { values: grid.clone(), stops });
    }
}

/// Longitudes and latitudes that an edit names.
fn places(edit: &Edit) -> Vec<[f64; 2]> {
    match edit {
        Edit::FuelBreak { line, .. } | Edit::Road { line, .. } | Edit::Zone { ring: line, .. } => line.clone(),
        Edit::AddEmitter(e) => vec![e.at],
        Edit::AddOutlet(o) => vec![o.at],
        Edit::Hydrant { at } => vec![*at],
        _ => Vec::new(),
    }
}

/// Outlines of the features that an edit names.
fn features(project: &Project, edit: &Edit) -> Vec<Vec<[f64; 2]>> {
    let (role, ids) = match edit {
        Edit::Repaint { parcels, .. } => (LayerRole::Parcels, parcels),
        Edit::Rezone { zones, .. } => (LayerRole::LandUsePlan, zones),
        _ => return Vec::new(),
    };
    let Some(table) = project.with_role(role).and_then(|l| l.content.features()) else { return Vec::new() };
    let ring = |id: &u64| {
        let row = table.row_of(*id)?;
        table.geometry.get(row).rings().next().map(|r| r.points().to_vec())
    };
    ids.iter().filter_map(ring).collect()
}
