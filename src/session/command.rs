//! Everything that a user can do, as data.

use std::path::PathBuf;

use super::air::AirCommand;
use super::ask::desk::AskCommand;
use super::checks::CheckCommand;
use super::export::ExportWish;
use super::fire::FireCommand;
use super::import::desk::ImportCommand;
use super::live::LiveCommand;
use super::plan::PlanCommand;
use super::sea::SeaCommand;
use super::selection::Selection;
use super::styling::StyleCommand;
use super::table::TableCommand;
use super::traffic::TrafficCommand;
use super::view_state::{CameraRequest, Tool};
use crate::model::layer::LayerId;
use crate::text::Language;

/// Applied in one place, by the session. Those marked (undo) can be undone.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Starts loading a scene or a project; the current one stays until that is done.
    Open(PathBuf),
    /// Writes the project into one GeoPackage.
    SaveAs(PathBuf),
    /// Puts files (folders stand for the files in them) on the desk, to be looked at and then imported.
    Import(Vec<PathBuf>),
    Importing(ImportCommand),
    Check(CheckCommand),
    Table(TableCommand),
    Ask(AskCommand),
    Style(StyleCommand),
    /// Adds a column from an expression, or replaces the one of that name (undo).
    AddColumn {
        layer: LayerId,
        name: String,
        expression: String,
    },
    /// Marks many features of one layer; none takes the marks away.
    Mark {
        layer: LayerId,
        ids: Vec<u64>,
    },
    Export(Box<ExportWish>),
    /// Writes what is in sight as glTF.
    ExportView(PathBuf),
    /// Shows names and addresses, or hides them again.
    ShowPersonal(bool),
    /// Puts layers shown or hidden (undo).
    SetVisible {
        layers: Vec<LayerId>,
        visible: bool,
    },
    /// 0 to 1; a whole drag is one undo step (undo).
    SetOpacity {
        layer: LayerId,
        opacity: f32,
    },
    /// (undo)
    RenameLayer {
        layer: LayerId,
        title: String,
    },
    /// Moves a layer to a position in the drawing order (undo).
    MoveLayer {
        layer: LayerId,
        to: usize,
    },
    /// Takes a layer out of the project; its file stays (undo).
    RemoveLayer(LayerId),
    /// Changes one attribute; empty text clears it (undo).
    SetCell {
        layer: LayerId,
        feature: u64,
        field: String,
        text: String,
    },
    /// Keeps the present camera under a title (undo).
    AddBookmark {
        title: String,
    },
    /// (undo)
    RemoveBookmark {
        id: String,
    },
    Undo,
    Redo,
    /// Moves the clock.
    SetTime(jiff::Timestamp),
    Select(Option<Selection>),
    /// Shows another of the features that lie under the last click.
    ActivateHit(usize),
    SetTool(Tool),
    /// A click of the present tool on the ground, site metres (east, north, up).
    ToolClick([f64; 3]),
    Air(AirCommand),
    Sea(SeaCommand),
    Fire(FireCommand),
    Traffic(TrafficCommand),
    Live(LiveCommand),
    Plan(PlanCommand),
    ClearMeasure,
    SetXray(bool),
    SetLanguage(Language),
    MoveCamera(CameraRequest),
    ZoomToLayer(LayerId),
    GoToBookmark {
        id: String,
    },
    /// Ends the program; asks first when there are edits that would be lost, unless somebody is `sure`.
    Quit {
        sure: bool,
    },
    /// The answer to that question: no.
    StayOpen,
    CancelJobs,
    DismissNotice(u64),
    DismissAllNotices,
    SetDarkTheme(bool),
    SetFullScreen(bool),
    /// How large everything is drawn; 2 for a wall.
    SetScale(f32),
}
