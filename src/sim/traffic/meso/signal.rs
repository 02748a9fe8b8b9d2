//! When the end of a link has green.

use crate::sim::traffic::network::SignalPlan;

/// Green intervals of one link within the cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Greens {
    offset_s: f64,
    cycle_s: f64,
    /// (from, until) within the cycle, rising.
    spans: Vec<(f64, f64)>,
}

impl Greens {
    /// A plan's greens for the link with this id. The day takes an actuated plan by its fixed times.
    #[must_use]
    pub fn of(plan: &SignalPlan, link: u64) -> Self {
        let mut spans: Vec<(f64, f64)> = Vec::new();
        let mut at = 0.0;
        for phase in &plan.phases {
            let end = at + phase.green_s;
            if phase.links.contains(&link) {
                spans.push((at, end));
            }
            at = end + phase.clearance_s;
        }
        Self { offset_s: plan.offset_s, cycle_s: at, spans }
    }

    /// The first moment not before `t` with green; infinite when there never is.
    #[must_use]
    pub fn next(&self, t: f64) -> f64 {
        let cycles = ((t - self.offset_s) / self.cycle_s).floor();
        let begun = self.offset_s + cycles * self.cycle_s;
        let within = t - begun;
        for &(from, until) in &self.spans {
            if within < until {
                return if within >= from { t } else { begun + from };
            }
        }
        self.spans.first().map_or(f64::INFINITY, |first| begun + self.cycle_s + first.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::traffic::network::Phase;

    #[test]
    fn green_comes_in_turn() {
        let phase = |link| Phase { green_s: 25.0, clearance_s: 5.0, links: vec![link] };
        let plan = SignalPlan { offset_s: 10.0, phases: vec![phase(1), phase(2)], actuation: None };
        let (one, two) = (Greens::of(&plan, 1), Greens::of(&plan, 2));
        assert_eq!([one.next(10.0), one.next(34.9), one.next(35.0), one.next(0.0)], [10.0, 34.9, 70.0, 10.0]);
        assert_eq!([two.next(10.0), two.next(65.0), two.next(3.0)], [40.0, 100.0, 3.0]);
        assert_eq!(Greens::of(&plan, 3).next(0.0), f64::INFINITY);
    }
}
