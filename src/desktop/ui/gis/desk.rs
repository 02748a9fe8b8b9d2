//! Where the technician's panels stand: one at the right, the table below the map, the export in front.

use egui::{Context, Frame, Margin, Panel, Ui};

use super::super::context::Cx;
use super::super::files::FileDialogs;
use super::export::ExportDialog;
use super::server::ServerDialog;
use super::style::StylePanel;
use super::table::TablePanel;
use super::wizard::Wizard;
use super::{ask, report};
use crate::model::layer::LayerId;

#[derive(Default)]
pub(in super::super) struct GisDesk {
    wizard: Wizard,
    table: TablePanel,
    style: StylePanel,
    export: ExportDialog,
    server: ServerDialog,
}

impl GisDesk {
    /// Shows or hides the style of a layer.
    pub(in super::super) fn edit_style(&mut self, layer: &LayerId) {
        self.style.layer = if self.style.layer.as_ref() == Some(layer) { None } else { Some(layer.clone()) };
    }

    /// Asks how a layer is to be written.
    pub(in super::super) fn export(&mut self, cx: &Cx<'_>, layer: &LayerId) {
        self.export.open(cx, layer);
    }

    /// Asks which server is to be read.
    pub(in super::super) fn name_server(&mut self) {
        self.server.open();
    }

    /// The attribute table, below the map.
    pub(in super::super) fn bottom(&mut self, root: &mut Ui, cx: &mut Cx<'_>) {
        if cx.session.table().layer.is_none() {
            return;
        }
        let frame = Frame::new().fill(cx.palette.panel).inner_margin(Margin { left: 12, right: 12, top: 6, bottom: 6 });
        let panel = Panel::bottom("attribute-table").resizable(true).default_size(300.0).size_range(140.0..=620.0);
        panel.frame(frame).show(root, |ui| self.table.show(ui, cx, &mut self.export));
    }

    /// Whether one of these panels has taken the right side.
    pub(in super::super) fn right(&mut self, root: &mut Ui, cx: &mut Cx<'_>, files: &mut FileDialogs) -> bool {
        let frame = Frame::new().fill(cx.palette.panel).inner_margin(Margin::same(12));
        let side = |name: &'static str, width: f32| {
            Panel::right(name).default_size(width).size_range(width - 60.0..=width + 160.0).frame(frame)
        };
        if cx.session.importing().is_open() {
            side("import", 480.0).show(root, |ui| self.wizard.show(ui, cx, files));
        } else if self.style.is_open(cx) {
            side("style", 360.0).show(root, |ui| self.style.show(ui, cx, files));
        } else if cx.session.checks().open {
            side("report", 460.0).show(root, |ui| report::show(ui, cx, files));
        } else if cx.session.ask().open {
            side("ask", 370.0).show(root, |ui| ask::show(ui, cx, files));
        } else {
            return false;
        }
        true
    }

    /// What stands in front of everything.
    pub(in super::super) fn floating(&mut self, ctx: &Context, cx: &mut Cx<'_>, files: &mut FileDialogs) {
        self.export.show(ctx, cx, files);
        self.server.show(ctx, cx);
    }
}
