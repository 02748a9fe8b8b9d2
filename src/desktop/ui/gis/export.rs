//! How a layer is to be written: which features, in which format and system, with or without what is about people.

use egui::{Align2, Checkbox, ComboBox, Context, Id, Label, RichText, Ui, Window, vec2};
use egui_phosphor::regular as icon;

use super::super::context::Cx;
use super::super::files::{FileDialogs, Pick};
use super::super::widgets::primary_button;
use crate::analysis::zone::vietnamese_systems;
use crate::base::message::Message;
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::model::layer::{Layer, LayerId};
use crate::model::mapping::is_personal;
use crate::session::command::Command;
use crate::session::export::ExportWish;

#[derive(Default)]
pub(super) struct ExportDialog {
    asked: Option<Asked>,
}

struct Asked {
    layer: LayerId,
    marked_only: bool,
    format: usize,
    crs: Option<Crs>,
    encoding: TextEncoding,
    personal: bool,
}

/// (name, ending, whether the format has a system of its own).
const VECTOR: [(&str, &str, bool); 8] = [
    ("GeoPackage", "gpkg", false),
    ("Shapefile", "shp", false),
    ("GeoJSON", "geojson", true),
    ("KML", "kml", true),
    ("CSV", "csv", false),
    ("FlatGeobuf", "fgb", false),
    ("DXF", "dxf", false),
    ("CityJSON", "city.json", false),
];
const RASTER: [(&str, &str, bool); 1] = [("GeoTIFF", "tif", true)];

impl ExportDialog {
    pub(super) fn open(&mut self, cx: &Cx<'_>, layer: &LayerId) {
        self.asked = Some(Asked {
            layer: layer.clone(),
            marked_only: cx.session.marked().is_some_and(|m| m.layer == *layer),
            format: 0,
            crs: None,
            encoding: TextEncoding::Utf8,
            personal: false,
        });
    }

    pub(super) fn show(&mut self, ctx: &Context, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        let Some(asked) = &mut self.asked else { return };
        let Some(layer) = cx.session.project().and_then(|p| p.layer(&asked.layer)).cloned() else {
            self.asked = None;
            return;
        };
        let (mut open, mut done) = (true, false);
        Window::new(cx.tr("gis-export-title"))
            .id(Id::new("export"))
            .open(&mut open)
            .collapsible(false)
            .resizable(false)
            .default_width(420.0)
            .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
            .show(ctx, |ui| {
                ui.set_width(420.0);
                ui.add(Label::new(cx.strong(cx.title(&layer.title))).truncate());
                form(ui, cx, &layer, asked);
                ui.add_space(8.0);
                ui.horizontal(|ui| {
                    let palette = cx.palette;
                    let text = format!("{}  {}", icon::EXPORT, cx.tr("gis-export-choose"));
                    if primary_button(ui, &palette, text).clicked() {
                        choose(cx, files, asked, &layer);
                        done = true;
                    }
                    if ui.button(cx.tr("ui-cancel")).clicked() {
                        done = true;
                    }
                });
            });
        if done || !open {
            self.asked = None;
        }
    }
}

fn formats(layer: &Layer) -> &'static [(&'static str, &'static str, bool)] {
    if layer.content.features().is_some() { &VECTOR } else { &RASTER }
}

fn form(ui: &mut Ui, cx: &Cx<'_>, layer: &Layer, asked: &mut Asked) {
    let formats = formats(layer);
    let marked = cx.session.marked().filter(|m| m.layer == layer.id).map_or(0, |m| m.ids.len());
    if marked > 0 {
        let text = cx.say(&Message::new("gis-export-marked").with("count", marked));
        ui.add(Checkbox::new(&mut asked.marked_only, text));
    } else {
        asked.marked_only = false;
    }
    let (name, ending, own_crs) = formats[asked.format.min(formats.len() - 1)];
    ui.horizontal(|ui| {
        ui.add_sized(vec2(110.0, 20.0), Label::new(cx.weak(cx.tr("gis-export-format"))));
        ComboBox::from_id_salt("format").width(250.0).selected_text(name).show_ui(ui, |ui| {
            for (i, (name, ..)) in formats.iter().enumerate() {
                ui.selectable_value(&mut asked.format, i, *name);
            }
        });
    });
    let site = cx.session.project().map_or(Crs::WGS84, |p| p.frame.crs.clone());
    ui.horizontal(|ui| {
        ui.add_sized(vec2(110.0, 20.0), Label::new(cx.weak(cx.tr("gis-export-crs"))));
        if own_crs {
            let told = if ending == "tif" { site.label() } else { Crs::WGS84.label() };
            ui.label(format!("{told} ({})", cx.tr("gis-export-crs-fixed")));
            return;
        }
        let label = |crs: &Crs| format!("{} ({crs})", crs.label());
        let present = asked.crs.clone().unwrap_or_else(|| site.clone());
        ComboBox::from_id_salt("export-crs").width(250.0).height(320.0).selected_text(label(&present)).show_ui(
            ui,
            |ui| {
                for crs in vietnamese_systems() {
                    if ui.selectable_label(crs == present, label(&crs)).clicked() {
                        asked.crs = (crs != site).then_some(crs);
                    }
                }
            },
        );
    });
    if ending == "shp" {
        ui.horizontal(|ui| {
            ui.add_sized(vec2(110.0, 20.0), Label::new(cx.weak(cx.tr("gis-export-encoding"))));
            ComboBox::from_id_salt("export-encoding").width(250.0).selected_text(asked.encoding.name()).show_ui(
                ui,
                |ui| {
                    for encoding in TextEncoding::ALL {
                        ui.selectable_value(&mut asked.encoding, encoding, encoding.name());
                    }
                },
            );
        });
    }
    if let Some(table) = layer.content.features() {
        let about: Vec<&str> = table.schema.iter().filter(|f| is_personal(&f.name)).map(|f| f.name.as_str()).collect();
        if !about.is_empty() {
            ui.add_space(4.0);
            let text = Message::new("gis-export-personal").with("fields", about.join(", "));
            ui.add(Checkbox::new(&mut asked.personal, cx.say(&text)));
            let key = if asked.personal { "gis-export-personal-warning" } else { "gis-export-personal-left-out" };
            let color = if asked.personal { cx.palette.bad } else { cx.palette.weak };
            ui.add(Label::new(RichText::new(cx.tr(key)).size(12.5).color(color)).wrap());
        }
    }
}

fn choose(cx: &Cx<'_>, files: &mut FileDialogs, asked: &Asked, layer: &Layer) {
    let formats = formats(layer);
    let (name, ending, own_crs) = formats[asked.format.min(formats.len() - 1)];
    let wish = ExportWish {
        layer: asked.layer.clone(),
        marked_only: asked.marked_only,
        path: std::path::PathBuf::new(),
        crs: asked.crs.clone().filter(|_| !own_crs),
        encoding: asked.encoding,
        personal: asked.personal,
    };
    let file = format!("{}.{ending}", asked.layer);
    let then = move |path| Command::Export(Box::new(ExportWish { path, ..wish }));
    files.pick(cx, Pick::save("gis-export-title", &file, name, ending, then));
}
