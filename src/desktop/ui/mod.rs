//! egui panels: they read the session and push commands.
