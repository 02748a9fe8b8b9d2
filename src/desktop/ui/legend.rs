//! A layer's legend, kept as long as the layer stays the same.

use std::sync::{Arc, Weak};

use egui::{Label, RichText, Ui};

use super::context::{Cx, color32};
use super::widgets::swatch;
use crate::base::message::Message;
use crate::model::layer::Layer;
use crate::model::style::{Symbol, TUBE_EXAGGERATION};
use crate::session::legend::{LegendEntry, LegendLabel, legend};

/// Legends of layers by pointer: opacity changes make a new layer, and that is cheap enough to look again at.
#[derive(Default)]
pub(super) struct LegendCache(Vec<(Weak<Layer>, Arc<[LegendEntry]>)>);

/// A legend longer than this is cut; the rest is counted.
const MOST_ENTRIES: usize = 14;

impl LegendCache {
    fn of(&mut self, layer: &Arc<Layer>) -> Arc<[LegendEntry]> {
        if let Some((_, entries)) = self.0.iter().find(|(l, _)| std::ptr::eq(l.as_ptr(), Arc::as_ptr(layer))) {
            return entries.clone();
        }
        // A changed opacity or name keeps the legend of the same content.
        let earlier = self.0.iter().find_map(|(old, entries)| {
            let old = old.upgrade()?;
            let same = old.content.same(&layer.content) && old.style.symbol == layer.style.symbol;
            same.then(|| entries.clone())
        });
        let entries = earlier.unwrap_or_else(|| legend(layer).into());
        self.0.retain(|(l, _)| l.strong_count() > 0);
        self.0.push((Arc::downgrade(layer), entries.clone()));
        entries
    }

    pub(super) fn show(&mut self, ui: &mut Ui, cx: &Cx<'_>, layer: &Arc<Layer>) {
        let entries = self.of(layer);
        for entry in entries.iter().take(MOST_ENTRIES) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                swatch(ui, color32(entry.color), cx.palette.border);
                let text = entry_text(cx, layer, entry);
                ui.add(Label::new(RichText::new(&text).size(12.5)).truncate()).on_hover_text(text);
            });
        }
        if matches!(layer.style.symbol, Symbol::Tube { .. }) {
            let note = Message::new("ui-legend-pipes").with("factor", f64::from(TUBE_EXAGGERATION));
            ui.add(Label::new(cx.weak(cx.say(&note))).wrap());
        }
        if entries.len() > MOST_ENTRIES {
            let more = Message::new("ui-legend-more").with("count", entries.len() - MOST_ENTRIES);
            ui.label(cx.weak(cx.say(&more)));
        }
    }
}

fn entry_text(cx: &Cx<'_>, layer: &Layer, entry: &LegendEntry) -> String {
    let name = match &entry.label {
        LegendLabel::All => cx.title(&layer.title).to_owned(),
        LegendLabel::Text(text) => cx.title(text).to_owned(),
        LegendLabel::Code { code, name } => {
            name.as_ref().map_or_else(|| code.clone(), |n| format!("{code} · {}", cx.title(n)))
        }
        LegendLabel::Value(value) => crate::text::number::format_short(*value, 2, cx.catalog.language()),
        LegendLabel::Range(from, to) => {
            let number = |v: f64| crate::text::number::format_short(v, 2, cx.catalog.language());
            format!("{} – {}", number(*from), number(*to))
        }
        LegendLabel::Other => cx.tr("ui-legend-other"),
    };
    match entry.count {
        Some(count) => format!("{name} ({})", cx.number(count as f64, 0, "")),
        None => name,
    }
}
