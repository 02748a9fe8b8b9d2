//! Painting a tile: every draped layer, in order, into one texture.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Rect, Stroke, Transform,
};

use super::super::resolve::ramp_color;
use super::base;
use super::drape::{Drape, Ground, Painted};
use crate::geo::grid::Grid;
use crate::geo::shape::{Shape, ShapeKind};
use crate::model::style::Rgba;

/// Texels along the side of a tile.
pub const TILE_PIXELS: u32 = 512;
/// Footprints are painted where a texel is larger than this: nearer, the blocks themselves stand there.
const FOOTPRINT_TEXEL_M: f64 = 5.0;
/// Outlines are left out where a texel is larger than this: they would hide what they enclose.
const OUTLINE_TEXEL_M: f64 = 3.0;

/// Where a tile lies, and how large its texels are.
struct Frame {
    west: f64,
    north: f64,
    texel: f64,
    bounds: [f64; 4],
}

impl Frame {
    fn pixel(&self, [x, y]: [f64; 2]) -> (f32, f32) {
        (((x - self.west) / self.texel) as f32, ((self.north - y) / self.texel) as f32)
    }
}

/// sRGB RGBA bytes with all mip levels, largest first. `site_bounds` in site metres.
#[must_use]
pub fn paint_tile(ground: &Ground, site_bounds: [f64; 4]) -> Vec<u8> {
    let [ox, oy] = ground.origin;
    let [w, s, e, n] = site_bounds;
    let bounds = [w + ox, s + oy, e + ox, n + oy];
    let frame = Frame { west: bounds[0], north: bounds[3], texel: (e - w) / f64::from(TILE_PIXELS), bounds };
    let pixels = TILE_PIXELS as usize;
    let mut rgba = paint_rasters(ground, &frame);
    let vectors = ground.layers.iter().filter(|(l, _)| !is_raster(&l.drape));
    base::grain(&mut rgba, bounds, pixels);
    if let Some(mut pixmap) = into_pixmap(rgba.clone()) {
        for (layer, opacity) in vectors {
            paint_vector(&mut pixmap, &frame, &layer.drape, *opacity);
        }
        rgba = pixmap.take();
    }
    with_mips(rgba, pixels)
}

fn is_raster(drape: &Drape) -> bool {
    matches!(drape, Drape::Raster { .. } | Drape::Classes { .. })
}

/// Samples of rasters lie no further apart than this share of the terrain's cell: more would show nothing new.
const SAMPLES_PER_CELL: f64 = 4.0;

/// The bare ground and all rasters over it. Near the ground a texel is much smaller than a cell: fewer samples are
/// taken then, and blown up.
fn paint_rasters(ground: &Ground, frame: &Frame) -> Vec<u8> {
    let enough = ground.terrain.spec.cell_width() / SAMPLES_PER_CELL;
    let factor = [8, 4, 2].into_iter().find(|f| frame.texel * f64::from(*f) <= enough).unwrap_or(1);
    let pixels = TILE_PIXELS / factor;
    if factor == 1 {
        return sample_rasters(ground, frame, TILE_PIXELS as usize);
    }
    // One sample more on every side, so that neighbouring tiles meet in the same colours.
    let texel = frame.texel * f64::from(factor);
    let [w, s, e, n] = frame.bounds;
    let bounds = [w - texel, s - texel, e + texel, n + texel];
    let coarse = Frame { west: bounds[0], north: bounds[3], texel, bounds };
    let samples = pixels as usize + 2;
    blow_up(&sample_rasters(ground, &coarse, samples), samples, factor as usize)
}

fn sample_rasters(ground: &Ground, frame: &Frame, pixels: usize) -> Vec<u8> {
    let mut rgba = base::paint(&ground.terrain, frame.bounds, pixels);
    for (layer, opacity) in &ground.layers {
        match &layer.drape {
            Drape::Raster { cells, stops } => blend_raster(&mut rgba, frame, pixels, cells, stops, *opacity),
            Drape::Classes { cells, colors } => blend_classes(&mut rgba, frame, pixels, cells, colors, *opacity),
            _ => {}
        }
    }
    rgba
}

/// Bilinear, `factor` texels a sample; the outermost samples lie outside the result.
fn blow_up(rgba: &[u8], samples: usize, factor: usize) -> Vec<u8> {
    let pixels = (samples - 2) * factor;
    // In halves of a texel, so that everything is a whole number.
    let place = |i: usize| {
        let half = 2 * i + 1 + factor;
        (half / (2 * factor), (half % (2 * factor)) as u32)
    };
    let whole = 2 * factor as u32;
    let mut out = Vec::with_capacity(pixels * pixels * 4);
    for row in 0..pixels {
        let (r, tr) = place(row);
        let (above, below) = (&rgba[r * samples * 4..], &rgba[(r + 1) * samples * 4..]);
        for col in 0..pixels {
            let (c, tc) = place(col);
            for channel in 0..3 {
                let at = |line: &[u8], k: usize| u32::from(line[(c + k) * 4 + channel]);
                let upper = at(above, 0) * (whole - tc) + at(above, 1) * tc;
                let lower = at(below, 0) * (whole - tc) + at(below, 1) * tc;
                out.push(((upper * (whole - tr) + lower * tr + whole * whole / 2) / (whole * whole)) as u8);
            }
            out.push(255);
        }
    }
    out
}

/// The ground is opaque, so straight and premultiplied bytes are the same.
fn into_pixmap(rgba: Vec<u8>) -> Option<Pixmap> {
    Pixmap::from_vec(rgba, tiny_skia::IntSize::from_wh(TILE_PIXELS, TILE_PIXELS)?)
}

fn paint_vector(target: &mut Pixmap, frame: &Frame, drape: &Drape, opacity: f32) {
    if matches!(drape, Drape::Footprints { .. }) && frame.texel < FOOTPRINT_TEXEL_M {
        return;
    }
    if opacity >= 0.999 {
        paint_features(target, frame, drape);
    } else if let Some(mut own) = Pixmap::new(TILE_PIXELS, TILE_PIXELS) {
        paint_features(&mut own, frame, drape);
        let paint = PixmapPaint { opacity, ..PixmapPaint::default() };
        target.draw_pixmap(0, 0, own.as_ref(), &paint, Transform::identity(), None);
    }
}

fn paint_features(target: &mut Pixmap, frame: &Frame, drape: &Drape) {
    match drape {
        Drape::Fill { features, outline } => {
            fill(target, frame, features);
            if let Some((color, width)) = outline.filter(|_| frame.texel < OUTLINE_TEXEL_M) {
                for row in features.index.in_box(frame.bounds) {
                    stroke(target, frame, features.table.geometry.get(row), color, width);
                }
            }
        }
        Drape::Footprints { features } => fill(target, frame, features),
        Drape::Stroke { features, widths, casing } => {
            let rows = features.index.in_box(grow(frame.bounds, 40.0));
            let hairline = 0.7 * frame.texel as f32;
            // A casing thinner than a texel only muddies the line.
            if let Some(color) = casing.filter(|_| frame.texel < 2.5) {
                for &row in &rows {
                    let width = widths[row].max(hairline) + (1.2f32).max(1.6 * frame.texel as f32);
                    stroke(target, frame, features.table.geometry.get(row), color, width);
                }
            }
            for &row in &rows {
                // Lines too thin to draw fade instead of turning the map grey.
                let fade = (widths[row] / hairline).clamp(0.35, 1.0);
                let Rgba(r, g, b, a) = features.colors[row];
                let color = Rgba(r, g, b, (f32::from(a) * fade) as u8);
                stroke(target, frame, features.table.geometry.get(row), color, widths[row].max(hairline));
            }
        }
        Drape::Raster { .. } | Drape::Classes { .. } => {}
    }
}

fn grow([w, s, e, n]: [f64; 4], by: f64) -> [f64; 4] {
    [w - by, s - by, e + by, n + by]
}

fn paint_of(color: Rgba) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(Color::from_rgba8(color.0, color.1, color.2, color.3));
    paint.anti_alias = true;
    paint
}

fn fill(target: &mut Pixmap, frame: &Frame, features: &Painted) {
    for row in features.index.in_box(frame.bounds) {
        let shape = features.table.geometry.get(row);
        let Some([w, s, e, n]) = shape.bounds() else { continue };
        let paint = paint_of(features.colors[row]);
        // Smaller than a texel or two: its box looks the same and costs a hundredth.
        if (e - w).max(n - s) < 2.0 * frame.texel {
            let ((x0, y0), (x1, y1)) = (frame.pixel([w, n]), frame.pixel([e, s]));
            if let Some(rect) = Rect::from_ltrb(x0, y0, x1.max(x0 + 0.5), y1.max(y0 + 0.5)) {
                target.fill_rect(rect, &paint, Transform::identity(), None);
            }
        } else if let Some(path) = path_of(frame, shape) {
            target.fill_path(&path, &paint, FillRule::EvenOdd, Transform::identity(), None);
        }
    }
}

fn stroke(target: &mut Pixmap, frame: &Frame, shape: Shape<'_>, color: Rgba, width_m: f32) {
    let Some(path) = path_of(frame, shape) else { return };
    let width = (width_m / frame.texel as f32).max(0.3);
    let pen = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    target.stroke_path(&path, &paint_of(color), &pen, Transform::identity(), None);
}

fn path_of(frame: &Frame, shape: Shape<'_>) -> Option<Path> {
    if !matches!(shape.kind(), ShapeKind::Line | ShapeKind::Polygon) {
        return None;
    }
    let mut builder = PathBuilder::new();
    for ring in shape.rings() {
        let mut pen_down = false;
        for &point in ring.points() {
            let (x, y) = frame.pixel(point);
            if !(x.is_finite() && y.is_finite()) {
                continue;
            }
            // tiny-skia's fixed-point rasteriser gives up far outside: such lines are clipped to a wide margin.
            let (x, y) = (x.clamp(-20_000.0, 20_000.0), y.clamp(-20_000.0, 20_000.0));
            if pen_down {
                builder.line_to(x, y);
            } else {
                builder.move_to(x, y);
            }
            pen_down = true;
        }
        if pen_down && shape.kind() == ShapeKind::Polygon {
            builder.close();
        }
    }
    builder.finish()
}

/// Blends a colour into an opaque pixel.
fn blend(pixel: &mut [u8], color: [f32; 4], opacity: f32) {
    let alpha = color[3] / 255.0 * opacity;
    for (channel, value) in pixel.iter_mut().zip(color).take(3) {
        // Without a fused multiplication: it is a call of a function on every processor that we build for.
        let old = f32::from(*channel);
        *channel = ((value - old) * alpha + old + 0.5) as u8;
    }
}

fn for_each_texel(rgba: &mut [u8], frame: &Frame, pixels: usize, mut change: impl FnMut(&mut [u8], [f64; 2])) {
    for (i, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        let (col, row) = ((i % pixels) as f64 + 0.5, (i / pixels) as f64 + 0.5);
        change(pixel, [col.mul_add(frame.texel, frame.west), row.mul_add(-frame.texel, frame.north)]);
    }
}

fn blend_raster(rgba: &mut [u8], frame: &Frame, pixels: usize, cells: &Grid<f32>, stops: &[(f64, Rgba)], opacity: f32) {
    for_each_texel(rgba, frame, pixels, |pixel, xy| {
        let value = cells.bilinear(xy);
        if !value.is_nan() {
            let Rgba(r, g, b, a) = ramp_color(stops, f64::from(value));
            blend(pixel, [r, g, b, a].map(f32::from), opacity);
        }
    });
}

/// Classes have no values between them, but their colours do: the four nearest cells are mixed, so that cells of
/// 30 m do not show as squares from close by.
fn blend_classes(rgba: &mut [u8], frame: &Frame, pixels: usize, cells: &Grid<u16>, colors: &[Rgba], opacity: f32) {
    let clear = [0.0; 4];
    let color_at = |col: f64, row: f64| {
        if col < 0.0 || row < 0.0 || col >= cells.spec.cols as f64 || row >= cells.spec.rows as f64 {
            return clear;
        }
        let class = cells.get(col as usize, row as usize);
        colors.get(usize::from(class)).map_or(clear, |c| [c.0, c.1, c.2, c.3].map(f32::from))
    };
    for_each_texel(rgba, frame, pixels, |pixel, xy| {
        let [col, row] = cells.spec.cell_coordinates(xy);
        let (c0, r0) = ((col - 0.5).floor(), (row - 0.5).floor());
        let (fc, fr) = ((col - 0.5 - c0) as f32, (row - 0.5 - r0) as f32);
        let corners = [
            (color_at(c0, r0), (1.0 - fc) * (1.0 - fr)),
            (color_at(c0 + 1.0, r0), fc * (1.0 - fr)),
            (color_at(c0, r0 + 1.0), (1.0 - fc) * fr),
            (color_at(c0 + 1.0, r0 + 1.0), fc * fr),
        ];
        let alpha: f32 = corners.iter().map(|(c, weight)| c[3] * weight).sum();
        if alpha > 0.0 {
            let mixed = [0, 1, 2].map(|k| corners.iter().map(|(c, weight)| c[k] * c[3] * weight).sum::<f32>() / alpha);
            blend(pixel, [mixed[0], mixed[1], mixed[2], alpha], opacity);
        }
    });
}

/// Appends the halved levels down to one texel, each the mean of four.
#[must_use]
pub fn with_mips(mut rgba: Vec<u8>, pixels: usize) -> Vec<u8> {
    let (mut from, mut size) = (0, pixels);
    while size > 1 {
        let half = size / 2;
        for row in 0..half {
            for col in 0..half {
                for channel in 0..4 {
                    let at = |dx: usize, dy: usize| {
                        u16::from(rgba[from + ((row * 2 + dy) * size + col * 2 + dx) * 4 + channel])
                    };
                    let mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1) + 2) / 4;
                    rgba.push(mean as u8);
                }
            }
        }
        from += size * size * 4;
        size = half;
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blowing_up_keeps_flats_flat_and_slopes_even() {
        let (samples, factor) = (6, 4);
        let rgba: Vec<u8> = (0..samples * samples).flat_map(|i| [(i % samples * 40) as u8, 90, 90, 255]).collect();
        let out = blow_up(&rgba, samples, factor);
        assert_eq!(out.len(), 16 * 16 * 4);
        assert!(out.chunks_exact(4).all(|p| p[1..] == [90, 90, 255]));
        // A sample's middle lies between its two middle texels; the slope is 10 a texel all the way.
        let row: Vec<i32> = out[..16 * 4].chunks_exact(4).map(|p| i32::from(p[0])).collect();
        assert!(row.windows(2).all(|w| w[1] - w[0] == 10), "{row:?}");
        assert_eq!(row[1] + row[2], 80);
    }
}
