//! How layers look: whole styles, colours by what stands in a field, styles of QGIS.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::apply::Session;
use super::edit::{self, Edit};
use super::effects::Effects;
use super::error::SessionError;
use super::history::MergeKey;
use super::notice::Level;
use crate::analysis::classify::{Method, Palette, breaks, categorised, graduated};
use crate::base::message::{Message, ToMessage};
use crate::io::qml::read_qml;
use crate::model::layer::{Layer, LayerContent, LayerId};
use crate::model::style::{ColorRule, Rgba, Style, Symbol};
use crate::model::table::FeatureTable;

/// Colours by what stands in a field; the classes are found in the layer's table.
#[derive(Debug, Clone, PartialEq)]
pub enum Recipe {
    Single(Rgba),
    /// One colour a value, the commonest values first.
    Categories {
        field: String,
    },
    Graduated {
        field: String,
        method: Method,
        classes: usize,
        palette: Palette,
    },
    /// The official land-use palette by the code in a field.
    LandUse {
        field: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum StyleCommand {
    /// `live`: while a slider is dragged; the whole drag is one step (undo).
    Set { layer: LayerId, style: Box<Style>, live: bool },
    /// (undo)
    Color { layer: LayerId, recipe: Recipe },
    /// A style of QGIS, a .qml (undo).
    Load { layer: LayerId, path: PathBuf },
}

/// Values that get a colour of their own; more no legend can show.
const MOST_CATEGORIES: usize = 24;

/// The classes that a recipe makes of a table.
#[must_use]
pub fn color_rule(recipe: &Recipe, table: &FeatureTable) -> Option<ColorRule> {
    match recipe {
        Recipe::Single(color) => Some(ColorRule::Single(*color)),
        Recipe::LandUse { field } => Some(ColorRule::LandUse { field: field.clone() }),
        Recipe::Categories { field } => {
            let column = table.column(field)?;
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for row in 0..column.len() {
                *counts.entry(column.get(row).to_string()).or_default() += 1;
            }
            counts.remove("");
            let mut common: Vec<(String, usize)> = counts.into_iter().collect();
            common.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let values: Vec<String> = common.into_iter().take(MOST_CATEGORIES).map(|(value, _)| value).collect();
            Some(categorised(field, &values))
        }
        Recipe::Graduated { field, method, classes, palette } => {
            let bounds = breaks(table.column(field)?, *method, *classes);
            (!bounds.is_empty()).then(|| graduated(field, &bounds, *palette))
        }
    }
}

/// The same symbol in other colours; terrain and hidden layers have none.
#[must_use]
pub fn recolored(symbol: &Symbol, rule: ColorRule) -> Symbol {
    let mut symbol = symbol.clone();
    match &mut symbol {
        Symbol::Fill { color, .. }
        | Symbol::Stroke { color, .. }
        | Symbol::Raster { color }
        | Symbol::Extrude { color, .. }
        | Symbol::Tube { color, .. }
        | Symbol::Points { color, .. } => *color = rule,
        Symbol::Terrain | Symbol::Hidden => {}
    }
    symbol
}

impl Session {
    pub(super) fn command_style(&mut self, command: StyleCommand) -> Result<Effects, SessionError> {
        match command {
            StyleCommand::Set { layer, style, live } => {
                let merge = live.then(|| MergeKey::Style(layer.clone()));
                self.restyle(&layer, merge, |l| l.style = *style)
            }
            StyleCommand::Color { layer, recipe } => {
                let project = self.project().ok_or(SessionError::NoProject)?;
                let found = project.layer(&layer).ok_or_else(|| SessionError::NoLayer(layer.clone()))?;
                let rule = match (&found.content, recipe) {
                    (LayerContent::Features(table), recipe) => color_rule(&recipe, table),
                    (_, Recipe::Single(color)) => Some(ColorRule::Single(color)),
                    _ => None,
                };
                let Some(rule) = rule else {
                    self.notices.push(Level::Warning, Message::new("gis-style-no-values"), None, None);
                    return Ok(Effects::default());
                };
                self.restyle(&layer, None, |l| l.style.symbol = recolored(&l.style.symbol, rule))
            }
            StyleCommand::Load { layer, path } => {
                let project = self.project().ok_or(SessionError::NoProject)?;
                let found = project.layer(&layer).ok_or_else(|| SessionError::NoLayer(layer.clone()))?;
                let table = found.content.features().ok_or_else(|| SessionError::NoTable(layer.clone()))?;
                match read_qml(&path, table.geometry.main_kind()) {
                    Ok(style) => self.restyle(&layer, None, |l| l.style = style),
                    Err(error) => {
                        self.notices.push(Level::Error, error.to_message(), None, Some(path));
                        Ok(Effects::default())
                    }
                }
            }
        }
    }

    fn restyle(
        &mut self,
        id: &LayerId,
        merge: Option<MergeKey>,
        change: impl FnOnce(&mut Layer),
    ) -> Result<Effects, SessionError> {
        let project = self.project().ok_or(SessionError::NoProject)?;
        let layer = project.layer(id).ok_or_else(|| SessionError::NoLayer(id.clone()))?;
        let title = super::place::title(&layer.title, self.language()).to_owned();
        let mut next = (**project).clone();
        edit::change_layer(&mut next, id, change)?;
        let label = Message::new("gis-undo-style").with("layer", title.as_str());
        Ok(self.commit(Edit { project: next, label, merge }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::{FieldKind, Value};

    fn table() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[("LOAI", FieldKind::Text), ("DT", FieldKind::Real)]);
        for (kind, area) in [("B", 1.0), ("A", 2.0), ("B", 3.0), ("", 4.0)] {
            table.geometry.push_empty();
            table.push_row(&[Value::Text(kind), Value::Real(area)]);
        }
        table
    }

    #[test]
    fn categories_are_the_values_that_occur_the_commonest_first() {
        let rule = color_rule(&Recipe::Categories { field: "LOAI".to_owned() }, &table());
        let Some(ColorRule::Categories { classes, .. }) = rule else { panic!("{rule:?}") };
        assert_eq!(classes.iter().map(|c| c.value.as_str()).collect::<Vec<_>>(), ["B", "A"]);
        assert_ne!(classes[0].color, classes[1].color);
    }

    #[test]
    fn a_field_without_numbers_gives_no_classes() {
        let recipe = |field: &str| Recipe::Graduated {
            field: field.to_owned(),
            method: Method::Quantile,
            classes: 2,
            palette: Palette::Cividis,
        };
        assert_eq!(color_rule(&recipe("LOAI"), &table()), None);
        let Some(ColorRule::Ramp { stops, .. }) = color_rule(&recipe("DT"), &table()) else { panic!() };
        assert_eq!(stops.len(), 4);
    }
}
