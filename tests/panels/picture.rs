//! Panels as pictures without a graphics card, to be looked at: their triangles painted by a few lines of our own.
//!     ISLAND_TWIN_PICTURES=FOLDER cargo test --features panel-tests --test panels -- --ignored pictures

#![allow(clippy::many_single_char_names, reason = "corners, coordinates and shares")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::redundant_closure_for_method_calls, reason = "the method's own path is longer than the closure")]

use std::path::Path;

use egui::epaint::Primitive;
use egui::{Color32, ColorImage, Pos2};

use super::*;

/// What a screen of these panels shows, as binary PPM; the map is left grey.
pub(crate) fn save(harness: &Harness<'static, App>, path: &Path) {
    let shapes = harness.output().shapes.clone();
    let pieces = harness.ctx.tessellate(shapes, 1.0);
    let atlas = harness.ctx.fonts(|fonts| fonts.image());
    let [width, height] = [1280, 720];
    let mut canvas = vec![[190.0_f32, 200.0, 205.0]; width * height];
    for piece in pieces {
        let Primitive::Mesh(mesh) = &piece.primitive else { continue };
        let clip = piece.clip_rect;
        for corners in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [0, 1, 2].map(|k| mesh.vertices[corners[k] as usize]);
            let area = cross(a.pos, b.pos, c.pos);
            if area == 0.0 {
                continue;
            }
            let span =
                |low: f32, high: f32, most: usize| (low.max(0.0) as usize)..((high.ceil().max(0.0) as usize).min(most));
            let of = |axis: fn(Pos2) -> f32| [axis(a.pos), axis(b.pos), axis(c.pos)];
            let (xs, ys) = (of(|p| p.x), of(|p| p.y));
            let (left, right) = (min(xs).max(clip.left()), max(xs).min(clip.right()));
            let (top, bottom) = (min(ys).max(clip.top()), max(ys).min(clip.bottom()));
            for y in span(top, bottom, height) {
                for x in span(left, right, width) {
                    let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                    let share =
                        [cross(b.pos, c.pos, at), cross(c.pos, a.pos, at), cross(a.pos, b.pos, at)].map(|s| s / area);
                    if share.iter().any(|s| *s < 0.0) || !clip.contains(at) {
                        continue;
                    }
                    let mix =
                        |f: fn(&egui::epaint::Vertex) -> f32| share[0] * f(&a) + share[1] * f(&b) + share[2] * f(&c);
                    let texel = texel(&atlas, mix(|v| v.uv.x), mix(|v| v.uv.y));
                    let tint = [mix(|v| v.color.r().into()), mix(|v| v.color.g().into()), mix(|v| v.color.b().into())];
                    let cover = mix(|v| v.color.a().into()) / 255.0 * f32::from(texel.a()) / 255.0;
                    let pixel = &mut canvas[y * width + x];
                    for (k, t) in [texel.r(), texel.g(), texel.b()].into_iter().enumerate() {
                        pixel[k] = tint[k] * f32::from(t) / 255.0 + pixel[k] * (1.0 - cover);
                    }
                }
            }
        }
    }
    let mut bytes = format!("P6 {width} {height} 255\n").into_bytes();
    bytes.extend(canvas.iter().flatten().map(|v| v.clamp(0.0, 255.0) as u8));
    std::fs::write(path, bytes).unwrap();
}

fn min(v: [f32; 3]) -> f32 {
    v[0].min(v[1]).min(v[2])
}

fn max(v: [f32; 3]) -> f32 {
    v[0].max(v[1]).max(v[2])
}

fn cross(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// The nearest: letters are drawn at whole pixels.
fn texel(atlas: &ColorImage, u: f32, v: f32) -> Color32 {
    let [width, height] = atlas.size;
    let at = |share: f32, size: usize| ((share * size as f32) as usize).min(size - 1);
    atlas.pixels[at(v, height) * width + at(u, width)]
}
