//! The app without a window: it draws into an image, with whatever Vulkan there is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::asset::RenderAssetUsages;
use bevy::camera::RenderTarget;
use bevy::camera::visibility::{CascadesVisibleEntities, VisibleEntities};
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::render_resource::{Extent3d, PollType, TextureDimension, TextureFormat, TextureUsages};
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::{PrimaryWindow, WindowResolution};
use bevy_egui::PrimaryEguiContext;

use super::app::{NoPicture, add_engine, add_view, attempt, report_frame};
use super::desk::Desk;
use super::panels::PanelsPlugin;
use super::view;
use super::view::camera::{MainCamera, Rig};
use super::view::ground::plugin::GroundTiles;
use super::view::solids::plugin::Solids;
use super::view::stage::{BESIDE, MAIN};
use crate::session::Session;

/// A session on an invisible stage.
pub struct OffScreen {
    pub(super) app: App,
    target: Handle<Image>,
    ui: bool,
}

/// The deadline passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooSlow;

impl OffScreen {
    /// `ui`: with the panels, as in the window.
    ///
    /// # Errors
    /// Without any graphics driver, not even a software one.
    pub fn new(session: Session, [width, height]: [u32; 2], ui: bool) -> Result<Self, NoPicture> {
        let mut app = attempt(|| {
            let mut app = App::new();
            add_engine(&mut app, None);
            add_view(&mut app, session);
            app.add_plugins(PanelsPlugin { shown: ui }).add_systems(Update, report_frame);
            if ui {
                // Nobody sees this window; the pointer is in it.
                app.add_plugins(view::navigation::NavigationPlugin);
                let resolution = WindowResolution::new(width, height);
                app.world_mut().spawn((Window { resolution, ..default() }, PrimaryWindow));
            }
            app.finish();
            app.cleanup();
            app
        })?;
        if app.get_sub_app(RenderApp).is_none() {
            return Err(NoPicture::NoRenderer);
        }
        let target = app.world_mut().resource_mut::<Assets<Image>>().add(target_image(width, height));
        let image = RenderTarget::Image(target.clone().into());
        app.world_mut().spawn((view::camera::bundle(), PrimaryEguiContext, image));
        app.world_mut().resource_mut::<Rig>().instant = true;
        app.world_mut().resource_mut::<Desk>().effects.project_replaced = true;
        Ok(Self { app, target, ui })
    }

    /// One frame.
    pub fn update(&mut self) {
        self.app.update();
    }

    /// One frame, and how long its two halves took: ECS, culling and panels; then what prepares and encodes the picture.
    pub fn update_timed(&mut self) -> [Duration; 2] {
        let apps = self.app.sub_apps_mut();
        let start = Instant::now();
        apps.main.run_default_schedule();
        let main = start.elapsed();
        for app in apps.sub_apps.values_mut() {
            app.extract(apps.main.world_mut());
            app.update();
        }
        apps.main.world_mut().clear_trackers();
        [main, start.elapsed().saturating_sub(main)]
    }

    pub fn session(&mut self) -> &mut Session {
        &mut self.app.world_mut().resource_mut::<Desk>().into_inner().session
    }

    /// Commands as a panel would push them; the next frame applies them.
    pub fn push(&mut self, command: crate::session::command::Command) {
        self.app.world_mut().resource_mut::<Desk>().commands.push(command);
    }

    /// Runs until every tile is painted and every mesh is built.
    ///
    /// # Errors
    /// When that is not so by `deadline`.
    pub fn settle(&mut self, deadline: Instant) -> Result<(), TooSlow> {
        // While tiles are being made nobody needs to see the picture.
        self.set_active(false);
        let mut calm = 0;
        while calm < 4 {
            self.app.update();
            let pending = self.pending();
            calm = if pending == 0 { calm + 1 } else { 0 };
            if Instant::now() > deadline {
                return Err(TooSlow);
            }
            if pending > 0 {
                // The painting threads need the cores more than this loop.
                std::thread::sleep(Duration::from_millis(12));
            }
        }
        self.set_active(true);
        Ok(())
    }

    /// Tiles and meshes still being made.
    #[must_use]
    pub fn pending(&self) -> usize {
        let world = self.app.world();
        let main = world.resource::<GroundTiles<MAIN>>().pending() + world.resource::<Solids<MAIN>>().pending();
        let beside = world.resource::<GroundTiles<BESIDE>>().pending() + world.resource::<Solids<BESIDE>>().pending();
        main + beside
    }

    /// The picture as sRGB RGBA bytes.
    ///
    /// # Errors
    /// When it has not come by `deadline`.
    pub fn capture(&mut self, deadline: Instant) -> Result<Vec<u8>, TooSlow> {
        // The first frame in sight brings shadows and textures to the driver; panels need two more to find their sizes.
        for _ in 0..if self.ui { 3 } else { 1 } {
            self.app.update();
        }
        let caught: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
        let catcher = caught.clone();
        self.app.world_mut().spawn(Screenshot::image(self.target.clone())).observe(
            move |shot: On<ScreenshotCaptured>| {
                catcher.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&shot.image.data);
            },
        );
        self.app.update();
        // The picture is drawn; what follows only waits for its bytes.
        self.set_active(false);
        loop {
            if let Some(rgba) = caught.lock().unwrap_or_else(PoisonError::into_inner).take() {
                self.set_active(true);
                return Ok(rgba);
            }
            if Instant::now() > deadline {
                return Err(TooSlow);
            }
            self.app.update();
        }
    }

    /// Lets the graphics driver finish what it was given.
    pub fn wait_for_gpu(&self) {
        if let Some(device) = self.app.get_sub_app(RenderApp).and_then(|r| r.world().get_resource::<RenderDevice>()) {
            // A device that is lost has nothing left to wait for.
            let _ = device.poll(PollType::wait_indefinitely());
        }
    }

    /// Meshes in sight of the camera and of the shadow cascades: the most draw calls that a frame can need.
    #[must_use]
    pub fn meshes_in_sight(&mut self) -> usize {
        let world = self.app.world_mut();
        let main: usize = world
            .query_filtered::<&VisibleEntities, With<MainCamera>>()
            .iter(world)
            .map(|v| v.entities.values().map(Vec::len).sum::<usize>())
            .sum();
        let shadows: usize = world
            .query::<&CascadesVisibleEntities>()
            .iter(world)
            .flat_map(|v| v.entities.values().flatten())
            .map(|v| v.entities.len())
            .sum();
        main + shadows
    }

    fn set_active(&mut self, active: bool) {
        let world = self.app.world_mut();
        for mut camera in world.query_filtered::<&mut Camera, With<MainCamera>>().iter_mut(world) {
            camera.is_active = active;
        }
    }
}

fn target_image(width: u32, height: u32) -> Image {
    let size = Extent3d { width, height, depth_or_array_layers: 1 };
    let mut image = Image::new_fill(
        size,
        TextureDimension::D2,
        &[0, 0, 0, 255],
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::default(),
    );
    image.texture_descriptor.usage = TextureUsages::TEXTURE_BINDING
        | TextureUsages::COPY_DST
        | TextureUsages::COPY_SRC
        | TextureUsages::RENDER_ATTACHMENT;
    image
}
