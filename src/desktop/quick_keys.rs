//! Shortcuts on a slow picture: when Ctrl, Z and both their releases come within one frame, `bevy_egui` gives Z the keys
//! that are held at the frame's end, which are none. Here every key gets those that were held when it was pressed.

use bevy::input::keyboard::{Key, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::egui::{Event, Modifiers};
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::{EguiInput, EguiPreUpdateSet};

pub struct QuickKeysPlugin;

impl Plugin for QuickKeysPlugin {
    fn build(&self, app: &mut App) {
        let order = correct.after(EguiPreUpdateSet::ProcessInput).before(EguiPreUpdateSet::BeginPass);
        app.add_systems(PreUpdate, order);
    }
}

fn correct(
    mut keys: MessageReader<KeyboardInput>,
    mut inputs: Query<&mut EguiInput>,
    mut held: Local<Modifiers>,
    window: Query<&Window>,
) {
    if window.iter().all(|w| !w.focused) {
        *held = Modifiers::NONE;
    }
    let pressed: Vec<KeyboardInput> = keys.read().cloned().collect();
    if !pressed.is_empty()
        && let Ok(mut input) = inputs.single_mut()
    {
        rewrite(&pressed, &mut input.0.events, &mut held);
    }
}

/// Walks through messages and events side by side: they come in the same order.
fn rewrite(messages: &[KeyboardInput], events: &mut Vec<Event>, held: &mut Modifiers) {
    let mut next = 0;
    for message in messages {
        let down = message.state.is_pressed();
        match message.logical_key {
            Key::Control => (held.ctrl, held.command) = (down, down),
            Key::Shift => held.shift = down,
            Key::Alt => held.alt = down,
            _ => {}
        }
        let key = bevy_to_egui_key(&message.logical_key).or(bevy_to_egui_physical_key(&message.key_code));
        let place = events
            .iter()
            .skip(next)
            .position(|e| matches!(e, Event::Key { key: k, pressed, .. } if Some(*k) == key && *pressed == down));
        let Some(mut at) = place.map(|p| p + next) else { continue };
        if let Event::Key { modifiers, .. } = &mut events[at] {
            *modifiers = *held;
        }
        // With Ctrl a letter is no text.
        if held.command && at > 0 && matches!(events[at - 1], Event::Text(_)) {
            events.remove(at - 1);
            at -= 1;
        }
        next = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::input::ButtonState;
    use bevy_egui::egui;

    fn message(logical_key: Key, key_code: KeyCode, state: ButtonState) -> KeyboardInput {
        let window = Entity::PLACEHOLDER;
        KeyboardInput { key_code, logical_key, state, text: None, repeat: false, window }
    }

    fn event(pressed: bool) -> Event {
        Event::Key { key: egui::Key::Z, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
    }

    #[test]
    fn a_shortcut_within_one_frame_keeps_its_ctrl_and_is_no_text() {
        use ButtonState::{Pressed, Released};
        let z = || Key::Character("z".into());
        let messages = [
            message(Key::Control, KeyCode::ControlLeft, Pressed),
            message(z(), KeyCode::KeyZ, Pressed),
            message(z(), KeyCode::KeyZ, Released),
            message(Key::Control, KeyCode::ControlLeft, Released),
            message(z(), KeyCode::KeyZ, Pressed),
        ];
        let text = || Event::Text("z".to_owned());
        let mut events = vec![text(), event(true), event(false), text(), event(true)];
        let mut held = Modifiers::NONE;
        rewrite(&messages, &mut events, &mut held);
        let ctrl: Vec<Option<bool>> = events
            .iter()
            .map(|e| if let Event::Key { modifiers, .. } = e { Some(modifiers.command) } else { None })
            .collect();
        assert_eq!(ctrl, [Some(true), Some(true), None, Some(false)]);
        assert_eq!(held, Modifiers::NONE);
    }
}
