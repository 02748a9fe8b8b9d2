//! Land cover and the plan's zones under a new rule.

use geo::BooleanOps;

use super::table::{DENSE, EffectTable};
use crate::geo::fill::cells_inside;
use crate::geo::grid::Grid;
use crate::geo::shape::{ShapeKind, Shapes, multi_polygon};
use crate::model::change::ZoneRule;
use crate::model::table::FeatureTable;
use crate::sim::fire::place::cells_along;

/// Land-cover classes that a plan leaves as they are: what is built, sand, water.
const STAYS: [u16; 3] = [8, 9, 10];
const BUILT_UP: u16 = 8;

/// Gives the cells inside a ring the cover that a rule brings. Returns how many changed.
pub(super) fn cover(grid: &mut Grid<u16>, ring: &[[f64; 2]], rule: &ZoneRule, table: &EffectTable) -> usize {
    let Some(effect) = table.of(&rule.land_use) else { return 0 };
    let dense = rule.coverage.is_some_and(|c| c > DENSE);
    let Some(class) = (if dense { effect.dense } else { effect.cover }) else { return 0 };
    paint(grid, &cells_inside(&grid.spec, &[ring]), class)
}

/// A new road takes the vegetation of the cells that it crosses.
pub(super) fn road(grid: &mut Grid<u16>, line: &[[f64; 2]]) -> usize {
    let cells: Vec<usize> = cells_along(&grid.spec, line).into_iter().map(|c| c.0).collect();
    paint(grid, &cells, BUILT_UP)
}

fn paint(grid: &mut Grid<u16>, cells: &[usize], class: u16) -> usize {
    let mut changed = 0;
    for cell in cells {
        let old = &mut grid.cells[*cell];
        if *old != u16::MAX && *old != class && !STAYS.contains(old) {
            *old = class;
            changed += 1;
        }
    }
    changed
}

/// Cuts a ring out of all zones that it overlaps; the zones keep their rows, empty ones too.
pub(super) fn cut_out(plan: &FeatureTable, ring: &[[f64; 2]], near: &[usize]) -> FeatureTable {
    let mut hole = Shapes::new();
    hole.push_polygon(&[ring]);
    let hole = multi_polygon(hole.get(0));
    let mut geometry = Shapes::new();
    for (row, shape) in plan.geometry.iter().enumerate() {
        if shape.kind() == ShapeKind::Polygon && near.contains(&row) {
            let left = multi_polygon(shape).difference(&hole);
            push(&mut geometry, &left);
        } else {
            geometry.push_shape(shape);
        }
    }
    FeatureTable { geometry, ..plan.clone() }
}

fn push(shapes: &mut Shapes, polygons: &geo::MultiPolygon) {
    if polygons.0.is_empty() {
        shapes.push_empty();
        return;
    }
    let points = |line: &geo::LineString| line.0.iter().map(|c| [c.x, c.y]).collect::<Vec<_>>();
    for polygon in &polygons.0 {
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            shapes.add_points(points(ring).into_iter());
            shapes.finish_ring();
        }
        shapes.finish_part();
    }
    shapes.finish_feature(ShapeKind::Polygon);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::grid::GridSpec;
    use crate::geo::measure::area;
    use crate::model::table::{FieldKind, Value};

    fn square(x: f64, y: f64, side: f64) -> [[f64; 2]; 5] {
        [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    }

    #[test]
    fn a_zone_inside_another_leaves_a_hole() {
        let mut plan = FeatureTable::with_fields(&[("MALOAIDAT", FieldKind::Text)]);
        plan.geometry.push_polygon(&[&square(0.0, 0.0, 100.0)]);
        plan.push_row(&[Value::Text("RDD")]);
        plan.geometry.push_polygon(&[&square(200.0, 0.0, 10.0)]);
        plan.push_row(&[Value::Text("ODT")]);
        let cut = cut_out(&plan, &square(20.0, 20.0, 50.0), &[0]);
        assert!((area(cut.geometry.get(0)) - 7500.0).abs() < 1e-6);
        assert_eq!((area(cut.geometry.get(1)), cut.value(0, "MALOAIDAT")), (100.0, Value::Text("RDD")));
        let all = cut_out(&plan, &square(-1.0, -1.0, 400.0), &[0, 1]);
        assert_eq!((all.len(), all.geometry.len(), area(all.geometry.get(0))), (2, 2, 0.0));
    }

    #[test]
    fn houses_and_water_keep_their_cover() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 90.0, 30.0, 3, 3);
        let mut grid = Grid { spec, cells: vec![1, 1, 8, 1, 10, 1, u16::MAX, 1, 3] };
        let table = EffectTable::shipped().unwrap();
        let rule = ZoneRule { land_use: "TMD".to_owned(), coverage: Some(0.2), ..ZoneRule::default() };
        assert_eq!(cover(&mut grid, &square(0.0, 0.0, 90.0), &rule, &table), 6);
        assert_eq!(grid.cells, [7, 7, 8, 7, 10, 7, u16::MAX, 7, 7]);
    }
}
