//! What a search for a source found, in sentences: never one place alone.

use super::headline::short;
use crate::base::message::Message;
use crate::sim::air::finding::{Finding, Verdict};

/// `place` writes coordinates as the reader knows them.
#[must_use]
pub fn sentences(found: &Finding, readings: usize, place: impl Fn([f64; 2]) -> String) -> Vec<Message> {
    let km2 = |m2: f64| short(m2 / 1e6);
    // A few streets are no part of a square kilometre that anybody can picture.
    let (area, unit) = if found.area_m2 < 1e6 { (found.area_m2 / 1e4, "ha") } else { (found.area_m2 / 1e6, "km²") };
    let key = match found.verdict {
        Verdict::NoSourceNeeded => "air-find-none",
        Verdict::CannotTellWhere => "air-find-cannot-tell",
        Verdict::NotOneSource => "air-find-not-one",
        Verdict::Found => "air-find-found",
    };
    let mut lines = vec![Message::new(key).with("readings", readings)];
    if found.verdict == Verdict::NoSourceNeeded {
        return lines;
    }
    lines.push(
        Message::new("air-find-area")
            .with("percent", 100.0 * found.credible_share)
            .with("area", short(area))
            .with("unit", unit)
            .with("searched", km2(found.searched_m2))
            .with("squares", found.credible),
    );
    if let Some(best) = found.cells.first() {
        lines.push(Message::new("air-find-best").with("place", place(best.middle)));
    }
    let [low, middle, high] = found.rate_g_s;
    lines.push(
        Message::new("air-find-rate")
            .with("low", short(low))
            .with("middle", short(middle))
            .with("high", short(high))
            .with("background", short(found.background_ug_m3)),
    );
    // Where one source explains it, a list of others would only mislead.
    if found.verdict == Verdict::NotOneSource && found.together.len() > 1 {
        lines.push(Message::new("air-find-together").with("sources", found.together.len()));
        for (at, rate) in &found.together {
            lines.push(Message::new("air-find-together-one").with("place", place(*at)).with("rate", short(*rate)));
        }
    }
    lines
}
