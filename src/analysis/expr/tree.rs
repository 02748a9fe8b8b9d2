//! A parsed expression, its fields bound to the columns of a table.

use rayon::prelude::*;

use super::ExprError;
use super::eval::{Cell, evaluate};
use super::parse::parse;
use crate::model::table::{Column, FeatureTable, Field, FieldKind, Value};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Truth(bool),
    Number(f64),
    Text(String),
    Column(usize),
    Row,
    Id,
    Not(Box<Node>),
    Minus(Box<Node>),
    Both(Op, Box<Node>, Box<Node>),
    Like { text: Box<Node>, pattern: Box<Node>, folded: bool },
    In(Box<Node>, Vec<Node>),
    IsNull(Box<Node>),
    Call(Function, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    And,
    Or,
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Join,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Area,
    Length,
    X,
    Y,
    Abs,
    Round,
    Lower,
    Upper,
    Title,
    Plain,
    Coalesce,
    If,
}

/// An expression over tables of one schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
}

/// Rows on one thread at a time.
const CHUNK: usize = 8192;

impl Expression {
    /// # Errors
    /// [`ExprError`] with the place in the text, or the names that there are.
    pub fn parse(text: &str, schema: &[Field]) -> Result<Self, ExprError> {
        Ok(Self { root: parse(text, schema)? })
    }

    /// The value for one row.
    #[must_use]
    pub fn value<'a>(&'a self, table: &'a FeatureTable, row: usize) -> Cell<'a> {
        evaluate(&self.root, table, row)
    }

    /// Rows for which the expression is true, in order.
    #[must_use]
    pub fn rows(&self, table: &FeatureTable) -> Vec<usize> {
        let starts: Vec<usize> = (0..table.len()).step_by(CHUNK).collect();
        starts
            .par_iter()
            .flat_map_iter(|&start| {
                (start..(start + CHUNK).min(table.len())).filter(|&row| self.value(table, row) == Cell::Truth(true))
            })
            .collect()
    }

    /// A column of the values: whole numbers where all are, else numbers where all are, else text.
    #[must_use]
    pub fn column(&self, table: &FeatureTable) -> Column {
        let cells: Vec<Cell<'_>> =
            (0..table.len()).into_par_iter().with_min_len(CHUNK).map(|row| self.value(table, row)).collect();
        let numbers = cells.iter().all(|c| matches!(c, Cell::Null | Cell::Number(_) | Cell::Truth(_)));
        let whole = |c: &Cell<'_>| match c {
            Cell::Number(n) => n.fract() == 0.0 && n.abs() < 9e15,
            _ => true,
        };
        let kind = match numbers {
            true if cells.iter().all(whole) => FieldKind::Integer,
            true => FieldKind::Real,
            false => FieldKind::Text,
        };
        let mut column = Column::new(kind);
        for cell in &cells {
            match cell {
                Cell::Null => column.push(Value::Null),
                Cell::Truth(t) if kind == FieldKind::Text => column.push(Value::Text(if *t { "1" } else { "0" })),
                Cell::Truth(t) => column.push(Value::Integer(i64::from(*t))),
                Cell::Number(n) if kind == FieldKind::Integer => column.push(Value::Integer(*n as i64)),
                Cell::Number(n) => column.push(Value::Real(*n)),
                Cell::Text(text) => column.push(Value::Text(text)),
            }
        }
        column
    }
}
