//! Styles of QGIS (.qml): the simple renderers (single, categorised, graduated), and labels from one field.
//!
//! Element and property names are those that QGIS 2.x (`<prop k v>`) and 3.x (`<Option name value>`) write.

use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::base::message::{Message, ToMessage};
use crate::geo::shape::ShapeKind;
use crate::model::landuse::UNKNOWN_COLOR;
use crate::model::style::{Category, ColorRule, EYE_M, LabelRule, Metres, PointSymbol, Rgba, Style, Symbol, Text2};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QmlError {
    #[error("the style cannot be read ({detail}); check the path: {path}")]
    Unreadable { path: PathBuf, detail: String },
    #[error("no QGIS style ({detail}); save the style from QGIS again: {path}")]
    NotAStyle { path: PathBuf, detail: String },
    #[error(
        "the renderer {renderer:?} is not one of single, categorised and graduated; choose one of them in QGIS: {path}"
    )]
    Renderer { path: PathBuf, renderer: String },
}

impl ToMessage for QmlError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unreadable { path, detail } => {
                Message::new("io-qml-unreadable").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::NotAStyle { path, detail } => {
                Message::new("io-qml-none").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::Renderer { path, renderer } => {
                Message::new("io-qml-renderer").with("renderer", renderer.as_str()).with("path", path.as_path())
            }
        }
    }
}

/// A style file is small; a larger one is something else.
const MOST_BYTES: u64 = 16 << 20;

/// The style for a layer of this kind of geometry.
///
/// # Errors
/// [`QmlError`] when the file cannot be read or holds no simple renderer.
pub fn read_qml(path: &Path, kind: ShapeKind) -> Result<Style, QmlError> {
    let unreadable = |e: std::io::Error| QmlError::Unreadable { path: path.to_owned(), detail: e.to_string() };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        return Err(QmlError::NotAStyle { path: path.to_owned(), detail: format!("{length} B") });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let found = parse(&text).map_err(|detail| QmlError::NotAStyle { path: path.to_owned(), detail })?;
    found.into_style(kind, path)
}

/// The first layer of a symbol.
#[derive(Debug, Clone, Copy, Default)]
struct Pen {
    fill: Option<Rgba>,
    line: Option<Rgba>,
    /// Millimetres on paper.
    width_mm: Option<f32>,
    no_line: bool,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    renderer: Option<String>,
    field: String,
    symbols: Vec<(String, Pen)>,
    /// (value or none for "all other", label, symbol).
    categories: Vec<(Option<String>, String, String)>,
    /// (lower, upper, symbol).
    ranges: Vec<(f64, f64, String)>,
    label: Option<LabelRule>,
    opacity: Option<f32>,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(String::from_utf8_lossy(&found.value).into_owned()).map(|raw| unescape(&raw))
}

/// The five entities of XML; a style names no others.
fn unescape(raw: &str) -> String {
    let mut text = raw.to_owned();
    for (entity, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, letter);
    }
    text
}

pub(super) fn parse(text: &str) -> Result<Found, String> {
    let mut reader = Reader::from_str(text);
    let mut found = Found::default();
    let (mut path, mut is_qgis) = (Vec::<String>::new(), false);
    // Symbols nest: only the layers of the outermost count, and only those of the renderer.
    let (mut in_renderer, mut layers) = (0_usize, 0);
    loop {
        let event = reader.read_event().map_err(|e| e.to_string())?;
        let (element, empty) = match &event {
            Event::Start(e) => (e, false),
            Event::Empty(e) => (e, true),
            Event::End(_) => {
                if path.pop().as_deref() == Some("renderer-v2") {
                    in_renderer = 0;
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = String::from_utf8_lossy(element.name().as_ref()).into_owned();
        if path.len() > 200 {
            return Err("nested too deeply".to_owned());
        }
        let value = |key: &str| attribute(element, key);
        match name.as_str() {
            "qgis" => is_qgis = true,
            "renderer-v2" if found.renderer.is_none() => {
                in_renderer = path.len() + 1;
                found.renderer = value("type");
                value("attr").unwrap_or_default().trim_matches('"').clone_into(&mut found.field);
            }
            "symbol" if in_renderer > 0 && path.last().is_some_and(|p| p == "symbols") => {
                found.symbols.push((value("name").unwrap_or_default(), Pen::default()));
                layers = 0;
                if let Some(alpha) = value("alpha").and_then(|a| a.parse::<f32>().ok()) {
                    found.opacity = Some(alpha.clamp(0.0, 1.0));
                }
            }
            "layer" if in_renderer > 0 => layers += 1,
            "category" if in_renderer > 0 => {
                let wanted = value("value").filter(|v| !v.is_empty() && value("type").as_deref() != Some("NULL"));
                found.categories.push((
                    wanted,
                    value("label").unwrap_or_default(),
                    value("symbol").unwrap_or_default(),
                ));
            }
            "range" if in_renderer > 0 => {
                let number = |key: &str| value(key).and_then(|v| v.parse::<f64>().ok()).filter(|v| v.is_finite());
                if let (Some(low), Some(high)) = (number("lower"), number("upper")) {
                    found.ranges.push((low, high, value("symbol").unwrap_or_default()));
                }
            }
            // Deeper layers belong to symbols within symbols.
            "prop" | "Option" if in_renderer > 0 && layers == 1 && path.len() <= in_renderer + 5 => {
                let (key, text) =
                    if name == "prop" { (value("k"), value("v")) } else { (value("name"), value("value")) };
                if let (Some((_, pen)), Some(key), Some(text)) = (found.symbols.last_mut(), key, text) {
                    pen.set(&key, &text);
                }
            }
            "text-style" if found.label.is_none() => {
                let size = value("fontSize").and_then(|s| s.parse().ok()).unwrap_or(10.0);
                if let Some(field) = value("fieldName").filter(|f| !f.is_empty()) {
                    found.label = Some(LabelRule {
                        field: field.trim_matches('"').to_owned(),
                        max_distance_m: 3000.0,
                        min_distance_m: 0.0,
                        size,
                    });
                }
            }
            "rendering" => {
                // The scales between which labels show, as distances of an eye before a screen as large as the map.
                let scale = value("scaleMin").and_then(|s| s.parse::<f32>().ok()).filter(|s| *s > 0.0);
                if let (Some(label), Some(scale), Some("1")) =
                    (&mut found.label, scale, value("scaleVisibility").as_deref())
                {
                    label.max_distance_m = scale * EYE_M;
                    let nearest = value("scaleMax").and_then(|s| s.parse::<f32>().ok()).filter(|s| *s > 0.0);
                    label.min_distance_m = nearest.map_or(0.0, |s| s * EYE_M).min(label.max_distance_m);
                }
            }
            _ => {}
        }
        if !empty {
            path.push(name);
        }
    }
    if is_qgis { Ok(found) } else { Err("no <qgis>".to_owned()) }
}

impl Pen {
    fn set(&mut self, key: &str, text: &str) {
        match key {
            "color" if self.fill.is_none() => self.fill = color(text),
            "line_color" | "outline_color" if self.line.is_none() => self.line = color(text),
            "line_width" | "outline_width" if self.width_mm.is_none() => {
                self.width_mm = text.parse().ok().filter(|w: &f32| w.is_finite());
            }
            "outline_style" | "line_style" if text == "no" => self.no_line = true,
            _ => {}
        }
    }

    fn outline(&self) -> Option<(Rgba, f32)> {
        if self.no_line {
            return None;
        }
        self.line.map(|color| (color, metres(self.width_mm)))
    }
}

/// A line on paper as a line on the ground, at the scale of cadastral sheets (1:2000).
fn metres(width_mm: Option<f32>) -> f32 {
    (width_mm.unwrap_or(0.26) * 2.0).clamp(0.2, 50.0)
}

/// "255,160,255,255", of newer versions with more behind it.
fn color(text: &str) -> Option<Rgba> {
    let mut parts = text.split(',').map_while(|p| p.trim().parse::<u8>().ok());
    let (r, g, b) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Rgba(r, g, b, parts.next().unwrap_or(255)))
}

impl Found {
    fn into_style(self, kind: ShapeKind, path: &Path) -> Result<Style, QmlError> {
        let none = |detail: &str| QmlError::NotAStyle { path: path.to_owned(), detail: detail.to_owned() };
        let renderer = self.renderer.as_deref().ok_or_else(|| none("no <renderer-v2>"))?;
        let pen_of = |name: &str| self.symbols.iter().find(|(n, _)| n == name).map(|(_, pen)| *pen);
        let first = self.symbols.first().map(|(_, pen)| *pen).ok_or_else(|| none("no <symbol>"))?;
        let paint = |pen: Pen| match kind {
            ShapeKind::Line => pen.line.or(pen.fill),
            _ => pen.fill.or(pen.line),
        };
        let color_of = |name: &str| pen_of(name).and_then(paint).unwrap_or(UNKNOWN_COLOR);
        let rule = match renderer {
            "singleSymbol" => ColorRule::Single(paint(first).unwrap_or(UNKNOWN_COLOR)),
            "categorizedSymbol" => {
                let other = self.categories.iter().find(|c| c.0.is_none()).map_or(UNKNOWN_COLOR, |c| color_of(&c.2));
                let classes = self
                    .categories
                    .iter()
                    .filter_map(|(value, label, symbol)| {
                        let value = value.clone()?;
                        let label = if label.is_empty() { &value } else { label };
                        Some(Category { label: Text2::same(label), color: color_of(symbol), value })
                    })
                    .collect();
                ColorRule::Categories { field: self.field.clone(), classes, other }
            }
            "graduatedSymbol" => {
                let mut ranges = self.ranges.clone();
                ranges.sort_by(|a, b| a.0.total_cmp(&b.0));
                let stops = ranges
                    .iter()
                    .flat_map(|(low, high, symbol)| [(*low, color_of(symbol)), (*high, color_of(symbol))])
                    .collect();
                ColorRule::Ramp { field: self.field.clone(), stops }
            }
            other => return Err(QmlError::Renderer { path: path.to_owned(), renderer: other.to_owned() }),
        };
        let symbol = match kind {
            ShapeKind::Polygon => Symbol::Fill { color: rule, outline: first.outline() },
            ShapeKind::Line => {
                Symbol::Stroke { color: rule, width: Metres::Fixed(metres(first.width_mm)), casing: None }
            }
            ShapeKind::Point => Symbol::Points { symbol: PointSymbol::Pin, color: rule, height: Metres::Fixed(12.0) },
            ShapeKind::Empty => Symbol::Hidden,
        };
        Ok(Style { opacity: self.opacity.unwrap_or(1.0), label: self.label, ..Style::new(symbol) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: ShapeKind) -> Result<Style, QmlError> {
        let file = tempfile::Builder::new().suffix(".qml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_qml(file.path(), kind)
    }

    /// Shortened from what QGIS 3.22 writes.
    const CATEGORIES: &str = r#"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22" styleCategories="AllStyleCategories">
 <renderer-v2 type="categorizedSymbol" attr="MALOAIDAT" forceraster="0">
  <categories>
   <category value="ODT" symbol="0" label="Đất ở tại đô thị" render="true"/>
   <category value="CLN" symbol="1" label="" render="true"/>
   <category value="" symbol="2" label="khác" render="true"/>
  </categories>
  <symbols>
   <symbol type="fill" name="0" alpha="0.8"><layer class="SimpleFill"><Option type="Map">
     <Option type="QString" name="color" value="255,160,255,255"/>
     <Option type="QString" name="outline_color" value="35,35,35,255"/>
     <Option type="QString" name="outline_width" value="0.5"/></Option></layer>
     <layer class="SimpleFill"><Option type="Map"><Option name="color" value="1,2,3,4"/></Option></layer></symbol>
   <symbol type="fill" name="1"><layer class="SimpleFill"><prop k="color" v="255,210,160,255"/></layer></symbol>
   <symbol type="fill" name="2"><layer class="SimpleFill"><prop k="color" v="9,9,9,255"/></layer></symbol>
  </symbols>
  <source-symbol><symbol name="0"><layer><prop k="color" v="0,0,0,0"/></layer></symbol></source-symbol>
 </renderer-v2>
 <labeling type="simple"><settings><text-style fieldName="SOTHUA" fontSize="9"/>
  <rendering scaleVisibility="1" scaleMin="5000" scaleMax="1"/></settings></labeling>
</qgis>"#;

    #[test]
    fn categories_outlines_and_labels_are_read() {
        let style = read(CATEGORIES, ShapeKind::Polygon).unwrap();
        let Symbol::Fill { color: ColorRule::Categories { field, classes, other }, outline } = style.symbol else {
            panic!()
        };
        assert_eq!(field, "MALOAIDAT");
        let seen: Vec<_> = classes.iter().map(|c| (c.value.as_str(), c.label.vi.as_str(), c.color)).collect();
        assert_eq!(
            seen,
            [("ODT", "Đất ở tại đô thị", Rgba::opaque(255, 160, 255)), ("CLN", "CLN", Rgba::opaque(255, 210, 160))]
        );
        assert_eq!((other, outline), (Rgba::opaque(9, 9, 9), Some((Rgba::opaque(35, 35, 35), 1.0))));
        let label = style.label.unwrap();
        assert_eq!((label.field.as_str(), label.size, label.max_distance_m), ("SOTHUA", 9.0, 3000.0));
    }

    #[test]
    fn ranges_become_steps_and_single_a_colour() {
        let text = r#"<qgis><renderer-v2 type="graduatedSymbol" attr="DT"><ranges>
            <range lower="0.000000" upper="10.5" symbol="0"/><range lower="10.5" upper="50" symbol="1"/></ranges><symbols>
            <symbol name="0"><layer><prop k="line_color" v="1,1,1,255"/></layer></symbol>
            <symbol name="1"><layer><prop k="line_color" v="2,2,2,255"/></layer></symbol></symbols></renderer-v2></qgis>"#;
        let Symbol::Stroke { color: ColorRule::Ramp { stops, .. }, .. } = read(text, ShapeKind::Line).unwrap().symbol
        else {
            panic!()
        };
        let (one, two) = (Rgba::opaque(1, 1, 1), Rgba::opaque(2, 2, 2));
        assert_eq!(stops, [(0.0, one), (10.5, one), (10.5, two), (50.0, two)]);
        let single = text.replace("graduatedSymbol", "singleSymbol");
        let Symbol::Stroke { color, .. } = read(&single, ShapeKind::Line).unwrap().symbol else { panic!() };
        assert_eq!(color, ColorRule::Single(one));
    }

    #[test]
    fn other_renderers_and_other_files_are_errors() {
        let rules = CATEGORIES.replace("categorizedSymbol", "RuleRenderer");
        assert!(matches!(read(&rules, ShapeKind::Polygon), Err(QmlError::Renderer { .. })));
        for text in ["", "<kml/>", "<qgis>", "<qgis><renderer-v2 type=\"singleSymbol\"/></qgis>", "\u{0}"] {
            assert!(matches!(read(text, ShapeKind::Polygon), Err(QmlError::NotAStyle { .. })), "{text}");
        }
        for end in 0..CATEGORIES.len() {
            if let Some(cut) = CATEGORIES.get(..end) {
                let _ = parse(cut);
            }
        }
    }
}
