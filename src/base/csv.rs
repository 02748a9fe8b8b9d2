//! Cells of comma-separated tables.

/// A cell that comes back as it was, whatever stands in it.
#[must_use]
pub fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_quotes_and_lines_are_quoted() {
        assert_eq!(["Trạm 1", "a,b", "\"a\"", "a\nb"].map(cell), ["Trạm 1", "\"a,b\"", "\"\"\"a\"\"\"", "\"a\nb\""]);
    }
}
