//! Systems run one after another: there are several hundred a frame, nearly all of a few microseconds, and to hand each
//! of them to a thread is not free either. What is long runs on threads of its own: tiles, meshes, jobs.

use bevy::ecs::schedule::{Schedules, SingleThreadedExecutor};
use bevy::prelude::*;
use bevy::render::RenderApp;

/// Add it last: it changes the schedules that are there when the other plugins are done.
pub struct InLinePlugin;

impl Plugin for InLinePlugin {
    fn build(&self, _: &mut App) {}

    fn finish(&self, app: &mut App) {
        in_line(app.world_mut());
        if let Some(render) = app.get_sub_app_mut(RenderApp) {
            in_line(render.world_mut());
        }
    }
}

fn in_line(world: &mut World) {
    if let Some(mut schedules) = world.get_resource_mut::<Schedules>() {
        for (_, schedule) in schedules.iter_mut() {
            schedule.set_executor(SingleThreadedExecutor::new());
        }
    }
}
