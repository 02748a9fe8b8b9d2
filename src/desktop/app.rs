//! The Bevy app: what the window and the off-screen picture have in common, and the window itself.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bevy::log::LogPlugin;
use bevy::pbr::PbrPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::window::{
    ExitCondition, MonitorSelection, PresentMode, PrimaryWindow, RequestRedraw, WindowCloseRequested, WindowMode,
    WindowResolution,
};
use bevy::winit::{UpdateMode, WinitPlugin};
use bevy_egui::{EguiGlobalSettings, EguiPlugin, PrimaryEguiContext};

use super::clock::ClockPlugin;
use super::desk::Desk;
use super::in_line::InLinePlugin;
use super::map_area::MapArea;
use super::pace::PacePlugin;
use super::panels::PanelsPlugin;
use super::quick_keys::QuickKeysPlugin;
use super::view;
use super::view::ground::plugin::GroundTiles;
use super::view::solids::plugin::Solids;
use super::view::stage::{BESIDE, MAIN};
use crate::session::Session;
use crate::session::command::Command;
use crate::session::view_state::Quit;

/// Plugins of the view on the ground, without window or panels.
pub(super) fn add_view(app: &mut App, session: Session) {
    app.insert_resource(Desk::new(session))
        .init_resource::<MapArea>()
        .insert_resource(GlobalAmbientLight { brightness: 500.0, ..default() })
        .add_plugins((
            ClockPlugin,
            view::camera::CameraPlugin,
            view::effort::EffortPlugin,
            view::lit::LitPlugin,
            view::sky::SkyPlugin,
            view::sea::SeaPlugin,
            view::ground::plugin::GroundPlugin,
            view::field::FieldPlugin,
            view::vehicles::VehiclesPlugin,
            view::solids::plugin::SolidsPlugin,
            view::overlay::OverlayPlugin,
            view::beside::BesidePlugin,
            InLinePlugin,
        ));
}

/// Bevy's own plugins: with a window of this size, or none.
pub(super) fn add_engine(app: &mut App, window: Option<(&str, [u32; 2])>) {
    let off_screen = window.is_none();
    let mut plugins = DefaultPlugins
        .build()
        .set(LogPlugin {
            filter: "warn,bevy_egui=error,wgpu=error,naga=error,bevy_render=error".to_owned(),
            ..default()
        })
        .set(RenderPlugin { synchronous_pipeline_compilation: off_screen, ..default() })
        .set(TaskPoolPlugin { task_pool_options: painting_on_every_core() })
        .set(WindowPlugin {
            primary_window: window.map(|(title, [width, height])| Window {
                title: title.to_owned(),
                name: Some("island-twin".to_owned()),
                resolution: WindowResolution::new(width, height),
                present_mode: PresentMode::AutoVsync,
                ..default()
            }),
            // The session is asked first: there may be edits that are not saved.
            close_when_requested: off_screen,
            exit_condition: if off_screen { ExitCondition::DontExit } else { ExitCondition::OnAllClosed },
            ..default()
        });
    // What nothing here uses would run some hundred systems a frame.
    plugins = plugins
        .disable::<bevy::post_process::PostProcessPlugin>()
        .disable::<bevy::anti_alias::AntiAliasPlugin>()
        .disable::<bevy::gltf::GltfPlugin>()
        .disable::<bevy::animation::AnimationPlugin>()
        .disable::<bevy::text::TextPlugin>()
        .disable::<bevy::state::app::StatesPlugin>()
        .set(PbrPlugin {
            prepass_enabled: false,
            add_default_deferred_lighting_plugin: false,
            gltf_enable_standard_materials: false,
            ..default()
        });
    // Tests make several stages in one process; the first one's log serves them all.
    if tracing::dispatcher::has_been_set() {
        plugins = plugins.disable::<LogPlugin>();
    }
    if off_screen {
        plugins =
            plugins.disable::<WinitPlugin>().disable::<bevy::render::pipelined_rendering::PipelinedRenderingPlugin>();
    }
    app.add_plugins(plugins)
        .add_plugins(EguiPlugin::default())
        .insert_resource(EguiGlobalSettings { auto_create_primary_context: false, ..default() });
}

/// Tiles and meshes are made in the background; on few cores they may use them all, the system shares fairly.
fn painting_on_every_core() -> TaskPoolOptions {
    let mut options = TaskPoolOptions::default();
    options.async_compute.min_threads = 2;
    options.async_compute.percent = 0.5;
    options
}

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPicture {
    /// No graphics driver, not even a software one.
    NoRenderer,
    /// The display that the environment names does not answer.
    NoDisplay,
}

/// Builds an app. Without a driver or a display the engine's plugins panic: that is an answer here, and silent.
pub(super) fn attempt<R>(build: impl FnOnce() -> R) -> Result<R, NoPicture> {
    let words = Arc::new(Mutex::new(String::new()));
    let (heard, loud) = (words.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        *heard.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
    }));
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(build));
    std::panic::set_hook(loud);
    made.map_err(|_| {
        let words = words.lock().unwrap_or_else(PoisonError::into_inner);
        tracing::debug!("{words}");
        if words.contains("event loop") { NoPicture::NoDisplay } else { NoPicture::NoRenderer }
    })
}

/// Opens the window and runs until it is closed.
///
/// # Errors
/// Without a graphics driver, or without the display.
pub fn run(session: Session, open: Option<PathBuf>) -> Result<AppExit, NoPicture> {
    let mut app = attempt(|| {
        let mut app = App::new();
        add_engine(&mut app, Some(("Island Twin", [1600, 900])));
        add_view(&mut app, session);
        app
    })?;
    app.add_plugins((PanelsPlugin { shown: true }, view::navigation::NavigationPlugin, PacePlugin, QuickKeysPlugin))
        .add_systems(Startup, |mut commands: Commands| {
            commands.spawn((view::camera::bundle(), PrimaryEguiContext));
        })
        .add_systems(Update, (report_frame, close, full_screen));
    if let Some(path) = open
        && let Some(mut desk) = app.world_mut().get_resource_mut::<Desk>()
    {
        desk.commands.push(Command::Open(path));
    }
    Ok(app.run())
}

/// Closing the window asks the session, and the session may ask the user.
fn close(
    mut asked: MessageReader<WindowCloseRequested>,
    mut desk: ResMut<Desk>,
    mut exit: MessageWriter<AppExit>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let desk = desk.bypass_change_detection();
    if asked.read().count() > 0 {
        desk.commands.push(Command::Quit { sure: false });
    }
    // The picture may rest: until it is settled, every frame asks for the next.
    if desk.session.view.quit == Quit::Now {
        exit.write(AppExit::Success);
    } else if desk.commands.iter().any(|c| matches!(c, Command::Quit { .. })) {
        redraw.write(RequestRedraw);
    }
}

fn full_screen(desk: Res<Desk>, mut windows: Query<&mut Window, With<PrimaryWindow>>) {
    let wanted = if desk.session.view.full_screen {
        WindowMode::BorderlessFullscreen(MonitorSelection::Current)
    } else {
        WindowMode::Windowed
    };
    if let Ok(mut window) = windows.single_mut()
        && window.mode != wanted
    {
        window.mode = wanted;
    }
}

/// What the status bar shows of the picture.
pub(super) fn report_frame(
    time: Res<Time<Real>>,
    ground: (Res<GroundTiles<MAIN>>, Res<GroundTiles<BESIDE>>),
    solids: (Res<Solids<MAIN>>, Res<Solids<BESIDE>>),
    pace: Option<Res<bevy::winit::WinitSettings>>,
    mut desk: ResMut<Desk>,
) {
    let desk = desk.bypass_change_detection();
    let state = &mut desk.session.view;
    state.tiles_pending = ground.0.pending() + ground.1.pending() + solids.0.pending() + solids.1.pending();
    // While the picture rests the time between two frames says nothing.
    if pace.is_some_and(|p| p.focused_mode != UpdateMode::Continuous) {
        return;
    }
    let present = time.delta_secs() * 1000.0;
    state.frame_time_ms = if state.frame_time_ms == 0.0 {
        present
    } else {
        (present - state.frame_time_ms).mul_add(0.1, state.frame_time_ms)
    };
}
