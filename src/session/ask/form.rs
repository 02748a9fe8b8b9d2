//! What is asked.

use crate::analysis::trace::Direction;
use crate::model::layer::{LayerId, LayerRole};
use crate::model::project::Project;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Question {
    /// Which features of `layer` lie within a distance of `other`?
    #[default]
    Within,
    /// Which features of `layer` touch or cross `other`?
    Intersects,
    /// How much of each feature of `layer` lies in which zone of `other`?
    Shares,
    /// Which feature of `other` is nearest to each of `layer`?
    Nearest,
    /// Where do the pipes of `layer` lead, from the one that is selected?
    Trace,
    /// What do the cameras of `layer` not see of the terrain?
    Unseen,
}

impl Question {
    pub const ALL: [Self; 6] = [Self::Within, Self::Intersects, Self::Shares, Self::Nearest, Self::Trace, Self::Unseen];

    /// Whether a second layer is needed.
    #[must_use]
    pub fn has_other(self) -> bool {
        matches!(self, Self::Within | Self::Intersects | Self::Shares | Self::Nearest)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct AskForm {
    pub question: Question,
    pub layer: Option<LayerId>,
    pub other: Option<LayerId>,
    /// Only those features of `layer` that are marked, or else the one that is selected.
    pub chosen_only: bool,
    pub distance_m: f64,
    pub direction: Direction,
    /// Where a trace stops: valves that are closed.
    pub stops: Option<LayerId>,
    /// A camera above the ground.
    pub height_m: f64,
    /// What it looks for, above the ground: smoke over the trees.
    pub target_m: f64,
    pub reach_m: f64,
}

impl Default for AskForm {
    fn default() -> Self {
        Self {
            question: Question::default(),
            layer: None,
            other: None,
            chosen_only: false,
            distance_m: 100.0,
            direction: Direction::Downstream,
            stops: None,
            height_m: 20.0,
            target_m: 20.0,
            reach_m: 15_000.0,
        }
    }
}

impl AskForm {
    /// The layers that a question is usually about, where the project has them.
    #[must_use]
    pub fn usual(question: Question, project: &Project) -> Self {
        let role = |role| project.with_role(role).map(|l| l.id.clone());
        let named = |id: &str| project.layer(&LayerId::new(id)).map(|l| l.id.clone());
        let (layer, other) = match question {
            Question::Within => (role(LayerRole::Parcels), role(LayerRole::Roads)),
            Question::Intersects => (role(LayerRole::Buildings), role(LayerRole::LandUsePlan)),
            Question::Shares => (role(LayerRole::Parcels), role(LayerRole::LandUsePlan)),
            Question::Nearest => (role(LayerRole::Buildings), named("hydrants")),
            Question::Trace => (named("drains").or_else(|| role(LayerRole::WaterMains)), None),
            Question::Unseen => (named("fire-watch").or_else(|| named("cameras")), None),
        };
        let chosen_only = matches!(question, Question::Shares | Question::Nearest);
        Self { question, layer, other, chosen_only, ..Self::default() }
    }
}
