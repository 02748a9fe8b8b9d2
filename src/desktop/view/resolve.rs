//! Styles applied to rows, and their colours as the graphics card takes them.

pub use crate::model::resolve::{ramp_color, row_colors, row_metres};
use crate::model::style::Rgba;

/// Linear RGBA for vertex colours.
#[must_use]
pub fn linear(color: Rgba) -> [f32; 4] {
    use bevy::color::ColorToComponents;
    bevy::color::LinearRgba::from(bevy::color::Srgba::rgba_u8(color.0, color.1, color.2, color.3)).to_f32_array()
}
