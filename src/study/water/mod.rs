//! The sea in a project: its depths from the terrain, what is let into it, and which beach it reaches.

pub mod beach;
pub mod case;
pub mod files;
pub mod stranding;
pub mod track;
