//! The limit that a field is held against: from the dated table of norms.

use serde::Serialize;

use crate::base::message::Arg;
use crate::model::norm::{Averaging, Medium, NormTable, PropertyTable};
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

/// For an hour's field the hour's limit, else the next longer one in force that day (UTC+7 dates are the caller's).
#[must_use]
pub fn of(pollutant: &str, day: &str, hour: u8) -> Option<ShownLimit> {
    let table = NormTable::standard(Medium::Air);
    table.of(pollutant, day, hour).into_iter().find_map(|limit| {
        let Averaging::Hours(averaging_hours) = limit.averaging else { return None };
        Some(ShownLimit {
            ug_m3: limit.high?,
            averaging_hours,
            document: format!("{}, {}", limit.document, limit.table),
            verify: limit.verify,
        })
    })
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
