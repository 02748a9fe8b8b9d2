//! Cells of a table as text.

use std::borrow::Cow;

/// A cell as CSV wants it (RFC 4180): in quotes where it holds a comma, a quote or the end of a line.
#[must_use]
pub fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', ';', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn cells_that_would_break_a_row_are_quoted() {
        assert_eq!(super::quoted("Bến phà, số 2"), "\"Bến phà, số 2\"");
        assert_eq!(
            (super::quoted("a \"b\"").as_ref(), super::quoted("ĐT 975").as_ref()),
            ("\"a \"\"b\"\"\"", "ĐT 975")
        );
    }
}
