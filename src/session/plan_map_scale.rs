//! What the colours of a plan's map mean: one scale for all hours and both plans, so that they can be held against each
//! other.

use super::air;
use super::field_view::Shade;
use super::fire_shades::probability_shade;
use super::plan_maps::{FIRE_FROM_HOUR, Moment, Of, Runs, values, vehicles};
use super::traffic_ribbons::{LESS, MORE, RibbonColor, SAME, shade};
use crate::model::style::Rgba;
use crate::study::whatif::difference::{difference, road_changes};
use crate::study::whatif::run::ScenarioRun;

/// Colours, and for roads what a point of width stands for and the least that is drawn, in vehicles.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    pub(super) shade: Shade,
    pub(super) per_point: f64,
    pub(super) least: f64,
    pub(super) nothing: bool,
}

/// So many of a thousand changed cells are beyond the last colour: one odd cell must not pale all others.
const BEYOND: f64 = 0.01;

/// Of the difference and of the plans' own values; each of the day and of its hours.
pub(super) fn scales(runs: &Runs, of: Of, by_hour: bool) -> [[Scale; 2]; 2] {
    [false, true].map(|own| {
        [false, true].map(|hours| {
            let moments: Vec<Moment> = match (hours && by_hour, of) {
                (false, _) => vec![Moment::Day],
                // What burns only grows: the last hour has the most.
                (true, Of::Fire) => vec![Moment::Hour(FIRE_FROM_HOUR), Moment::Hour(23)],
                (true, _) => (0..24).map(Moment::Hour).collect(),
            };
            if of == Of::Traffic { of_roads(runs, own, &moments) } else { of_field(runs, of, own, &moments) }
        })
    })
}

fn of_roads(runs: &Runs, own: bool, moments: &[Moment]) -> Scale {
    let [a, b] = &**runs;
    let hours = moments.len() > 1;
    if own {
        let [per_point, least] = if hours { [600.0, 25.0] } else { [7500.0, 250.0] };
        let nothing = a.traffic.pieces.is_empty() && b.traffic.pieces.is_empty();
        return Scale { shade: shade(RibbonColor::Full), per_point, least, nothing };
    }
    let [per_point, least] = if hours { [200.0, 5.0] } else { [2500.0, 50.0] };
    let changes = road_changes(&a.traffic.pieces, &b.traffic.pieces);
    let all = moments.iter().flat_map(|m| changes.iter().map(move |c| c.change(|piece| vehicles(piece, *m)).abs()));
    let most = all.fold(0.0, f64::max);
    let end = round_up((most.max(least) / 2.0) as f32);
    let unit = if hours { "session-traffic-vehicles-h" } else { "whatif-map-vehicles-day" };
    let stops = vec![(-end, LESS), (0.0, SAME), (end, MORE)];
    Scale { shade: Shade { title: "whatif-map-title", unit, stops }, per_point, least, nothing: most < least }
}

fn of_field(runs: &Runs, of: Of, own: bool, moments: &[Moment]) -> Scale {
    let [a, b] = &**runs;
    let mut sizes: Vec<f32> = Vec::new();
    let mut add = |cells: &[f32]| sizes.extend(cells.iter().map(|c| c.abs()).filter(|c| *c > 0.0));
    for moment in moments {
        let (first, second) = (values(a, of, *moment), values(b, of, *moment));
        if own {
            [&first, &second].into_iter().flatten().for_each(|grid| add(&grid.cells));
        } else if let Some(changed) = first.zip(second).and_then(|(a, b)| difference(&a, &b)) {
            add(&changed.cells);
        }
    }
    sizes.sort_by(f32::total_cmp);
    let most = sizes.get(((sizes.len() as f64 * (1.0 - BEYOND)) as usize).min(sizes.len().saturating_sub(1)));
    let end = round_up(most.copied().unwrap_or(0.0));
    let shade = if own { own_shade(b, of, end) } else { diverging(unit(of), end) };
    Scale { shade, per_point: 1.0, least: 0.0, nothing: sizes.is_empty() }
}

fn unit(of: Of) -> &'static str {
    match of {
        Of::Air(_) => "µg/m³",
        Of::Fire => "%",
        Of::Sea => "CFU/100 mL",
        Of::Traffic => "session-traffic-vehicles-h",
    }
}

fn own_shade(run: &ScenarioRun, of: Of, end: f32) -> Shade {
    match of {
        Of::Air(i) => air::shade(run.air.get(i).and_then(|a| a.limit.as_ref()).map(|l| l.0 as f32), end),
        Of::Fire => {
            // Of a hundred fires few come to the same place: the colours end where the shares do.
            let full = probability_shade();
            let stops = full.stops.iter().map(|(share, color)| (share / 100.0 * end, *color)).collect();
            Shade { stops, ..full }
        }
        Of::Sea | Of::Traffic => {
            let limit = run.water.as_ref().map(|w| w.limit as f32);
            Shade { title: "whatif-map-sea", ..of_unit(air::shade(limit, end), unit(of)) }
        }
    }
}

fn of_unit(shade: Shade, unit: &'static str) -> Shade {
    Shade { unit, ..shade }
}

/// Blue where the second plan has less, orange where it has more.
fn diverging(unit: &'static str, most: f32) -> Shade {
    let pale = |c: Rgba| Rgba::opaque(c.0 / 2 + SAME.0 / 2, c.1 / 2 + SAME.1 / 2, c.2 / 2 + SAME.2 / 2);
    let stops = vec![(-most, LESS), (-most / 4.0, pale(LESS)), (0.0, SAME), (most / 4.0, pale(MORE)), (most, MORE)];
    Shade { title: "whatif-map-title", unit, stops }
}

/// To one, two or five times a power of ten.
fn round_up(value: f32) -> f32 {
    let power = 10_f32.powf(value.max(1e-9).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|v| *v >= value * 0.999).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (value, end) in [(0.013, 0.02), (3.0, 5.0), (5.0, 5.0), (720.0, 1000.0), (1.0, 1.0)] {
            assert!((round_up(value) / end - 1.0).abs() < 1e-5, "{value}: {}", round_up(value));
        }
    }
}
