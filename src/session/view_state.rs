//! What the window shows at this moment: never saved, never undone. Places are site metres (east, north, up).

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tool {
    /// A click selects.
    #[default]
    Inspect,
    MeasureDistance,
    MeasureArea,
    /// Two points: the difference in height.
    MeasureHeight,
    /// A click sets a fire.
    Ignite,
    /// Clicks draw a line on fire.
    IgniteLine,
    /// Clicks draw a strip without fuel.
    FuelBreak,
    /// A click sets a stack.
    AirSource,
    /// Clicks draw a line that emits into the air, or the edge of an area.
    AirLine,
    /// A click asks what the air carries there.
    AirProbe,
    /// A click sets an outfall into the sea.
    SeaOutfall,
    /// A click says where oil or debris is on the water from midnight on.
    SeaSpill,
    /// A click asks how a road flows.
    TrafficProbe,
    /// A click says where a station stands.
    PlaceStation,
    /// Clicks draw for a plan; points can be dragged.
    PlanDraw,
}

impl Tool {
    /// Whether its clicks belong to the wildfire study.
    #[must_use]
    pub fn is_of_fire(self) -> bool {
        matches!(self, Self::Ignite | Self::IgniteLine | Self::FuelBreak)
    }

    /// Whether its clicks belong to the air study.
    #[must_use]
    pub fn is_of_air(self) -> bool {
        matches!(self, Self::AirSource | Self::AirLine | Self::AirProbe)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CameraPose {
    pub eye: [f64; 3],
    pub look: [f64; 3],
}

impl Default for CameraPose {
    fn default() -> Self {
        Self { eye: [0.0, -40_000.0, 30_000.0], look: [0.0; 3] }
    }
}

/// Where the camera shall go; the view takes it and flies there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CameraRequest {
    Pose(CameraPose),
    /// (west, south, east, north)
    Frame([f64; 4]),
    FrameAll,
    /// Towards a point, keeping the direction of view.
    FlyTo([f64; 3]),
    /// Turns the view so that north is up on screen.
    NorthUp,
}

/// Whether the program is to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quit {
    #[default]
    No,
    /// There are edits that would be lost: the user is asked.
    Asking,
    Now,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewState {
    pub tool: Tool,
    /// Points of the measurement under way.
    pub measure: Vec<[f64; 3]>,
    pub xray: bool,
    pub full_screen: bool,
    pub quit: Quit,
    /// Names and addresses are shown: asked for, until the program ends or another project is open.
    pub show_personal: bool,
    pub camera_request: Option<CameraRequest>,

    // Written by the view every frame.
    pub camera: CameraPose,
    /// The ground under the pointer.
    pub cursor: Option<[f64; 3]>,
    pub frame_time_ms: f32,
    /// Map tiles still being painted.
    pub tiles_pending: usize,
}
