//! Vietnamese land-use codes, their names and the official map colours.
//!
//! `assets/land-use.csv` says for each colour whether the two public implementations it was taken from agree.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::style::{Rgba, Text2};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandUse {
    pub name: Text2,
    pub color: Rgba,
}

/// Grey for a code that is not in the table.
pub const UNKNOWN_COLOR: Rgba = Rgba::opaque(200, 200, 200);

/// All codes in alphabetical order.
pub fn land_uses() -> &'static BTreeMap<&'static str, LandUse> {
    static TABLE: OnceLock<BTreeMap<&'static str, LandUse>> = OnceLock::new();
    TABLE.get_or_init(|| include_str!("../../assets/land-use.csv").lines().skip(1).filter_map(parse_line).collect())
}

/// A cadastral code may name several uses ("ONT+CLN"): the first decides.
#[must_use]
pub fn land_use(code: &str) -> Option<&'static LandUse> {
    let first = code.split(['+', ',', '/', ' ']).next()?;
    land_uses().get(first)
}

#[must_use]
pub fn color(code: &str) -> Rgba {
    land_use(code).map_or(UNKNOWN_COLOR, |l| l.color)
}

/// `code,vi,en,r,g,b,evidence`, names in quotes when they hold a comma.
fn parse_line(line: &'static str) -> Option<(&'static str, LandUse)> {
    let mut fields = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (field, after) = quoted.split_once('"')?;
                (field, after.strip_prefix(',').unwrap_or(after))
            }
            None => rest.split_once(',').unwrap_or((rest, "")),
        };
        fields.push(field);
        rest = after;
    }
    let [code, vi, en, r, g, b, _evidence] = fields[..] else { return None };
    let color = Rgba::opaque(r.parse().ok()?, g.parse().ok()?, b.parse().ok()?);
    Some((code, LandUse { name: Text2 { vi: vi.to_owned(), en: en.to_owned() }, color }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("../../assets/land-use.csv").lines().count() - 1;
        assert_eq!(land_uses().len(), lines);
        assert!(land_uses().values().all(|l| !l.name.vi.is_empty() && !l.name.en.is_empty()));
    }

    #[test]
    fn the_first_of_several_uses_decides() {
        assert_eq!(color("ODT"), Rgba::opaque(255, 160, 255));
        assert_eq!(color("ONT+CLN"), Rgba::opaque(255, 208, 255));
        assert_eq!(color("???"), UNKNOWN_COLOR);
    }
}
