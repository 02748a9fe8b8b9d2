//! What a member is known by: everything that decides its result, in one number.

use serde::Serialize;

use super::error::EnsembleError;
use super::spec::Spec;
use crate::base::digest::Digest;
use crate::model::change::Edit;
use crate::model::layer::LayerContent;
use crate::model::project::Project;
use crate::model::scenario::{ScenarioId, edits_of};
use crate::study::whatif::run::Setup;

/// Takes bytes from a serializer.
struct Into<'a>(&'a mut Digest);

impl std::io::Write for Into<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn add<T: Serialize>(digest: &mut Digest, value: &T) {
    // Only a type that cannot be written at all fails, and none of these is.
    let _ = postcard::to_io(value, Into(digest));
}

/// What the members of an ensemble share: the spec but for the number of members (so that one may ask for more of the
/// same), layers, edits of the named scenarios, tables, and the program.
///
/// # Errors
/// [`EnsembleError::Scenario`] for a scenario that is not there.
pub fn of(
    spec: &Spec,
    scenarios: &[Option<ScenarioId>],
    project: &Project,
    setup: &Setup,
) -> Result<Digest, EnsembleError> {
    let mut digest = Digest::of(env!("CARGO_PKG_VERSION").as_bytes());
    let mut asked = Spec { members: 0, settings: spec.settings.without_threads(), ..spec.clone() };
    asked.scene.clear();
    add(&mut digest, &asked);
    add(&mut digest, &setup.effects);
    digest.add(format!("{:?}", setup.norms).as_bytes());
    add(&mut digest, &(&project.frame, project.utc_offset_hours, project.time.as_second()));
    for scenario in scenarios {
        let edits: Vec<&Edit> = scenario.as_ref().map_or(Ok(Vec::new()), |id| edits_of(&project.scenarios, id))?;
        add(&mut digest, &edits);
    }
    for layer in &project.layers {
        add(&mut digest, &(&layer.id, layer.role, layer.source.origin));
        match &layer.content {
            LayerContent::Features(table) => add(&mut digest, &**table),
            LayerContent::Raster(grid) => add(&mut digest, &**grid),
            LayerContent::Classes(grid) => add(&mut digest, &**grid),
        }
    }
    Ok(digest)
}

/// The name of a member's file: a result of other inputs has another one.
#[must_use]
pub fn file_name(shared: Digest, member: u32) -> String {
    let mut digest = shared;
    digest.add(&member.to_le_bytes());
    format!("{PREFIX}{member:06}-{:016x}{SUFFIX}", digest.value())
}

/// How the names of members' files begin and end.
pub(super) const PREFIX: &str = "member-";
pub(super) const SUFFIX: &str = ".jsonl";
