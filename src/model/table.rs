//! Feature tables by column.

use serde::{Deserialize, Serialize};

use crate::geo::shape::Shapes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    Text,
    Integer,
    Real,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub kind: FieldKind,
}

/// Text of all rows in one buffer; `None` where a row has no value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextColumn {
    bytes: String,
    /// Start and end in `bytes`; (1, 0) for no value.
    spans: Vec<[u32; 2]>,
}

const NO_VALUE: [u32; 2] = [1, 0];

/// A value that a [`TextColumn`] holds and that any number of its rows may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept([u32; 2]);

impl TextColumn {
    pub fn push(&mut self, value: Option<&str>) {
        let Kept(span) = self.keep(value);
        self.spans.push(span);
    }

    /// Takes a value without giving it to a row yet.
    pub fn keep(&mut self, value: Option<&str>) -> Kept {
        let span = value.and_then(|text| {
            let start = u32::try_from(self.bytes.len()).ok()?;
            let end = u32::try_from(self.bytes.len() + text.len()).ok()?;
            self.bytes.push_str(text);
            Some([start, end])
        });
        Kept(span.unwrap_or(NO_VALUE))
    }

    /// Appends rows of values that this column holds.
    pub fn extend_kept(&mut self, values: impl Iterator<Item = Kept>) {
        self.spans.extend(values.map(|Kept(span)| span));
    }

    /// Makes room for this many rows more.
    pub fn reserve(&mut self, rows: usize) {
        self.spans.reserve(rows);
    }

    /// Appends the value of an earlier row once more; its text is kept once.
    pub fn push_again(&mut self, row: usize) {
        self.spans.push(self.spans.get(row).copied().unwrap_or(NO_VALUE));
    }

    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let [start, end] = *self.spans.get(row)?;
        self.bytes.get(start as usize..end as usize)
    }

    /// Replaces one value; the old text stays in the buffer until the table is saved.
    pub fn set(&mut self, row: usize, value: Option<&str>) {
        self.push(value);
        if let (Some(new), Some(old)) = (self.spans.pop(), self.spans.get_mut(row)) {
            *old = new;
        }
    }

    /// The buffer, and each row's start and end in it.
    #[must_use]
    pub fn raw(&self) -> (&str, &[[u32; 2]]) {
        (&self.bytes, &self.spans)
    }

    /// The inverse of [`Self::raw`]; a span that is not within the text is a row without a value.
    #[must_use]
    pub fn from_raw(bytes: String, spans: Vec<[u32; 2]>) -> Self {
        Self { bytes, spans }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Column {
    Text(TextColumn),
    Integer(Vec<Option<i64>>),
    /// NaN where a row has no value.
    Real(Vec<f64>),
}

/// One cell, borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Real(f64),
}

impl Value<'_> {
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        match self {
            Self::Integer(i) => Some(i as f64),
            Self::Real(r) => Some(r),
            Self::Text(t) => t.trim().parse().ok(),
            Self::Null => None,
        }
    }
}

/// As stored: no grouping, no unit; the user interface formats for people.
impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Text(t) => f.write_str(t),
            Value::Integer(i) => write!(f, "{i}"),
            Value::Real(r) => write!(f, "{r}"),
        }
    }
}

impl Column {
    #[must_use]
    pub fn new(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text => Self::Text(TextColumn::default()),
            FieldKind::Integer => Self::Integer(Vec::new()),
            FieldKind::Real => Self::Real(Vec::new()),
        }
    }

    #[must_use]
    pub fn get(&self, row: usize) -> Value<'_> {
        match self {
            Self::Text(column) => column.get(row).map_or(Value::Null, Value::Text),
            Self::Integer(column) => column.get(row).copied().flatten().map_or(Value::Null, Value::Integer),
            Self::Real(column) => column.get(row).copied().filter(|v| !v.is_nan()).map_or(Value::Null, Value::Real),
        }
    }

    /// Appends a value; one of another kind is converted where that loses nothing, else left empty.
    pub fn push(&mut self, value: Value<'_>) {
        match self {
            Self::Text(column) => match value {
                Value::Null => column.push(None),
                Value::Text(text) => column.push(Some(text)),
                other => column.push(Some(&other.to_string())),
            },
            Self::Integer(column) => column.push(match value {
                Value::Integer(i) => Some(i),
                _ => None,
            }),
            Self::Real(column) => column.push(match value {
                Value::Integer(_) | Value::Real(_) => value.as_f64().unwrap_or(f64::NAN),
                _ => f64::NAN,
            }),
        }
    }

    /// Cuts to `rows`, or fills up with missing values.
    pub fn resize(&mut self, rows: usize) {
        match self {
            Self::Text(column) => column.spans.resize(rows, NO_VALUE),
            Self::Integer(column) => column.resize(rows, None),
            Self::Real(column) => column.resize(rows, f64::NAN),
        }
    }

    #[must_use]
    pub fn kind(&self) -> FieldKind {
        match self {
            Self::Text(_) => FieldKind::Text,
            Self::Integer(_) => FieldKind::Integer,
            Self::Real(_) => FieldKind::Real,
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(column) => column.len(),
            Self::Integer(column) => column.len(),
            Self::Real(column) => column.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A vector layer's content: as many geometries as ids as rows in every column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FeatureTable {
    pub schema: Vec<Field>,
    /// Stable from import on, unique within the table.
    pub ids: Vec<u64>,
    pub geometry: Shapes,
    pub columns: Vec<Column>,
}

impl FeatureTable {
    /// An empty table with these fields.
    #[must_use]
    pub fn with_fields(fields: &[(&str, FieldKind)]) -> Self {
        Self {
            schema: fields.iter().map(|(name, kind)| Field { name: (*name).to_owned(), kind: *kind }).collect(),
            columns: fields.iter().map(|(_, kind)| Column::new(*kind)).collect(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Appends the attributes of a row whose geometry has just been pushed; missing values stay empty.
    pub fn push_row(&mut self, values: &[Value<'_>]) {
        self.ids.push(self.ids.last().map_or(1, |last| last + 1));
        for (i, column) in self.columns.iter_mut().enumerate() {
            column.push(values.get(i).copied().unwrap_or(Value::Null));
        }
    }

    /// The column of a field by name, case ignored as in shapefiles.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.field_index(name).and_then(|i| self.columns.get(i))
    }

    #[must_use]
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.schema.iter().position(|f| f.name.eq_ignore_ascii_case(name))
    }

    #[must_use]
    pub fn value(&self, row: usize, name: &str) -> Value<'_> {
        self.column(name).map_or(Value::Null, |c| c.get(row))
    }

    /// A table of some of the rows, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut picked = Self { schema: self.schema.clone(), ..Self::default() };
        for &row in rows {
            picked.ids.extend(self.ids.get(row));
            picked.geometry.push_shape(self.geometry.get(row));
        }
        for column in &self.columns {
            let mut copy = Column::new(column.kind());
            for &row in rows {
                copy.push(column.get(row));
            }
            picked.columns.push(copy);
        }
        picked
    }

    #[must_use]
    pub fn row_of(&self, id: u64) -> Option<usize> {
        // Ids ascend in every table that this program makes; edited tables may not.
        self.ids.binary_search(&id).ok().or_else(|| self.ids.iter().position(|i| *i == id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_and_missing_ones_are_null() {
        let mut table =
            FeatureTable::with_fields(&[("ten", FieldKind::Text), ("so", FieldKind::Integer), ("dt", FieldKind::Real)]);
        table.geometry.push_point([0.0, 0.0]);
        table.push_row(&[Value::Text("Dương Đông"), Value::Integer(7), Value::Integer(3)]);
        table.geometry.push_empty();
        table.push_row(&[Value::Null, Value::Text("x")]);
        assert_eq!(table.value(0, "TEN"), Value::Text("Dương Đông"));
        assert_eq!(table.value(0, "dt"), Value::Real(3.0));
        assert_eq!(table.value(1, "ten"), Value::Null);
        assert_eq!(table.value(1, "so"), Value::Null);
        assert_eq!(table.value(1, "dt"), Value::Null);
        assert_eq!(table.value(9, "none"), Value::Null);
        assert_eq!(table.row_of(2), Some(1));
    }

    #[test]
    fn rows_are_picked_and_columns_cut() {
        let mut table = FeatureTable::with_fields(&[("ten", FieldKind::Text), ("so", FieldKind::Integer)]);
        for (i, name) in (0_i64..).zip(["a", "b", "c"]) {
            table.geometry.push_point([i as f64, 0.0]);
            table.push_row(&[Value::Text(name), Value::Integer(i)]);
        }
        let picked = table.select(&[2, 0]);
        assert_eq!(
            (picked.ids.as_slice(), picked.value(0, "ten"), picked.value(1, "so")),
            (&[3, 1][..], Value::Text("c"), Value::Integer(0))
        );
        assert_eq!(picked.geometry.get(0).points(), [[2.0, 0.0]]);
        table.columns[0].resize(4);
        assert_eq!((table.value(2, "ten"), table.value(3, "ten")), (Value::Text("c"), Value::Null));
    }

    #[test]
    fn setting_text_leaves_the_other_rows_alone() {
        let mut column = TextColumn::default();
        column.push(Some("a"));
        column.push(Some(""));
        column.set(0, Some("đổi"));
        assert_eq!((column.get(0), column.get(1), column.len()), (Some("đổi"), Some(""), 2));
        column.set(1, None);
        assert_eq!(column.get(1), None);
    }
}
