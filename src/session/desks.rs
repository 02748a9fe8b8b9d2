//! Which study is open beside the map: one at a time.

use super::Session;
use super::view_state::Tool;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Desk {
    Air,
    Fire,
    Live,
    Plan,
    Sea,
    Traffic,
}

impl Session {
    /// Opens one and closes the others, with the tool that was in hand for them.
    pub(super) fn open_only(&mut self, desk: Desk) {
        self.air.open = desk == Desk::Air;
        self.fire.open = desk == Desk::Fire;
        self.live.open = desk == Desk::Live;
        self.plan.open = desk == Desk::Plan;
        self.sea.open = desk == Desk::Sea;
        self.traffic.open = desk == Desk::Traffic;
        self.traffic.covered = desk != Desk::Traffic;
        self.view.tool = Tool::Inspect;
        self.live.placing = None;
        self.plan.drawing = None;
    }
}
