//! What every panel gets: the session to read, the commands to push, the words to show.

use egui::RichText;

use super::theme::{Palette, semibold};
use crate::base::message::Message;
use crate::model::layer::Origin;
use crate::model::scenario::ScenarioId;
use crate::model::style::{Rgba, Text2};
use crate::session::Session;
use crate::session::command::Command;
use crate::session::inspect::FeatureTitle;
use crate::session::place;
use crate::session::view_state::CameraRequest;
use crate::text::Catalog;
use crate::text::number::format_fixed;

/// A feature is framed with at least this much ground around it, metres.
const LEAST_SPAN_M: f64 = 160.0;

pub(super) struct Cx<'a> {
    pub(super) session: &'a Session,
    pub(super) catalog: &'a Catalog,
    pub(super) palette: Palette,
    pub(super) commands: &'a mut Vec<Command>,
}

impl Cx<'_> {
    pub(super) fn tr(&self, key: &str) -> String {
        self.catalog.get(key)
    }

    pub(super) fn say(&self, message: &Message) -> String {
        self.catalog.text(message)
    }

    pub(super) fn title<'t>(&self, text: &'t Text2) -> &'t str {
        place::title(text, self.catalog.language())
    }

    /// A scenario by its name; none is what is there.
    pub(super) fn plan_name(&self, id: Option<&ScenarioId>) -> String {
        let all = self.session.project().map(|p| p.scenarios.as_slice()).unwrap_or_default();
        let found = id.and_then(|id| all.iter().find(|s| s.id == *id));
        found.map_or_else(|| self.tr("whatif-report-today"), |s| self.title(&s.name).to_owned())
    }

    /// A number with its unit, never broken apart at a line's end.
    pub(super) fn number(&self, value: f64, decimals: usize, unit: &str) -> String {
        let number = self.catalog.number(value, decimals);
        if unit.is_empty() { number } else { format!("{number}\u{a0}{unit}") }
    }

    /// For sliders and fields: the number as the language writes it.
    pub(super) fn formatter(&self, decimals: usize) -> impl Fn(f64, std::ops::RangeInclusive<usize>) -> String + use<> {
        let language = self.catalog.language();
        move |value, _| format_fixed(value, decimals, language)
    }

    pub(super) fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Goes to something on the map, with some ground around it. (west, south, east, north) in the site's CRS.
    pub(super) fn frame(&mut self, bounds: [f64; 4]) {
        let Some(project) = self.session.project() else { return };
        let [w, s, e, n] = place::site_box(&project.frame, bounds);
        let more = |span: f64| (LEAST_SPAN_M - span).max(span * 0.5) / 2.0;
        let (x, y) = (more(e - w), more(n - s));
        self.commands.push(Command::MoveCamera(CameraRequest::Frame([w - x, s - y, e + x, n + y])));
    }

    pub(super) fn feature_title(&self, title: &FeatureTitle) -> String {
        match title {
            FeatureTitle::Parcel { sheet, parcel } => {
                self.say(&Message::new("ui-parcel-title").with("sheet", sheet.as_str()).with("parcel", parcel.as_str()))
            }
            FeatureTitle::Named(name) => name.clone(),
            FeatureTitle::Numbered(id) => self.say(&Message::new("ui-feature-title").with("id", id.to_string())),
        }
    }

    pub(super) fn heading(&self, text: impl Into<String>) -> RichText {
        RichText::new(text).font(semibold(15.0)).color(self.palette.text)
    }

    pub(super) fn strong(&self, text: impl Into<String>) -> RichText {
        RichText::new(text).font(semibold(14.0)).color(self.palette.text)
    }

    pub(super) fn weak(&self, text: impl Into<String>) -> RichText {
        RichText::new(text).size(12.5).color(self.palette.weak)
    }
}

/// The catalogue keys of an origin: the word and its explanation.
pub(super) fn origin_keys(origin: Origin) -> (&'static str, &'static str) {
    match origin {
        Origin::Measured => ("model-origin-measured", "model-origin-measured-hint"),
        Origin::Generated => ("model-origin-generated", "model-origin-generated-hint"),
        Origin::Simulated => ("model-origin-simulated", "model-origin-simulated-hint"),
        Origin::Assumed => ("model-origin-assumed", "model-origin-assumed-hint"),
        Origin::Unknown => ("model-origin-unknown", "model-origin-unknown-hint"),
    }
}

pub(super) fn color32(color: Rgba) -> egui::Color32 {
    egui::Color32::from_rgba_unmultiplied(color.0, color.1, color.2, color.3)
}
