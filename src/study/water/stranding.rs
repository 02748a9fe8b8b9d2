//! What has become of a spill: how much stranded on which beach or stretch of coast and when first, and what is afloat,
//! evaporated or gone from the map. The parts add up to what was spilt.
//!
//! Particles are a sample of the spill, so a share has the standard error of a binomial share. It is taken at (k + 1) /
//! (n + 2), which also tells how little a share of no particles can tell (Laplace's rule; Agresti & Coull 1998, Am. Stat.
//! 52, 119). What currents and winds may have been otherwise is not in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::beach::Beach;
use crate::base::csv::quoted;
use crate::base::message::{Arg, Message};
use crate::base::units::significant;
use crate::geo::grid::GridSpec;
use crate::geo::index::FeatureIndex;
use crate::model::layer::LayerRole;
use crate::model::project::Project;
use crate::sim::transport::particles::State;
use crate::sim::water::sea::{Floating, Sighting, Spill, evaporated};
use crate::study::fire::clock::LocalClock;

/// The shore so far from a beach's point counts to the beach.
const SHORE_M: f64 = 1000.0;
/// Names of communes in office tables.
const COMMUNE: &str = "TENXA";
/// Stretches that are told in words.
const TOLD: usize = 3;

/// Where particles stranded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stretch {
    /// Of the beach, else of the commune; empty where the coast is of none.
    pub name: String,
    pub is_beach: bool,
    pub particles: usize,
    /// Of what was spilt, by weight, and its standard error.
    pub share: f64,
    pub share_error: f64,
    /// The first snapshot that saw one ashore, seconds of the run.
    pub first_s: f64,
}

/// At the end of a run; all shares are of the weight that was spilt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stranding {
    pub particles: usize,
    /// The most first.
    pub stretches: Vec<Stretch>,
    pub stranded: f64,
    pub afloat: f64,
    pub evaporated: f64,
    /// Over the edge of the map.
    pub left_map: f64,
    pub hours: f64,
}

/// `None` where nothing was spilt or seen.
#[must_use]
pub fn of(
    project: &Project,
    spec: &GridSpec,
    beaches: &[Beach],
    spill: &Spill,
    sightings: &[Sighting],
) -> Option<Stranding> {
    let last = sightings.last()?;
    let count = last.particles.len();
    // What has evaporated is missing everywhere alike.
    let gone = evaporated(spill, last.time_s);
    let share = |particles: usize| particles as f64 / count.max(1) as f64 * (1.0 - gone);
    let in_state = |state: State| last.particles.iter().filter(|(_, s)| *s == state).count();
    let coast = Coast::new(project, spec, beaches);
    let mut found: BTreeMap<(bool, String), (usize, f64)> = BTreeMap::new();
    for (i, (at, _)) in last.particles.iter().enumerate().filter(|(_, (_, state))| *state == State::Stranded) {
        let ashore = |s: &&Sighting| s.particles.get(i).is_some_and(|(_, state)| *state == State::Stranded);
        let since_s = sightings.iter().find(ashore).map_or(last.time_s, |s| s.time_s);
        let stretch = found.entry(coast.stretch(at.map(f64::from))).or_insert((0, f64::INFINITY));
        *stretch = (stretch.0 + 1, stretch.1.min(since_s));
    }
    let mut stretches: Vec<Stretch> = found
        .into_iter()
        .map(|((is_beach, name), (particles, first_s))| Stretch {
            name,
            is_beach,
            particles,
            share: share(particles),
            share_error: standard_error(particles, count) * (1.0 - gone),
            first_s,
        })
        .collect();
    stretches.sort_by(|a, b| b.particles.cmp(&a.particles).then_with(|| a.name.cmp(&b.name)));
    Some(Stranding {
        particles: count,
        stretches,
        stranded: share(in_state(State::Stranded)),
        afloat: share(in_state(State::Afloat)),
        evaporated: gone,
        left_map: share(in_state(State::Gone)),
        hours: last.time_s / 3600.0,
    })
}

/// Of a share that k of n particles tell.
#[must_use]
pub fn standard_error(k: usize, n: usize) -> f64 {
    let n = n as f64 + 2.0;
    let p = (k as f64 + 1.0) / n;
    (p * (1.0 - p) / n).sqrt()
}

/// Beaches and communes by place.
struct Coast<'a> {
    project: &'a Project,
    spec: &'a GridSpec,
    beaches: &'a [Beach],
    communes: Option<FeatureIndex>,
}

impl<'a> Coast<'a> {
    fn new(project: &'a Project, spec: &'a GridSpec, beaches: &'a [Beach]) -> Self {
        let table = project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
        Self { project, spec, beaches, communes: table.map(|t| FeatureIndex::build(&t.geometry)) }
    }

    /// Whether it is a beach, and the name.
    fn stretch(&self, at: [f64; 2]) -> (bool, String) {
        let far = |b: &Beach| (b.at[0] - at[0]).hypot(b.at[1] - at[1]);
        let near = self.beaches.iter().filter(|b| far(b) <= SHORE_M + b.inland_m);
        match near.min_by(|a, b| far(a).total_cmp(&far(b))) {
            Some(beach) => (true, beach.name.clone()),
            None => (false, self.commune(at)),
        }
    }

    fn commune(&self, at: [f64; 2]) -> String {
        let table = self.project.with_role(LayerRole::Communes).and_then(|l| l.content.features());
        let (Some(table), Some(index)) = (table, &self.communes) else { return String::new() };
        // At the sea's edge the middle of the cell lies on land more surely than the place itself.
        let middle = self.spec.cell_at(at).map(|(col, row)| self.spec.centre(col, row));
        let row = middle.into_iter().chain([at]).find_map(|p| index.containing(&table.geometry, p).first().copied());
        row.map_or_else(String::new, |row| table.value(row, COMMUNE).to_string())
    }
}

impl Stranding {
    /// The stretch of a beach; `None` where nothing stranded there.
    #[must_use]
    pub fn at_beach(&self, name: &str) -> Option<&Stretch> {
        self.stretches.iter().find(|s| s.is_beach && s.name == name)
    }

    /// Share, its error, amount, unit and first moment at a beach, as the end of a row.
    #[must_use]
    pub(super) fn cells_of(&self, beach: &str, spill: &Spill) -> String {
        let (share, error, first) = match self.at_beach(beach) {
            Some(s) => (s.share, s.share_error, format!("{:.0}", s.first_s)),
            None => (0.0, standard_error(0, self.particles) * (1.0 - self.evaporated), String::new()),
        };
        let amount = spill.amount.map_or_else(String::new, |a| format!("{:.4}", a.value * share));
        format!(",{share:.6},{error:.6},{amount},{},{first}", spill.amount.map_or("", |a| a.unit.code()))
    }

    /// The most important first: what has become of all of it, and where most stranded.
    #[must_use]
    pub fn headlines(&self, spill: &Spill, clock: &LocalClock) -> Vec<Message> {
        let percent = |share: f64| (1000.0 * share).round() / 10.0;
        let what = match spill.what {
            Floating::Oil => "water-spill-oil",
            Floating::Debris => "water-spill-debris",
        };
        let mut told = vec![
            Message::new(what)
                .with("hours", self.hours)
                .with("stranded", percent(self.stranded))
                .with("afloat", percent(self.afloat))
                .with("evaporated", percent(self.evaporated))
                .with("left", percent(self.left_map)),
        ];
        for stretch in self.stretches.iter().take(TOLD) {
            let place = match (stretch.is_beach, stretch.name.as_str()) {
                (true, name) => Arg::from(name),
                (false, "") => Message::new("water-spill-elsewhere").into(),
                (false, name) => Message::new("water-spill-coast").with("name", name).into(),
            };
            let sentence = if spill.amount.is_some() { "water-spill-stranded-amount" } else { "water-spill-stranded" };
            let mut line = Message::new(sentence)
                .with("place", place)
                .with("percent", percent(stretch.share))
                .with("error", significant(100.0 * stretch.share_error, 1))
                .with("clock", clock.at(stretch.first_s));
            if let Some(amount) = spill.amount {
                // Three digits are more than particles can promise.
                let here = significant(amount.value * stretch.share, 3);
                line = line.with("amount", here).with("unit", amount.unit.shown());
            }
            told.push(line);
        }
        told
    }

    /// One line a stretch, then what is not ashore; the shares add up to one, the amounts to what was spilt.
    #[must_use]
    pub fn csv(&self, spill: &Spill) -> String {
        let mut table = String::from("part,name,particles,share,share_error,amount,unit,first_at_s\n");
        let unit = spill.amount.map_or("", |a| a.unit.code());
        let mut row = |part: &str, name: &str, particles: String, share: f64, error: String, first: String| {
            let amount = spill.amount.map_or_else(String::new, |a| format!("{:.4}", a.value * share));
            let name = quoted(name);
            let _ = writeln!(table, "{part},{name},{particles},{share:.6},{error},{amount},{unit},{first}");
        };
        for s in &self.stretches {
            let part = if s.is_beach { "beach" } else { "coast" };
            let (error, first) = (format!("{:.6}", s.share_error), format!("{:.0}", s.first_s));
            row(part, &s.name, s.particles.to_string(), s.share, error, first);
        }
        for (part, share) in [("afloat", self.afloat), ("left_map", self.left_map), ("evaporated", self.evaporated)] {
            // Evaporation is an equation, not a sample.
            let sampled = part != "evaporated";
            let weight = 1.0 - self.evaporated;
            let k = if weight > 0.0 { (share / weight * self.particles as f64).round() as usize } else { 0 };
            let error = format!("{:.6}", standard_error(k, self.particles) * weight);
            let [k, error] = if sampled { [k.to_string(), error] } else { [String::new(), String::new()] };
            row(part, "", k, share, error, String::new());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;
    use crate::geo::frame::SiteFrame;
    use crate::model::project::PROJECT_VERSION;
    use crate::model::style::Text2;
    use crate::sim::water::sea::{Amount, AmountUnit};

    fn beach(name: &str, at: [f64; 2]) -> Beach {
        Beach::at(name.to_owned(), at, 0.0, Vec::new())
    }

    #[test]
    fn the_parts_add_up_to_what_was_spilt() {
        let project = Project {
            version: PROJECT_VERSION,
            title: Text2::same("sea"),
            frame: SiteFrame { crs: Crs::VN2000_TM3_104_30, origin: [0.0; 2] },
            utc_offset_hours: 7.0,
            time: jiff::Timestamp::UNIX_EPOCH,
            layers: Vec::new(),
            bookmarks: Vec::new(),
            scenarios: Vec::new(),
        };
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 0.0, 10_000.0, 100.0, 100, 100);
        let amount = Some(Amount { value: 2000.0, unit: AmountUnit::Kg });
        let spill = Spill {
            what: Floating::Oil,
            at: [5000.0, 5000.0],
            particles: 8,
            light_share: 0.3,
            water_celsius: 29.0,
            amount,
        };
        let (ashore, afloat, gone) = (State::Stranded, State::Afloat, State::Gone);
        let early = [afloat, ashore, afloat, afloat, afloat, afloat, gone, afloat];
        let late = [ashore, ashore, ashore, ashore, afloat, afloat, gone, afloat];
        let places = [1100.0, 1200.0, 900.0, 8000.0, 5000.0, 5000.0, 0.0, 5000.0];
        let seen = |time_s: f64, states: [State; 8]| Sighting {
            time_s,
            particles: places.iter().zip(states).map(|(x, s)| ([*x as f32, 5000.0], s)).collect(),
        };
        let sightings = [seen(3600.0, early), seen(7200.0, late)];
        let beaches = [beach("A", [1000.0, 5000.0]), beach("B", [9500.0, 5000.0])];
        let told = of(&project, &spec, &beaches, &spill, &sightings).unwrap();
        let a = told.at_beach("A").unwrap();
        assert_eq!((a.particles, a.first_s), (3, 3600.0));
        assert!(told.at_beach("B").is_none());
        assert_eq!(
            (told.stretches[1].is_beach, told.stretches[1].particles, told.stretches[1].first_s),
            (false, 1, 7200.0)
        );
        let ashore: f64 = told.stretches.iter().map(|s| s.share).sum();
        assert!((ashore - told.stranded).abs() < 1e-12);
        let all = ashore + told.afloat + told.evaporated + told.left_map;
        assert!((all - 1.0).abs() < 1e-12 && told.evaporated > 0.1, "{told:?}");
        // So do the amounts of the table.
        let csv = told.csv(&spill);
        let column =
            |n: usize| csv.lines().skip(1).filter_map(move |l| l.split(',').nth(n)?.parse::<f64>().ok()).sum::<f64>();
        assert!((column(3) - 1.0).abs() < 1e-5 && (column(5) - 2000.0).abs() < 0.01, "{csv}");
        assert_eq!(column(2), 8.0, "every particle is told once: {csv}");
    }

    /// Against the binomial law itself, and never nothing.
    #[test]
    fn a_share_of_particles_has_the_error_of_a_sample() {
        let (n, p) = (2000.0, 0.3_f64);
        assert!((standard_error(600, 2000) / (p * (1.0 - p) / n).sqrt() - 1.0).abs() < 1e-3);
        assert!(standard_error(0, 2000) > 4e-4 && standard_error(0, 2000) < 6e-4);
        assert!((standard_error(2000, 2000) - standard_error(0, 2000)).abs() < 1e-12);
    }
}
