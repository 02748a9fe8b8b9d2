//! The coming day of the communes in sentences and as a table.

use std::fmt::Write as _;

use super::coming::{Ahead, CommuneAhead, LimitAhead};
use super::headline::short;
use super::limit::title_arg;
use crate::base::csv::quoted;
use crate::base::message::Message;

/// From this chance on a commune is warned.
pub const WARN: f64 = 0.5;
/// Communes that are named; the table has all.
const NAMED: usize = 4;

fn likeliest(commune: &CommuneAhead) -> Option<&LimitAhead> {
    commune.limits.iter().max_by(|a, b| a.chance.total_cmp(&b.chance))
}

fn percent(chance: f64) -> f64 {
    (100.0 * chance).round()
}

/// Warnings first, the likeliest first; then for how many, and what the figures rest on.
#[must_use]
pub fn sentences(ahead: &Ahead, pollutant: &str) -> Vec<Message> {
    let mut judged: Vec<(&CommuneAhead, &LimitAhead)> =
        ahead.communes.iter().filter_map(|c| Some((c, likeliest(c)?))).collect();
    judged.sort_by(|a, b| b.1.chance.total_cmp(&a.1.chance).then_with(|| a.0.name.cmp(&b.0.name)));
    let of = |key: &str, (commune, limit): (&CommuneAhead, &LimitAhead)| {
        let [low, middle, high] = limit.highest_mean_ug_m3;
        Message::new(key)
            .with("commune", commune.name.as_str())
            .with("substance", title_arg(pollutant))
            .with("percent", percent(limit.chance))
            .with("limit", limit.limit_ug_m3)
            .with("hours", limit.averaging_h)
            .with("document", limit.document.as_str())
            .with("low", short(low))
            .with("middle", short(middle))
            .with("high", short(high))
    };
    let warned: Vec<_> = judged.iter().filter(|(_, limit)| limit.chance > WARN).collect();
    let key = |limit: &LimitAhead, plain: &str| format!("{plain}{}", if limit.verify { "-verify" } else { "" });
    let mut lines: Vec<Message> = warned.iter().take(NAMED).map(|w| of(&key(w.1, "air-ahead-warning"), **w)).collect();
    if warned.len() > NAMED {
        lines.push(Message::new("air-ahead-more").with("communes", warned.len() - NAMED));
    }
    match judged.first() {
        None => lines.push(Message::new("air-ahead-no-limit").with("substance", title_arg(pollutant))),
        Some(first) if warned.is_empty() => lines.push(of(&key(first.1, "air-ahead-fine"), *first)),
        Some(_) => {}
    }
    for limit in &ahead.all.limits {
        let [low, _, high] = limit.residents_above;
        let told = Message::new("air-ahead-exposed").with("hours", limit.averaging_h);
        let told = told.with("limit", limit.limit_ug_m3).with("residents", limit.residents_expected.round());
        lines.push(told.with("low", low as f64).with("high", high as f64));
    }
    if ahead.residents_far > 0 {
        lines.push(Message::new("air-ahead-far").with("residents", ahead.residents_far as f64));
    }
    lines
}

/// What the figures rest on.
#[must_use]
pub fn assumptions(ahead: &Ahead) -> Vec<Message> {
    let between = if ahead.assumed_between { "air-ahead-assumes-between" } else { "air-ahead-between" };
    vec![
        Message::new(between).with("stations", ahead.stations),
        Message::new("air-ahead-together"),
        Message::new("air-ahead-one-pollutant"),
    ]
}

/// A line for each commune and limit; one without a limit where there is none. The last lines are of all.
#[must_use]
pub fn csv(ahead: &Ahead, pollutant: &str) -> String {
    let mut table = String::from(
        "code,commune,residents,pollutant,mean_p10_ug_m3,mean_p50_ug_m3,mean_p90_ug_m3,\
         highest_hour_p10_ug_m3,highest_hour_p50_ug_m3,highest_hour_p90_ug_m3,vn_aqi_p10,vn_aqi_p50,vn_aqi_p90,\
         averaging_h,limit_ug_m3,highest_mean_p10_ug_m3,highest_mean_p50_ug_m3,highest_mean_p90_ug_m3,chance_above,\
         residents_above_expected,residents_above_p10,residents_above_p50,residents_above_p90,source\n",
    );
    let reals = |values: [f64; 3]| values.map(|v| format!("{v:.3}")).join(",");
    for commune in ahead.communes.iter().chain([&ahead.all]) {
        let name = if commune.code.is_empty() && commune.name.is_empty() { "all" } else { &commune.name };
        let index = commune.vn_aqi.map_or_else(|| ",,".to_owned(), |i| i.map(|v| v.to_string()).join(","));
        let start = format!(
            "{},{},{},{},{},{},{index}",
            quoted(&commune.code),
            quoted(name),
            commune.residents,
            quoted(pollutant),
            reals(commune.mean_ug_m3),
            reals(commune.highest_hour_ug_m3)
        );
        for limit in &commune.limits {
            let _ = writeln!(
                table,
                "{start},{},{},{},{:.3},{:.1},{},forecast",
                limit.averaging_h,
                limit.limit_ug_m3,
                reals(limit.highest_mean_ug_m3),
                limit.chance,
                limit.residents_expected,
                limit.residents_above.map(|n| n.to_string()).join(",")
            );
        }
        if commune.limits.is_empty() {
            let _ = writeln!(table, "{start},,,,,,,,,,,forecast");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commune(name: &str, chances: &[f64]) -> CommuneAhead {
        let limit = |chance: &f64| LimitAhead {
            averaging_h: 24,
            limit_ug_m3: 45.0,
            document: "QCVN".to_owned(),
            verify: false,
            highest_mean_ug_m3: [30.0, 40.0, 55.0],
            chance: *chance,
            residents_above: [0, 10, 90],
            residents_expected: 31.4,
        };
        CommuneAhead {
            code: "1".to_owned(),
            name: name.to_owned(),
            residents: 100,
            mean_ug_m3: [20.0, 30.0, 50.0],
            highest_hour_ug_m3: [40.0, 60.0, 90.0],
            vn_aqi: Some([45, 60, 100]),
            level: None,
            limits: chances.iter().map(limit).collect(),
        }
    }

    fn ahead(chances: &[f64]) -> Ahead {
        let communes = chances.iter().zip(["a", "b", "c", "d", "e", "f"]).map(|(c, n)| commune(n, &[*c])).collect();
        let all = CommuneAhead { code: String::new(), ..commune("", &[0.2]) };
        Ahead { stations: 5, all, communes, residents_far: 0, assumed_between: false }
    }

    #[test]
    fn the_likeliest_are_named_first_and_the_rest_is_counted() {
        let keys = |ahead: &Ahead| sentences(ahead, "pm25").into_iter().map(|m| m.key).collect::<Vec<_>>();
        let bad = ahead(&[0.6, 0.9, 0.7, 0.55, 0.8, 0.95]);
        let warning = "air-ahead-warning";
        assert_eq!(keys(&bad), [warning, warning, warning, warning, "air-ahead-more", "air-ahead-exposed"]);
        assert_eq!(keys(&ahead(&[0.3])), ["air-ahead-fine", "air-ahead-exposed"]);
        let mut none = ahead(&[0.3]);
        none.communes[0].limits.clear();
        none.all.limits.clear();
        none.residents_far = 7;
        assert_eq!(keys(&none), ["air-ahead-no-limit", "air-ahead-far"]);
    }

    #[test]
    fn every_line_of_the_table_has_all_columns() {
        let mut some = ahead(&[0.3, 0.6]);
        some.communes[0].limits.clear();
        some.communes[1].name = "x, y".to_owned();
        let table = csv(&some, "pm25");
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4);
        for line in &lines {
            assert_eq!(line.replace("\"x, y\"", "x").split(',').count(), 24, "{line}");
        }
        assert!(lines[3].starts_with(",all,"));
    }
}
