//! The limit that a field is held against: from the dated table of norms.

use serde::Serialize;

use crate::base::message::Arg;
use crate::model::norm::{Averaging, Limit, Medium, NormTable, PropertyTable};
use crate::model::style::Text2;

/// A limit as it is shown with a map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownLimit {
    pub ug_m3: f64,
    pub averaging_hours: u32,
    /// "QCVN 05:2023/BTNMT, 1"
    pub document: String,
    pub verify: bool,
}

/// The limit in force that day that suits a run of so many hours (UTC+7 dates are the caller's): the one with the longest
/// averaging time that the run has, else the shortest there is.
#[must_use]
pub fn of(pollutant: &str, day: &str, hour: u8, run_hours: usize) -> Option<ShownLimit> {
    let shown = |limit: &Limit| {
        let Averaging::Hours(averaging_hours) = limit.averaging else { return None };
        Some(ShownLimit {
            ug_m3: limit.high?,
            averaging_hours,
            document: format!("{}, {}", limit.document, limit.table),
            verify: limit.verify,
        })
    };
    let table = NormTable::standard(Medium::Air);
    let all: Vec<ShownLimit> = table.of(pollutant, day, hour).into_iter().filter_map(shown).collect();
    let suits = |l: &&ShownLimit| l.averaging_hours as usize <= run_hours;
    all.iter().rev().find(suits).or(all.first()).cloned()
}

/// The substance's name; its code where the table does not have it.
#[must_use]
pub fn title(pollutant: &str) -> Text2 {
    PropertyTable::standard()
        .get(pollutant)
        .map_or_else(|| Text2::same(&pollutant.to_ascii_uppercase()), |p| p.title.clone())
}

/// [`title`] for a message.
#[must_use]
pub fn title_arg(pollutant: &str) -> Arg {
    (&title(pollutant)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_held_against_the_limit_of_its_length() {
        let of = |pollutant, hours| of(pollutant, "2026-03-20", 9, hours).map(|l| (l.ug_m3, l.averaging_hours));
        assert_eq!([of("no2", 1), of("no2", 23)], [Some((200.0, 1)); 2]);
        assert_eq!([of("no2", 24), of("no2", 72)], [Some((100.0, 24)); 2]);
        assert_eq!(of("co", 24), Some((10_000.0, 8)));
        assert_eq!([of("pm25", 1), of("pm25", 24)], [Some((45.0, 24)); 2]);
        assert_eq!(of("nox", 24), None);
    }
}
