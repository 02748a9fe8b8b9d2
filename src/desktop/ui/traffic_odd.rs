//! What is odd about the roads, each thing with the way there: a technician draws it right in the layer.

use egui::{Label, Link, ScrollArea, Ui};

use super::context::Cx;
use super::widgets::pair;
use crate::base::message::Message;
use crate::session::command::Command;
use crate::session::place::site_box;
use crate::session::traffic::TrafficOutcome;
use crate::session::view_state::CameraRequest;
use crate::sim::traffic::audit::Oddity;

/// Of each kind so many are listed.
const LISTED: usize = 50;
/// Ground around a place that is flown to, metres.
const AROUND_M: f64 = 150.0;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, outcome: &TrafficOutcome) {
    let findings = &outcome.result.shown().0.findings;
    if findings.is_empty() {
        return;
    }
    let title = Message::new("ui-traffic-odd").with("count", findings.len());
    egui::CollapsingHeader::new(cx.strong(cx.say(&title))).id_salt("odd-roads").show(ui, |ui| {
        for (oddity, key) in [
            (Oddity::WrongWay, "ui-traffic-odd-wrong-way"),
            (Oddity::Disconnected, "ui-traffic-odd-disconnected"),
            (Oddity::DeadEnd, "ui-traffic-odd-dead-end"),
        ] {
            let found: Vec<_> = findings.iter().filter(|f| f.oddity == oddity).collect();
            if found.is_empty() {
                continue;
            }
            pair(ui, cx, &cx.tr(key), cx.number(found.len() as f64, 0, ""));
            ScrollArea::vertical().id_salt(key).max_height(120.0).show(ui, |ui| {
                for finding in found.iter().take(LISTED) {
                    let place = Message::new("ui-traffic-odd-place").with("feature", finding.feature.to_string());
                    if ui.add(Link::new(cx.say(&place))).clicked()
                        && let Some(project) = cx.session.project()
                    {
                        let [x, y] = finding.at;
                        let around = [x - AROUND_M, y - AROUND_M, x + AROUND_M, y + AROUND_M];
                        cx.push(Command::MoveCamera(CameraRequest::Frame(site_box(&project.frame, around))));
                    }
                }
            });
            if found.len() > LISTED {
                let rest = Message::new("ui-traffic-odd-rest").with("count", found.len() - LISTED);
                ui.add(Label::new(cx.weak(cx.say(&rest))).wrap());
            }
        }
    });
}
