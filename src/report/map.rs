//! A map on paper: land, a field of values over it, roads, what a plan changes; with scale, north, legend and system.

use super::pdf::{Canvas, Color, FontId, Pdf};
use crate::geo::grid::Grid;
use crate::model::resolve::ramp_color;
use crate::model::style::Rgba;

/// What a map shows, in the site's coordinates.
#[derive(Debug, Clone, Default)]
pub struct MapPicture {
    pub title: String,
    /// (west, south, east, north)
    pub bounds: [f64; 4],
    /// Areas of land: rings.
    pub land: Vec<Vec<Vec<[f64; 2]>>>,
    pub field: Option<Field>,
    /// Lines with colour and width in points.
    pub lines: Vec<(Vec<[f64; 2]>, Rgba, f64)>,
    /// Outlines of what is planned.
    pub outlines: Vec<(Vec<[f64; 2]>, Rgba)>,
    /// Places with their names.
    pub places: Vec<([f64; 2], String)>,
    /// (colour, meaning)
    pub legend: Vec<(Rgba, String)>,
    /// "VN-2000 / TM-3 104°30' (EPSG:9207)"
    pub crs: String,
    /// The letter of north in the reader's language.
    pub north: String,
}

/// Values over the map, and their colours.
#[derive(Debug, Clone)]
pub struct Field {
    pub values: Grid<f32>,
    /// Ascending.
    pub stops: Vec<(f64, Rgba)>,
}

const SEA: Color = Color(0.88, 0.93, 0.96);
const LAND: Color = Color(0.965, 0.96, 0.935);
/// Pixels of a side of the field's picture at most.
const MOST_PIXELS: usize = 900;

impl MapPicture {
    /// Draws into a frame (x, y, width, height) of points; the lower part holds the legend.
    pub fn draw(&self, frame: [f64; 4], canvas: &mut Canvas, pdf: &mut Pdf, fonts: [FontId; 2]) {
        let [x, y, wide, high] = frame;
        let rows = self.legend.len().div_ceil(2) as f64;
        let below = 30.0 + rows * 11.0;
        let map = [x, y + below, wide, high - below - 14.0];
        let scale = self.scale(map);
        let to_page = |p: [f64; 2]| self.to_page(p, map, scale);
        canvas.text([x, y + high - 9.0], 9.5, (fonts[1], pdf.font(fonts[1])), Color::BLACK, &self.title);
        let field = self.field.as_ref().map(|f| picture(f, pdf));
        canvas.clipped(map, |canvas| {
            canvas.rect(map, SEA);
            for rings in &self.land {
                let rings: Vec<Vec<[f64; 2]>> = rings.iter().map(|r| r.iter().map(|p| to_page(*p)).collect()).collect();
                canvas.area(&rings, LAND);
            }
            if let (Some(image), Some(field)) = (field, &self.field) {
                let [w, s, e, n] = field.values.spec.bounds();
                let (low, top) = (to_page([w, s]), to_page([e, n]));
                canvas.image([low[0], low[1], top[0] - low[0], top[1] - low[1]], image);
            }
            for rings in &self.land {
                for ring in rings {
                    let line: Vec<[f64; 2]> = ring.iter().map(|p| to_page(*p)).collect();
                    canvas.line(&line, Color(0.45, 0.52, 0.56), 0.35);
                }
            }
            for (line, color, width) in &self.lines {
                let line: Vec<[f64; 2]> = line.iter().map(|p| to_page(*p)).collect();
                canvas.line(&line, (*color).into(), *width);
            }
            for (line, color) in &self.outlines {
                let line: Vec<[f64; 2]> = line.iter().map(|p| to_page(*p)).collect();
                canvas.line(&line, Color::WHITE, 2.6);
                canvas.line(&line, (*color).into(), 1.4);
            }
            for (at, name) in &self.places {
                let [px, py] = to_page(*at);
                canvas.rect([px - 1.2, py - 1.2, 2.4, 2.4], Color::BLACK);
                canvas.text([px + 3.0, py - 2.0], 6.5, (fonts[0], pdf.font(fonts[0])), Color::BLACK, name);
            }
        });
        canvas.frame(map, Color::GREY, 0.5);
        north(map, &self.north, canvas, pdf, fonts);
        self.foot([x, y, wide, below], scale, canvas, pdf, fonts);
    }

    /// Points on paper a metre on the ground: the whole bounds fit.
    fn scale(&self, map: [f64; 4]) -> f64 {
        let [w, s, e, n] = self.bounds;
        (map[2] / (e - w).max(1.0)).min(map[3] / (n - s).max(1.0))
    }

    fn to_page(&self, [px, py]: [f64; 2], map: [f64; 4], scale: f64) -> [f64; 2] {
        let [w, s, e, n] = self.bounds;
        let (cx, cy) = (f64::midpoint(w, e), f64::midpoint(s, n));
        [(px - cx).mul_add(scale, map[0] + map[2] / 2.0), (py - cy).mul_add(scale, map[1] + map[3] / 2.0)]
    }

    /// Scale bar, system and legend under the map.
    fn foot(&self, [x, y, wide, below]: [f64; 4], scale: f64, canvas: &mut Canvas, pdf: &mut Pdf, fonts: [FontId; 2]) {
        let metres = round_length(wide * 0.28 / scale);
        let long = metres * scale;
        let top = y + below - 9.0;
        canvas.rect([x, top, long / 2.0, 3.0], Color::BLACK);
        canvas.frame([x, top, long, 3.0], Color::BLACK, 0.5);
        let label = if metres >= 1000.0 { format!("{} km", metres / 1000.0) } else { format!("{metres} m") };
        // One to how many: a point is 0.3528 mm.
        let ratio = 1.0 / scale / 0.000_352_778;
        let hundreds = (ratio / 1000.0).round() * 1000.0;
        let ratio = format!("1:{hundreds}");
        canvas.text(
            [x, top - 8.0],
            6.5,
            (fonts[0], pdf.font(fonts[0])),
            Color::BLACK,
            &format!("0 – {label}   {ratio}"),
        );
        let crs_width = pdf.font(fonts[0]).measure(&self.crs, 6.5);
        canvas.text([x + wide - crs_width, top - 8.0], 6.5, (fonts[0], pdf.font(fonts[0])), Color::GREY, &self.crs);
        for (i, (color, text)) in self.legend.iter().enumerate() {
            let left = x + (i % 2) as f64 * wide / 2.0;
            let line = top - 20.0 - (i / 2) as f64 * 11.0;
            canvas.rect([left, line, 10.0, 6.0], (*color).into());
            canvas.frame([left, line, 10.0, 6.0], Color::GREY, 0.3);
            canvas.text([left + 14.0, line], 6.8, (fonts[0], pdf.font(fonts[0])), Color::BLACK, text);
        }
    }
}

fn north([x, y, wide, high]: [f64; 4], letter: &str, canvas: &mut Canvas, pdf: &Pdf, fonts: [FontId; 2]) {
    let (cx, top) = (x + wide - 14.0, y + high - 8.0);
    canvas.area(&[vec![[cx, top], [cx - 4.5, top - 16.0], [cx, top - 12.5]]], Color::BLACK);
    canvas.area(&[vec![[cx, top], [cx + 4.5, top - 16.0], [cx, top - 12.5]]], Color::GREY);
    let wide = pdf.font(fonts[1]).measure(letter, 7.0);
    canvas.text([cx - wide / 2.0, top - 25.0], 7.0, (fonts[1], pdf.font(fonts[1])), Color::BLACK, letter);
}

/// 1, 2 or 5 times a power of ten, not above a length.
fn round_length(most: f64) -> f64 {
    let power = 10_f64.powf(most.max(1.0).log10().floor());
    let times = [5.0, 2.0, 1.0].into_iter().find(|t| t * power <= most).unwrap_or(1.0);
    times * power
}

/// The field as pixels; cells without a value are clear.
fn picture(field: &Field, pdf: &mut Pdf) -> super::pdf::ImageId {
    let spec = &field.values.spec;
    let step = spec.cols.max(spec.rows).div_ceil(MOST_PIXELS).max(1);
    let (cols, rows) = (spec.cols.div_ceil(step), spec.rows.div_ceil(step));
    let mut pixels = Vec::with_capacity(cols * rows);
    for row in 0..rows {
        for col in 0..cols {
            // The greatest of the cells that fall together: a thin line stays.
            let mut most = f32::NAN;
            for r in row * step..((row + 1) * step).min(spec.rows) {
                for c in col * step..((col + 1) * step).min(spec.cols) {
                    let value = field.values.get(c, r);
                    if most.is_nan() || value.abs() > most.abs() {
                        most = value;
                    }
                }
            }
            pixels.push(if most.is_nan() {
                [0, 0, 0, 0]
            } else {
                let Rgba(r, g, b, a) = ramp_color(&field.stops, f64::from(most));
                [r, g, b, a]
            });
        }
    }
    pdf.add_image(cols, rows, &pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_bar_has_a_round_length() {
        for (most, expected) in [(999.0, 500.0), (1000.0, 1000.0), (2300.0, 2000.0), (7.0, 5.0), (19_000.0, 10_000.0)] {
            assert_eq!(round_length(most), expected);
        }
    }
}
