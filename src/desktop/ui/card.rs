//! Cards that float over the free map area.

use egui::{Align2, Area, Context, Id, InnerResponse, Order, Rect, Ui, Vec2};

use super::theme::Palette;
use super::widgets::floating_card;

/// Shows a card at a side or corner of `free`, `offset` inwards. It takes the pointer only where it is.
pub(super) fn show<R>(
    ctx: &Context,
    palette: &Palette,
    id: &str,
    free: Rect,
    (align, offset): (Align2, Vec2),
    contents: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    Area::new(Id::new(id))
        .order(Order::Middle)
        .anchor(align, offset)
        .constrain_to(free)
        .fade_in(false)
        .show(ctx, |ui| floating_card(ui.style(), palette).show(ui, contents).inner)
}
