//! The second scenario's picture: a camera that does what the main one does, on the other stage, into an image that the
//! overlay lays over its side of the map.

use bevy::asset::RenderAssetUsages;
use bevy::camera::{RenderTarget, SubCameraView};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages};
use bevy_egui::egui::{self, Color32, Painter, Pos2, Stroke};
use bevy_egui::{EguiContexts, EguiTextureHandle};

use super::camera::{self, MainCamera};
use super::effort;
use super::stage::{self, BESIDE};
use crate::desktop::desk::Desk;
use crate::desktop::map_area::MapArea;
use crate::session::plan_beside::Beside;

pub struct BesidePlugin;

impl Plugin for BesidePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<BesidePicture>()
            .add_systems(Update, divide)
            .add_systems(PostUpdate, follow.before(TransformSystems::Propagate));
    }
}

#[derive(Component)]
pub struct BesideCamera;

/// What the second camera draws into.
#[derive(Resource, Default)]
pub struct BesidePicture(Option<(Handle<Image>, UVec2)>);

/// Where two plans meet on the map, logical pixels.
#[derive(Debug, Clone, Copy)]
pub struct Sides {
    /// What lies farther to the right is the second plan's.
    pub border: f32,
    /// How far to the right of its place in the first plan's picture a place is seen in the second's.
    pub shift: f32,
}

impl Sides {
    #[must_use]
    pub fn of(beside: &Beside, map: Rect) -> Self {
        let border = beside.border().mul_add(map.width(), map.min.x);
        Self { border, shift: if beside.halves { map.width() / 2.0 } else { 0.0 } }
    }
}

type Seen<'a> = (&'a Camera, &'a Transform, &'a Projection, Option<&'a DistanceFog>);

fn follow(
    desk: Res<Desk>,
    main: Query<Seen, (With<MainCamera>, Without<BesideCamera>)>,
    mut own: Query<(Entity, &mut Camera, &mut Transform, &mut Projection), With<BesideCamera>>,
    (mut picture, mut images): (ResMut<BesidePicture>, ResMut<Assets<Image>>),
    effort: Res<effort::Effort>,
    mut commands: Commands,
) {
    let Ok((camera, place, projection, fog)) = main.single() else { return };
    let size = camera.physical_target_size().filter(|s| s.x > 0 && s.y > 0);
    let Some(size) = size.filter(|_| desk.session.plan().beside.is_some()) else {
        for (entity, ..) in &own {
            commands.entity(entity).despawn();
        }
        picture.0 = None;
        return;
    };
    if picture.0.as_ref().is_none_or(|(_, old)| *old != size) {
        for (entity, ..) in &own {
            commands.entity(entity).despawn();
        }
        let image = images.add(target(size));
        let mut seen = commands.spawn((
            BesideCamera,
            stage::seen::<BESIDE>(),
            camera::lens(),
            RenderTarget::Image(image.clone().into()),
            Camera { order: -1, ..default() },
            *place,
            effort::of_camera(&effort),
        ));
        if let Some(fog) = fog {
            seen.insert(fog.clone());
        }
        picture.0 = Some((image, size));
        return;
    }
    for (_, mut own_camera, mut own_place, mut own_projection) in &mut own {
        own_camera.is_active = camera.is_active;
        own_place.set_if_neq(*place);
        if let (Projection::Perspective(from), Projection::Perspective(to)) = (projection, &mut *own_projection) {
            to.fov = from.fov;
        }
    }
}

fn target(size: UVec2) -> Image {
    let size = Extent3d { width: size.x, height: size.y, depth_or_array_layers: 1 };
    let mut image = Image::new_fill(
        size,
        TextureDimension::D2,
        &[0, 0, 0, 255],
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.texture_descriptor.usage =
        TextureUsages::TEXTURE_BINDING | TextureUsages::COPY_DST | TextureUsages::RENDER_ATTACHMENT;
    image
}

/// In halves the middle of the map goes to the middle of the first half: the main camera looks a quarter of the map to
/// the right of it.
fn divide(desk: Res<Desk>, area: Res<MapArea>, mut main: Query<&mut Camera, With<MainCamera>>) {
    let Ok(mut camera) = main.single_mut() else { return };
    let halves = desk.session.plan().beside.as_ref().filter(|b| b.halves);
    let wanted = halves.and(camera.physical_target_size()).zip(camera.target_scaling_factor()).map(|(size, scale)| {
        let offset = Vec2::new((map_of(&area, &camera).width() / 4.0 * scale).round(), 0.0);
        SubCameraView { full_size: size, offset, size }
    });
    if camera.sub_camera_view != wanted {
        camera.sub_camera_view = wanted;
    }
}

/// The map's part of the window; without panels all of it.
fn map_of(area: &MapArea, camera: &Camera) -> Rect {
    area.rect.intersect(Rect::from_corners(Vec2::ZERO, camera.logical_target_size().unwrap_or_default()))
}

/// Lays the picture over the right side of the map. `whole` is the window.
pub(super) fn draw(
    contexts: &mut EguiContexts<'_, '_>,
    picture: &BesidePicture,
    desk: &Desk,
    painter: &Painter,
    (whole, still_painting): (egui::Rect, bool),
) {
    let (Some(beside), Some((image, _))) = (&desk.session.plan().beside, &picture.0) else { return };
    let texture = contexts.add_image(EguiTextureHandle::Weak(image.id()));
    let map = painter.clip_rect();
    let x = egui::lerp(map.x_range(), beside.border());
    let side = egui::Rect::from_min_max(Pos2::new(x, map.top()), map.max);
    // In halves the second half shows the middle of its picture.
    let left = if beside.halves { map.width() / 4.0 } else { 0.0 };
    let part = |p: Pos2| Pos2::new((p.x - left - whole.left()) / whole.width(), (p.y - whole.top()) / whole.height());
    painter.image(texture, side, egui::Rect::from_min_max(part(side.min), part(side.max)), Color32::WHITE);
    for stroke in [Stroke::new(5.0, Color32::from_black_alpha(120)), Stroke::new(2.0, Color32::WHITE)] {
        painter.line_segment([Pos2::new(x, map.top()), Pos2::new(x, map.bottom())], stroke);
    }
    if still_painting {
        turning(painter, Pos2::new(x + 26.0, map.top() + 124.0));
    }
}

/// Three quarters of a circle that turns: not all of the second plan is painted yet.
fn turning(painter: &Painter, at: Pos2) {
    let time = painter.ctx().input(|i| i.time) as f32;
    let point = |i: u8| at + egui::Vec2::angled(time * 4.0 + f32::from(i) * 0.25) * 9.0;
    painter.circle_filled(at, 15.0, Color32::from_black_alpha(150));
    painter.line((0..=18).map(point).collect(), Stroke::new(2.5, Color32::WHITE));
    painter.ctx().request_repaint();
}
