//! Date, hour and the sun.

use egui::{Align2, Context, Rect, RichText, Slider, Ui, vec2};
use egui_phosphor::regular as icon;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::card;
use super::context::Cx;
use super::theme::semibold;
use super::widgets::icon_button;
use crate::base::message::Message;
use crate::geo::sun::sun_position;
use crate::model::project::Project;
use crate::session::command::Command;
use crate::session::place::lon_lat_from_site;

/// While playing, so many seconds of the day pass in one: the usual, and what it can be changed to.
const PACES: [f64; 5] = [1800.0, 7200.0, 600.0, 60.0, 1.0];
const DAY_S: f64 = 86_400.0;
/// On a narrower map the slider is short and the sun has no words, points.
const ROOMY: f32 = 760.0;

#[derive(Default)]
pub(super) struct Timeline {
    playing: bool,
    speed: usize,
}

impl Timeline {
    pub(super) fn show(&mut self, ctx: &Context, cx: &mut Cx<'_>, free: Rect) {
        let Some(project) = cx.session.project().cloned() else { return };
        let Some(local) = local_time(&project) else { return };
        let palette = cx.palette;
        card::show(ctx, &palette, "timeline", free, (Align2::CENTER_BOTTOM, vec2(0.0, -12.0)), |ui| {
            ui.horizontal(|ui| self.contents(ui, cx, &project, (local, free.width() < ROOMY)));
        });
    }

    fn contents(&mut self, ui: &mut Ui, cx: &mut Cx<'_>, project: &Project, (local, narrow): (DateTime, bool)) {
        let (sign, name) = if self.playing { (icon::PAUSE, "ui-time-pause") } else { (icon::PLAY, "ui-time-play") };
        if icon_button(ui, sign, &cx.tr(name), self.playing).clicked() {
            self.playing = !self.playing;
        }
        let pace = PACES[self.speed];
        let text = if pace < 60.0 {
            cx.tr("ui-time-real")
        } else {
            cx.say(&Message::new("ui-time-pace").with("minutes", cx.number(pace / 60.0, 0, "").as_str()))
        };
        let button = egui::Button::new(RichText::new(text).size(12.5)).frame(false).min_size(vec2(64.0, 0.0));
        if ui.add(button).on_hover_text(cx.tr("ui-time-speed")).clicked() {
            self.speed = (self.speed + 1) % PACES.len();
        }
        let whole = f64::from(local.hour()) * 3600.0 + f64::from(local.minute()) * 60.0 + f64::from(local.second());
        let mut seconds = whole + f64::from(local.subsec_nanosecond()) / 1e9;
        let mut changed = false;
        if self.playing {
            let step = f64::from(ui.input(|i| i.stable_dt).min(0.1));
            seconds = (seconds + step * pace) % DAY_S;
            changed = true;
            ui.ctx().request_repaint();
        }
        let (hour, minute, second) = (seconds as u32 / 3600, seconds as u32 / 60 % 60, seconds as u32 % 60);
        // Seconds where they can be followed.
        let clock =
            if pace > 60.0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") };
        ui.label(RichText::new(clock).font(semibold(16.0)));
        ui.spacing_mut().slider_width = if narrow { 120.0 } else { 200.0 };
        let slider = ui.add(Slider::new(&mut seconds, 0.0..=DAY_S - 1.0).show_value(false));
        changed |= slider.on_hover_text(cx.tr("ui-time-hour")).changed();
        let mut date = local.date();
        date_picker(ui, cx, &mut date);
        if (changed || date != local.date())
            && let Some(time) = timestamp(project, date, seconds)
        {
            cx.push(Command::SetTime(time));
        }
        sun_text(ui, cx, project, narrow);
    }
}

fn offset(project: &Project) -> Option<Offset> {
    Offset::from_seconds((project.utc_offset_hours * 3600.0).round() as i32).ok()
}

fn local_time(project: &Project) -> Option<DateTime> {
    Some(project.time.to_zoned(TimeZone::fixed(offset(project)?)).datetime())
}

fn timestamp(project: &Project, date: jiff::civil::Date, second_of_day: f64) -> Option<jiff::Timestamp> {
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    let since = jiff::Span::new().try_milliseconds((second_of_day * 1000.0).round() as i64).ok()?;
    let local = midnight.checked_add(since).ok()?;
    offset(project)?.to_timestamp(local).ok()
}

/// Day and month, which is what the sun's path depends on, and the year.
fn date_picker(ui: &mut Ui, cx: &Cx<'_>, date: &mut jiff::civil::Date) {
    ui.spacing_mut().item_spacing.x = 2.0;
    let (mut day, mut month, mut year) = (date.day(), date.month(), date.year());
    let two = |n: f64, _: std::ops::RangeInclusive<usize>| format!("{n:02.0}");
    ui.add(egui::DragValue::new(&mut day).range(1..=31).custom_formatter(two)).on_hover_text(cx.tr("ui-time-day"));
    ui.label("/");
    ui.add(egui::DragValue::new(&mut month).range(1..=12).custom_formatter(two)).on_hover_text(cx.tr("ui-time-month"));
    ui.label("/");
    let plain = |n: f64, _: std::ops::RangeInclusive<usize>| format!("{n:.0}");
    let years = egui::DragValue::new(&mut year).range(2010..=2110).custom_formatter(plain);
    ui.add(years).on_hover_text(cx.tr("ui-time-year"));
    ui.spacing_mut().item_spacing.x = 8.0;
    if (day, month, year) != (date.day(), date.month(), date.year())
        && let Ok(first) = jiff::civil::Date::new(year, month, 1)
        && let Ok(new) = jiff::civil::Date::new(year, month, day.min(first.days_in_month()))
    {
        *date = new;
    }
}

fn sun_text(ui: &mut Ui, cx: &Cx<'_>, project: &Project, narrow: bool) {
    let Some([lon, lat]) = lon_lat_from_site(&project.frame, [0.0, 0.0]) else { return };
    let Some(sun) = sun_position(project.time, lon, lat) else { return };
    let up = sun.elevation > 0.0;
    let sign = if up { icon::SUN } else { icon::MOON };
    let message = Message::new("ui-time-sun")
        .with("elevation", cx.number(sun.elevation.to_degrees(), 0, "").as_str())
        .with("azimuth", cx.number(sun.azimuth.to_degrees(), 0, "").as_str());
    ui.add_space(4.0);
    let color = if up { cx.palette.warn } else { cx.palette.weak };
    let (text, hint) = (cx.say(&message), cx.tr("ui-time-sun-hint"));
    let sign = ui.label(RichText::new(sign).size(18.0).color(color));
    if narrow {
        sign.on_hover_text(format!("{text}\n{hint}"));
    } else {
        sign.on_hover_text(hint);
        ui.label(cx.weak(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::frame::SiteFrame;
    use crate::model::style::Text2;

    #[test]
    fn local_time_and_back_is_the_same_moment() {
        let project = Project {
            version: 1,
            title: Text2::default(),
            frame: SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [0.0, 0.0] },
            utc_offset_hours: 7.0,
            time: "2026-03-20T23:30:00Z".parse().unwrap(),
            layers: Vec::new(),
            bookmarks: Vec::new(),
            scenarios: Vec::new(),
        };
        let local = local_time(&project).unwrap();
        assert_eq!((local.day(), local.hour(), local.minute()), (21, 6, 30));
        assert_eq!(timestamp(&project, local.date(), 6.0 * 3600.0 + 1800.0), Some(project.time));
    }
}
