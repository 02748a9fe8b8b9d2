//! One member's result and its file: a line of JSON and a second line with its digest. What is cut off or changed is none.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::EnsembleError;
use crate::base::digest::Digest;
use crate::base::message::Message;
use crate::geo::grid::GridSpec;
use crate::io::staging::write_whole;
use crate::study::whatif::FireRun;
use crate::study::whatif::indicator::Figure;

/// The form of the file.
const FORM: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberResult {
    pub form: u32,
    pub member: u32,
    pub program_version: String,
    /// What chance gave it.
    pub drawn: BTreeMap<String, f64>,
    /// As the spec names them, in its order.
    pub scenarios: Vec<ScenarioResult>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioResult {
    pub scenario: String,
    pub figures: Vec<Figure>,
    /// What the runs rest on.
    pub assumptions: Vec<Message>,
    pub burnt: Option<Burnt>,
}

/// Which cells the fires of a member burnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Burnt {
    pub spec: GridSpec,
    pub fires: u32,
    /// (first cell, cells, fires that burnt each of them).
    pub runs: Vec<[u32; 3]>,
}

impl Burnt {
    #[must_use]
    pub fn of(fire: &FireRun) -> Self {
        let mut runs: Vec<[u32; 3]> = Vec::new();
        for (cell, share) in (0_u32..).zip(&fire.probability.cells) {
            // Shares of the fires: whole numbers come back whole.
            let fires = (f64::from(*share) * f64::from(fire.fires)).round();
            if fires < 1.0 || fires.is_nan() {
                continue;
            }
            match runs.last_mut() {
                Some([first, cells, n]) if *first + *cells == cell && f64::from(*n) == fires => *cells += 1,
                _ => runs.push([cell, 1, fires as u32]),
            }
        }
        Self { spec: fire.probability.spec.clone(), fires: fire.fires, runs }
    }
}

impl MemberResult {
    #[must_use]
    pub fn new(member: u32, drawn: BTreeMap<String, f64>, scenarios: Vec<ScenarioResult>) -> Self {
        let program_version = env!("CARGO_PKG_VERSION").to_owned();
        Self { form: FORM, member, program_version, drawn, scenarios }
    }

    fn text(&self) -> Result<String, serde_json::Error> {
        let line = serde_json::to_string(self)?;
        let digest = Digest::of(line.as_bytes());
        Ok(format!("{line}\n{{\"digest\":\"{digest}\"}}\n"))
    }

    /// Writes it as a whole or not at all.
    ///
    /// # Errors
    /// [`EnsembleError::Write`].
    pub fn write(&self, path: &Path) -> Result<(), EnsembleError> {
        let text = self.text().map_err(|e| EnsembleError::write(path, &e))?;
        write_whole(&text, path).map_err(|e| EnsembleError::write(path, &e))
    }

    /// `None` for a file that is not there; `Err` for one that is no whole result of this member, which is as good as
    /// none.
    ///
    /// # Errors
    /// [`Damaged`].
    pub fn read(path: &Path, member: u32) -> Result<Option<Self>, Damaged> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(Damaged),
        };
        let (line, rest) = text.split_once('\n').ok_or(Damaged)?;
        if rest.trim() != format!("{{\"digest\":\"{}\"}}", Digest::of(line.as_bytes())) {
            return Err(Damaged);
        }
        let result: Self = serde_json::from_str(line).map_err(|_| Damaged)?;
        if result.form == FORM && result.member == member { Ok(Some(result)) } else { Err(Damaged) }
    }
}

/// A file that is no whole result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_cut_or_changed_anywhere_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m");
        let drawn = [("wind_mps".to_owned(), 0.1 + 0.2)].into_iter().collect();
        let scenarios = vec![ScenarioResult {
            scenario: "today".to_owned(),
            figures: Vec::new(),
            assumptions: Vec::new(),
            burnt: None,
        }];
        let result = MemberResult::new(3, drawn, scenarios);
        assert_eq!(MemberResult::read(&path, 3), Ok(None));
        result.write(&path).unwrap();
        assert_eq!(MemberResult::read(&path, 3), Ok(Some(result.clone())));
        assert_eq!(MemberResult::read(&path, 4), Err(Damaged));
        let bytes = std::fs::read(&path).unwrap();
        for length in 0..bytes.len() - 1 {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert_eq!(MemberResult::read(&path, 3), Err(Damaged), "cut at {length}");
        }
        for place in 0..bytes.len() - 1 {
            let mut bytes = bytes.clone();
            bytes[place] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(MemberResult::read(&path, 3), Err(Damaged), "changed at {place}");
        }
    }
}
