//! Filter and field expressions over a table, in the small common part of SQL and QGIS:
//!
//! - numbers `12.5`, texts `'Dương Đông'`, fields `DIENTICH` or `"Diện tích"`, `NULL`, `TRUE`, `FALSE`
//! - `+ - * / %`, `||` joins texts
//! - `= <> < <= > >=`, `IN (…)`, `BETWEEN … AND …`, `LIKE` (`%` any letters, `_` one), `ILIKE` (the same, neither case
//!   nor accents mattering), `IS NULL`, `IS NOT NULL`
//! - `AND`, `OR`, `NOT`, brackets
//! - of the geometry `area()`, `length()`, `x()`, `y()` (square metres and metres of the site's system); `$row` (from 1), `$id`
//! - `abs(n)`, `round(n, d)`, `lower(t)`, `upper(t)`, `title(t)`, `plain(t)` (without accents), `coalesce(a, b, …)`, `if(c, a, b)`
//!
//! A comparison with nothing is neither true nor false, as in SQL; a filter keeps what is true.

mod error;
mod eval;
mod lex;
mod parse;
mod tree;

pub use error::ExprError;
pub use eval::{Cell, title};
pub use tree::Expression;
