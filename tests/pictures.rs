//! Pictures of a small made-up island, drawn off-screen by whatever Vulkan there is and looked at by their colours,
//! then compared with the pictures that a person has looked at. Without any driver the tests say so and pass.
#![cfg(feature = "desktop")]

mod island;
#[path = "pictures/live_frames.rs"]
mod live_frames;

use std::path::{Path, PathBuf};
use std::time::Duration;

use island_twin::desktop::shot::{Picture, Shot, ShotError, take};
use island_twin::model::layer::LayerId;
use island_twin::session::Session;
use island_twin::session::command::Command;
use island_twin::session::fire::FireCommand;
use island_twin::session::view_state::{CameraPose, CameraRequest};

const SIZE: [u32; 2] = [480, 270];

/// From the south-west: the town in front, the hill behind it, the sea all around.
fn from_the_south() -> CameraRequest {
    CameraRequest::Pose(CameraPose { eye: [-500.0, -1_700.0, 900.0], look: [0.0, -50.0, 20.0] })
}

fn from_above() -> CameraRequest {
    CameraRequest::Pose(CameraPose { eye: [0.0, -300.0, 700.0], look: [0.0, -299.0, 10.0] })
}

fn picture(session: Session, camera: CameraRequest) -> Option<Picture> {
    let shot = Shot { size: SIZE, camera, ui: false, patience: Duration::from_secs(240) };
    match take(session, &shot) {
        Ok(picture) => Some(picture),
        Err(ShotError::NoRenderer) => {
            println!("skipped: no graphics driver here");
            None
        }
        Err(other) => panic!("{other}"),
    }
}

fn pixel(picture: &Picture, x: f32, y: f32) -> [i32; 3] {
    let (col, row) = ((x * picture.width as f32) as usize, (y * picture.height as f32) as usize);
    let at = (row * picture.width as usize + col) * 4;
    [0, 1, 2].map(|k| i32::from(picture.rgba[at + k]))
}

/// Mean difference of channels, 0 to 255.
fn difference(a: &Picture, b: &Picture) -> f64 {
    let sum: f64 = a.rgba.iter().zip(&b.rgba).map(|(x, y)| f64::from(x.abs_diff(*y))).sum();
    sum / a.rgba.len() as f64
}

/// Within this mean difference two drivers may draw the same thing.
const TOLERANCE: f64 = 4.0;

/// Compares with `tests/pictures/NAME.png`; `ISLAND_TWIN_KEEP_PICTURES=1` writes it anew, to be looked at.
fn compare_with_kept(picture: &Picture, name: &str) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(format!("{name}.png"));
    if std::env::var_os("ISLAND_TWIN_KEEP_PICTURES").is_some() {
        picture.save(&path).unwrap();
        return;
    }
    let kept = tiny_skia::Pixmap::load_png(&path).unwrap();
    assert_eq!((kept.width(), kept.height()), (picture.width, picture.height));
    let kept = Picture { rgba: kept.take(), ..picture.clone() };
    let off = difference(picture, &kept);
    assert!(off < TOLERANCE, "{name} differs from the kept picture by {off:.1} of 255 a channel");
}

#[test]
fn the_island_stands_in_the_sea_under_the_sky() {
    let Some(picture) = picture(island::session(), from_the_south()) else { return };
    compare_with_kept(&picture, "island");
    let [r, g, b] = pixel(&picture, 0.5, 0.02);
    assert!(b > r && b > 150, "sky at the top: {r} {g} {b}");
    let [r, _, b] = pixel(&picture, 0.02, 0.38);
    assert!(b > r + 20, "sea at the left");
    let [r, g, b] = pixel(&picture, 0.53, 0.36);
    assert!(g > b && g > r - 20, "the hill is green: {r} {g} {b}");
}

#[test]
fn hiding_a_layer_changes_the_picture_where_it_was() {
    let Some(with) = picture(island::session(), from_above()) else { return };
    let mut session = island::session();
    session.perform(Command::SetVisible {
        layers: vec![LayerId::new("parcels"), LayerId::new("buildings")],
        visible: false,
    });
    let Some(without) = picture(session, from_above()) else { return };
    assert!(difference(&with, &without) > 3.0);
    // Land-use colours come out as the law prints them, but for the light: residential is pink, green the lowest.
    let pinks =
        with.rgba.chunks_exact(4).filter(|p| p[0] > 150 && p[2] > 150 && i32::from(p[1]) < i32::from(p[0]) - 40);
    assert!(pinks.count() > 500, "residential parcels are pink");
    let pinks =
        without.rgba.chunks_exact(4).filter(|p| p[0] > 150 && p[2] > 150 && i32::from(p[1]) < i32::from(p[0]) - 40);
    assert_eq!(pinks.count(), 0);
    compare_with_kept(&with, "town");
}

#[test]
fn x_ray_shows_what_is_under_the_ground() {
    let blue = |p: &Picture| p.rgba.chunks_exact(4).filter(|c| i32::from(c[2]) > i32::from(c[0]) + 40).count();
    let Some(opaque) = picture(island::session(), from_above()) else { return };
    let mut session = island::session();
    session.perform(Command::SetXray(true));
    let Some(glass) = picture(session, from_above()) else { return };
    compare_with_kept(&glass, "x-ray");
    assert!(blue(&glass) > blue(&opaque) + 100, "the main shows through: {} {}", blue(&glass), blue(&opaque));
}

#[test]
fn a_fire_lies_over_the_ground_as_far_as_it_has_come() {
    let hot = |p: &Picture| {
        let reddish = |c: &&[u8]| i32::from(c[0]) > i32::from(c[2]) + 70 && c[0] > 90;
        p.rgba.chunks_exact(4).filter(reddish).count()
    };
    let Some(unburnt) = picture(island::session(), from_the_south()) else { return };
    let mut session = island::burning_session();
    session.perform(Command::Fire(FireCommand::ShowTime(900.0)));
    let Some(early) = picture(session, from_the_south()) else { return };
    let Some(late) = picture(island::burning_session(), from_the_south()) else { return };
    compare_with_kept(&late, "fire");
    let (before, begun, burnt) = (hot(&unburnt), hot(&early), hot(&late));
    assert!(before + 50 < begun && begun + 500 < burnt, "{before} {begun} {burnt}");
}

/// A scene whose terrain cannot be read still gives a picture, at once.
#[test]
fn without_a_terrain_there_is_the_sea() {
    let mut session = island::session();
    session.perform(Command::RemoveLayer(LayerId::new("terrain")));
    let Some(picture) = picture(session, from_the_south()) else { return };
    let [r, _, b] = pixel(&picture, 0.5, 0.6);
    assert!(b > r + 20, "sea where the island was");
}

#[test]
fn night_is_darker_than_morning() {
    let mean = |p: &Picture| p.rgba.iter().map(|c| u64::from(*c)).sum::<u64>() / p.rgba.len() as u64;
    let Some(morning) = picture(island::session(), from_the_south()) else { return };
    let mut session = island::session();
    session.perform(Command::SetTime("2026-03-20T23:00:00+07:00".parse().unwrap()));
    let Some(night) = picture(session, from_the_south()) else { return };
    assert!(mean(&night) + 25 < mean(&morning), "{} {}", mean(&night), mean(&morning));
}
