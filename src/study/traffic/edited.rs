//! A case after an edit: what the edit left alone is carried over by the names of nodes, links and zones.

use std::sync::Arc;

use super::case::{Hour, Start, TrafficCase};
use super::plan::{Plan, RoadEdit};
use super::roads::road_lines;
use super::zones::{StudyZone, zones};
use crate::base::cancel::CancelToken;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::traffic::assign::equilibrium::Stop;
use crate::sim::traffic::assign::problem::CostGraph;
use crate::sim::traffic::assign::shortest::Tree;
use crate::sim::traffic::assign::warm::{Renumbering, carried};
use crate::sim::traffic::error::TrafficError;
use crate::sim::traffic::noding::{Noding, NodingOptions};

impl TrafficCase {
    /// This case with one more plan, and an earlier hour's solution carried over: `(case, hour)`. Demand is made anew
    /// at the costs of the earlier hour.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn after(
        &self,
        plan: &Plan,
        hour: usize,
        ways: Start<'_>,
        stop: Stop,
        cancel: &CancelToken,
    ) -> Result<(Self, Hour), TrafficError> {
        let mut case = self.again(self.noding.clone(), self.zones.clone());
        case.edit(plan)?;
        let same_ways = |e: &RoadEdit| matches!(e, RoadEdit::Upgrade { .. } | RoadEdit::Rail { .. });
        if !(plan.edits.iter().all(same_ways) && case.lay_out_as(self)) {
            case.lay_out();
        }
        let to = self.renumbering(&case);
        let hour = case.carry_over(self, &to, hour, ways, stop, cancel)?;
        Ok((case, hour))
    }

    /// The layers of `project`, which differ from those of this case by an edit or two, with this case's solution
    /// carried over: only what the edit touched is solved anew. None when it has to be prepared from nothing: no roads or
    /// zones any more, most of them new, or demand from a file.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub fn edited(
        &self,
        project: &Project,
        hour: usize,
        ways: Start<'_>,
        stop: Stop,
        cancel: &CancelToken,
    ) -> Result<Option<(Self, Hour)>, TrafficError> {
        let roads = project.with_role(LayerRole::Roads).and_then(|l| l.content.features());
        let Some(roads) = roads.filter(|_| self.given.is_none()) else { return Ok(None) };
        let zones = zones(project, &self.tables.demand);
        let same_roads = self.of_layer.as_ref().is_some_and(|layer| Arc::ptr_eq(layer, roads));
        let noding = if same_roads {
            self.noding.clone()
        } else {
            Noding::of(road_lines(roads, &self.tables.roads), NodingOptions::default())
        };
        let mut case = self.again(noding, zones);
        if !(same_roads && case.lay_out_as(self)) {
            case.lay_out();
        }
        case.of_layer = Some(roads.clone());
        if case.network.links.is_empty() || case.zones.is_empty() {
            return Ok(None);
        }
        let to = self.renumbering(&case);
        // Where most is new it is another place, and demand has to settle there first.
        if to.link.iter().flatten().count() * 2 < case.graph.links() {
            return Ok(None);
        }
        let hour = case.carry_over(self, &to, hour, ways, stop, cancel)?;
        Ok(Some((case, hour)))
    }

    /// Roads and zones with the tables, rails and given demand of this case.
    fn again(&self, noding: Noding, zones: Vec<StudyZone>) -> Self {
        let bare = Self::bare(self.tables.clone(), noding, zones);
        Self { given: self.given.clone(), rails: self.rails.clone(), ..bare }
    }

    fn carry_over(
        &mut self,
        from: &Self,
        to: &Renumbering,
        hour: usize,
        ways: Start<'_>,
        stop: Stop,
        cancel: &CancelToken,
    ) -> Result<Hour, TrafficError> {
        // Where links went on, their costs do too; new ones begin empty.
        let mut costs: Vec<f64> = self.graph.cost.iter().map(|c| c.cost(0.0)).collect();
        for (new, volume) in to.link.iter().zip(ways.volume) {
            if let Some(new) = new {
                costs[*new as usize] = self.graph.cost[*new as usize].cost(*volume);
            }
        }
        // Where nodes and links are numbered as before, so are the ways that are known.
        let same = |new: &[Option<u32>], all: usize| new.len() == all && (0..).zip(new).all(|(i, n)| *n == Some(i));
        self.trees = if same(&to.node, self.graph.nodes) && same(&to.link, self.graph.links()) {
            from.trees.clone()
        } else {
            Arc::new(self.carried_trees(from, to))
        };
        let known = self.trees.len() == self.zones.len();
        let trees = if known { self.trees_from(self.trees.to_vec(), &costs) } else { self.trees(&costs) };
        self.demand = from.demand.again(&self.tables.demand, &self.activities(), &self.costs_by(&trees));
        self.hour_from(hour, 1.0, stop, ways, to, trees, cancel)
    }

    /// The ways from the zones of an earlier case, as far as they are still there; none where none are known.
    fn carried_trees(&self, from: &Self, to: &Renumbering) -> Vec<Tree> {
        if from.trees.len() != from.zones.len() {
            return Vec::new();
        }
        let (before, now) = (from.network.nodes.len(), self.network.nodes.len());
        let mut trees = vec![Tree::default(); self.zones.len()];
        for (zone, tree) in from.trees.iter().enumerate() {
            if let Some(place) = to.node[before + zone].and_then(|node| trees.get_mut(node as usize - now)) {
                *place = carried(tree, &self.graph, to);
            }
        }
        trees
    }

    /// How this case's graph is numbered in another one.
    #[must_use]
    pub fn renumbering(&self, other: &Self) -> Renumbering {
        let (nodes, links) = (other.network.node_index(), other.network.link_index());
        let offset = other.network.nodes.len();
        let mut node: Vec<Option<u32>> = self.network.nodes.iter().map(|n| nodes.get(&n.id).copied()).collect();
        let zones: std::collections::BTreeMap<u64, usize> =
            (0..).zip(&other.zones).map(|(z, zone)| (zone.id, z)).collect();
        node.extend(self.zones.iter().map(|z| zones.get(&z.id).map(|z| (offset + z) as u32)));
        let mut link: Vec<Option<u32>> = self.network.links.iter().map(|l| links.get(&l.id).copied()).collect();
        let ends = |g: &CostGraph, l: usize| (g.from[l], g.to[l]);
        let ways: std::collections::BTreeMap<(u32, u32), u32> =
            (other.network.links.len()..other.graph.links()).map(|l| (ends(&other.graph, l), l as u32)).collect();
        link.extend((self.network.links.len()..self.graph.links()).map(|l| {
            let (a, b) = ends(&self.graph, l);
            let key = (node[a as usize]?, node[b as usize]?);
            ways.get(&key).copied()
        }));
        Renumbering { node, link }
    }
}
