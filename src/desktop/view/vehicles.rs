//! Vehicles on the road: boxes in a few meshes that never change, whose places a shader reads from a small texture that is
//! written anew each frame. So thousands of them cost the frame little more than working out where they are.

use std::f32::consts::{FRAC_PI_2, PI};
use std::sync::{Arc, Weak};

use bevy::asset::{RenderAssetUsages, embedded_asset};
use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::{NotShadowCaster, NotShadowReceiver};
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::pbr::{Material, MaterialPlugin};
use bevy::prelude::*;
use bevy::render::render_resource::{AsBindGroup, Extent3d, TextureDimension, TextureFormat};
use bevy::shader::ShaderRef;

use super::overlay::{ground_point, on_ground};
use super::stage;
use crate::desktop::bridge;
use crate::desktop::desk::Desk;
use crate::model::project::Project;
use crate::session::Session;
use crate::study::traffic::close::Close;
use crate::study::traffic::tracks::{Stay, Tracks};

/// Most that are drawn: the nearest ones.
const MOST: usize = 20_000;
/// In one mesh: meshes without a vehicle are not drawn.
const IN_A_MESH: usize = 2000;
/// Farther from the eye a vehicle is not drawn: there the ribbons tell.
const SEEN_M: f64 = 6000.0;
const TEXELS_A_ROW: usize = 256;
/// Place and heading; kind, colour and lane.
const TEXELS_EACH: usize = 2;

pub struct VehiclesPlugin;

impl Plugin for VehiclesPlugin {
    fn build(&self, app: &mut App) {
        embedded_asset!(app, "../../../assets/shaders/vehicles.wgsl");
        app.add_plugins(MaterialPlugin::<VehicleMaterial>::default()).add_systems(Update, drive);
    }
}

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
struct VehicleMaterial {
    /// First: how many there are.
    #[uniform(0)]
    count: Vec4,
    #[texture(1, sample_type = "float", filterable = false)]
    places: Handle<Image>,
}

impl Material for VehicleMaterial {
    fn vertex_shader() -> ShaderRef {
        "embedded://island_twin/desktop/view/../../../assets/shaders/vehicles.wgsl".into()
    }

    fn fragment_shader() -> ShaderRef {
        "embedded://island_twin/desktop/view/../../../assets/shaders/vehicles.wgsl".into()
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }
}

/// The number of the first vehicle of a mesh.
#[derive(Component)]
struct Fleet(usize);

/// A link on the ground, in the world, with the length up to each point.
struct Way {
    points: Vec<Vec3>,
    behind_m: Vec<f32>,
    lanes: u32,
}

#[derive(Default)]
struct Roads {
    of: Weak<Tracks>,
    ways: Vec<Way>,
}

/// What the vehicles were drawn for last.
type Drawn = Option<(f64, [f64; 3], u64)>;

fn drive(
    desk: Res<Desk>,
    (mut roads, mut drawn): (Local<Roads>, Local<Drawn>),
    mut fleets: Query<(&Fleet, &mut Visibility, &MeshMaterial3d<VehicleMaterial>)>,
    (mut meshes, mut images): (ResMut<Assets<Mesh>>, ResMut<Assets<Image>>),
    mut materials: ResMut<Assets<VehicleMaterial>>,
    mut commands: Commands,
) {
    let session = &desk.session;
    let Some((tracks, second, project)) = session.moving_vehicles().zip(session.project()).map(|((t, s), p)| (t, s, p))
    else {
        if drawn.take().is_some() {
            fleets.iter_mut().for_each(|(_, mut seen, _)| *seen = Visibility::Hidden);
        }
        return;
    };
    if fleets.is_empty() {
        let places = images.add(texture(Vec::new()));
        let material = materials.add(VehicleMaterial { count: Vec4::ZERO, places });
        for first in (0..MOST).step_by(IN_A_MESH) {
            commands.spawn((
                Fleet(first),
                Mesh3d(meshes.add(boxes(first))),
                MeshMaterial3d(material.clone()),
                Visibility::Hidden,
                NoFrustumCulling,
                NotShadowCaster,
                NotShadowReceiver,
                stage::layers::<{ stage::MAIN }>(),
            ));
        }
        return;
    }
    if !std::ptr::eq(roads.of.as_ptr(), Arc::as_ptr(tracks)) {
        *roads = Roads { of: Arc::downgrade(tracks), ways: ways(session, project) };
        *drawn = None;
    }
    let moment = (second, session.view.camera.eye, session.close_look().map_or(f64::NAN, |c| c.look.from_s).to_bits());
    if *drawn == Some(moment) {
        return;
    }
    *drawn = Some(moment);
    let eye = bridge::world_from_site(moment.1);
    let close = session.close_look().map(AsRef::as_ref);
    let ground = |at: [f64; 2]| bridge::world_from_site(ground_point(project, at, 0.2));
    let mut texels = places(tracks, second, &roads.ways, eye, close);
    if let Some(close) = close {
        texels.extend(near(close, second, ground));
        texels.truncate(MOST * TEXELS_EACH * 4);
    }
    let count = texels.len() / (TEXELS_EACH * 4);
    for (fleet, mut seen, material) in &mut fleets {
        seen.set_if_neq(if fleet.0 < count { Visibility::Inherited } else { Visibility::Hidden });
        if fleet.0 == 0
            && let Some(mut material) = materials.get_mut(&material.0)
            && let Some(mut image) = images.get_mut(&material.places)
        {
            material.count.x = count as f32;
            *image = texture(std::mem::take(&mut texels));
        }
    }
}

fn ways(session: &Session, project: &Project) -> Vec<Way> {
    let Some(outcome) = &session.traffic().outcome else { return Vec::new() };
    let way = |link: &crate::sim::traffic::network::Link| {
        let points: Vec<Vec3> = on_ground(project, &link.line, 0.2).into_iter().map(bridge::world_from_site).collect();
        let mut along = 0.0;
        let legs = points.windows(2).map(|leg| {
            along += leg[0].distance(leg[1]);
            along
        });
        let behind_m = std::iter::once(0.0).chain(legs).collect();
        Way { points, behind_m, lanes: u32::from(link.lanes.max(1)) }
    };
    outcome.result.shown().0.network.links.iter().map(way).collect()
}

/// Four numbers a texel: east, up, south, heading; kind, a number of its own from 0 to 1, metres right of the middle.
fn places(tracks: &Tracks, second: f64, ways: &[Way], eye: Vec3, close: Option<&Close>) -> Vec<f32> {
    let reach = (SEEN_M * SEEN_M) as f32;
    // Where they are driven one by one the day's even drivers make room.
    let driven = close.filter(|c| c.at(second).is_some());
    let seen = |stay: &Stay| {
        if driven.is_some_and(|c| c.inside.get(stay.link as usize) == Some(&true)) {
            return None;
        }
        let way = ways.get(stay.link as usize)?;
        let (at, forward) = way.at(tracks.share(stay, second))?;
        let far = at.distance_squared(eye);
        (far <= reach).then_some((far, *stay, at, forward))
    };
    let mut all: Vec<_> = tracks.at(second).filter_map(seen).collect();
    if all.len() > MOST {
        all.select_nth_unstable_by(MOST, |a, b| a.0.total_cmp(&b.0));
        all.truncate(MOST);
    }
    let mut texels = Vec::with_capacity(all.len() * TEXELS_EACH * 4);
    for (_, stay, at, forward) in all {
        let kind = tracks.kinds.get(stay.vehicle as usize).copied().unwrap_or(0);
        let own = own(stay.vehicle);
        let lanes = ways[stay.link as usize].lanes;
        texels.extend([at.x, at.y, at.z, (-forward.z).atan2(forward.x)]);
        texels.extend([f32::from(kind), own, right_of_middle(kind, own, lanes), 0.0]);
    }
    texels
}

/// The same for those who are driven one by one: they know their place across the road themselves.
fn near(close: &Close, second: f64, ground: impl Fn([f64; 2]) -> Vec3) -> Vec<f32> {
    let Some((before, after, share)) = close.at(second) else { return Vec::new() };
    let mut texels = Vec::with_capacity(before.len() * TEXELS_EACH * 4);
    for i in 0..before.len() {
        let (mut at, mut heading) = (before.at[i], before.heading_rad[i]);
        if let Ok(next) = after.id.binary_search(&before.id[i]) {
            let part = f64::from(share);
            at = [0, 1].map(|k| (after.at[next][k] - at[k]).mul_add(part, at[k]));
            let turn = (after.heading_rad[next] - heading + 3.0 * PI).rem_euclid(2.0 * PI) - PI;
            heading += turn * share;
        }
        let place = ground(at);
        texels.extend([place.x, place.y, place.z, FRAC_PI_2 - heading]);
        texels.extend([f32::from(before.kind[i]), own(before.id[i]), 0.0, 0.0]);
    }
    texels
}

/// A number of a vehicle's own from 0 to 1.
fn own(vehicle: u32) -> f32 {
    (vehicle.wrapping_mul(0x9E37_79B9) >> 8) as f32 / (1 << 24) as f32
}

const LANE_M: f32 = 3.25;

/// Motorbikes keep to the right, cars and trucks to the middle of a lane.
fn right_of_middle(kind: u8, own: f32, lanes: u32) -> f32 {
    let width = lanes as f32 * LANE_M;
    if kind == 1 {
        return width - 0.6 - own * (0.4 * width).min(3.0);
    }
    ((own * lanes as f32).floor() + 0.5) * LANE_M
}

impl Way {
    /// Where the share of the way ends, and the direction there.
    fn at(&self, share: f32) -> Option<(Vec3, Vec3)> {
        let along = share * self.behind_m.last()?;
        let last = self.points.len().checked_sub(1).filter(|last| *last > 0)?;
        let next = self.behind_m.partition_point(|m| *m <= along).clamp(1, last);
        let (a, b) = (self.points[next - 1], self.points[next]);
        let leg = self.behind_m[next] - self.behind_m[next - 1];
        let part = if leg > 0.0 { (along - self.behind_m[next - 1]) / leg } else { 0.0 };
        Some((a.lerp(b, part), b - a))
    }
}

fn texture(mut texels: Vec<f32>) -> Image {
    let (width, height) = (TEXELS_A_ROW, (MOST * TEXELS_EACH).div_ceil(TEXELS_A_ROW));
    texels.resize(width * height * 4, 0.0);
    Image::new(
        Extent3d { width: width as u32, height: height as u32, depth_or_array_layers: 1 },
        TextureDimension::D2,
        texels.into_iter().flat_map(f32::to_le_bytes).collect(),
        TextureFormat::Rgba32Float,
        RenderAssetUsages::all(),
    )
}

/// Corners of boxes from -1 to 1, 0 to 1 high, without a bottom; the first texture coordinate is the vehicle's number.
fn boxes(first: usize) -> Mesh {
    let sides: [(Vec3, Vec3, Vec3); 5] = [
        (Vec3::Y, Vec3::X, Vec3::NEG_Z),
        (Vec3::X, Vec3::NEG_Z, Vec3::Y),
        (Vec3::NEG_X, Vec3::Z, Vec3::Y),
        (Vec3::Z, Vec3::X, Vec3::Y),
        (Vec3::NEG_Z, Vec3::NEG_X, Vec3::Y),
    ];
    let (mut positions, mut normals, mut numbers, mut indices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for vehicle in first..first + IN_A_MESH {
        for (normal, across, up) in sides {
            let begin = positions.len() as u32;
            for (u, v) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                let corner = normal + across * u + up * v;
                positions.push([corner.x, corner.y.max(0.0), corner.z]);
                normals.push(normal.to_array());
                numbers.push([vehicle as f32, 0.0]);
            }
            indices.extend([0, 1, 2, 0, 2, 3].map(|i| begin + i));
        }
    }
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, numbers)
        .with_inserted_indices(Indices::U32(indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_walked_evenly_around_its_corner() {
        let points = vec![Vec3::ZERO, Vec3::new(30.0, 0.0, 0.0), Vec3::new(30.0, 0.0, -10.0)];
        let way = Way { points, behind_m: vec![0.0, 30.0, 40.0], lanes: 1 };
        assert_eq!(way.at(0.0).unwrap().0, Vec3::ZERO);
        let (at, forward) = way.at(0.5).unwrap();
        assert!((at - Vec3::new(20.0, 0.0, 0.0)).length() < 1e-4 && forward == Vec3::new(30.0, 0.0, 0.0), "{at}");
        let (at, forward) = way.at(0.875).unwrap();
        assert!((at - Vec3::new(30.0, 0.0, -5.0)).length() < 1e-4 && forward.z < 0.0, "north is -z");
        assert_eq!(way.at(1.0).unwrap().0, Vec3::new(30.0, 0.0, -10.0));
        assert!(Way { points: vec![Vec3::ZERO], behind_m: vec![0.0], lanes: 1 }.at(0.5).is_none());
    }

    #[test]
    fn everybody_keeps_right_and_on_the_road() {
        for lanes in 1..5 {
            for own in [0.0, 0.3, 0.999] {
                for kind in 0..3 {
                    let right = right_of_middle(kind, own, lanes);
                    assert!(right > 0.5 && right < lanes as f32 * LANE_M, "{kind} {own} {lanes}: {right}");
                }
            }
        }
    }

    /// In a second of a close look a vehicle goes straight on and turns the short way round.
    #[test]
    fn who_is_driven_closely_moves_between_the_seconds() {
        use crate::sim::fields::AgentTable;
        use crate::study::traffic::close::CloseLook;
        let table = |x: f64, heading: f32| AgentTable {
            id: vec![7],
            kind: vec![1],
            at: vec![[x, 0.0]],
            heading_rad: vec![heading],
            speed_mps: vec![10.0],
        };
        let close = Close {
            look: CloseLook { bounds: [0.0; 4], from_s: 100.0, span_s: 3 },
            seconds: vec![table(0.0, 6.2), table(10.0, 0.1), table(20.0, 0.1)],
            inside: vec![true],
            came: 1,
            counts: crate::sim::traffic::micro::simulation::Counts::default(),
            collisions: 0,
        };
        let ground = |at: [f64; 2]| Vec3::new(at[0] as f32, 0.0, at[1] as f32);
        let texels = near(&close, 101.5, ground);
        assert_eq!((texels.len(), texels[0], texels[4]), (8, 5.0, 1.0));
        let half = (0.1 + 2.0 * PI - 6.2) / 2.0;
        assert!((texels[3] - (FRAC_PI_2 - (6.2 + half))).abs() < 1e-4, "{}", texels[3]);
        assert!(near(&close, 99.0, ground).is_empty() && near(&close, 103.5, ground).is_empty());
        // The day's drivers make room in the window as long as it is looked at.
        let points = vec![Vec3::ZERO, Vec3::X];
        let ways = vec![Way { points, behind_m: vec![0.0, 1.0], lanes: 1 }];
        let stay = Stay { vehicle: 0, link: 0, enter_s: 0.0, leave_s: 3600.0 };
        let tracks = Tracks::new(0..1, vec![0], vec![stay]);
        assert!(places(&tracks, 101.5, &ways, Vec3::ZERO, Some(&close)).is_empty());
        assert_eq!(places(&tracks, 200.0, &ways, Vec3::ZERO, Some(&close)).len(), 8);
    }

    #[test]
    fn boxes_face_outwards() {
        let mesh = boxes(0);
        let positions: Vec<Vec3> = mesh
            .attribute(Mesh::ATTRIBUTE_POSITION)
            .and_then(|a| a.as_float3())
            .unwrap()
            .iter()
            .map(|p| Vec3::from_array(*p))
            .collect();
        let normals = mesh.attribute(Mesh::ATTRIBUTE_NORMAL).and_then(|a| a.as_float3()).unwrap();
        let indices: Vec<usize> = mesh.indices().unwrap().iter().take(30).collect();
        for triangle in indices.chunks(3) {
            let [a, b, c] = [0, 1, 2].map(|i| positions[triangle[i]]);
            let out = (b - a).cross(c - a);
            assert!(out.dot(Vec3::from_array(normals[triangle[0]])) > 0.0, "{triangle:?}");
        }
    }

    /// `cargo test --lib what_twenty_thousand -- --ignored --nocapture`
    #[test]
    #[ignore = "a measurement"]
    fn what_twenty_thousand_vehicles_cost_a_frame() {
        // Ways of twelve points in a square of 5 km; every vehicle is on three links in the window of the lookup.
        let of = |i: usize, k: usize| (i.wrapping_mul(7919).wrapping_add(k * 104_729) % 5000) as f32;
        let way = |i: usize| {
            let points: Vec<Vec3> = (0..12).map(|k| Vec3::new(of(i, 1) + k as f32 * 9.0, 5.0, of(i, 2))).collect();
            Way { behind_m: (0..12).map(|k| k as f32 * 9.0).collect(), points, lanes: 2 }
        };
        let ways: Vec<Way> = (0..10_000).map(way).collect();
        let stay = |i: usize| Stay {
            vehicle: (i / 3) as u32,
            link: (i % 10_000) as u32,
            enter_s: (i % 3) as f32 * 10.0,
            leave_s: (i % 3) as f32 * 10.0 + 10.0,
        };
        let stays: Vec<Stay> = (0..3 * MOST).map(stay).collect();
        let tracks = Tracks::new(0..1, vec![1; MOST], stays);
        let mut best = std::time::Duration::MAX;
        for frame in 0..100 {
            let begun = std::time::Instant::now();
            let texels = places(&tracks, 10.0 + f64::from(frame) * 0.1, &ways, Vec3::new(2500.0, 100.0, 2500.0), None);
            let image = texture(texels);
            best = best.min(begun.elapsed());
            assert_eq!(image.data.map(|d| d.len()), Some(TEXELS_A_ROW * 157 * 16));
        }
        println!("{MOST} vehicles placed and written: {:.2} ms a frame, best of 100", best.as_secs_f64() * 1e3);
    }
}
