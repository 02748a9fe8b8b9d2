//! Which tiles of the ground to show: fine near the camera, coarse far away.

use std::collections::BTreeSet;

/// A square of the ground; level 0 is the whole, each level halves the side. `x` counts east, `y` counts north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileKey {
    pub level: u8,
    pub x: u32,
    pub y: u32,
}

impl TileKey {
    pub const ROOT: Self = Self { level: 0, x: 0, y: 0 };

    #[must_use]
    pub fn children(self) -> [Self; 4] {
        let (level, x, y) = (self.level + 1, self.x * 2, self.y * 2);
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| Self { level, x: x + dx, y: y + dy })
    }
}

/// The square that the tree divides, site metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeExtent {
    pub west: f64,
    pub south: f64,
    pub side: f64,
}

impl TreeExtent {
    /// Cells of the terrain across a tile whose mesh has the terrain's own resolution.
    pub const NATIVE_CELLS: u32 = 64;

    /// The smallest square of `NATIVE_CELLS` times a power of two cells that covers (west, south, east, north).
    #[must_use]
    pub fn covering([west, south, east, north]: [f64; 4], cell: f64) -> Self {
        let wanted = (east - west).max(north - south);
        let mut side = f64::from(Self::NATIVE_CELLS) * cell;
        while side < wanted && side < 1e8 {
            side *= 2.0;
        }
        Self { west, south, side }
    }

    #[must_use]
    pub fn tile_side(&self, level: u8) -> f64 {
        self.side / f64::from(1u32 << level)
    }

    /// (west, south, east, north), site metres.
    #[must_use]
    pub fn bounds(&self, key: TileKey) -> [f64; 4] {
        let side = self.tile_side(key.level);
        let (w, s) = (f64::from(key.x).mul_add(side, self.west), f64::from(key.y).mul_add(side, self.south));
        [w, s, w + side, s + side]
    }
}

/// A tile is divided when the eye is nearer than this many sides: then 512 texels across are about one screen
/// pixel each in a window 900 pixels high.
pub const SPLIT_DISTANCE: f64 = 1.8;
/// 61 km halved nine times are 120 m: 0.23 m a texel.
pub const MAX_LEVEL: u8 = 9;

/// The answer of [`select`].
#[derive(Debug, Default, PartialEq)]
pub struct Selection {
    /// Tiles to show now; all are ready, and together they cover what the camera sees without overlap.
    pub show: BTreeSet<TileKey>,
    /// Tiles to make, the most wanted first.
    pub want: Vec<TileKey>,
}

/// Walks the tree. `visible` says whether the camera can see a tile, `distance` how far the eye is from it,
/// `ready` whether it has been made. A tile gives way to its children only when all those in sight are ready, so
/// that no hole opens while they are being made.
pub fn select(
    extent: &TreeExtent,
    visible: impl Fn(TileKey) -> bool,
    distance: impl Fn(TileKey) -> f64,
    ready: impl Fn(TileKey) -> bool,
) -> Selection {
    let mut selection = Selection::default();
    let mut wanted: Vec<(u8, f64, TileKey)> = Vec::new();
    let mut stack = vec![TileKey::ROOT];
    while let Some(key) = stack.pop() {
        if !visible(key) {
            continue;
        }
        if !ready(key) {
            wanted.push((key.level, distance(key), key));
            continue;
        }
        let divide = key.level < MAX_LEVEL && distance(key) < SPLIT_DISTANCE * extent.tile_side(key.level);
        let children = key.children();
        if divide && children.iter().all(|c| ready(*c) || !visible(*c)) {
            stack.extend(children);
            continue;
        }
        if divide {
            wanted.extend(children.iter().filter(|c| visible(**c) && !ready(**c)).map(|c| (c.level, distance(*c), *c)));
        }
        selection.show.insert(key);
    }
    wanted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    selection.want = wanted.into_iter().map(|(_, _, key)| key).collect();
    selection
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: TreeExtent = TreeExtent { west: 0.0, south: 0.0, side: 1024.0 };

    fn distance_from(eye: [f64; 2]) -> impl Fn(TileKey) -> f64 {
        move |key| {
            let [w, s, e, n] = EXTENT.bounds(key);
            (eye[0] - eye[0].clamp(w, e)).hypot(eye[1] - eye[1].clamp(s, n))
        }
    }

    #[test]
    fn nothing_ready_wants_the_root() {
        let selection = select(&EXTENT, |_| true, distance_from([0.0, 0.0]), |_| false);
        assert!(selection.show.is_empty());
        assert_eq!(selection.want, [TileKey::ROOT]);
    }

    #[test]
    fn a_parent_stays_until_its_children_are_ready() {
        let selection = select(&EXTENT, |_| true, distance_from([0.0, 0.0]), |k| k.level == 0);
        assert_eq!(selection.show.into_iter().collect::<Vec<_>>(), [TileKey::ROOT]);
        assert_eq!(selection.want.len(), 4);
        assert_eq!(selection.want[0], TileKey { level: 1, x: 0, y: 0 });
    }

    #[test]
    fn shown_tiles_cover_the_square_once() {
        let selection = select(&EXTENT, |_| true, distance_from([100.0, 900.0]), |_| true);
        let area: f64 = selection.show.iter().map(|k| EXTENT.tile_side(k.level).powi(2)).sum();
        assert!((area - EXTENT.side * EXTENT.side).abs() < 1e-6);
        assert!(selection.show.iter().any(|k| k.level == MAX_LEVEL));
        assert!(selection.want.is_empty());
    }

    #[test]
    fn the_extent_covers_the_island() {
        let extent = TreeExtent::covering([-15_000.0, -27_000.0, 17_000.0, 27_000.0], 30.0);
        assert_eq!(extent.side, 61_440.0);
        assert_eq!(extent.bounds(TileKey { level: 1, x: 1, y: 1 })[2], -15_000.0 + 61_440.0);
    }
}
