//! What is in sight as a model for other 3D programs: the ground, and the blocks that are shown on it.

use std::path::PathBuf;

use super::apply::Session;
use super::effects::Effects;
use super::error::SessionError;
use super::io::IoFailure;
use super::jobs::{JobKind, Outcome};
use super::notice::Level;
use super::view_state::CameraPose;
use crate::base::message::{Message, ToMessage};
use crate::io::export::{GlbLayer, GlbScene, write_glb};
use crate::model::project::Project;
use crate::model::style::Symbol;

/// Half of what the picture shows across, as a share of the distance to what is looked at.
const HALF_WIDTH: f64 = 0.75;
/// Standing close, the street around is wanted and not a doormat.
const LEAST_HALF_M: f64 = 150.0;

impl Session {
    /// Binary glTF; a square around what the camera looks at.
    pub(super) fn start_view_export(&mut self, path: PathBuf) -> Result<(), SessionError> {
        let project = self.project().cloned().ok_or(SessionError::NoProject)?;
        let extent = square_in_sight(&project, self.view.camera);
        let at = path.clone();
        self.start(JobKind::Export, &at, move |progress, cancel| {
            progress.stage(Message::new("gis-exporting"), 0);
            cancel.check()?;
            let layers: Vec<GlbLayer<'_>> = project
                .layers
                .iter()
                .filter(|l| l.visible && matches!(l.style.symbol, Symbol::Extrude { .. }))
                .filter_map(|l| Some(GlbLayer { name: &l.id.0, table: l.content.features()?, symbol: &l.style.symbol }))
                .collect();
            let terrain = project.terrain().map(|grid| &**grid);
            let scene = GlbScene { crs: &project.frame.crs, extent, terrain, layers: &layers };
            let counts = write_glb(scene, &path).map_err(|e| IoFailure::from(e.to_message()))?;
            Ok(Outcome::then(move |session| {
                let message = Message::new("gis-exported-view")
                    .with("triangles", counts.triangles)
                    .with("features", counts.features)
                    .with("metres", (extent[2] - extent[0]).round());
                session.notices.push(Level::Info, message, None, Some(path));
                Effects::default()
            }))
        })
    }
}

/// (west, south, east, north) in the project's system.
fn square_in_sight(project: &Project, CameraPose { eye, look }: CameraPose) -> [f64; 4] {
    let distance = (0..3).map(|i| (eye[i] - look[i]).powi(2)).sum::<f64>().sqrt();
    let half = (HALF_WIDTH * distance).max(LEAST_HALF_M);
    let [x, y] = [project.frame.origin[0] + look[0], project.frame.origin[1] + look[1]];
    [x - half, y - half, x + half, y + half]
}
