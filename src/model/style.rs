//! How a layer is drawn. Field names refer to the layer's own table.

use serde::{Deserialize, Serialize};

use crate::base::message::Arg;

/// sRGB with straight alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rgba(pub u8, pub u8, pub u8, pub u8);

impl Rgba {
    #[must_use]
    pub const fn opaque(r: u8, g: u8, b: u8) -> Self {
        Self(r, g, b, 255)
    }
}

/// Which colour a feature gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ColorRule {
    Single(Rgba),
    /// The official land-use palette by the code in a field; see [`super::landuse`].
    LandUse {
        field: String,
    },
    /// One colour for each value of a field (as text), and one for all others.
    Categories {
        field: String,
        classes: Vec<Category>,
        other: Rgba,
    },
    /// Between stops by the number in a field (or the cell, for rasters); ascending.
    Ramp {
        field: String,
        stops: Vec<(f64, Rgba)>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Category {
    pub value: String,
    pub label: Text2,
    pub color: Rgba,
}

/// A name in both languages, for data that comes with a scene. What the program itself says is in the catalogues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text2 {
    pub vi: String,
    pub en: String,
}

impl Text2 {
    /// The same words in both languages: a file name, a user's own title.
    #[must_use]
    pub fn same(text: &str) -> Self {
        Self { vi: text.to_owned(), en: text.to_owned() }
    }
}

impl From<&Text2> for Arg {
    fn from(text: &Text2) -> Self {
        Self::Both { vi: text.vi.clone(), en: text.en.clone() }
    }
}

/// Real pipes are thinner than a pixel from any useful distance: they are drawn this many times as thick.
pub const TUBE_EXAGGERATION: f32 = 8.0;

/// A length in metres: fixed, or from a field times a factor (a diameter in mm has 0.001).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Metres {
    Fixed(f32),
    Field { field: String, factor: f32, fallback: f32 },
}

/// Small 3D models for point layers, made by the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PointSymbol {
    Tree,
    StreetLight,
    Hydrant,
    Valve,
    Meter,
    Manhole,
    Camera,
    FireWatch,
    Wifi,
    AirStation,
    SeaStation,
    WastewaterStation,
    WaterStation,
    Pin,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Symbol {
    /// The elevation raster that everything else stands on.
    Terrain,
    /// Polygons painted on the terrain.
    Fill { color: ColorRule, outline: Option<(Rgba, f32)> },
    /// Lines painted on the terrain, `width` metres wide on the ground but never thinner than a hair on screen.
    Stroke { color: ColorRule, width: Metres, casing: Option<Rgba> },
    /// A raster painted on the terrain.
    Raster { color: ColorRule },
    /// Polygons extruded to blocks.
    Extrude { color: ColorRule, height: Metres },
    /// Lines as tubes, `depth` metres below the ground (negative: above).
    Tube { color: ColorRule, diameter: Metres, depth: Metres },
    /// Points as small models standing on the ground.
    Points { symbol: PointSymbol, color: ColorRule, height: Metres },
    /// Only the labels, if any.
    Hidden,
}

/// Names written at the features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelRule {
    pub field: String,
    /// Shown when the camera is nearer than this, metres.
    pub max_distance_m: f32,
    /// And farther than this: the names of communes give way to those of streets.
    #[serde(default)]
    pub min_distance_m: f32,
    /// Text size, points.
    pub size: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Style {
    pub symbol: Symbol,
    /// 0 to 1.
    pub opacity: f32,
    pub label: Option<LabelRule>,
}

/// How far people sit from the screen, metres: turns a map's scale (1 : n) into a distance to what it shows and back.
pub const EYE_M: f32 = 0.6;

impl Style {
    #[must_use]
    pub fn new(symbol: Symbol) -> Self {
        Self { symbol, opacity: 1.0, label: None }
    }
}
