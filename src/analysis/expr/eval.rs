//! The value of an expression for a row.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::tree::{Function, Node, Op};
use crate::base::fold::fold_accents;
use crate::geo::measure::{anchor, area, length};
use crate::geo::shape::ShapeKind;
use crate::model::table::{FeatureTable, Value};

#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing, or something that cannot be told.
    Null,
    Truth(bool),
    Number(f64),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(t) => Some(*t),
            Self::Number(n) => Some(*n != 0.0),
            Self::Null | Self::Text(_) => None,
        }
    }

    /// Offices keep numbers in text columns: they count as numbers.
    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Truth(t) => Some(f64::from(u8::from(*t))),
            Self::Text(text) => text.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            Self::Null => None,
        }
    }

    fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(n) => Some(Cow::Owned(n.to_string())),
            Self::Truth(t) => Some(Cow::Borrowed(if *t { "1" } else { "0" })),
        }
    }
}

impl<'a> From<Value<'a>> for Cell<'a> {
    fn from(value: Value<'a>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text(Cow::Borrowed(text)),
            Value::Integer(i) => Self::Number(i as f64),
            Value::Real(r) => number(Some(r)),
        }
    }
}

fn truth<'a>(value: Option<bool>) -> Cell<'a> {
    value.map_or(Cell::Null, Cell::Truth)
}

fn number<'a>(value: Option<f64>) -> Cell<'a> {
    value.filter(|n| n.is_finite()).map_or(Cell::Null, Cell::Number)
}

pub(super) fn evaluate<'a>(node: &'a Node, table: &'a FeatureTable, row: usize) -> Cell<'a> {
    let value = |node: &'a Node| evaluate(node, table, row);
    match node {
        Node::Null => Cell::Null,
        Node::Truth(t) => Cell::Truth(*t),
        Node::Number(n) => Cell::Number(*n),
        Node::Text(text) => Cell::Text(Cow::Borrowed(text)),
        Node::Column(at) => table.columns.get(*at).map_or(Cell::Null, |c| c.get(row).into()),
        Node::Row => Cell::Number((row + 1) as f64),
        Node::Id => table.ids.get(row).map_or(Cell::Null, |id| Cell::Number(*id as f64)),
        Node::Not(inner) => truth(value(inner).truth().map(|t| !t)),
        Node::Minus(inner) => number(value(inner).number().map(|n| -n)),
        Node::IsNull(inner) => Cell::Truth(value(inner) == Cell::Null),
        Node::Both(op, left, right) => both(*op, value(left), || value(right)),
        Node::Like { text, pattern, folded } => {
            let (text, pattern) = (value(text), value(pattern));
            truth(text.text().zip(pattern.text()).map(|(text, pattern)| {
                if *folded { like(&fold_accents(&text), &fold_accents(&pattern)) } else { like(&text, &pattern) }
            }))
        }
        Node::In(item, list) => {
            let item = value(item);
            list.iter().map(|other| compare(&item, &value(other)).map(Ordering::is_eq)).fold(
                Cell::Truth(false),
                |found, equal| match (found, equal) {
                    (Cell::Truth(true), _) | (_, Some(true)) => Cell::Truth(true),
                    (Cell::Null, _) | (_, None) => Cell::Null,
                    _ => Cell::Truth(false),
                },
            )
        }
        Node::Call(function, arguments) => call(*function, arguments, table, row),
    }
}

fn both<'a>(op: Op, left: Cell<'a>, right: impl FnOnce() -> Cell<'a>) -> Cell<'a> {
    match op {
        // False and nothing is false; true or nothing is true.
        Op::And | Op::Or => {
            let decided = op == Op::Or;
            let left = left.truth();
            if left == Some(decided) {
                return Cell::Truth(decided);
            }
            let right = right().truth();
            if right == Some(decided) { Cell::Truth(decided) } else { truth(left.and(right)) }
        }
        Op::Join => {
            let right = right();
            match (left.text(), right.text()) {
                (Some(a), Some(b)) => Cell::Text(Cow::Owned(format!("{a}{b}"))),
                _ => Cell::Null,
            }
        }
        Op::Equal | Op::Unequal | Op::Less | Op::AtMost | Op::More | Op::AtLeast => {
            truth(compare(&left, &right()).map(|order| match op {
                Op::Equal => order.is_eq(),
                Op::Unequal => order.is_ne(),
                Op::Less => order.is_lt(),
                Op::AtMost => order.is_le(),
                Op::More => order.is_gt(),
                _ => order.is_ge(),
            }))
        }
        Op::Add | Op::Subtract | Op::Multiply | Op::Divide | Op::Remainder => {
            let (Some(a), Some(b)) = (left.number(), right().number()) else { return Cell::Null };
            number(Some(match op {
                Op::Add => a + b,
                Op::Subtract => a - b,
                Op::Multiply => a * b,
                Op::Divide => a / b,
                _ => a % b,
            }))
        }
    }
}

/// Numbers where both can be read so, else texts.
fn compare(a: &Cell<'_>, b: &Cell<'_>) -> Option<Ordering> {
    match (a, b) {
        (Cell::Null, _) | (_, Cell::Null) => None,
        (Cell::Text(a), Cell::Text(b)) => Some(a.cmp(b)),
        _ => match (a.number(), b.number()) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => Some(a.text()?.cmp(&b.text()?)),
        },
    }
}

/// SQL's pattern: `%` any letters, `_` one. Linear in the text for each `%`: the last one alone is tried again.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut t, mut p, mut retry) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '_' || *c == text[t] => {
                t += 1;
                p += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    t = from + 1;
                    p = after;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '%')
}

/// The first letter of each word as a capital, the others small: repairs names that a font of capitals wrote.
#[must_use]
pub fn title(text: &str) -> String {
    let mut starts = true;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if starts {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        starts = !c.is_alphanumeric();
    }
    out
}

fn call<'a>(function: Function, arguments: &'a [Node], table: &'a FeatureTable, row: usize) -> Cell<'a> {
    let argument = |i: usize| arguments.get(i).map_or(Cell::Null, |node| evaluate(node, table, row));
    let shape = || table.geometry.get(row);
    let text = |change: &dyn Fn(&str) -> String| {
        argument(0).text().map_or(Cell::Null, |text| Cell::Text(Cow::Owned(change(&text))))
    };
    match function {
        Function::Area => number((shape().kind() == ShapeKind::Polygon).then(|| area(shape()))),
        Function::Length => match shape().kind() {
            ShapeKind::Line | ShapeKind::Polygon => number(Some(shape().rings().map(|r| length(r.points())).sum())),
            _ => Cell::Null,
        },
        Function::X => number(anchor(shape()).map(|p| p[0])),
        Function::Y => number(anchor(shape()).map(|p| p[1])),
        Function::Abs => number(argument(0).number().map(f64::abs)),
        Function::Round => {
            let decimals = argument(1).number().unwrap_or(0.0).clamp(-12.0, 12.0) as i32;
            let factor = 10_f64.powi(decimals);
            number(argument(0).number().map(|n| (n * factor).round() / factor))
        }
        Function::Lower => text(&str::to_lowercase),
        Function::Upper => text(&str::to_uppercase),
        Function::Title => text(&title),
        Function::Plain => text(&fold_accents),
        Function::Coalesce => (0..arguments.len()).map(argument).find(|c| *c != Cell::Null).unwrap_or(Cell::Null),
        Function::If => argument(if argument(0).truth() == Some(true) { 1 } else { 2 }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ExprError, Expression};
    use super::*;
    use crate::model::table::{Column, FieldKind};

    fn table() -> FeatureTable {
        let mut table = FeatureTable::with_fields(&[
            ("SOTO", FieldKind::Integer),
            ("Diện tích", FieldKind::Real),
            ("MALOAIDAT", FieldKind::Text),
        ]);
        for (i, (sheet, area, code)) in [
            (Value::Integer(12), Value::Real(400.0), Value::Text("ODT")),
            (Value::Integer(12), Value::Null, Value::Text("CLN")),
            (Value::Integer(7), Value::Real(90.5), Value::Null),
        ]
        .into_iter()
        .enumerate()
        {
            let x = i as f64 * 10.0;
            table.geometry.push_polygon(&[&[[x, 0.0], [x + 4.0, 0.0], [x + 4.0, 4.0], [x, 4.0], [x, 0.0]]]);
            table.push_row(&[sheet, area, code]);
        }
        table
    }

    fn rows(text: &str) -> Vec<usize> {
        let table = table();
        Expression::parse(text, &table.schema).unwrap().rows(&table)
    }

    #[test]
    fn filters_keep_what_is_true() {
        assert_eq!(rows("SOTO = 12"), [0, 1]);
        assert_eq!(rows("soto = 12 and \"Diện tích\" > 100"), [0]);
        assert_eq!(rows("\"Diện tích\" > 100 OR SOTO < 10"), [0, 2]);
        assert_eq!(rows("NOT \"Diện tích\" > 100"), [2]);
        assert_eq!(rows("\"Diện tích\" IS NULL"), [1]);
        assert_eq!(rows("MALOAIDAT IS NOT NULL AND NOT MALOAIDAT IN ('ODT', 'ONT')"), [1]);
        assert_eq!(rows("MALOAIDAT NOT IN ('ODT')"), [1]);
        assert_eq!(rows("MALOAIDAT LIKE '_D%' "), [0]);
        assert_eq!(rows("SOTO BETWEEN 7 AND 11 + 1 AND $row > 1"), [1, 2]);
        assert_eq!(rows("area() = 16 AND x() > 15"), [2]);
        assert_eq!(rows("coalesce(\"Diện tích\", 0) + -1 < 0"), [1]);
        assert_eq!(rows("1 + 2 * 3 = 7 AND 10 % 4 = 2 AND 8 / 2 / 2 = 2 AND (1 + 2) * 3 = 9"), [0, 1, 2]);
        assert_eq!(rows("1 / 0 > 0"), [] as [usize; 0]);
        assert_eq!(rows("title('nguyỄN văn ỨNG') = 'Nguyễn Văn Ứng'"), [0, 1, 2]);
        assert_eq!(rows("length() = 16 AND 'it''s' || 1 = 'it''s1' AND 1e2 = 100"), [0, 1, 2]);
    }

    #[test]
    fn names_are_found_without_accents() {
        assert!(like("duong dong", "du%dong") && !like("an thoi", "%dong"));
        assert!(like("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%b"));
        let mut table = FeatureTable::with_fields(&[("TEN", FieldKind::Text)]);
        table.geometry.push_empty();
        table.push_row(&[Value::Text("Thị trấn Dương Đông")]);
        assert_eq!(Expression::parse("TEN ILIKE '%duong dong'", &table.schema).unwrap().rows(&table), [0]);
        assert_eq!(Expression::parse("TEN LIKE '%duong dong'", &table.schema).unwrap().rows(&table), [] as [usize; 0]);
    }

    #[test]
    fn columns_get_the_kind_of_their_values() {
        let table = table();
        let column = |text: &str| Expression::parse(text, &table.schema).unwrap().column(&table);
        assert_eq!(column("area() * 2"), Column::Integer(vec![Some(32); 3]));
        assert_eq!(column("\"Diện tích\" / 3").kind(), FieldKind::Real);
        assert_eq!(column("MALOAIDAT || '/' || SOTO").get(0), Value::Text("ODT/12"));
        assert_eq!(column("MALOAIDAT || '/' || SOTO").get(2), Value::Null);
        assert_eq!(column("if(SOTO = 7, 1, 0)").get(2), Value::Integer(1));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let error = |text: &str| Expression::parse(text, &table().schema).unwrap_err();
        assert_eq!(error("SOTO = = 3"), ExprError::Unexpected { at: 8, found: "=".to_owned() });
        assert_eq!(error("SOTO ="), ExprError::Unfinished);
        assert_eq!(error("'abc"), ExprError::Unfinished);
        assert!(matches!(error("SOTHUA = 1"), ExprError::UnknownField { .. }));
        assert!(matches!(error("sin(1) = 1"), ExprError::UnknownFunction { .. }));
        assert!(matches!(error("abs() = 1"), ExprError::Arguments { .. }));
        assert_eq!(error(&"(".repeat(100_000)), ExprError::TooDeep);
        assert_eq!(error(&"not ".repeat(100_000)), ExprError::TooDeep);
        assert_eq!(error(&"-".repeat(100_000)), ExprError::TooDeep);
        assert_eq!(error(&"1+".repeat(100_000)), ExprError::TooDeep);
        assert!(matches!(error("SOTO; DROP TABLE x"), ExprError::Unexpected { at: 5, .. }));
    }
}
