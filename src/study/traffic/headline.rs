//! Hours of traffic in a few sentences, and what they rest on.

use super::case::{Hour, TrafficCase};
use super::hours::busiest;
use super::outcome::{TRIPS_UNSURE, TrafficResult};
use super::totals::Totals;
use crate::base::message::Message;
use crate::sim::traffic::control::CYCLE_S;
use crate::sim::traffic::network::Control;

/// A plan that changes the delay by less than this share changes nothing that could be told from the assumptions.
const FELT: f64 = 0.02;

/// The most important first: how the busiest hour is, where it is worst, what the plan changes.
#[must_use]
pub fn of(result: &TrafficResult) -> Vec<Message> {
    let (case, hours) = result.shown();
    let Some(i) = busiest(hours) else { return Vec::new() };
    let (hour, totals) = (&hours[i], &result.totals[i]);
    let clock = format!("{:02}:00", hour.hour);
    let mut lines = vec![
        Message::new("traffic-headline-hour")
            .with("hour", clock.as_str())
            .with("vehicles", hundreds(totals.vehicles))
            .with("speed", totals.mean_speed_kmh().round())
            .with("delay", tens(totals.delay_h)),
    ];
    if let Some(spread) = &result.spread {
        lines.push(
            Message::new("traffic-headline-spread")
                .with("percent", (TRIPS_UNSURE * 100.0).round())
                .with("slow", spread.more.mean_speed_kmh().round())
                .with("fast", spread.fewer.mean_speed_kmh().round())
                .with("least", tens(spread.fewer.delay_h))
                .with("most", tens(spread.more.delay_h)),
        );
    }
    lines.extend(worst(case, hour));
    if let Some((plan, _, _)) = &result.plan {
        lines.push(change(plan, &Totals::of(&result.base.case, &result.base.hours[i]), totals, &clock));
    }
    lines
}

fn worst(case: &TrafficCase, hour: &Hour) -> Option<Message> {
    let full = |l: &usize| hour.links[*l].volume_to_capacity;
    // A stub of some metres is no place that anybody knows.
    let roads = (0..hour.links.len()).filter(|l| case.network.links[*l].length_m >= 50.0);
    let l = roads.max_by(|a, b| full(a).total_cmp(&full(b)).then(b.cmp(a)))?;
    let key = if case.network.links[l].name.is_empty() {
        "traffic-headline-worst-nameless"
    } else {
        "traffic-headline-worst"
    };
    Some(
        Message::new(key)
            .with("road", case.network.links[l].name.as_str())
            .with("percent", (full(&l) * 100.0).round())
            .with("speed", hour.links[l].speed_kmh.round()),
    )
}

fn change(plan: &super::plan::Plan, before: &Totals, after: &Totals, clock: &str) -> Message {
    let share = if before.delay_h > 0.0 { after.delay_h / before.delay_h - 1.0 } else { 0.0 };
    let key = match share {
        s if s < -FELT => "traffic-headline-plan-better",
        s if s > FELT => "traffic-headline-plan-worse",
        _ => "traffic-headline-plan-same",
    };
    Message::new(key)
        .with("plan", &plan.title)
        .with("hour", clock)
        .with("percent", (share.abs() * 100.0).round())
        .with("before", tens(before.delay_h))
        .with("after", tens(after.delay_h))
}

/// What the figures rest on.
#[must_use]
pub fn assumptions(case: &TrafficCase) -> Vec<Message> {
    let mut all = vec![
        Message::new("traffic-assumes-demand").with("date", case.tables.demand.date.as_str()),
        Message::new("traffic-assumes-roads")
            .with("date", case.tables.roads.date.as_str())
            .with("count", case.tables.roads.to_verify()),
        Message::new("traffic-assumes-equilibrium"),
        Message::new("traffic-assumes-emissions"),
    ];
    let signals = case.network.nodes.iter().filter(|n| matches!(n.control, Control::Signal(_))).count();
    if signals > 0 {
        all.push(Message::new("traffic-assumes-signals").with("count", signals).with("cycle", CYCLE_S));
    }
    all
}

fn tens(value: f64) -> f64 {
    (value / 10.0).round() * 10.0
}

fn hundreds(value: f64) -> f64 {
    (value / 100.0).round() * 100.0
}
