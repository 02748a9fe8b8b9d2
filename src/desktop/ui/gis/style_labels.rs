//! Names at the features, and between which scales they are shown.

use egui::{ComboBox, DragValue, Slider, Ui};

use super::super::context::Cx;
use super::style::send;
use crate::model::layer::Layer;
use crate::model::mapping::is_personal;
use crate::model::style::{EYE_M, LabelRule};
use crate::session::fields::known_field;

/// Scales that a map of a parcel or of the world has: 1 to this.
const LARGEST_SCALE: f32 = 5_000_000.0;

pub(super) fn show(ui: &mut Ui, cx: &mut Cx<'_>, layer: &Layer) {
    let Some(table) = layer.content.features() else { return };
    let mut style = layer.style.clone();
    let text = |name: &str| known_field(name).map_or_else(|| name.to_owned(), |(key, _)| cx.tr(&key));
    // Names of people do not stand on the map unless they were asked for.
    let offered = table.schema.iter().filter(|f| cx.session.view.show_personal || !is_personal(&f.name));
    let present = style.label.as_ref().map_or_else(|| cx.tr("gis-labels-none"), |l| text(&l.field));
    ComboBox::from_id_salt("label-field").width(220.0).selected_text(present).show_ui(ui, |ui| {
        if ui.selectable_label(style.label.is_none(), cx.tr("gis-labels-none")).clicked() {
            style.label = None;
        }
        for field in offered {
            let chosen = style.label.as_ref().is_some_and(|l| l.field == field.name);
            if ui.selectable_label(chosen, text(&field.name)).clicked() {
                let before = style.label.take();
                let fresh = LabelRule { field: String::new(), max_distance_m: 1500.0, min_distance_m: 0.0, size: 12.0 };
                style.label = Some(LabelRule { field: field.name.clone(), ..before.unwrap_or(fresh) });
            }
        }
    });
    if let Some(label) = &mut style.label {
        ui.horizontal(|ui| {
            ui.label(cx.weak(cx.tr("gis-labels-size")));
            ui.add(Slider::new(&mut label.size, 8.0..=28.0).fixed_decimals(0));
        });
        let scale = |ui: &mut Ui, key: &str, distance: &mut f32, least: f32| {
            ui.horizontal(|ui| {
                ui.label(cx.weak(cx.tr(key)));
                let mut scale = (*distance / EYE_M).round();
                let speed = (scale * 0.01).max(10.0);
                let value = DragValue::new(&mut scale).range(least..=LARGEST_SCALE).speed(speed).prefix("1 : ");
                if ui.add(value.custom_formatter(cx.formatter(0))).changed() {
                    *distance = scale * EYE_M;
                }
            });
        };
        scale(ui, "gis-labels-from", &mut label.max_distance_m, 100.0);
        scale(ui, "gis-labels-to", &mut label.min_distance_m, 0.0);
        label.min_distance_m = label.min_distance_m.min(label.max_distance_m);
    }
    send(ui, cx, layer, style);
}
