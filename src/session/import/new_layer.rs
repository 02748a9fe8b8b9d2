//! How a file looks at first that somebody drops on the map.

use std::path::Path;

use crate::geo::shape::ShapeKind;
use crate::io::import::Imported;
use crate::model::layer::{Layer, LayerContent, LayerId, LayerRole, Origin, Provenance};
use crate::model::project::Project;
use crate::model::style::{ColorRule, Metres, PointSymbol, Rgba, Style, Symbol, Text2};
use crate::model::table::FeatureTable;
use crate::model::zoning::field;

/// Colours that stay apart for colour-blind eyes: Okabe & Ito (2008), "Color Universal Design".
const COLORS: [Rgba; 6] = [
    Rgba::opaque(230, 159, 0),
    Rgba::opaque(86, 180, 233),
    Rgba::opaque(0, 158, 115),
    Rgba::opaque(213, 94, 0),
    Rgba::opaque(204, 121, 167),
    Rgba::opaque(0, 114, 178),
];

/// A layer of its own name, at the top, in a colour that its neighbours do not have.
#[must_use]
pub fn of(path: &Path, imported: Imported, project: &Project) -> Layer {
    let name = path.file_stem().map_or_else(|| "layer".to_owned(), |s| s.to_string_lossy().into_owned());
    let style = of_symbol(symbol(&imported.content, color_after(project)));
    Layer {
        id: free_id(&name, project),
        title: Text2::same(&name),
        group: Text2 { vi: "Lớp đã nhập".to_owned(), en: "Imported layers".to_owned() },
        source: Provenance {
            path: path.to_owned(),
            sublayer: None,
            crs: Some(imported.crs),
            encoding: imported.encoding,
            origin: Origin::Unknown,
            credit: String::new(),
        },
        content: imported.content,
        style,
        visible: true,
        role: LayerRole::Plain,
    }
}

/// How a table looks at first, after its fields were mapped.
#[must_use]
pub fn style(table: &FeatureTable, project: &Project) -> Style {
    of_symbol(vector_symbol(table, color_after(project)))
}

fn color_after(project: &Project) -> Rgba {
    COLORS[project.layers.len() % COLORS.len()]
}

fn of_symbol(symbol: Symbol) -> Style {
    let mut style = Style::new(symbol);
    if matches!(style.symbol, Symbol::Fill { .. } | Symbol::Raster { .. }) {
        style.opacity = 0.65;
    }
    style
}

/// The id that a layer of this name gets.
#[must_use]
pub fn free_id(name: &str, project: &Project) -> LayerId {
    let taken = |id: &LayerId| project.layer(id).is_some();
    let plain = LayerId::new(name);
    if !taken(&plain) {
        return plain;
    }
    (2..=u32::MAX).map(|n| LayerId(format!("{name}-{n}"))).find(|id| !taken(id)).unwrap_or(plain)
}

fn symbol(content: &LayerContent, color: Rgba) -> Symbol {
    match content {
        LayerContent::Features(table) => vector_symbol(table, color),
        LayerContent::Raster(grid) => {
            let (low, high) = grid.range().unwrap_or((0.0, 1.0));
            let stops = vec![(f64::from(low), Rgba::opaque(68, 1, 84)), (f64::from(high), Rgba::opaque(253, 231, 37))];
            Symbol::Raster { color: ColorRule::Ramp { field: String::new(), stops } }
        }
        LayerContent::Classes(_) => Symbol::Raster { color: ColorRule::Single(color) },
    }
}

fn vector_symbol(table: &FeatureTable, color: Rgba) -> Symbol {
    match table.geometry.main_kind() {
        ShapeKind::Polygon => {
            // Cadastre and plans carry the official code; then the official colours are what people expect.
            let rule = match table.field_index(field::CODE) {
                Some(_) => ColorRule::LandUse { field: field::CODE.to_owned() },
                None => ColorRule::Single(color),
            };
            Symbol::Fill { color: rule, outline: Some((Rgba(40, 40, 40, 230), 0.8)) }
        }
        ShapeKind::Line => Symbol::Stroke { color: ColorRule::Single(color), width: Metres::Fixed(3.0), casing: None },
        ShapeKind::Point => {
            Symbol::Points { symbol: PointSymbol::Pin, color: ColorRule::Single(color), height: Metres::Fixed(12.0) }
        }
        ShapeKind::Empty => Symbol::Hidden,
    }
}
