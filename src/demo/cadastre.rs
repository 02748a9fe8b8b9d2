//! The land register: sheets, parcel numbers and addresses, as a land office's table has them.

use std::collections::BTreeMap;

use super::island::Island;
use super::parcels::{Parcel, Use};
use super::roads::street_name;
use super::tables::number;
use crate::geo::measure::{ring_area, ring_centroid};
use crate::model::table::{FeatureTable, FieldKind, Value};

/// Side of a map sheet, metres.
const SHEET_M: f64 = 500.0;

/// The parcels, in the order of [`Island::parcels`]; `MATHUA` is the row's number from 1.
#[must_use]
pub fn table(island: &Island) -> FeatureTable {
    let mut table = FeatureTable::with_fields(&[
        ("MATHUA", FieldKind::Integer),
        ("SOTO", FieldKind::Integer),
        ("SOTHUA", FieldKind::Integer),
        ("MALOAIDAT", FieldKind::Text),
        ("DIENTICH", FieldKind::Real),
        ("LOAICHU", FieldKind::Text),
        ("MAXA", FieldKind::Text),
        ("DIACHI", FieldKind::Text),
    ]);
    let places: Vec<(usize, (i64, i64))> = island.parcels.iter().map(|p| place(island, p)).collect();
    let sheets = number_sheets(&places);
    let mut last_number: BTreeMap<(usize, i64), i64> = BTreeMap::new();
    for (row, (parcel, (commune, square))) in island.parcels.iter().zip(&places).enumerate() {
        let sheet = sheets.get(&(*commune, *square)).copied().unwrap_or(0);
        let in_sheet = last_number.entry((*commune, sheet)).or_default();
        *in_sheet += 1;
        let record = &island.communes[*commune];
        let urban = record.full_name.starts_with("Phường");
        let area = (ring_area(&parcel.ring) * 10.0).round() / 10.0;
        table.geometry.push_polygon(&[&parcel.ring]);
        table.push_row(&[
            number(row),
            Value::Integer(sheet),
            Value::Integer(*in_sheet),
            Value::Text(parcel.kind.code(urban)),
            Value::Real(area),
            Value::Text(parcel.kind.holder()),
            Value::Text(&record.code),
            Value::Text(&address(island, parcel)),
        ]);
    }
    table
}

/// The commune (index) and the map square of a parcel. A whole block lies in one of each.
fn place(island: &Island, parcel: &Parcel) -> (usize, (i64, i64)) {
    let lattice = &island.districts[parcel.district].lattice;
    let block = lattice.block(parcel.block.0, parcel.block.1);
    let p = block.map_or_else(|| ring_centroid(&parcel.ring), |b| lattice.place(b.centre()));
    let commune = island.commune_of.at(p).map_or(0, usize::from).saturating_sub(1);
    (commune, ((p[0] / SHEET_M).floor() as i64, -(p[1] / SHEET_M).floor() as i64))
}

/// Sheets count from 1 in each commune, from the north-west by rows.
fn number_sheets(places: &[(usize, (i64, i64))]) -> BTreeMap<(usize, (i64, i64)), i64> {
    let mut squares: Vec<(usize, i64, i64)> = places.iter().map(|(c, (x, y))| (*c, *y, *x)).collect();
    squares.sort_unstable();
    squares.dedup();
    let mut sheets = BTreeMap::new();
    let mut next: BTreeMap<usize, i64> = BTreeMap::new();
    for (commune, y, x) in squares {
        let number = next.entry(commune).or_default();
        *number += 1;
        sheets.insert((commune, (x, y)), *number);
    }
    sheets
}

fn address(island: &Island, parcel: &Parcel) -> String {
    let district = &island.districts[parcel.district];
    let (i, j) = parcel.block;
    if parcel.kind == Use::Street {
        let along = parcel.lot.u1 - parcel.lot.u0 > parcel.lot.v1 - parcel.lot.v0;
        return street_name(district, along, if along { j } else { i });
    }
    street_name(district, true, if parcel.fronts_low { j } else { j + 1 })
}
