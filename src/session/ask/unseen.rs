//! What cameras do not see of the land: as a layer, and in shares.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::hidden_title;
use super::form::AskForm;
use crate::analysis::viewshed::{Observer, viewshed};
use crate::base::cancel::CancelToken;
use crate::base::message::Message;
use crate::geo::grid::Grid;
use crate::geo::measure::anchor;
use crate::model::layer::{Layer, LayerContent, LayerId, LayerRole, Origin, Provenance};
use crate::model::project::Project;
use crate::model::style::{Category, ColorRule, Rgba, Style, Symbol, Text2};
use crate::model::table::FeatureTable;
use crate::session::io::IoFailure;

/// The hidden land as a layer, and how much of what it is.
#[derive(Debug, Clone)]
pub struct Unseen {
    pub layer: Layer,
    pub observers: usize,
    pub land_m2: f64,
    pub hidden_m2: f64,
    /// By land cover: (name, square metres, hidden square metres), the largest first.
    pub by_cover: Vec<(Text2, f64, f64)>,
}

/// Refraction of light by day (Brunner 1984).
const REFRACTION: f64 = 0.13;
/// Fields that say how high a camera hangs, metres.
const HEIGHT_FIELDS: [&str; 2] = ["CHIEUCAO", "height"];
const HIDDEN: u16 = 1;
const VISIBLE: u16 = 0;
const HIDDEN_COLOR: Rgba = Rgba::opaque(196, 30, 58);

pub(super) fn unseen(
    project: &Project,
    (layer, table): (&Layer, &FeatureTable),
    rows: &[usize],
    form: &AskForm,
    cancel: &CancelToken,
) -> Result<Unseen, IoFailure> {
    let terrain = project.terrain().ok_or_else(|| Message::new("gis-ask-no-terrain"))?;
    let observers: Vec<Observer> = rows.iter().filter_map(|&row| observer(table, row, form)).collect();
    if observers.is_empty() {
        return Err(Message::new("gis-ask-no-cameras").into());
    }
    let seen = viewshed(terrain, &observers, cancel)?;
    let cell_m2 = terrain.spec.cell_width() * terrain.spec.cell_height();
    let is_land = |i: usize| terrain.cells[i] > 0.0;
    let mut cells = vec![VISIBLE; terrain.cells.len()];
    let (mut land, mut hidden) = (0_u64, 0_u64);
    let cover = project.with_role(LayerRole::LandCover).and_then(|l| match &l.content {
        LayerContent::Classes(grid) => Some((l, grid)),
        _ => None,
    });
    let mut by_class: BTreeMap<u16, (u64, u64)> = BTreeMap::new();
    for (i, cell) in seen.cells.iter().enumerate().filter(|(i, c)| is_land(*i) && !c.is_nan()) {
        let is_hidden = *cell == 0.0;
        land += 1;
        hidden += u64::from(is_hidden);
        if is_hidden {
            cells[i] = HIDDEN;
        }
        let place = seen.spec.centre(i % seen.spec.cols, i / seen.spec.cols);
        if let Some((_, grid)) = cover
            && let Some((col, row)) = grid.spec.cell_at(place)
        {
            let count = by_class.entry(grid.get(col, row)).or_default();
            count.0 += 1;
            count.1 += u64::from(is_hidden);
        }
    }
    let area = |cells: u64| cells as f64 * cell_m2;
    let mut by_cover: Vec<(Text2, f64, f64)> = by_class
        .into_iter()
        .filter_map(|(class, (all, hidden))| Some((name_of(&cover?.0.style, class)?, area(all), area(hidden))))
        .collect();
    by_cover.sort_by(|a, b| b.1.total_cmp(&a.1));
    Ok(Unseen {
        layer: as_layer(layer, Grid { spec: seen.spec, cells }),
        observers: observers.len(),
        land_m2: area(land),
        hidden_m2: area(hidden),
        by_cover,
    })
}

fn observer(table: &FeatureTable, row: usize, form: &AskForm) -> Option<Observer> {
    let told = HEIGHT_FIELDS.iter().find_map(|f| table.value(row, f).as_f64()).filter(|h| *h > 0.0);
    Some(Observer {
        at: anchor(table.geometry.get(row))?,
        height_m: told.unwrap_or(form.height_m),
        target_m: form.target_m,
        reach_m: form.reach_m,
        refraction: REFRACTION,
    })
}

fn name_of(style: &Style, class: u16) -> Option<Text2> {
    let Symbol::Raster { color: ColorRule::Categories { classes, .. } } = &style.symbol else { return None };
    classes.iter().find(|c| c.value == class.to_string()).map(|c| c.label.clone())
}

fn as_layer(cameras: &Layer, grid: Grid<u16>) -> Layer {
    let label = Text2 { vi: "Không nhìn thấy".to_owned(), en: "Not visible".to_owned() };
    let classes = vec![Category { value: HIDDEN.to_string(), label, color: HIDDEN_COLOR }];
    let color = ColorRule::Categories { field: String::new(), classes, other: Rgba(0, 0, 0, 0) };
    let mut style = Style::new(Symbol::Raster { color });
    style.opacity = 0.55;
    Layer {
        id: LayerId(format!("hidden-{}", cameras.id)),
        title: hidden_title(&cameras.title),
        group: Text2 { vi: "Kết quả phân tích".to_owned(), en: "Results of analysis".to_owned() },
        source: Provenance { origin: Origin::Simulated, ..Provenance::default() },
        content: LayerContent::Classes(Arc::new(grid)),
        style,
        visible: true,
        role: LayerRole::Plain,
    }
}
