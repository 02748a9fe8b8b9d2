//! Pictures without a window: the same scene, drawn into an image by whatever Vulkan there is.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::off_screen::{OffScreen, TooSlow};
use crate::base::message::{Message, ToMessage};
use crate::io::staging::Staging;
use crate::session::Session;
use crate::session::view_state::CameraRequest;

/// What picture to take.
#[derive(Debug, Clone)]
pub struct Shot {
    pub size: [u32; 2],
    pub camera: CameraRequest,
    /// With the panels, as in the window.
    pub ui: bool,
    /// Give up after this long.
    pub patience: Duration,
}

/// sRGB RGBA, opaque, row 0 at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
    /// How long the parts took, for the benchmark's split.
    pub timings: Timings,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Making the renderer, before anything of ours runs.
    pub renderer: Duration,
    /// Tiles painted and meshes built.
    pub scene: Duration,
    /// Drawing, the first pipelines among it.
    pub drawing: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum ShotError {
    #[error("no graphics driver could draw; install a Vulkan driver (Debian: mesa-vulkan-drivers)")]
    NoRenderer,
    #[error("the picture was not finished after {0} s; try a smaller size")]
    TooSlow(u64),
    #[error("cannot write the picture; is the folder there and writable? {}: {reason}", path.display())]
    Write { path: PathBuf, reason: String },
}

impl ToMessage for ShotError {
    fn to_message(&self) -> Message {
        match self {
            Self::NoRenderer => Message::new("view-no-renderer"),
            Self::TooSlow(seconds) => Message::new("view-shot-too-slow").with("seconds", seconds.cast_signed()),
            Self::Write { path, reason } => {
                Message::new("view-shot-not-written").with("path", path.as_path()).with("reason", reason.as_str())
            }
        }
    }
}

/// Draws the session's project.
///
/// # Errors
/// When there is nothing to draw with, or it takes longer than the shot's patience.
pub fn take(mut session: Session, shot: &Shot) -> Result<Picture, ShotError> {
    let started = Instant::now();
    let deadline = started + shot.patience;
    let too_slow = |_: TooSlow| ShotError::TooSlow(shot.patience.as_secs());
    session.view.camera_request = Some(shot.camera);
    let mut stage = OffScreen::new(session, shot.size, shot.ui).map_err(|_| ShotError::NoRenderer)?;
    let renderer = started.elapsed();
    stage.settle(deadline).map_err(too_slow)?;
    let scene = started.elapsed().saturating_sub(renderer);
    let rgba = stage.capture(deadline).map_err(too_slow)?;
    let drawing = started.elapsed().saturating_sub(scene + renderer);
    let [width, height] = shot.size;
    Ok(Picture { width, height, rgba, timings: Timings { renderer, scene, drawing } })
}

impl Picture {
    /// Writes a PNG: first beside the target, then renamed, so that no half picture is ever there.
    ///
    /// # Errors
    /// When the folder is missing or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ShotError> {
        let failed = |reason: String| ShotError::Write { path: path.to_path_buf(), reason };
        let size = tiny_skia::IntSize::from_wh(self.width, self.height);
        let mut opaque = self.rgba.clone();
        opaque.chunks_exact_mut(4).for_each(|p| p[3] = 255);
        let pixmap = size
            .and_then(|size| tiny_skia::Pixmap::from_vec(opaque, size))
            .ok_or_else(|| failed("the picture is empty".to_owned()))?;
        let png = pixmap.encode_png().map_err(|e| failed(e.to_string()))?;
        let written = Staging::beside(path).and_then(|staging| {
            std::fs::write(staging.path(), &png)?;
            staging.commit(&[])
        });
        written.map_err(|e| failed(e.to_string()))
    }
}
