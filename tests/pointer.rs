//! A mouse in the whole program, panels and map together, without a window. Without any graphics driver the tests say
//! so and pass.
#![cfg(feature = "desktop")]

mod island;

use std::time::{Duration, Instant};

use bevy::input::mouse::MouseButton;
use island_twin::desktop::off_screen::OffScreen;
use island_twin::model::layer::LayerId;
use island_twin::session::command::Command;
use island_twin::session::fire::FireCommand;
use island_twin::session::view_state::{CameraPose, CameraRequest};

const SIZE: [u32; 2] = [1200, 640];
/// On the map, beside the panel on the left.
const ON_MAP: [f32; 2] = [750.0, 330.0];
const ON_PANEL: [f32; 2] = [120.0, 330.0];

fn stage() -> Option<OffScreen> {
    let Ok(mut stage) = OffScreen::new(island::session(), SIZE, true) else {
        println!("skipped: no graphics driver here");
        return None;
    };
    let pose = CameraPose { eye: [0.0, -900.0, 700.0], look: [0.0, -299.0, 10.0] };
    stage.push(Command::MoveCamera(CameraRequest::Pose(pose)));
    stage.settle(Instant::now() + Duration::from_secs(240)).unwrap();
    // Panels find their places.
    for _ in 0..4 {
        stage.update();
    }
    Some(stage)
}

fn click(stage: &mut OffScreen) {
    stage.button(MouseButton::Left, true);
    stage.button(MouseButton::Left, false);
    stage.update();
}

fn drag(stage: &mut OffScreen, button: MouseButton, [x, y]: [f32; 2]) {
    stage.point_at(x, y);
    stage.button(button, true);
    for step in 1..=5 {
        stage.point_at(x + 12.0 * step as f32, y);
    }
    stage.button(button, false);
    stage.update();
}

/// Panels docked around the map must not take its drags for their own (bevy_egui#403).
#[test]
fn a_drag_on_the_map_turns_and_pans_the_camera_and_one_on_a_panel_does_not() {
    let Some(mut stage) = stage() else { return };
    let before = stage.orbit();
    drag(&mut stage, MouseButton::Right, ON_PANEL);
    drag(&mut stage, MouseButton::Left, ON_PANEL);
    assert_eq!(stage.orbit(), before);
    drag(&mut stage, MouseButton::Right, ON_MAP);
    let turned = stage.orbit();
    assert!((turned.heading - before.heading).abs() > 0.1, "{before:?} {turned:?}");
    drag(&mut stage, MouseButton::Left, ON_MAP);
    let panned = stage.orbit();
    assert_eq!(panned.heading, turned.heading);
    let moved = panned.look[0] - turned.look[0];
    assert!(moved.hypot(panned.look[1] - turned.look[1]) > 10.0, "{turned:?} {panned:?}");
}

#[test]
fn a_click_on_a_parcel_shows_who_may_build_what_there() {
    let Some(mut stage) = stage() else { return };
    // Parcels lie around the middle of the test island; the view looks at them.
    let [x, y] = ON_MAP;
    stage.point_at(x, y);
    click(&mut stage);
    let inspection = stage.session().inspection().expect("something lies under the click");
    assert!(!inspection.rows.is_empty());
    let layers: Vec<LayerId> =
        stage.session().selection().iter().flat_map(|s| s.hits.iter().map(|h| h.layer.clone())).collect();
    assert!(layers.contains(&LayerId::new("parcels")), "{layers:?}");
}

#[test]
fn a_click_with_the_fire_panel_open_sets_a_fire_where_it_was() {
    let Some(mut stage) = stage() else { return };
    stage.push(Command::Fire(FireCommand::SetOpen(true)));
    stage.update();
    stage.update();
    stage.point_at(600.0, 330.0);
    let under = stage.session().view.cursor.expect("the pointer is over the ground");
    click(&mut stage);
    let fires = stage.session().fire().form.ignitions.clone();
    let [e, n] = [under[0] + island::ORIGIN[0], under[1] + island::ORIGIN[1]];
    assert_eq!(fires.len(), 1);
    assert!((fires[0].points[0][0] - e).hypot(fires[0].points[0][1] - n) < 1.0, "{fires:?} {under:?}");
    assert!(stage.session().selection().is_none());
}

/// Between two slow frames a pointer may go from the map to a panel and click there.
#[test]
fn a_click_on_a_panel_does_not_reach_the_map_behind_it() {
    let Some(mut stage) = stage() else { return };
    let [x, y] = ON_MAP;
    stage.point_at(x, y);
    click(&mut stage);
    assert!(stage.session().selection().is_some());
    stage.jump_to(ON_PANEL[0], ON_PANEL[1]);
    click(&mut stage);
    assert!(stage.session().selection().is_some(), "the selection is still there");
}
