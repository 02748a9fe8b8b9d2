//! Tables as text: the first line names the columns; fields may stand in quotes.

use std::path::Path;

use super::error::{Fault, GivenError};

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    names: Vec<String>,
    /// (line in the file from 1, fields).
    pub rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines()).filter(|(_, l)| !l.trim().is_empty());
        let head = lines.next().map_or("", |l| l.1);
        let comma = if head.contains(';') && !head.contains(',') { ';' } else { ',' };
        let names = fields(head, comma).into_iter().map(|n| n.to_lowercase()).collect();
        Self { names, rows: lines.map(|(n, line)| (n, fields(line, comma))).collect() }
    }

    /// The first of these columns that is there.
    #[must_use]
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.names.iter().position(|n| n == name))
    }

    /// A field's text; nothing where it is empty.
    #[must_use]
    pub fn text<'a>(&self, row: &'a [String], column: Option<usize>) -> Option<&'a str> {
        row.get(column?).map(|t| t.trim()).filter(|t| !t.is_empty())
    }

    /// # Errors
    /// What stands there is not a finite number.
    pub fn number(
        &self,
        (line, row): (usize, &[String]),
        column: Option<usize>,
        name: &'static str,
        path: &Path,
    ) -> Result<Option<f64>, GivenError> {
        let Some(text) = self.text(row, column) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(Fault::NotANumber { column: name, text: text.to_owned() }.at(line, path)),
        }
    }
}

fn fields(line: &str, comma: char) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match (c, quoted) {
            ('"', _) => quoted = !quoted,
            (c, false) if c == comma => all.push(String::new()),
            (c, _) => {
                if let Some(last) = all.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    all.iter().map(|f| f.trim().to_owned()).collect()
}
