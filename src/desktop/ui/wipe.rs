//! The line between two scenarios, dragged to and fro over the map, and their names on either side.

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Area, Color32, Context, CursorIcon, FontId, Id, LayerId, Order, Pos2, Rect, Sense, vec2};

use super::context::Cx;
use crate::session::command::Command;
use crate::session::plan::PlanCommand;

/// How wide the line can be taken hold of, points.
const GRIP: f32 = 14.0;

pub(super) fn show(ctx: &Context, cx: &mut Cx<'_>, map: Rect) {
    let plan = cx.session.plan();
    let Some(beside) = &plan.beside else { return };
    let x = egui::lerp(map.x_range(), beside.border());
    let painter = ctx.layer_painter(LayerId::new(Order::Middle, Id::new("wipe-names"))).with_clip_rect(map);
    for (align, aside, letter, id) in
        [(Align2::RIGHT_TOP, -10.0, "A", plan.active.as_ref()), (Align2::LEFT_TOP, 10.0, "B", beside.scenario.as_ref())]
    {
        let text = format!("{letter}  {}", cx.plan_name(id));
        // Not beyond the map, and below the tools.
        let room = if aside < 0.0 { x - map.left() } else { map.right() - x } - 40.0;
        let mut job = LayoutJob::simple_singleline(text, FontId::proportional(16.0), Color32::WHITE);
        job.wrap = TextWrapping::truncate_at_width(room.max(20.0));
        let galley = ctx.fonts_mut(|fonts| fonts.layout_job(job));
        let rect = align.anchor_size(Pos2::new(x + aside, map.top() + 72.0), galley.size() + vec2(16.0, 8.0));
        painter.rect_filled(rect, 5.0, Color32::from_black_alpha(180));
        painter.galley(rect.min + vec2(8.0, 4.0), galley, Color32::WHITE);
    }
    if beside.halves {
        return;
    }
    let at = Pos2::new(x - GRIP / 2.0, map.center().y - 40.0);
    Area::new(Id::new("wipe")).order(Order::Middle).fixed_pos(at).show(ctx, |ui| {
        let (rect, response) = ui.allocate_exact_size(vec2(GRIP, 80.0), Sense::drag());
        ui.painter().rect_filled(rect, 7.0, if response.dragged() { cx.palette.accent } else { cx.palette.panel });
        ui.painter().rect_stroke(rect, 7.0, (1.0, cx.palette.border), egui::StrokeKind::Inside);
        let response = response.on_hover_cursor(CursorIcon::ResizeHorizontal).on_hover_text(cx.tr("whatif-wipe-hint"));
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let split = (pointer.x - map.left()) / map.width().max(1.0);
            cx.push(Command::Plan(PlanCommand::SetSplit(split)));
        }
    });
}
