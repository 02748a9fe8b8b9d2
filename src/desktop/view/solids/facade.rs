//! The small repeating texture of walls: one bay with one window on every storey.

use bevy::image::{Image, ImageAddressMode};
use bevy::render::render_resource::Extent3d;

use crate::desktop::view::ground::paint::with_mips;
use crate::desktop::view::ground::plugin::mipped_image;

/// What one repetition of the texture covers.
pub const BAY_WIDTH_M: f32 = 3.6;
pub const STOREY_HEIGHT_M: f32 = 3.4;

const PIXELS: usize = 64;

/// White wall, so that the vertex colour shows, with a dark window and a light sill.
#[must_use]
pub fn image(anisotropy: u16) -> Image {
    let mut rgba = Vec::with_capacity(PIXELS * PIXELS * 4);
    for y in 0..PIXELS {
        for x in 0..PIXELS {
            let inside = (18..46).contains(&x) && (16..44).contains(&y);
            let frame = inside && !((20..44).contains(&x) && (18..42).contains(&y) && x != 31 && x != 32);
            let sill = (16..48).contains(&x) && (44..47).contains(&y);
            let floor_line = y >= 62;
            rgba.extend(match () {
                () if frame || sill => [236, 236, 232, 255],
                () if inside => [96, 118, 134, 255],
                () if floor_line => [225, 225, 222, 255],
                () => [255, 255, 255, 255],
            });
        }
    }
    let size = Extent3d { width: PIXELS as u32, height: PIXELS as u32, depth_or_array_layers: 1 };
    mipped_image(with_mips(rgba, PIXELS), size, ImageAddressMode::Repeat, anisotropy)
}
