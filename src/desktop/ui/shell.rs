//! All panels together, around the free area of the map.

use egui::{Context, Frame, Id, LayerId, Margin, Order, Panel, Rect, Ui, UiBuilder};

use super::context::Cx;
use super::files::FileDialogs;
use super::fire_result::FireTime;
use super::gis::desk::GisDesk;
use super::help::{self, Overlays};
use super::inspector::Inspector;
use super::layers::LayerPanel;
use super::live_panel::LivePanel;
use super::notices::{self, Toasts};
use super::plan_panel::PlanPanel;
use super::theme::Palette;
use super::timeline::Timeline;
use super::{
    air_panel, fire_panel, fonts, keys, map_tools, progress, sea_panel, status, story, theme, top_bar, traffic_panel,
    welcome, wipe,
};
use crate::session::Session;
use crate::session::command::Command;
use crate::session::view_state::Tool;
use crate::text::{Catalog, Language};

/// The state of the panels that is nobody else's business: what is unfolded, what is being typed.
pub struct Shell {
    catalogs: [Catalog; 2],
    dark: Option<bool>,
    left_open: bool,
    layers: LayerPanel,
    live: LivePanel,
    inspector: Inspector,
    timeline: Timeline,
    fire_time: FireTime,
    toasts: Toasts,
    files: FileDialogs,
    gis: GisDesk,
    plan: PlanPanel,
    overlays: Overlays,
    free: Rect,
}

impl Shell {
    /// Gives the context our fonts; they count from the next frame on, and until then nothing is drawn.
    #[must_use]
    pub fn new(ctx: &Context) -> Self {
        fonts::install(ctx);
        Self {
            catalogs: Language::ALL.map(Catalog::load),
            dark: None,
            left_open: true,
            layers: LayerPanel::default(),
            live: LivePanel::default(),
            inspector: Inspector::default(),
            timeline: Timeline::default(),
            fire_time: FireTime::default(),
            toasts: Toasts::default(),
            files: FileDialogs::default(),
            gis: GisDesk::default(),
            plan: PlanPanel::default(),
            overlays: Overlays::default(),
            free: Rect::EVERYTHING,
        }
    }

    /// Draws the panels, pushes what the user wants, and returns what is left for the map.
    pub fn show(&mut self, ctx: &Context, session: &Session, commands: &mut Vec<Command>) -> Rect {
        if !fonts::are_ready(ctx) {
            ctx.request_repaint();
            return ctx.content_rect();
        }
        let dark = session.settings().dark_theme;
        if self.dark != Some(dark) {
            theme::apply(ctx, dark);
            self.dark = Some(dark);
        }
        let [vi, en] = &self.catalogs;
        let catalog = match session.language() {
            Language::Vi => vi,
            Language::En => en,
        };
        let palette = Palette::of(dark);
        let cx = &mut Cx { session, catalog, palette, commands };
        if story::show(ctx, cx) {
            self.free = ctx.content_rect();
            wipe::show(ctx, cx, self.free);
            progress::show(ctx, cx, self.free);
            return self.free;
        }
        keys::handle(ctx, cx, &mut self.files, &mut self.overlays);

        let builder = UiBuilder::new().layer_id(LayerId::background()).max_rect(ctx.content_rect());
        let mut root = Ui::new(ctx.clone(), Id::new("shell"), builder);
        let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(12, 4));
        let side = Frame::new().fill(palette.panel).inner_margin(Margin::same(12));
        let mut parts = top_bar::Parts {
            files: &mut self.files,
            overlays: &mut self.overlays,
            left_open: &mut self.left_open,
            gis: &mut self.gis,
        };
        Panel::top("top").exact_size(44.0).frame(bar).show(&mut root, |ui| top_bar::show(ui, cx, &mut parts));
        Panel::bottom("status").exact_size(30.0).frame(bar).show(&mut root, |ui| status::show(ui, cx));
        if session.project().is_some() {
            if self.left_open {
                let panel = Panel::left("layers").default_size(300.0).size_range(240.0..=420.0).frame(side);
                panel.show(&mut root, |ui| self.layers.show(ui, cx, &mut self.gis));
            }
            let taken = self.gis.right(&mut root, cx, &mut self.files);
            let looking = session.inspection().is_some() && session.view.tool == Tool::Inspect;
            // A planner who changes a scenario clicks what to change.
            if !taken && session.plan().open && (!looking || session.plan().active.is_some()) {
                let panel = Panel::right("plan").default_size(400.0).size_range(340.0..=560.0).frame(side);
                panel.show(&mut root, |ui| self.plan.show(ui, cx));
            } else if !taken && session.air().open && !looking {
                let panel = Panel::right("air").default_size(340.0).size_range(300.0..=480.0).frame(side);
                panel.show(&mut root, |ui| air_panel::show(ui, cx, &mut self.files));
            } else if !taken && session.sea().open && !looking {
                let panel = Panel::right("sea").default_size(340.0).size_range(300.0..=480.0).frame(side);
                panel.show(&mut root, |ui| sea_panel::show(ui, cx, &mut self.files));
            } else if !taken && session.fire().open && !looking {
                let panel = Panel::right("fire").default_size(340.0).size_range(300.0..=480.0).frame(side);
                panel.show(&mut root, |ui| fire_panel::show(ui, cx, &mut self.files));
            } else if !taken && session.live().open && !looking {
                let panel = Panel::right("live").default_size(384.0).size_range(340.0..=640.0).frame(side);
                panel.show(&mut root, |ui| self.live.show(ui, cx, &mut self.files));
            } else if !taken && session.traffic().open && !looking {
                let panel = Panel::right("traffic").default_size(340.0).size_range(300.0..=480.0).frame(side);
                panel.show(&mut root, |ui| traffic_panel::show(ui, cx, &mut self.files));
            } else if !taken && session.inspection().is_some() {
                let panel = Panel::right("inspector").default_size(330.0).size_range(280.0..=480.0).frame(side);
                panel.show(&mut root, |ui| self.inspector.show(ui, cx));
            }
            self.gis.bottom(&mut root, cx);
        }
        self.free = root.available_rect_before_wrap();

        if session.project().is_some() {
            wipe::show(ctx, cx, self.free);
            map_tools::show(ctx, cx, self.free);
            self.timeline.show(ctx, cx, self.free);
            self.fire_time.show(ctx, cx, self.free);
        }
        welcome::show(ctx, cx, &mut self.files, self.free);
        progress::show(ctx, cx, self.free);
        self.toasts.show(ctx, cx, self.free);
        notices::list_window(ctx, cx, &mut self.overlays);
        help::show(ctx, cx, &mut self.overlays);
        self.gis.floating(ctx, cx, &mut self.files);
        self.files.show(ctx, cx);
        self.free
    }

    /// Whether a pointer at `at` is the panels' and not the map's: it is over one of them, or drags one of their parts.
    #[must_use]
    pub fn claims_pointer(&self, ctx: &Context, at: egui::Pos2) -> bool {
        ctx.egui_is_using_pointer()
            || !self.free.contains(at)
            || ctx.layer_id_at(at).is_some_and(|layer| layer.order != Order::Background)
    }

    /// Whether keys go into a text field or a dialog.
    #[must_use]
    pub fn claims_keyboard(&self, ctx: &Context) -> bool {
        ctx.text_edit_focused() || self.files.is_open()
    }
}
