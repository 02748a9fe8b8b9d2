//! Point layers: every feature a model on the ground.

use bevy::math::Vec3;

use super::batch::Batch;
use super::models::{self, Placed};
use crate::base::rng::KeyedRng;
use crate::model::style::PointSymbol;

/// Adds the model of one feature; neighbours differ a little in height and turn, the same every time.
pub fn add_point(batch: &mut Batch, symbol: PointSymbol, foot: Vec3, height: f32, color: [f32; 4], id: u64) {
    let rng = KeyedRng::new(1, 0x70_6f69_6e74);
    let turn = rng.range(0, id, 0.0, std::f64::consts::TAU) as f32;
    let color = if symbol == PointSymbol::Tree {
        let gain = rng.range(1, id, 0.75, 1.15) as f32;
        [color[0] * gain, color[1] * gain, color[2] * gain, color[3]]
    } else {
        color
    };
    models::add_model(batch, symbol, &Placed { foot, height, color, turn });
}
