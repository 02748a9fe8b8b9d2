//! What a check finds.

use serde::{Deserialize, Serialize};

use crate::base::message::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueKind {
    /// A coordinate that is no number.
    NotANumber,
    EmptyGeometry,
    /// The last point of a ring is not its first.
    RingNotClosed,
    /// Fewer than three different corners, or no area.
    RingWithoutArea,
    SelfIntersection,
    /// A ring that comes back to a point where it has been (OGC 06-103r4, 6.1.11.1).
    SelfTouch,
    /// Rings that touch each other so that the ground between them falls apart (the same place).
    InteriorSplit,
    /// A point that repeats the one before it.
    DuplicateVertex,
    /// A hole that reaches out of its outer ring.
    HoleOutside,
    /// A hole inside another hole.
    NestedHole,
    /// A part of a feature inside another of its parts.
    NestedPart,
    /// Two parcels share ground.
    Overlap,
    /// Ground between parcels that is nobody's and too small to be a street or a yard.
    Gap,
    /// The same parcel number twice in one map sheet.
    DuplicateParcel,
    /// A field that must be filled is empty.
    MissingValue,
    /// A value beyond what the field can mean.
    OutOfRange,
    /// A code that is in no official list.
    UnknownCode,
    /// The register's area is not the map's.
    AreaDiffers,
}

/// What can be done without asking anybody who knows the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    CloseRing,
    DropDuplicateVertices,
    /// Rings without area are left out; the outline does not change.
    DropEmptyRings,
    /// The polygon is cut where it crosses or touches itself; offered where that keeps the area.
    Untangle,
}

/// One finding, with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub kind: IssueKind,
    /// Counted from 1, as table windows do.
    pub row: u64,
    /// The feature's id in its table.
    pub id: u64,
    /// The other row of an overlap or of a number given twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_row: Option<u64>,
    /// (x, y) in the table's system: where to zoom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Square metres of an overlap or a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_m2: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
}

impl Issue {
    pub(super) fn new(kind: IssueKind, row: usize, id: u64) -> Self {
        Self {
            kind,
            row: row as u64 + 1,
            id,
            other_row: None,
            at: None,
            field: None,
            value: None,
            area_m2: None,
            repair: None,
        }
    }

    pub(super) fn at(mut self, place: [f64; 2]) -> Self {
        self.at = Some(place).filter(|p| p.iter().all(|v| v.is_finite()));
        self
    }

    pub(super) fn with_repair(mut self, repair: Repair) -> Self {
        self.repair = Some(repair);
        self
    }

    /// The sentence for a report; the row stands beside it.
    #[must_use]
    pub fn message(&self) -> Message {
        let key = match self.kind {
            IssueKind::NotANumber => "analysis-issue-not-a-number",
            IssueKind::EmptyGeometry => "analysis-issue-empty-geometry",
            IssueKind::RingNotClosed => "analysis-issue-ring-not-closed",
            IssueKind::RingWithoutArea => "analysis-issue-ring-without-area",
            IssueKind::SelfIntersection => "analysis-issue-self-intersection",
            IssueKind::SelfTouch => "analysis-issue-self-touch",
            IssueKind::InteriorSplit => "analysis-issue-interior-split",
            IssueKind::DuplicateVertex => "analysis-issue-duplicate-vertex",
            IssueKind::HoleOutside => "analysis-issue-hole-outside",
            IssueKind::NestedHole => "analysis-issue-nested-hole",
            IssueKind::NestedPart => "analysis-issue-nested-part",
            IssueKind::Overlap => "analysis-issue-overlap",
            IssueKind::Gap => "analysis-issue-gap",
            IssueKind::DuplicateParcel => "analysis-issue-duplicate-parcel",
            IssueKind::MissingValue => "analysis-issue-missing-value",
            IssueKind::OutOfRange => "analysis-issue-out-of-range",
            IssueKind::UnknownCode => "analysis-issue-unknown-code",
            IssueKind::AreaDiffers => "analysis-issue-area-differs",
        };
        let mut message = Message::new(key);
        match self.kind {
            IssueKind::Overlap | IssueKind::DuplicateParcel => {
                message = message.with("other", i64::try_from(self.other_row.unwrap_or_default()).unwrap_or(i64::MAX));
            }
            _ => {}
        }
        if matches!(self.kind, IssueKind::Overlap | IssueKind::Gap) {
            message = message.with("area", self.area_m2.unwrap_or_default());
        }
        if let Some(field) = &self.field {
            message = message.with("field", field.as_str());
        }
        if matches!(
            self.kind,
            IssueKind::DuplicateParcel | IssueKind::OutOfRange | IssueKind::UnknownCode | IssueKind::AreaDiffers
        ) {
            message = message.with("value", self.value.clone().unwrap_or_default());
        }
        message
    }
}

/// All findings of one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    pub rows: u64,
    /// By row, then kind; the first [`super::CheckOptions::most_issues`] of each kind.
    pub issues: Vec<Issue>,
    /// How many of each kind there are, counted in full.
    pub counts: Vec<(IssueKind, u64)>,
}

impl CheckReport {
    #[must_use]
    pub fn count(&self, kind: IssueKind) -> u64 {
        self.counts.iter().find(|(k, _)| *k == kind).map_or(0, |(_, n)| *n)
    }

    /// How many of the listed findings can be repaired at a click.
    #[must_use]
    pub fn repairable(&self) -> usize {
        self.issues.iter().filter(|i| i.repair.is_some()).count()
    }
}
