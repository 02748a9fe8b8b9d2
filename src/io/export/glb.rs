//! Ground and buildings as binary glTF 2.0 (Khronos Group 2021, ISO/IEC 12113): one mesh a layer, colours at the corners.
//!
//! glTF's axes are x = east, y = up, z = south, in metres from the middle of the extent; where that is stands in the
//! file's `extras`. Viewers need no more than the core of the format.

use std::path::Path;

use geo::{LineString, Polygon, TriangulateEarcut};
use serde_json::{Value as Json, json};

use super::ExportError;
use crate::geo::crs::Crs;
use crate::geo::grid::Grid;
use crate::geo::measure::ring_area;
use crate::geo::shape::{Part, Ring, ShapeKind};
use crate::io::staging::Staging;
use crate::model::resolve::{ramp_color, row_colors, row_metres};
use crate::model::style::{ColorRule, Metres, Rgba, Symbol};
use crate::model::table::FeatureTable;
use crate::model::zoning::field;

/// What is written. All coordinates are in one projected system in metres.
#[derive(Debug, Clone, Copy)]
pub struct GlbScene<'a> {
    pub crs: &'a Crs,
    /// (west, south, east, north): the ground is cut there; a block that reaches over the edge stays whole.
    pub extent: [f64; 4],
    pub terrain: Option<&'a Grid<f32>>,
    pub layers: &'a [GlbLayer<'a>],
}

/// Polygons as blocks.
#[derive(Debug, Clone, Copy)]
pub struct GlbLayer<'a> {
    pub name: &'a str,
    pub table: &'a FeatureTable,
    pub symbol: &'a Symbol,
}

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GlbCounts {
    pub triangles: usize,
    pub features: usize,
}

/// # Errors
/// [`ExportError`]; the target is then as it was before.
pub fn write_glb(scene: GlbScene<'_>, path: &Path) -> Result<GlbCounts, ExportError> {
    let [west, south, east, north] = scene.extent;
    let middle = [f64::midpoint(west, east).round(), f64::midpoint(south, north).round()];
    let mut counts = GlbCounts::default();
    let mut meshes: Vec<(String, Mesh)> = Vec::new();
    if let Some(terrain) = scene.terrain {
        meshes.push(("terrain".to_owned(), ground(terrain, scene.extent, middle)));
    }
    for layer in scene.layers {
        let mut mesh = Mesh::new(middle);
        counts.features += blocks(layer, scene.terrain, scene.extent, &mut mesh);
        meshes.push((layer.name.to_owned(), mesh));
    }
    meshes.retain(|(_, mesh)| !mesh.indices.is_empty());
    counts.triangles = meshes.iter().map(|(_, mesh)| mesh.indices.len() / 3).sum();
    if meshes.is_empty() {
        return Err(ExportError::DoesNotFit { path: path.to_owned(), detail: "nothing solid lies there".to_owned() });
    }
    let bytes = container(scene.crs, middle, &meshes);
    let staging = Staging::beside(path).map_err(|e| ExportError::write(path, e))?;
    std::fs::write(staging.path(), bytes)
        .and_then(|()| staging.commit(&[]))
        .map_err(|e| ExportError::write(path, e))?;
    Ok(counts)
}

struct Mesh {
    middle: [f64; 2],
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    /// sRGB bytes; written linear.
    colors: Vec<Rgba>,
    indices: Vec<u32>,
}

impl Mesh {
    fn new(middle: [f64; 2]) -> Self {
        Self { middle, positions: Vec::new(), normals: Vec::new(), colors: Vec::new(), indices: Vec::new() }
    }

    fn vertex(&mut self, [x, y]: [f64; 2], height: f32, normal: [f32; 3], color: Rgba) -> u32 {
        self.positions.push([(x - self.middle[0]) as f32, height, (self.middle[1] - y) as f32]);
        self.normals.push(normal);
        self.colors.push(color);
        u32::try_from(self.positions.len() - 1).unwrap_or(u32::MAX)
    }
}

/// Ground beyond this is thinned out, vertices.
const MOST_GROUND: usize = 1_000_000;

/// Heights in metres and what is seen there: sea floor, beach, fields, forest, rock.
const GROUND: [(f64, Rgba); 6] = [
    (-30.0, Rgba::opaque(40, 80, 120)),
    (0.0, Rgba::opaque(120, 160, 180)),
    (0.5, Rgba::opaque(222, 208, 165)),
    (20.0, Rgba::opaque(140, 168, 104)),
    (200.0, Rgba::opaque(82, 124, 74)),
    (600.0, Rgba::opaque(120, 112, 96)),
];

fn ground(terrain: &Grid<f32>, [west, south, east, north]: [f64; 4], middle: [f64; 2]) -> Mesh {
    let spec = &terrain.spec;
    let mut mesh = Mesh::new(middle);
    let range = |from: f64, to: f64, most: usize| {
        let clamp = |v: f64| (v.floor().max(0.0) as usize).min(most);
        clamp(from)..clamp(to + 1.0)
    };
    let [left, top] = spec.cell_coordinates([west, north]);
    let [right, bottom] = spec.cell_coordinates([east, south]);
    let (cols, rows) = (range(left, right, spec.cols), range(top, bottom, spec.rows));
    let step =
        (1..=cols.len().max(1)).find(|s| cols.len().div_ceil(*s) * rows.len().div_ceil(*s) <= MOST_GROUND).unwrap_or(1);
    let cols: Vec<usize> = cols.step_by(step).collect();
    let rows: Vec<usize> = rows.step_by(step).collect();
    let height = |col: usize, row: usize| terrain.get(col, row);
    let mut numbers: Vec<Option<u32>> = Vec::with_capacity(cols.len() * rows.len());
    for &row in &rows {
        for &col in &cols {
            let here = height(col, row);
            numbers.push(here.is_finite().then(|| {
                let known = |c: usize, r: usize| Some(height(c, r)).filter(|h| h.is_finite()).unwrap_or(here);
                let (w, e) = (known(col.saturating_sub(1), row), known((col + 1).min(spec.cols - 1), row));
                let (n, s) = (known(col, row.saturating_sub(1)), known(col, (row + 1).min(spec.rows - 1)));
                let slope = [(w - e) / (2.0 * spec.cell_width() as f32), (n - s) / (2.0 * spec.cell_height() as f32)];
                let normal = unit([slope[0], 1.0, slope[1]]);
                mesh.vertex(spec.centre(col, row), here, normal, ramp_color(&GROUND, f64::from(here)))
            }));
        }
    }
    for j in 1..rows.len() {
        for i in 1..cols.len() {
            let at = |i: usize, j: usize| numbers[j * cols.len() + i];
            if let (Some(nw), Some(ne), Some(sw), Some(se)) = (at(i - 1, j - 1), at(i, j - 1), at(i - 1, j), at(i, j)) {
                mesh.indices.extend([nw, sw, ne, ne, sw, se]);
            }
        }
    }
    mesh
}

fn unit([x, y, z]: [f32; 3]) -> [f32; 3] {
    let length = (x * x + y * y + z * z).sqrt();
    [x / length, y / length, z / length]
}

/// A block whose table gives no height, metres.
const ASSUMED_HEIGHT_M: f32 = 3.3;

/// How many features were written.
fn blocks(
    layer: &GlbLayer<'_>,
    terrain: Option<&Grid<f32>>,
    [west, south, east, north]: [f64; 4],
    mesh: &mut Mesh,
) -> usize {
    let from_field = Metres::Field { field: field::MAX_HEIGHT_M.to_owned(), factor: 1.0, fallback: ASSUMED_HEIGHT_M };
    let grey = ColorRule::Single(Rgba::opaque(200, 196, 188));
    let (color, height) = match layer.symbol {
        Symbol::Extrude { color, height } => (color, height),
        Symbol::Fill { color, .. } => (color, &from_field),
        _ => (&grey, &from_field),
    };
    let (colors, heights) = (row_colors(layer.table, color), row_metres(layer.table, height));
    let mut written = 0;
    for (row, shape) in layer.table.geometry.iter().enumerate() {
        let near = shape.bounds().is_some_and(|b| b[0] <= east && b[2] >= west && b[1] <= north && b[3] >= south);
        if shape.kind() != ShapeKind::Polygon || !near || !shape.points().iter().flatten().all(|v| v.is_finite()) {
            continue;
        }
        // A block stands on the lowest ground under its corners.
        let ground = terrain.map_or(0.0, |terrain| {
            let under = shape.points().iter().map(|p| terrain.bilinear(*p)).filter(|h| h.is_finite());
            under.reduce(f32::min).unwrap_or(0.0)
        });
        let top = ground + heights[row].max(0.1);
        for part in shape.parts() {
            block(mesh, part, ground, top, colors[row]);
        }
        written += 1;
    }
    written
}

fn block(mesh: &mut Mesh, part: Part<'_>, ground: f32, top: f32, color: Rgba) {
    let rings: Vec<&[[f64; 2]]> = part.rings().map(Ring::points).filter(|ring| ring.len() >= 4).collect();
    let Some((outer, holes)) = rings.split_first() else { return };
    for (i, ring) in rings.iter().enumerate() {
        let outwards = (ring_area(ring) > 0.0) == (i == 0);
        for side in ring.windows(2) {
            let (a, b) = if outwards { (side[0], side[1]) } else { (side[1], side[0]) };
            if a == b {
                continue;
            }
            let normal = unit([(b[1] - a[1]) as f32, 0.0, (b[0] - a[0]) as f32]);
            let corners = [(a, ground), (b, ground), (b, top), (a, top)].map(|(p, h)| mesh.vertex(p, h, normal, color));
            mesh.indices.extend([0, 1, 2, 0, 2, 3].map(|k| corners[k]));
        }
    }
    let line = |ring: &[[f64; 2]]| LineString::from(ring.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>());
    let roof = Polygon::new(line(outer), holes.iter().map(|h| line(h)).collect()).earcut_triangles_raw();
    let corners: Vec<u32> = roof.vertices.iter().map(|p| mesh.vertex(*p, top, [0.0, 1.0, 0.0], color)).collect();
    for t in roof.triangle_indices.chunks_exact(3) {
        let [a, b, c] = [t[0], t[1], t[2]].map(|i| roof.vertices[i]);
        let left = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0;
        let (second, third) = if left { (t[1], t[2]) } else { (t[2], t[1]) };
        mesh.indices.extend([corners[t[0]], corners[second], corners[third]]);
    }
}

/// Numbers of the format: §5.1.3 (component types), §5.11.5 (targets).
const UNSIGNED_BYTE: u32 = 5121;
const UNSIGNED_INT: u32 = 5125;
const FLOAT: u32 = 5126;
const ARRAY_BUFFER: u32 = 34962;
const ELEMENT_ARRAY_BUFFER: u32 = 34963;

/// Everything that is binary, and what lies where.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    views: Vec<Json>,
    accessors: Vec<Json>,
}

impl Buffer {
    /// The accessor's number.
    fn add(&mut self, data: &[u8], target: u32, mut accessor: Json) -> usize {
        self.views.push(json!({
            "buffer": 0, "byteOffset": self.bytes.len(), "byteLength": data.len(), "target": target
        }));
        accessor["bufferView"] = json!(self.views.len() - 1);
        self.bytes.extend_from_slice(data);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.accessors.push(accessor);
        self.accessors.len() - 1
    }
}

fn container(crs: &Crs, middle: [f64; 2], meshes: &[(String, Mesh)]) -> Vec<u8> {
    let mut buffer = Buffer::default();
    let mut described = Vec::new();
    for (name, mesh) in meshes {
        let n = mesh.positions.len();
        let bound = |pick: fn(f32, f32) -> f32| -> Vec<f32> {
            (0..3).map(|k| mesh.positions.iter().map(|p| p[k]).reduce(pick).unwrap_or(0.0)).collect()
        };
        let colors: Vec<u8> = mesh.colors.iter().flat_map(|c| [linear(c.0), linear(c.1), linear(c.2), 255]).collect();
        let position = buffer.add(
            bytemuck::cast_slice(&mesh.positions),
            ARRAY_BUFFER,
            json!({"componentType": FLOAT, "count": n, "type": "VEC3", "min": bound(f32::min), "max": bound(f32::max)}),
        );
        let normal = buffer.add(
            bytemuck::cast_slice(&mesh.normals),
            ARRAY_BUFFER,
            json!({"componentType": FLOAT, "count": n, "type": "VEC3"}),
        );
        let color = buffer.add(
            &colors,
            ARRAY_BUFFER,
            json!({"componentType": UNSIGNED_BYTE, "normalized": true, "count": n, "type": "VEC4"}),
        );
        let indices = buffer.add(
            bytemuck::cast_slice(&mesh.indices),
            ELEMENT_ARRAY_BUFFER,
            json!({"componentType": UNSIGNED_INT, "count": mesh.indices.len(), "type": "SCALAR"}),
        );
        described.push(json!({
            "name": name,
            "primitives": [{
                "attributes": {"POSITION": position, "NORMAL": normal, "COLOR_0": color},
                "indices": indices, "material": 0,
            }],
        }));
    }
    let nodes: Vec<Json> = meshes.iter().enumerate().map(|(i, (name, _))| json!({"name": name, "mesh": i})).collect();
    let document = json!({
        "asset": {
            "version": "2.0",
            "generator": concat!("island-twin ", env!("CARGO_PKG_VERSION")),
            "extras": {"crs": crs.to_string(), "origin": middle, "axes": "x east, y up, z south; metres"},
        },
        "scene": 0,
        "scenes": [{"nodes": (0..nodes.len()).collect::<Vec<_>>()}],
        "nodes": nodes,
        "meshes": described,
        "materials": [{"name": "matt", "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 1.0}}],
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": buffer.bytes.len()}],
    });
    let mut text = document.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let mut out = Vec::with_capacity(28 + text.len() + buffer.bytes.len());
    out.extend_from_slice(b"glTF");
    out.extend_from_slice(&2_u32.to_le_bytes());
    out.extend_from_slice(&size(28 + text.len() + buffer.bytes.len()));
    out.extend_from_slice(&size(text.len()));
    out.extend_from_slice(b"JSON");
    out.extend_from_slice(&text);
    out.extend_from_slice(&size(buffer.bytes.len()));
    out.extend_from_slice(b"BIN\0");
    out.extend_from_slice(&buffer.bytes);
    out
}

/// sRGB to linear (IEC 61966-2-1).
fn linear(byte: u8) -> u8 {
    let v = f32::from(byte) / 255.0;
    let linear = if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    (linear * 255.0).round() as u8
}
