//! What gets built where a rule allows it: houses that stand are heightened, open ground gets blocks. What stands stays.

use super::rows;
use super::table::EffectTable;
use crate::geo::index::FeatureIndex;
use crate::geo::measure::{anchor, area, ring_area, ring_centroid, ring_contains};
use crate::geo::outline::inset;
use crate::geo::shape::bounds_of;
use crate::model::change::ZoneRule;
use crate::model::table::{FeatureTable, Value};

/// Fields of the building layer; see data/README.md.
pub(super) mod field {
    pub const KIND: &str = "LOAI";
    pub const STOREYS: &str = "SOTANG";
    pub const HEIGHT: &str = "CHIEUCAO";
    pub const RESIDENTS: &str = "SONGUOI";
}

/// A plot with the rule that holds on it.
#[derive(Debug, Clone)]
pub(super) struct Lot<'a> {
    pub(super) outer: Vec<[f64; 2]>,
    pub(super) rule: &'a ZoneRule,
}

/// Plots up to this size get one building in the shape of the plot; larger ones get blocks.
const ONE_BUILDING_M2: f64 = 2500.0;
/// Blocks of one plot at most: a larger one gets larger blocks.
const MOST_BLOCKS: f64 = 1500.0;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Built {
    pub(super) new: usize,
    pub(super) higher: usize,
    pub(super) gone: usize,
}

/// What is to stand on a plot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    pub floor_m2: f64,
    pub footprint_m2: f64,
    pub most_storeys: f64,
}

/// What a rule lets stand on a plot of so many square metres; `None` where that is next to nothing.
#[must_use]
pub fn target(rule: &ZoneRule, area_m2: f64, table: &EffectTable) -> Option<Target> {
    let most_storeys = rule.max_height_m.map_or(100.0, |h| (h / table.storey_m).floor()).max(1.0);
    let coverage = rule.coverage.unwrap_or(0.4);
    let built = rule.built.unwrap_or(1.0);
    // Neither ratio nor coverage: two storeys.
    let ratio = rule.plot_ratio.unwrap_or(coverage * most_storeys.min(2.0));
    let floor_m2 = (ratio * area_m2 * built).min(coverage * area_m2 * most_storeys);
    (floor_m2 > 1.0).then(|| Target { floor_m2, footprint_m2: (coverage * area_m2).min(floor_m2), most_storeys })
}

/// Builds on every plot in turn.
pub(super) fn build(buildings: &FeatureTable, lots: &[Lot<'_>], table: &EffectTable) -> (FeatureTable, Built) {
    let index = FeatureIndex::build(&buildings.geometry);
    let mut next = buildings.clone();
    let mut told = Built::default();
    let mut gone = vec![false; buildings.len()];
    for lot in lots {
        let Some(bounds) = bounds_of(&lot.outer) else { continue };
        let inside = |row: &usize| {
            !gone[*row] && anchor(buildings.geometry.get(*row)).is_some_and(|at| ring_contains(&lot.outer, at))
        };
        let standing: Vec<usize> = index.in_box(bounds).into_iter().filter(inside).collect();
        let area_m2 = ring_area(&lot.outer).abs();
        let kind = table.of(&lot.rule.land_use).and_then(|u| u.building.clone());
        let Some((kind, wanted)) = kind.zip(target(lot.rule, area_m2, table)) else {
            told.gone += standing.len();
            for row in &standing {
                gone[*row] = true;
            }
            continue;
        };
        let people = people(lot.rule, area_m2, table);
        let storeys = |row: usize| buildings.value(row, field::STOREYS).as_f64().filter(|s| *s >= 1.0).unwrap_or(1.0);
        let floor: f64 = standing.iter().map(|row| area(buildings.geometry.get(*row)) * storeys(*row)).sum();
        if floor >= wanted.floor_m2 {
            continue;
        }
        if standing.is_empty() {
            told.new += add(&mut next, lot, area_m2, &wanted, &kind, people, table);
            continue;
        }
        for row in standing {
            let before = storeys(row);
            let after = (before * wanted.floor_m2 / floor).round().clamp(before, wanted.most_storeys.max(before));
            if after <= before {
                continue;
            }
            told.higher += 1;
            rows::set(&mut next, row, field::STOREYS, Value::Real(after));
            rows::set(&mut next, row, field::HEIGHT, Value::Real(after * table.storey_m));
            if let Some(residents) = buildings.value(row, field::RESIDENTS).as_f64().filter(|r| *r > 0.0) {
                rows::set(&mut next, row, field::RESIDENTS, Value::Real((residents * after / before).round()));
            }
        }
    }
    if gone.iter().any(|g| *g) {
        next = rows::without(&next, |row| gone.get(row).copied().unwrap_or(false));
    }
    (next, told)
}

/// How many live there: by the rule, or by the floor that one person has.
enum People {
    Fixed(f64),
    PerM2(f64),
}

fn people(rule: &ZoneRule, area_m2: f64, table: &EffectTable) -> People {
    if let Some(per_ha) = rule.residents_per_ha {
        return People::Fixed(per_ha * area_m2 / 10_000.0);
    }
    let each = table.of(&rule.land_use).and_then(|u| u.m2_per_resident);
    People::PerM2(each.map_or(0.0, |m2| 1.0 / m2))
}

fn add(
    buildings: &mut FeatureTable,
    lot: &Lot<'_>,
    area_m2: f64,
    wanted: &Target,
    kind: &str,
    people: People,
    table: &EffectTable,
) -> usize {
    let free = lot.rule.setback_m.filter(|m| *m > 0.0);
    let Some(inner) = free.map_or_else(|| Some(lot.outer.clone()), |metres| inset(&lot.outer, metres)) else {
        return 0;
    };
    let inner_m2 = ring_area(&inner).abs();
    let footprint_m2 = wanted.footprint_m2.min(inner_m2);
    let outlines = if area_m2 <= ONE_BUILDING_M2 {
        vec![shrunk(&inner, (footprint_m2 / inner_m2.max(1e-9)).sqrt())]
    } else {
        blocks(&inner, inner_m2, footprint_m2, table.block_m)
    };
    let footprint: f64 = outlines.iter().map(|o| ring_area(o).abs()).sum();
    if footprint <= 0.0 {
        return 0;
    }
    let storeys = (wanted.floor_m2 / footprint).round().clamp(1.0, wanted.most_storeys);
    let total = match people {
        People::Fixed(n) => n,
        People::PerM2(rate) => rate * footprint * storeys,
    };
    let (mut share, mut given) = (0.0, 0.0);
    for outline in &outlines {
        share += total * ring_area(outline).abs() / footprint;
        // Whole people, and none lost to rounding.
        let residents = share.round() - given;
        given += residents;
        rows::push(
            buildings,
            |shapes| shapes.push_polygon(&[outline]),
            &[
                (field::KIND, Value::Text(kind)),
                (field::STOREYS, Value::Real(storeys)),
                (field::HEIGHT, Value::Real(storeys * table.storey_m)),
                (field::RESIDENTS, Value::Real(residents)),
            ],
        );
    }
    outlines.len()
}

fn shrunk(ring: &[[f64; 2]], factor: f64) -> Vec<[f64; 2]> {
    let middle = ring_centroid(ring);
    ring.iter().map(|p| [0, 1].map(|k| (p[k] - middle[k]).mul_add(factor.min(0.98), middle[k]))).collect()
}

/// Squares on a lattice inside a ring that together cover about `footprint_m2`.
fn blocks(ring: &[[f64; 2]], area_m2: f64, footprint_m2: f64, side_m: f64) -> Vec<Vec<[f64; 2]>> {
    let Some([west, south, east, north]) = bounds_of(ring) else { return Vec::new() };
    let side = side_m.max((footprint_m2 / MOST_BLOCKS).sqrt());
    let wanted = (footprint_m2 / (side * side)).round().max(1.0) as usize;
    let corners = |x: f64, y: f64| [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]];
    let mut spacing = (area_m2 / wanted as f64).sqrt();
    let mut found = Vec::new();
    // Near the border there is less room than the area says: closer, until enough fit or they touch.
    for _ in 0..40 {
        found.clear();
        let (cols, rows) = (((east - west) / spacing).ceil() as usize, ((north - south) / spacing).ceil() as usize);
        for row in 0..rows {
            for col in 0..cols {
                let x = (col as f64).mul_add(spacing, west) + (spacing - side) / 2.0;
                let y = (row as f64).mul_add(spacing, south) + (spacing - side) / 2.0;
                let square = corners(x, y);
                if square.iter().all(|p| ring_contains(ring, *p)) {
                    found.push(square.to_vec());
                }
            }
        }
        if found.len() >= wanted || spacing < side * 1.15 {
            break;
        }
        spacing *= 0.96;
    }
    found.truncate(wanted);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;

    fn square(x: f64, side: f64) -> Vec<[f64; 2]> {
        vec![[x, 0.0], [x + side, 0.0], [x + side, side], [x, side], [x, 0.0]]
    }

    fn rule(land_use: &str, plot_ratio: f64, coverage: f64, height: f64) -> ZoneRule {
        ZoneRule {
            land_use: land_use.to_owned(),
            plot_ratio: Some(plot_ratio),
            coverage: Some(coverage),
            max_height_m: Some(height),
            ..ZoneRule::default()
        }
    }

    fn houses() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[
            (field::KIND, FieldKind::Text),
            (field::STOREYS, FieldKind::Integer),
            (field::HEIGHT, FieldKind::Real),
            (field::RESIDENTS, FieldKind::Integer),
        ]);
        table.geometry.push_polygon(&[&square(1000.0, 10.0)]);
        table.push_row(&[Value::Text("Nhà ở"), Value::Integer(2), Value::Real(6.6), Value::Integer(6)]);
        table
    }

    fn floor(table: &FeatureTable) -> f64 {
        (0..table.len()).map(|r| area(table.geometry.get(r)) * table.value(r, field::STOREYS).as_f64().unwrap()).sum()
    }

    #[test]
    fn open_ground_gets_what_the_rule_allows() {
        let table = EffectTable::shipped().unwrap();
        let resort = rule("TMD", 0.3, 0.15, 12.0);
        let lots = [Lot { outer: square(0.0, 600.0), rule: &resort }];
        let (built, told) = build(&FeatureTable { ids: vec![], ..houses().select(&[]) }, &lots, &table);
        // 36 ha: 54,000 m² of ground under blocks of 400 m², twice as much floor.
        assert!((130..=140).contains(&told.new), "{told:?}");
        assert!((floor(&built) / 108_000.0 - 1.0).abs() < 0.05, "{}", floor(&built));
        let inside = |r: usize| built.geometry.get(r).points().iter().all(|p| ring_contains(&lots[0].outer, *p));
        assert!((0..built.len()).all(inside));
    }

    #[test]
    fn houses_grow_by_the_ratio_and_not_above_the_height() {
        let table = EffectTable::shipped().unwrap();
        for (height, storeys, residents) in [(40.0, 6.0, 18.0), (14.0, 4.0, 12.0)] {
            let denser = rule("ODT", 1.5, 0.4, height);
            let lots = [Lot { outer: square(995.0, 20.0), rule: &denser }];
            let (built, told) = build(&houses(), &lots, &table);
            assert_eq!((told.higher, told.new), (1, 0));
            assert_eq!(built.value(0, field::STOREYS).as_f64(), Some(storeys));
            assert_eq!(built.value(0, field::RESIDENTS).as_f64(), Some(residents));
        }
    }

    #[test]
    fn a_park_takes_the_houses_away_and_people_are_whole() {
        let table = EffectTable::shipped().unwrap();
        let park = rule("DKV", 0.0, 0.0, 0.0);
        let (built, told) = build(&houses(), &[Lot { outer: square(995.0, 20.0), rule: &park }], &table);
        assert_eq!((built.len(), told.gone), (0, 1));
        let town = ZoneRule { residents_per_ha: Some(100.5), ..rule("ODT", 1.0, 0.4, 20.0) };
        let (built, _) = build(&houses(), &[Lot { outer: square(0.0, 300.0), rule: &town }], &table);
        let people: f64 = (1..built.len()).filter_map(|r| built.value(r, field::RESIDENTS).as_f64()).sum();
        assert!((people - 904.5).abs() <= 1.0, "{people}");
    }
}
