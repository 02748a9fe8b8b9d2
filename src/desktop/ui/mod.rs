//! egui panels: they read the session and push commands.

mod air_panel;
mod air_result;
mod bookmarks;
mod card;
mod context;
mod files;
mod fire_panel;
mod fire_result;
mod fire_weather;
mod fonts;
mod gis;
mod help;
mod inspector;
mod keys;
mod layers;
mod legend;
mod map_tools;
mod notices;
mod plan_panel;
mod progress;
mod results;
mod rights_card;
mod shell;
mod status;
mod theme;
mod timeline;
mod top_bar;
mod welcome;
mod widgets;
mod wind_dial;

pub use fonts::install as install_fonts;
pub use shell::Shell;
