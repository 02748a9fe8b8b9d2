//! The 3D view: Bevy plugins that project the session onto the screen.
