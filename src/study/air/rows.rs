//! Rows of a comma-separated table by column name.

use std::path::{Path, PathBuf};

use crate::base::csv::quoted;
use crate::sim::air::error::AirError;

/// A table in memory, its rows still text.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub columns: Vec<String>,
    cells: Vec<Vec<String>>,
    /// Of each row in the file, for complaints.
    lines: Vec<usize>,
    path: PathBuf,
}

/// One row, borrowed.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Rows,
    index: usize,
}

impl Rows {
    /// # Errors
    /// [`AirError`]: a file that is not there, cannot be read or has no header.
    pub fn read(path: &Path) -> Result<Self, AirError> {
        let failed = |reason: String| AirError::File { reason, path: path.to_owned() };
        let text = std::fs::read_to_string(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => AirError::NoFile { path: path.to_owned() },
            _ => failed(e.to_string()),
        })?;
        Self::parse(&text, path)
    }

    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, AirError> {
        let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
        let header = lines.next().map(|(_, l)| split(l.trim_start_matches('\u{feff}')));
        let columns = header.ok_or_else(|| AirError::EmptyFile { path: path.to_owned() })?;
        let (lines, cells) = lines.map(|(i, l)| (i + 1, split(l))).unzip();
        Ok(Self { columns, cells, lines, path: path.to_owned() })
    }

    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.cells.len()).map(|index| Row { table: self, index })
    }

    /// # Errors
    /// [`AirError::NoRows`] where nothing stands below the names of the columns.
    pub fn require_rows(&self) -> Result<(), AirError> {
        if self.cells.is_empty() { Err(AirError::NoRows { path: self.path.clone() }) } else { Ok(()) }
    }

    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|c| c == column)
    }

    /// # Errors
    /// [`AirError::BadRow`] naming the first of these columns that the table lacks.
    pub fn require(&self, columns: &[&str]) -> Result<(), AirError> {
        match columns.iter().find(|c| !self.has(c)) {
            Some(missing) => Err(AirError::BadRow { line: 1, what: (*missing).to_owned(), path: self.path.clone() }),
            None => Ok(()),
        }
    }
}

impl<'a> Row<'a> {
    /// `None` for a column that is not there or empty here.
    #[must_use]
    pub fn text(self, column: &str) -> Option<&'a str> {
        let at = self.table.columns.iter().position(|c| c == column)?;
        self.table.cells[self.index].get(at).map(String::as_str).filter(|t| !t.is_empty())
    }

    /// # Errors
    /// [`AirError::BadRow`] where there is no finite number.
    pub fn real(self, column: &str) -> Result<f64, AirError> {
        let value = self.text(column).and_then(|t| t.parse::<f64>().ok()).filter(|v| v.is_finite());
        value.ok_or_else(|| self.bad(column))
    }

    /// # Errors
    /// [`AirError::BadRow`] where something stands that is not a finite number.
    pub fn real_or(self, column: &str, otherwise: f64) -> Result<f64, AirError> {
        if self.text(column).is_none() { Ok(otherwise) } else { self.real(column) }
    }

    /// The cells of these columns as they were written.
    #[must_use]
    pub fn as_written(self, columns: &[&str]) -> String {
        let cell = |c: &&str| self.text(c).map_or_else(String::new, |c| quoted(c).into_owned());
        columns.iter().map(cell).collect::<Vec<_>>().join(",")
    }

    #[must_use]
    pub fn bad(self, what: &str) -> AirError {
        AirError::BadRow { line: self.line(), what: what.to_owned(), path: self.table.path.clone() }
    }

    #[must_use]
    pub fn path(self) -> &'a Path {
        &self.table.path
    }

    #[must_use]
    pub fn line(self) -> usize {
        self.table.lines[self.index]
    }
}

fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.len() - 1;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells[cell].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells[cell].push(other),
        }
    }
    cells.iter().map(|c| c.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_name_and_bad_ones_by_line() {
        let text = "\u{feff}a, name ,b\n\n1,\"x, \"\"y\"\"\",2.5\n3,z,oops\n";
        let rows = Rows::parse(text, Path::new("t.csv")).unwrap();
        let all: Vec<Row<'_>> = rows.iter().collect();
        assert_eq!((all[0].text("name"), all[0].real("b")), (Some("x, \"y\""), Ok(2.5)));
        assert_eq!(all[0].as_written(&["name", "a"]), "\"x, \"\"y\"\"\",1");
        assert!(all[1].real("b").unwrap_err().to_string().contains("line 4: b"));
        assert_eq!(all[1].real_or("c", 7.0), Ok(7.0));
        assert!(rows.require(&["a", "wind_m_s"]).unwrap_err().to_string().contains("wind_m_s"));
        assert!(Rows::parse("", Path::new("t.csv")).is_err());
    }
}
