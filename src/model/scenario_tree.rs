//! The tree of scenarios: add, branch, rename, delete, tell apart, bring together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::{Edit, Target};
use super::scenario::{Scenario, ScenarioError, ScenarioId, edits_of};
use super::style::Text2;
use crate::base::fold::fold_accents;

/// A free id made of a name: "Khu nghỉ dưỡng" becomes "khu-nghi-duong".
///
/// # Errors
/// [`ScenarioError::NoName`] for a name without letters and digits.
pub fn free_id(scenarios: &[Scenario], name: &str) -> Result<ScenarioId, ScenarioError> {
    let folded = fold_accents(name).to_lowercase();
    let words: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.is_empty() {
        return Err(ScenarioError::NoName);
    }
    let wanted = words.join("-");
    let taken = |id: &str| scenarios.iter().any(|s| s.id.0 == id);
    let id = std::iter::once(wanted.clone())
        .chain((2..=scenarios.len() + 2).map(|n| format!("{wanted}-{n}")))
        .find(|id| !taken(id))
        .unwrap_or(wanted);
    Ok(ScenarioId(id))
}

/// A new scenario on top of another, or of what is there.
///
/// # Errors
/// A base that is not there; a name without letters.
pub fn add(scenarios: &mut Vec<Scenario>, name: &str, base: Option<&ScenarioId>) -> Result<ScenarioId, ScenarioError> {
    if let Some(base) = base {
        edits_of(scenarios, base)?;
    }
    let id = free_id(scenarios, name)?;
    scenarios.push(Scenario {
        id: id.clone(),
        name: Text2::same(name.trim()),
        base: base.cloned(),
        edits: Vec::new(),
        runs: Vec::new(),
        story: Vec::new(),
    });
    Ok(id)
}

/// The scenario of an id, to be changed.
///
/// # Errors
/// [`ScenarioError::Unknown`].
pub fn find_mut<'a>(scenarios: &'a mut [Scenario], id: &ScenarioId) -> Result<&'a mut Scenario, ScenarioError> {
    scenarios.iter_mut().find(|s| s.id == *id).ok_or_else(|| ScenarioError::Unknown(id.to_string()))
}

/// # Errors
/// A scenario that is not there, or that another one rests on.
pub fn delete(scenarios: &mut Vec<Scenario>, id: &ScenarioId) -> Result<Scenario, ScenarioError> {
    if let Some(child) = scenarios.iter().find(|s| s.base.as_ref() == Some(id)) {
        return Err(ScenarioError::HasBranches(id.to_string(), child.id.to_string()));
    }
    let at = scenarios.iter().position(|s| s.id == *id).ok_or_else(|| ScenarioError::Unknown(id.to_string()))?;
    Ok(scenarios.remove(at))
}

/// How deep each scenario stands in the tree, parents before their children: (depth, scenario).
#[must_use]
pub fn in_order(scenarios: &[Scenario]) -> Vec<(usize, &Scenario)> {
    let mut ordered = Vec::new();
    let known = |id: &ScenarioId| scenarios.iter().any(|s| s.id == *id);
    let mut open: Vec<(usize, &Scenario)> =
        scenarios.iter().rev().filter(|s| s.base.as_ref().is_none_or(|b| !known(b))).map(|s| (0, s)).collect();
    while let Some((depth, scenario)) = open.pop() {
        // A circle would be refused on reading; here it only must not go on for ever.
        if ordered.len() >= scenarios.len() {
            break;
        }
        ordered.push((depth, scenario));
        open.extend(scenarios.iter().rev().filter(|s| s.base.as_ref() == Some(&scenario.id)).map(|s| (depth + 1, s)));
    }
    ordered
}

/// What one scenario has and the other has not. `None` stands for what is there today.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub only_first: Vec<Edit>,
    pub only_second: Vec<Edit>,
    pub both: usize,
}

/// # Errors
/// A scenario that is not there.
pub fn diff(
    scenarios: &[Scenario],
    first: Option<&ScenarioId>,
    second: Option<&ScenarioId>,
) -> Result<Difference, ScenarioError> {
    let of = |id: Option<&ScenarioId>| id.map_or_else(|| Ok(Vec::new()), |id| edits_of(scenarios, id));
    let (a, b) = (of(first)?, of(second)?);
    // As often as both have it: an edit may stand twice.
    let mut rest: Vec<&Edit> = b;
    let mut difference = Difference::default();
    for edit in a {
        if let Some(at) = rest.iter().position(|e| *e == edit) {
            rest.remove(at);
            difference.both += 1;
        } else {
            difference.only_first.push(edit.clone());
        }
    }
    difference.only_second = rest.into_iter().cloned().collect();
    Ok(difference)
}

/// Two edits of the same thing that say different things.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub target: Target,
    pub ours: Edit,
    pub theirs: Edit,
}

/// Whose edit stands where both changed the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prefer {
    Ours,
    Theirs,
}

/// What the second scenario would bring into the first: its edits that the first has not, and where they clash.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    pub edits: Vec<Edit>,
    pub conflicts: Vec<Conflict>,
}

/// # Errors
/// A scenario that is not there.
pub fn merge(
    scenarios: &[Scenario],
    into: &ScenarioId,
    from: &ScenarioId,
    prefer: Prefer,
) -> Result<Merge, ScenarioError> {
    let difference = diff(scenarios, Some(into), Some(from))?;
    let mut ours: BTreeMap<Target, &Edit> = BTreeMap::new();
    for edit in &difference.only_first {
        for target in edit.targets() {
            ours.insert(target, edit);
        }
    }
    let mut merged = Merge::default();
    for edit in &difference.only_second {
        let mut clashes = false;
        for target in edit.targets() {
            if let Some(other) = ours.get(&target) {
                clashes = true;
                merged.conflicts.push(Conflict { target, ours: (*other).clone(), theirs: edit.clone() });
            }
        }
        // The later edit of a thing wins, so theirs stand when they are added, and ours when they are not.
        if !clashes || prefer == Prefer::Theirs {
            merged.edits.push(edit.clone());
        }
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(name: &str) -> Edit {
        Edit::CloseRoad { name: name.to_owned() }
    }

    fn lanes(name: &str, lanes: u8) -> Edit {
        Edit::UpgradeRoad { name: name.to_owned(), lanes: Some(lanes), speed_kmh: None, width_m: None, class: None }
    }

    fn tree() -> (Vec<Scenario>, [ScenarioId; 3]) {
        let mut all = Vec::new();
        let root = add(&mut all, "Gốc", None).unwrap();
        let a = add(&mut all, "Phương án A", Some(&root)).unwrap();
        let b = add(&mut all, "Phương án B", Some(&root)).unwrap();
        find_mut(&mut all, &root).unwrap().edits = vec![close("Chung")];
        find_mut(&mut all, &a).unwrap().edits = vec![lanes("ĐT 975", 6), close("X")];
        find_mut(&mut all, &b).unwrap().edits = vec![lanes("ĐT 975", 4), close("Y")];
        (all, [root, a, b])
    }

    #[test]
    fn ids_are_made_of_names_and_stay_apart() {
        let mut all = Vec::new();
        assert_eq!(add(&mut all, "Khu nghỉ dưỡng", None).unwrap().0, "khu-nghi-duong");
        assert_eq!(add(&mut all, "khu nghỉ  dưỡng!", None).unwrap().0, "khu-nghi-duong-2");
        assert_eq!(add(&mut all, " — ", None), Err(ScenarioError::NoName));
        let none = ScenarioId("none".to_owned());
        assert_eq!(add(&mut all, "x", Some(&none)), Err(ScenarioError::Unknown("none".to_owned())));
    }

    #[test]
    fn what_another_rests_on_cannot_go() {
        let (mut all, [root, a, _]) = tree();
        assert!(matches!(delete(&mut all, &root), Err(ScenarioError::HasBranches(_, _))));
        assert_eq!(delete(&mut all, &a).unwrap().id, a);
        assert_eq!(in_order(&all).iter().map(|(d, _)| *d).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn a_merge_shows_where_both_changed_the_same() {
        let (all, [_, a, b]) = tree();
        let ours = merge(&all, &a, &b, Prefer::Ours).unwrap();
        assert_eq!(ours.edits, [close("Y")]);
        assert_eq!(ours.conflicts.len(), 1);
        assert_eq!(ours.conflicts[0].target, Target::Road("ĐT 975".to_owned()));
        let theirs = merge(&all, &a, &b, Prefer::Theirs).unwrap();
        assert_eq!(theirs.edits, [lanes("ĐT 975", 4), close("Y")]);
        assert_eq!(diff(&all, Some(&a), Some(&b)).unwrap().both, 1);
    }

    proptest! {
        /// Every edit of both is somewhere in the difference, and none is made up.
        #[test]
        fn a_difference_loses_nothing(a in prop::collection::vec(0_u8..6, 0..8), b in prop::collection::vec(0_u8..6, 0..8)) {
            let edits = |list: &[u8]| list.iter().map(|n| close(&n.to_string())).collect::<Vec<_>>();
            let mut all = Vec::new();
            let first = add(&mut all, "a", None).unwrap();
            let second = add(&mut all, "b", None).unwrap();
            find_mut(&mut all, &first).unwrap().edits = edits(&a);
            find_mut(&mut all, &second).unwrap().edits = edits(&b);
            let found = diff(&all, Some(&first), Some(&second)).unwrap();
            prop_assert_eq!(found.only_first.len() + found.both, a.len());
            prop_assert_eq!(found.only_second.len() + found.both, b.len());
            let back = diff(&all, Some(&second), Some(&first)).unwrap();
            prop_assert_eq!(back.both, found.both);
        }
    }
}
