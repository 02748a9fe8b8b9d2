//! Tables changed row by row: features taken away, added, and single cells set, whatever columns the office has.

use crate::geo::shape::Shapes;
use crate::model::table::{Column, FeatureTable, Value};

/// Sets a cell of a column that there is; says whether there was one that takes the value.
pub(super) fn set(table: &mut FeatureTable, row: usize, field: &str, value: Value<'_>) -> bool {
    let Some(column) = table.field_index(field).and_then(|i| table.columns.get_mut(i)) else { return false };
    match (column, value) {
        (Column::Text(_) | Column::Integer(_) | Column::Real(_), Value::Null) => return false,
        (Column::Text(cells), value) => cells.set(row, Some(&value.to_string())),
        (Column::Integer(cells), value) => {
            let (Some(cell), Some(number)) = (cells.get_mut(row), value.as_f64()) else { return false };
            *cell = Some(number.round() as i64);
        }
        (Column::Real(cells), value) => {
            let (Some(cell), Some(number)) = (cells.get_mut(row), value.as_f64()) else { return false };
            *cell = number;
        }
    }
    true
}

/// Sets a cell of the first of these columns that there is.
pub(super) fn set_first(table: &mut FeatureTable, row: usize, fields: &[&str], value: Value<'_>) -> bool {
    let found = fields.iter().find(|f| table.value(row, f) != Value::Null);
    found.or_else(|| fields.iter().find(|f| table.field_index(f).is_some())).is_some_and(|f| set(table, row, f, value))
}

/// Appends a feature with the next free id; of the values those whose column there is.
pub(super) fn push(table: &mut FeatureTable, shape: impl FnOnce(&mut Shapes), values: &[(&str, Value<'_>)]) -> u64 {
    let id = table.ids.iter().copied().max().unwrap_or(0) + 1;
    shape(&mut table.geometry);
    let row: Vec<Value<'_>> = table
        .schema
        .iter()
        .zip(&table.columns)
        .map(|(field, column)| {
            let found = values.iter().find(|(name, _)| field.name.eq_ignore_ascii_case(name));
            match (found.map(|f| f.1), column) {
                // Whole numbers come as reals here; an integer column takes no real by itself.
                (Some(Value::Real(v)), Column::Integer(_)) => Value::Integer(v.round() as i64),
                (value, _) => value.unwrap_or(Value::Null),
            }
        })
        .collect();
    table.push_row(&row);
    if let Some(last) = table.ids.last_mut() {
        *last = id;
    }
    id
}

/// The table without the rows for which `gone` says so.
pub(super) fn without(table: &FeatureTable, gone: impl Fn(usize) -> bool) -> FeatureTable {
    let rows: Vec<usize> = (0..table.len()).filter(|row| !gone(*row)).collect();
    table.select(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::FieldKind;

    #[test]
    fn rows_come_and_go_and_ids_stay() {
        let mut table = FeatureTable::with_fields(&[("LOAI", FieldKind::Text), ("SOTANG", FieldKind::Integer)]);
        for storeys in [2, 5] {
            table.geometry.push_point([0.0, 0.0]);
            table.push_row(&[Value::Text("Nhà ở"), Value::Integer(storeys)]);
        }
        let id = push(&mut table, |s| s.push_point([1.0, 1.0]), &[("sotang", Value::Real(3.0)), ("NONE", Value::Null)]);
        assert_eq!((id, table.value(2, "SOTANG"), table.value(2, "LOAI")), (3, Value::Integer(3), Value::Null));
        assert!(set(&mut table, 0, "SOTANG", Value::Real(4.0)) && !set(&mut table, 0, "NONE", Value::Real(4.0)));
        let left = without(&table, |row| row == 1);
        assert_eq!((left.ids.as_slice(), left.value(0, "SOTANG")), (&[1, 3][..], Value::Integer(4)));
    }
}
