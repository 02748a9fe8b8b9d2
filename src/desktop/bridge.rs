//! The only place where site coordinates (f64 metres, east-north-up) and Bevy's world (f32, Y up) meet.

use bevy::math::Vec3;

/// Site metres (east, north, up) to Bevy's world: x east, y up, z south.
#[must_use]
pub fn world_from_site([east, north, up]: [f64; 3]) -> Vec3 {
    Vec3::new(east as f32, up as f32, -north as f32)
}

#[must_use]
pub fn site_from_world(world: Vec3) -> [f64; 3] {
    [f64::from(world.x), -f64::from(world.z), f64::from(world.y)]
}

/// A direction or a normal: no origin is involved, but the axes turn the same way.
#[must_use]
pub fn world_direction(direction: [f64; 3]) -> Vec3 {
    world_from_site(direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_away_and_up_is_up() {
        assert_eq!(world_from_site([1.0, 2.0, 3.0]), Vec3::new(1.0, 3.0, -2.0));
        assert_eq!(site_from_world(world_from_site([10.0, -20.0, 5.0])), [10.0, -20.0, 5.0]);
    }
}
