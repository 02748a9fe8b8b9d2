//! The bar below: where the pointer is, how high the eye is, how fast the picture comes.

use egui::{Align, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use crate::base::message::Message;
use crate::base::units::format_dms;
use crate::session::place::lon_lat_from_site;

pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let Some(project) = cx.session.project() else {
            ui.label(cx.weak(cx.tr("ui-status-ready")));
            return;
        };
        let view = &cx.session.view;
        let crs = &project.frame.crs;
        ui.label(cx.weak(format!("{} · {crs}", crs.label())));
        match view.cursor {
            Some([east, north, up]) => {
                let [x, y] = project.frame.crs_from_site([east, north]);
                // VN-2000 writes X for northing and Y for easting.
                let xy = format!("X {}  Y {}", cx.number(y, 2, "m"), cx.number(x, 2, "m"));
                ui.label(value(cx, xy)).on_hover_text(cx.tr("ui-status-xy-hint"));
                if let Some([lon, lat]) = lon_lat_from_site(&project.frame, [east, north]) {
                    ui.label(value(cx, geographic(cx, lon, lat))).on_hover_text(cx.tr("ui-status-wgs84"));
                }
                let height = Message::new("ui-status-elevation").with("height", cx.number(up, 1, "m"));
                ui.label(value(cx, cx.say(&height)));
            }
            None => {
                ui.label(cx.weak(cx.tr("ui-status-no-cursor")));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let frame = Message::new("ui-status-frame").with("time", cx.number(f64::from(view.frame_time_ms), 1, "ms"));
            ui.label(cx.weak(cx.say(&frame)));
            let eye = Message::new("ui-status-eye").with("height", height_text(cx, view.camera.eye[2]));
            ui.label(cx.weak(cx.say(&eye)));
            if view.tiles_pending > 0 {
                let tiles = cx.say(&Message::new("ui-status-tiles").with("count", view.tiles_pending));
                ui.label(RichText::new(format!("{} {}", icon::SPINNER, view.tiles_pending)).color(cx.palette.accent))
                    .on_hover_text(tiles);
            }
        });
    });
}

fn value(cx: &Cx<'_>, text: String) -> RichText {
    RichText::new(text).size(13.0).color(cx.palette.text)
}

fn geographic(cx: &Cx<'_>, lon: f64, lat: f64) -> String {
    let half = |degrees: f64, positive: &str, negative: &str| {
        format!("{} {}", format_dms(degrees.abs()), cx.tr(if degrees < 0.0 { negative } else { positive }))
    };
    format!("{}  {}", half(lat, "ui-north-short", "ui-south-short"), half(lon, "ui-east-short", "ui-west-short"))
}

fn height_text(cx: &Cx<'_>, metres: f64) -> String {
    if metres >= 10_000.0 { cx.number(metres / 1000.0, 1, "km") } else { cx.number(metres, 0, "m") }
}
