//! What stations observe and the limits that the law sets: dated, cited tables in `assets/norms`, which a user may
//! change and hand back.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::style::Text2;

/// A quantity that a station observes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// "pm25"
    pub code: String,
    pub title: Text2,
    /// In which it is kept and shown; empty for a bare number.
    pub unit: String,
    pub decimals: usize,
    /// What an instrument can believably report.
    pub range: (f64, f64),
    /// A value that has not moved for so long is taken for stuck, seconds.
    pub steady_for_s: f64,
    /// Largest believable change between readings a minute apart.
    pub jump: f64,
    #[serde(default)]
    pub molar_mass_g: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyTable {
    pub version: u32,
    /// The day on which somebody last looked through it.
    pub checked: String,
    pub properties: Vec<Property>,
}

impl PropertyTable {
    /// The table that comes with the program.
    #[must_use]
    pub fn standard() -> &'static Self {
        static TABLE: OnceLock<PropertyTable> = OnceLock::new();
        TABLE.get_or_init(|| {
            ron::from_str(include_str!("../../assets/norms/properties.ron")).unwrap_or_else(|_| PropertyTable {
                version: 1,
                checked: String::new(),
                properties: Vec::new(),
            })
        })
    }

    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.code == code)
    }
}

/// In what the quantity is measured: the same property has another limit in the sea than in a tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Medium {
    Air,
    SeaWater,
    WasteWater,
    DrinkingWater,
    Noise,
}

impl Medium {
    pub const ALL: [Self; 5] = [Self::Air, Self::SeaWater, Self::WasteWater, Self::DrinkingWater, Self::Noise];
}

/// Over what a value is averaged before it is held against a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Averaging {
    /// A single reading or sample.
    Instant,
    Hours(u32),
    Year,
}

impl Averaging {
    /// Seconds; 0 for a single reading.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Instant => 0,
            Self::Hours(hours) => i64::from(hours) * 3600,
            Self::Year => 365 * 86_400,
        }
    }
}

/// One row of a table of limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub property: String,
    pub averaging: Averaging,
    /// Must not be below.
    #[serde(default)]
    pub low: Option<f64>,
    /// Must not be above.
    #[serde(default)]
    pub high: Option<f64>,
    pub unit: String,
    /// Local hours in which it holds, from and to; through midnight when the first is the later one.
    #[serde(default)]
    pub hours: Option<(u8, u8)>,
    pub document: String,
    pub table: String,
    /// The first day, "2023-09-12".
    pub valid_from: String,
    /// The first day on which it no longer holds.
    #[serde(default)]
    pub valid_until: Option<String>,
    /// Not read in a signed copy of the document: to be checked before a decision rests on it.
    #[serde(default)]
    pub verify: bool,
}

impl Limit {
    /// Whether a value keeps to the limit; NaN never does.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.low.is_none_or(|low| value >= low) && self.high.is_none_or(|high| value <= high) && !value.is_nan()
    }

    /// Whether the row is in force on a local day ("2026-11-28") and hour.
    #[must_use]
    pub fn in_force(&self, day: &str, hour: u8) -> bool {
        let dated = self.valid_from.as_str() <= day && self.valid_until.as_deref().is_none_or(|until| day < until);
        dated
            && self
                .hours
                .is_none_or(|(from, to)| if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to })
    }
}

/// The limits of one medium.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormTable {
    pub version: u32,
    pub checked: String,
    pub medium: Medium,
    pub limits: Vec<Limit>,
}

impl NormTable {
    /// The table that comes with the program.
    #[must_use]
    pub fn standard(medium: Medium) -> &'static Self {
        static TABLES: OnceLock<Vec<NormTable>> = OnceLock::new();
        const NONE: NormTable =
            NormTable { version: 1, checked: String::new(), medium: Medium::Air, limits: Vec::new() };
        static EMPTY: NormTable = NONE;
        let tables = TABLES.get_or_init(|| {
            let texts = [
                include_str!("../../assets/norms/air.ron"),
                include_str!("../../assets/norms/sea-water.ron"),
                include_str!("../../assets/norms/waste-water.ron"),
                include_str!("../../assets/norms/drinking-water.ron"),
                include_str!("../../assets/norms/noise.ron"),
            ];
            texts.iter().filter_map(|text| ron::from_str(text).ok()).collect()
        });
        tables.iter().find(|t| t.medium == medium).unwrap_or(&EMPTY)
    }

    /// The limits of a property that are in force on a local day and hour, the shortest averaging time first.
    #[must_use]
    pub fn of(&self, property: &str, day: &str, hour: u8) -> Vec<&Limit> {
        let mut found: Vec<&Limit> =
            self.limits.iter().filter(|l| l.property == property && l.in_force(day, hour)).collect();
        found.sort_by_key(|l| l.averaging.seconds());
        found
    }

    /// Every row of a property, whenever it was in force.
    pub fn rows<'a>(&'a self, property: &'a str) -> impl Iterator<Item = &'a Limit> {
        self.limits.iter().filter(move |l| l.property == property)
    }

    /// The limit of a property over an averaging time on a day, e.g. the 24 h limit of PM2.5.
    #[must_use]
    pub fn limit(&self, property: &str, averaging: Averaging, day: &str) -> Option<&Limit> {
        self.limits.iter().find(|l| l.property == property && l.averaging == averaging && l.in_force(day, 12))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_read_and_speaks_of_known_properties_in_their_units() {
        let known = PropertyTable::standard();
        assert!(known.properties.len() > 25);
        for medium in Medium::ALL {
            let table = NormTable::standard(medium);
            assert_eq!(table.medium, medium);
            assert!(table.limits.len() > 4, "{medium:?}");
            for limit in &table.limits {
                let property = known.get(&limit.property).unwrap_or_else(|| panic!("{} is unknown", limit.property));
                assert_eq!(property.unit, limit.unit, "{}", limit.property);
                assert!(limit.low.is_some() || limit.high.is_some());
                assert!(limit.valid_from.parse::<jiff::civil::Date>().is_ok(), "{}", limit.valid_from);
                assert!(limit.document.starts_with("QCVN ") && !limit.table.is_empty());
            }
        }
    }

    /// QCVN 05:2023/BTNMT, Table 1: the daily limit of PM2.5 fell from 50 to 45 µg/m³ on 1 January 2026.
    #[test]
    fn limits_change_with_the_date_and_with_the_hour() {
        let air = NormTable::standard(Medium::Air);
        let daily = |day| air.limit("pm25", Averaging::Hours(24), day).and_then(|l| l.high);
        assert_eq!(daily("2025-12-31"), Some(50.0));
        assert_eq!(daily("2026-01-01"), Some(45.0));
        assert_eq!(daily("2020-01-01"), None);
        let noise = NormTable::standard(Medium::Noise);
        let at = |hour| noise.of("noise", "2026-11-28", hour).first().and_then(|l| l.high);
        assert_eq!([at(3), at(12), at(19), at(23)], [Some(55.0), Some(65.0), Some(60.0), Some(55.0)]);
        let order: Vec<i64> = air.of("no2", "2026-11-28", 12).iter().map(|l| l.averaging.seconds()).collect();
        assert!(order.is_sorted() && order.len() == 3, "{order:?}");
    }

    #[test]
    fn a_value_on_the_limit_keeps_to_it_and_no_value_never_does() {
        let sea = NormTable::standard(Medium::SeaWater);
        let ph = sea.limit("ph", Averaging::Instant, "2026-11-28").unwrap();
        assert!(ph.holds(6.5) && ph.holds(8.5) && !ph.holds(8.51) && !ph.holds(6.49) && !ph.holds(f64::NAN));
    }
}
