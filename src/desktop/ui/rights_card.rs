//! The card that answers: who may build what here, and how much of it is used.

use egui::{Frame, Margin, RichText, Ui};
use egui_phosphor::regular as icon;

use super::context::Cx;
use super::theme::semibold;
use super::widgets::{origin_chip, pair, usage_bar};
use crate::base::message::Message;
use crate::model::landuse::land_use;
use crate::model::layer::Origin;
use crate::session::rights::{BuildingRights, Plan, Verdict, share};

pub(super) fn show(ui: &mut Ui, cx: &Cx<'_>, rights: &BuildingRights) {
    super::widgets::card(&cx.palette).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.label(cx.heading(format!("{}  {}", icon::BUILDINGS, cx.tr("ui-rights-title"))));
        verdict(ui, cx, rights.verdict);
        let area_source = if rights.area_is_registered { "ui-rights-area-registered" } else { "ui-rights-area-map" };
        pair(ui, cx, &cx.tr(area_source), cx.number(rights.area_m2, 1, "m²"));
        let holder = rights.holder.as_deref().map_or_else(|| cx.tr("ui-rights-unknown"), |h| holder_name(cx, h));
        pair(ui, cx, &cx.tr("ui-rights-holder"), holder);
        if let Some(code) = &rights.registered_use {
            pair(ui, cx, &cx.tr("ui-rights-registered-use"), code_name(cx, code));
        }
        source(ui, cx, "ui-rights-source-parcel", rights.parcel_origin);
        ui.separator();
        match &rights.plan {
            None => {
                ui.label(cx.weak(cx.tr("ui-rights-no-plan")));
            }
            Some(plan) => limits(ui, cx, plan),
        }
        if let Some(setback) = &rights.setback {
            let verify = if setback.verify { format!(" ({})", cx.tr("sensor-verify")) } else { String::new() };
            let text = format!("{}{verify}", cx.number(setback.value, 1, "m"));
            pair(ui, cx, &cx.tr("ui-rights-setback"), text).on_hover_text(&setback.clause);
        }
        ui.separator();
        built(ui, cx, rights);
    });
}

fn verdict(ui: &mut Ui, cx: &Cx<'_>, verdict: Verdict) {
    let p = &cx.palette;
    let (sign, key, color) = match verdict {
        Verdict::NoPlan => (icon::QUESTION, "ui-verdict-no-plan", p.weak),
        Verdict::NoBuilding => (icon::PROHIBIT, "ui-verdict-no-building", p.bad),
        Verdict::MayBuild => (icon::CHECK_CIRCLE, "ui-verdict-may-build", p.good),
        Verdict::Full => (icon::WARNING_CIRCLE, "ui-verdict-full", p.warn),
        Verdict::Exceeded => (icon::WARNING, "ui-verdict-exceeded", p.bad),
    };
    Frame::new().fill(color.gamma_multiply(0.12)).corner_radius(6).inner_margin(Margin::symmetric(8, 6)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            let text = RichText::new(format!("{sign}  {}", cx.tr(key))).font(semibold(13.5)).color(color);
            ui.add(egui::Label::new(text).wrap());
        },
    );
}

fn limits(ui: &mut Ui, cx: &Cx<'_>, plan: &Plan) {
    let rule = &plan.rule;
    let limit = |value: Option<f64>, decimals, unit: &str| {
        value.map_or_else(|| cx.tr("ui-rights-no-limit"), |v| cx.number(v, decimals, unit))
    };
    let storeys = cx.tr("ui-unit-storeys");
    pair(ui, cx, &cx.tr("ui-rights-zone"), code_name(cx, &rule.code));
    pair(ui, cx, &cx.tr("ui-rights-coverage"), limit(rule.coverage.map(|c| c * 100.0), 0, "%"));
    pair(ui, cx, &cx.tr("ui-rights-plot-ratio"), limit(rule.plot_ratio, 2, ""));
    pair(ui, cx, &cx.tr("ui-rights-height"), limit(rule.max_height_m, 1, "m"));
    pair(ui, cx, &cx.tr("ui-rights-storeys"), limit(rule.max_storeys.map(|n| n as f64), 0, &storeys));
    pair(ui, cx, &cx.tr("ui-rights-footprint"), limit(plan.allowance.footprint_m2, 0, "m²"));
    pair(ui, cx, &cx.tr("ui-rights-floor-area"), limit(plan.allowance.floor_area_m2, 0, "m²"));
    if plan.zones > 1 {
        let text = cx.say(&Message::new("ui-rights-zones").with("count", plan.zones));
        ui.add(egui::Label::new(RichText::new(text).size(12.5).color(cx.palette.warn)).wrap());
    }
    source(ui, cx, "ui-rights-source-plan", plan.origin);
}

fn built(ui: &mut Ui, cx: &Cx<'_>, rights: &BuildingRights) {
    let built = &rights.built;
    pair(ui, cx, &cx.tr("ui-rights-buildings"), cx.number(built.count as f64, 0, ""));
    if built.count == 0 {
        return;
    }
    let allowance = rights.plan.as_ref().map(|p| p.allowance);
    for (key, used, limit) in [
        ("ui-rights-built-footprint", built.footprint_m2, allowance.and_then(|a| a.footprint_m2)),
        ("ui-rights-built-floor-area", built.floor_area_m2, allowance.and_then(|a| a.floor_area_m2)),
    ] {
        let mut text = cx.number(used, 0, "m²");
        let part = share(used, limit);
        if let Some(part) = part {
            text = format!("{text} ({})", cx.number(part * 100.0, 0, "%"));
        }
        pair(ui, cx, &cx.tr(key), text);
        if let Some(part) = part {
            usage_bar(ui, &cx.palette, part);
        }
    }
    if let Some(height) = built.tallest_m {
        pair(ui, cx, &cx.tr("ui-rights-built-height"), cx.number(height, 1, "m"));
    }
    if let Some(storeys) = built.most_storeys {
        pair(ui, cx, &cx.tr("ui-rights-built-storeys"), cx.number(storeys as f64, 0, &cx.tr("ui-unit-storeys")));
    }
    if built.storeys_assumed {
        ui.add(egui::Label::new(cx.weak(cx.tr("ui-rights-storeys-assumed"))).wrap());
    }
    source(ui, cx, "ui-rights-source-buildings", built.origin);
}

fn source(ui: &mut Ui, cx: &Cx<'_>, key: &str, origin: Origin) {
    ui.horizontal(|ui| {
        ui.label(cx.weak(cx.tr(key)));
        origin_chip(ui, cx, origin);
    });
}

fn code_name(cx: &Cx<'_>, code: &str) -> String {
    land_use(code).map_or_else(|| code.to_owned(), |l| format!("{code} · {}", cx.title(&l.name)))
}

/// Registers abbreviate the kind of holder; an unknown abbreviation is shown as it is.
fn holder_name(cx: &Cx<'_>, code: &str) -> String {
    let key = format!("ui-holder-{}", code.trim().to_ascii_lowercase());
    if cx.catalog.has(&key) { cx.tr(&key) } else { code.to_owned() }
}
