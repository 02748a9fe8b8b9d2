//! Constants of a tide from a table: `constituent, amplitude_m, phase_deg`.

use std::path::Path;

use super::rows::{Row, Rows};
use crate::base::digest::Digest;
use crate::base::message::{Message, ToMessage};
use crate::sim::air::error::AirError;
use crate::sim::water::tide::{Constituent, Name};
use crate::study::water::case::TideFile;

/// No constituent is larger anywhere (M2 in the Bay of Fundy: some 6 m); more was written in centimetres.
const MOST_M: f64 = 8.0;

/// # Errors
/// What is wrong, with its line: a column that is not there, an unknown constituent or one that comes twice, an amplitude
/// or a phase that cannot be.
pub fn read(path: &Path) -> Result<(Vec<Constituent>, TideFile), Message> {
    let failed = |e: AirError| e.to_message();
    let rows = Rows::read(path).map_err(failed)?;
    rows.require(&["constituent", "amplitude_m", "phase_deg"]).map_err(failed)?;
    rows.require_rows().map_err(failed)?;
    let mut tide: Vec<Constituent> = Vec::new();
    for row in rows.iter() {
        let next = constituent(row)?;
        if tide.iter().any(|known| known.name == next.name) {
            return Err(about(row, "cli-water-tide-twice").with("name", next.name.code()));
        }
        tide.push(next);
    }
    let bytes =
        std::fs::read(path).map_err(|e| failed(AirError::File { reason: e.to_string(), path: path.to_owned() }))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((tide, TideFile { name, digest: Digest::of(&bytes).to_string() }))
}

fn constituent(row: Row<'_>) -> Result<Constituent, Message> {
    let number = |column: &str| row.real(column).map_err(|e| e.to_message());
    let name = row.text("constituent").ok_or_else(|| row.bad("constituent").to_message())?;
    let known = || Name::ALL.map(Name::code).join(", ");
    let name =
        Name::of(name).ok_or_else(|| about(row, "cli-water-tide-unknown").with("name", name).with("known", known()))?;
    let (amplitude_m, phase_deg) = (number("amplitude_m")?, number("phase_deg")?);
    if !(0.0..=MOST_M).contains(&amplitude_m) {
        return Err(about(row, "cli-water-tide-amplitude").with("value", amplitude_m).with("most", MOST_M));
    }
    if !(-360.0..=360.0).contains(&phase_deg) {
        return Err(about(row, "cli-water-tide-phase").with("value", phase_deg));
    }
    Ok(Constituent { name, amplitude_m, phase_deg })
}

fn about(row: Row<'_>, key: &str) -> Message {
    Message::new(key).with("line", row.line()).with("path", row.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Constituent>, Message> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tide.csv");
        std::fs::write(&path, text).unwrap();
        read(&path).map(|(tide, file)| {
            assert_eq!(file.name, "tide.csv");
            tide
        })
    }

    #[test]
    fn a_table_gives_the_constituents_it_has() {
        let tide = of("constituent,amplitude_m,phase_deg\nk1,0.31,52\nM2,0.08,-20\n").unwrap();
        let m2 = Constituent { name: Name::M2, amplitude_m: 0.08, phase_deg: -20.0 };
        assert_eq!((tide.len(), tide[0].name, tide[1]), (2, Name::K1, m2));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let head = "constituent,amplitude_m,phase_deg\nK1,0.3,50\n";
        for (text, key, line) in [
            ("constituent,amplitude_cm,phase_deg\nK1,30,50\n".to_owned(), "air-bad-row", 1_usize),
            ("constituent,amplitude_m,phase_deg\n".to_owned(), "air-no-rows", 0),
            (format!("{head}N2,0.1,5\n"), "cli-water-tide-unknown", 3),
            (format!("{head}K1,0.1,5\n"), "cli-water-tide-twice", 3),
            (format!("{head}O1,-0.1,5\n"), "cli-water-tide-amplitude", 3),
            (format!("{head}O1,31,5\n"), "cli-water-tide-amplitude", 3),
            (format!("{head}O1,0.1,720\n"), "cli-water-tide-phase", 3),
            (format!("{head}O1,0.1,\n"), "air-bad-row", 3),
        ] {
            let failed = of(&text).unwrap_err();
            assert_eq!(failed.key, key, "{text}");
            assert!(line == 0 || failed.args.contains(&("line".to_owned(), line.into())), "{text}: {failed:?}");
        }
        assert_eq!(read(Path::new("nowhere.csv")).unwrap_err().key, "air-no-file");
    }
}
