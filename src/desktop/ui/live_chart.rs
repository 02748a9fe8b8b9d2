//! The chart of the chosen streams: lows and highs of every piece, gaps left open, limits and forecast drawn in. Scrolling
//! zooms and dragging moves; the session looks the new stretch up in as many pieces as the chart is wide.

use egui::{Button, Color32, Label, Rangef, RichText, Sense, Ui};
use egui_phosphor::regular as icon;
use egui_plot::{AxisHints, HLine, Line, LineStyle, Plot, PlotPoints, Polygon, VLine};

use super::context::Cx;
use super::live_words::{offset, rule_name, stream_name};
use super::widgets::{card, icon_button};
use crate::base::message::Message;
use crate::live::forecast::Outlook;
use crate::session::command::Command;
use crate::session::live::LiveCommand;
use crate::session::live_chart::Curve;
use crate::text::number::format_short;

/// Height of the buttons above the plot and of the words below it.
const WORDS: f32 = 132.0;
/// Hours are written where they are so far apart, points.
const LABELS_APART: Rangef = Rangef { min: 34.0, max: 44.0 };
const HOUR_MS: f64 = 3_600_000.0;
/// Hours of forecast that stand at the right end.
const AHEAD_H: f64 = crate::live::ahead::AHEAD_H as f64;
const SPANS: [(f64, &str); 5] = [
    (6.0, "ui-live-span-6h"),
    (24.0, "ui-live-span-day"),
    (168.0, "ui-live-span-week"),
    (744.0, "ui-live-span-month"),
    (8784.0, "ui-live-span-year"),
];
const COLORS: [Color32; 6] = [
    Color32::from_rgb(31, 119, 180),
    Color32::from_rgb(214, 120, 20),
    Color32::from_rgb(44, 140, 60),
    Color32::from_rgb(148, 90, 190),
    Color32::from_rgb(120, 80, 70),
    Color32::from_rgb(20, 150, 160),
];
const LIMIT: Color32 = Color32::from_rgb(215, 38, 56);

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, height: f32) {
    card(&cx.palette).inner_margin(8).show(ui, |ui| {
        ui.set_width(ui.available_width());
        buttons(ui, cx);
        let chart = &cx.session.live().chart;
        if chart.curves.iter().all(|c| c.stretches.is_empty()) {
            let key = if cx.session.live().is_reading() { "ui-live-reading" } else { "ui-live-no-history" };
            ui.add(Label::new(cx.weak(cx.tr(key))).wrap());
            return;
        }
        names(ui, cx);
        plot(ui, cx, height - WORDS);
        for curve in cx.session.live().chart.curves.iter().take(2) {
            foretold(ui, cx, curve);
        }
    });
}

fn buttons(ui: &mut Ui, cx: &mut Cx<'_>) {
    let (span, follows) = (cx.session.live().chart.span_h, cx.session.live().chart.follows);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (hours, key) in SPANS {
            let on = follows && (span - hours).abs() < 0.5;
            if ui.add(Button::selectable(on, cx.tr(key))).clicked() {
                cx.push(Command::Live(LiveCommand::SetSpan(hours)));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, icon::X, &cx.tr("ui-live-clear"), false).clicked() {
                cx.push(Command::Live(LiveCommand::ClearChart));
            }
            if icon_button(ui, icon::ARROWS_CLOCKWISE, &cx.tr("ui-live-refresh"), false).clicked() {
                cx.push(Command::Live(LiveCommand::Refresh));
            }
        });
    });
}

/// Which colour is which stream, and which limits are drawn: above the plot, where no curve is hidden by it.
fn names(ui: &mut Ui, cx: &Cx<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(10.0, 0.0);
        let curves = &cx.session.live().chart.curves;
        for (curve, color) in curves.iter().zip(COLORS.iter().cycle()) {
            let name = with_unit(stream_name(cx, curve.key), &curve.unit);
            ui.label(RichText::new(format!("— {name}")).size(12.0).color(*color));
        }
        let mut limits: Vec<String> =
            curves.iter().flat_map(|c| c.thresholds.iter().map(|t| rule_name(cx, c.key, &t.name))).collect();
        limits.dedup();
        for limit in limits.into_iter().take(3) {
            ui.label(RichText::new(format!("-- {limit}")).size(12.0).color(LIMIT));
        }
    });
}

fn plot(ui: &mut Ui, cx: &mut Cx<'_>, height: f32) {
    let chart = &cx.session.live().chart;
    let (end_ms, span_h, follows) = (chart.end_ms, chart.span_h, chart.follows);
    let curves: Vec<(String, Curve)> =
        chart.curves.iter().map(|c| (with_unit(stream_name(cx, c.key), &c.unit), c.clone())).collect();
    let limits: Vec<Vec<String>> =
        curves.iter().map(|(_, c)| c.thresholds.iter().map(|t| rule_name(cx, c.key, &t.name)).collect()).collect();
    let now = cx.tr("ui-live-now");
    let (local, language) = (offset(cx), cx.session.language());
    let ahead =
        if follows && curves.iter().any(|(_, c)| !c.outlook.is_empty()) { AHEAD_H.min(0.5 * span_h) } else { 0.0 };
    let label = move |mark: egui_plot::GridMark, _: &std::ops::RangeInclusive<f64>| {
        let time_ms = end_ms + (mark.value * HOUR_MS) as i64;
        axis_words(time_ms, local, mark.step_size)
    };
    let (low, high) = bounds(&curves);
    let response = Plot::new("live_chart")
        .height(height)
        .custom_x_axes(vec![AxisHints::new_x().formatter(label).label_spacing(LABELS_APART)])
        .y_axis_formatter(move |mark, _| format_short(mark.value, 3, language))
        .x_grid_spacer(move |input| grid(&input, end_ms, local))
        .label_formatter(|_| None)
        .allow_scroll(false)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .sense(Sense::click_and_drag())
        .show(ui, |plot| {
            plot.set_plot_bounds_x(-span_h..=ahead);
            plot.set_plot_bounds_y(low..=high);
            // Hours before the end: small numbers keep their digits.
            let hours = |time_ms: i64| (time_ms - end_ms) as f64 / HOUR_MS;
            for (((name, curve), limits), color) in curves.iter().zip(&limits).zip(COLORS.iter().cycle()) {
                draw(plot, name, curve, limits, *color, &hours);
            }
            if ahead > 0.0 {
                let line = VLine::new(now, 0.0).color(Color32::GRAY).style(LineStyle::dashed_loose());
                plot.vline(line.allow_hover(false).name(""));
            }
            plot.pointer_coordinate().map(|p| p.x)
        });
    steer(ui, cx, &response.response, response.inner, (end_ms, span_h, ahead));
}

/// The wheel zooms about the pointer, dragging moves, a double click comes back to the present.
fn steer(
    ui: &Ui,
    cx: &mut Cx<'_>,
    response: &egui::Response,
    pointer_h: Option<f64>,
    (end_ms, span_h, ahead): (i64, f64, f64),
) {
    if response.double_clicked() {
        cx.push(Command::Live(LiveCommand::SetSpan(24.0)));
        return;
    }
    let ms = |hours: f64| end_ms + (hours * HOUR_MS) as i64;
    if response.hovered()
        && let Some(at) = pointer_h
    {
        let turned = ui.input(|i| i.smooth_scroll_delta.y);
        if turned != 0.0 {
            let factor = f64::from(-turned / 200.0).exp().clamp(0.25, 4.0);
            let (from, to) = (at + (-span_h - at) * factor, (at + (0.0 - at) * factor).min(0.0));
            cx.push(Command::Live(LiveCommand::SetWindow { from_ms: ms(from), to_ms: ms(to) }));
        }
    }
    let moved = response.drag_delta().x;
    if response.dragged() && moved != 0.0 {
        let hours = -f64::from(moved / response.rect.width().max(1.0)) * (span_h + ahead);
        cx.push(Command::Live(LiveCommand::SetWindow { from_ms: ms(hours - span_h), to_ms: ms(hours) }));
    }
}

fn with_unit(name: String, unit: &str) -> String {
    if unit.is_empty() { name } else { format!("{name} ({unit})") }
}

/// Lines of the grid at local hours and days.
fn grid(input: &egui_plot::GridInput, end_ms: i64, offset_h: f64) -> Vec<egui_plot::GridMark> {
    let (from, to) = input.bounds;
    let span = (to - from).max(1e-6);
    let steps = [0.25, 1.0, 3.0, 6.0, 24.0, 48.0, 168.0, 730.0, 2190.0];
    let step = steps.into_iter().find(|s| span / s <= 6.0).unwrap_or(2190.0);
    // Local hours since 1970 at the right end.
    let zero = end_ms as f64 / HOUR_MS + offset_h;
    let first = ((zero + from) / step).ceil() as i64;
    let last = ((zero + to) / step).floor() as i64;
    (first..=last.min(first + 60))
        .map(|i| egui_plot::GridMark { value: i as f64 * step - zero, step_size: step })
        .collect()
}

/// The hour, and the date where days are what matters.
fn axis_words(time_ms: i64, offset_h: f64, step_h: f64) -> String {
    // Marks lie on whole minutes but for rounding.
    let whole = (time_ms + 30_000).div_euclid(60_000) * 60_000;
    let words = super::live_words::clock(whole, offset_h);
    let (date, hour) = words.split_once(' ').unwrap_or((&words, ""));
    if step_h >= 24.0 || hour == "00:00" { date.to_owned() } else { hour.to_owned() }
}

/// What is to be seen vertically: all values, the forecast, and limits that are near.
fn bounds(curves: &[(String, Curve)]) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut take = |a: f64, b: f64| {
        if a.is_finite() && b.is_finite() {
            low = low.min(a);
            high = high.max(b);
        }
    };
    for (_, curve) in curves {
        curve.stretches.iter().flatten().for_each(|p| take(p.low, p.high));
        curve.outlook.iter().map(Outlook::range).for_each(|(a, b)| take(a, b));
    }
    if low > high {
        return (0.0, 1.0);
    }
    let reach = (high - low).max(0.05 * high.abs()).max(1e-6);
    for threshold in curves.iter().flat_map(|(_, c)| &c.thresholds) {
        if threshold.value > low - 2.0 * reach && threshold.value < high + 2.0 * reach {
            low = low.min(threshold.value);
            high = high.max(threshold.value);
        }
    }
    let margin = 0.07 * (high - low).max(reach);
    (low - margin, high + margin)
}

fn draw(
    plot: &mut egui_plot::PlotUi<'_>,
    name: &str,
    curve: &Curve,
    limits: &[String],
    color: Color32,
    hours: &impl Fn(i64) -> f64,
) {
    for stretch in &curve.stretches {
        // Low and high of each piece, one after the other: every peak is on the line.
        let points: Vec<[f64; 2]> = stretch
            .iter()
            .flat_map(|p| {
                let first = [hours(p.from_ms), p.low];
                let second = (p.count > 1).then(|| [hours(p.to_ms), p.high]);
                std::iter::once(first).chain(second)
            })
            .collect();
        plot.line(Line::new(name.to_owned(), PlotPoints::from(points)).color(color).width(1.5));
    }
    for (threshold, words) in curve.thresholds.iter().zip(limits) {
        let line = HLine::new(with_unit(words.clone(), &curve.unit), threshold.value);
        plot.hline(line.color(LIMIT).style(LineStyle::dashed_loose()).width(1.2));
    }
    if !curve.outlook.is_empty() {
        let at = |h: usize| hours(curve.outlook_from_ms) + h as f64 - 0.5;
        let middle: Vec<[f64; 2]> = curve.outlook.iter().map(|o| [at(o.hours), o.value]).collect();
        let low = curve.outlook.iter().map(|o| [at(o.hours), o.range().0]);
        let high = curve.outlook.iter().rev().map(|o| [at(o.hours), o.range().1]);
        let band: Vec<[f64; 2]> = low.chain(high).collect();
        plot.polygon(
            Polygon::new(name.to_owned(), PlotPoints::from(band))
                .fill_color(color.gamma_multiply(0.15))
                .stroke(egui::Stroke::NONE),
        );
        let line = Line::new(name.to_owned(), PlotPoints::from(middle)).color(color);
        plot.line(line.style(LineStyle::dotted_dense()));
    }
}

/// The forecast in words, with how far off such forecasts were.
fn foretold(ui: &mut Ui, cx: &Cx<'_>, curve: &Curve) {
    let Some(last) = curve.outlook.last() else { return };
    let message = Message::new("ui-live-outlook")
        .with("stream", stream_name(cx, curve.key))
        .with("hours", last.hours)
        .with("value", cx.number(last.value, 1, &curve.unit))
        .with("error", cx.number(last.error, 1, &curve.unit))
        .with("tried", last.tried);
    ui.add(Label::new(cx.weak(cx.say(&message))).wrap());
}
