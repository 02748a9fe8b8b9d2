//! `island-twin fire danger`: the fire danger index P day by day from a table of daily weather.

use std::fmt::Write as _;
use std::path::Path;

use crate::io::staging::write_whole;
use crate::sim::fire::danger::{DangerTable, Day, danger};
use crate::sim::fire::error::FireError;

/// Reads `temperature_c, humidity_pct, rain_mm` (at 13:00; rain of the 24 hours before), writes the table back with
/// `index_p` and `class` (1 to 5) added.
///
/// # Errors
/// [`FireError`] for a file that cannot be read or written, or a value that is missing or not possible; nothing is
/// written then.
pub fn run(input: &Path, output: &Path, table: &DangerTable, before: f64) -> Result<(), FireError> {
    let file = |e: std::io::Error, path: &Path| FireError::File { reason: e.to_string(), path: path.to_owned() };
    let text = std::fs::read_to_string(input).map_err(|e| file(e, input))?;
    let answer = evaluate(&text, input, table, before)?;
    write_whole(&answer, output).map_err(|e| file(e, output))
}

fn evaluate(text: &str, path: &Path, table: &DangerTable, before: f64) -> Result<String, FireError> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    let header = lines.next().map(|(_, l)| l.trim_start_matches('\u{feff}').trim()).unwrap_or_default();
    let columns: Vec<&str> = header.split(',').map(str::trim).collect();
    let (mut days, mut rows) = (Vec::new(), Vec::new());
    for (line, row) in lines {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let real = |name: &str| {
            let cell = columns.iter().position(|c| *c == name).and_then(|i| cells.get(i));
            let value = cell.and_then(|t| t.parse::<f64>().ok()).filter(|v| v.is_finite());
            value.ok_or_else(|| FireError::BadRow { line: line + 1, what: name.to_owned(), path: path.to_owned() })
        };
        days.push(Day {
            temperature_c: real("temperature_c")?,
            humidity: real("humidity_pct")? / 100.0,
            rain_mm: real("rain_mm")?,
        });
        rows.push(row.trim());
    }
    let mut out = format!("{header},index_p,class\n");
    for (row, day) in rows.iter().zip(danger(&days, before, table)?) {
        // Writing to a String does not fail.
        let _ = writeln!(out, "{row},{:.1},{}", day.index, day.class);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_with_their_class() {
        let text = "date,temperature_c,humidity_pct,rain_mm\n2026-03-01,32,55,0\n2026-03-02,32,55,6\n";
        let answer = evaluate(text, Path::new("d.csv"), &DangerTable::default(), 4900.0).unwrap();
        let rows: Vec<&str> = answer.lines().collect();
        assert_eq!(rows[0], "date,temperature_c,humidity_pct,rain_mm,index_p,class");
        assert!(rows[1].ends_with(",2") && rows[2].ends_with(",0.0,1"), "{answer}");
        let bad = evaluate(&text.replace("55,6", "NaN,6"), Path::new("d.csv"), &DangerTable::default(), 0.0);
        assert!(bad.unwrap_err().to_string().contains("line 3"));
    }
}
