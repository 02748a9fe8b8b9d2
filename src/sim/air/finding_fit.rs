//! How well a source at one place explains what stations read, its strength integrated out.

use rayon::prelude::*;

use super::finding::{Reading, Search};
use super::meteorology::Meteorology;
use super::release::{Outlet, Release};
use super::table::PlumeTable;

/// Strengths that are tried around the best, evenly in their logarithm.
const RATES: usize = 25;
const RATE_SPREAD: f64 = 1.2;
/// Strengths that a source may have before anything was read, and steps over them.
const LOWEST_G_S: f64 = 1e-3;
const HIGHEST_G_S: f64 = 1e4;
const COARSE: usize = 18;
/// Strengths that are tried at first sight, besides the best one.
const GLANCES: usize = 14;

pub(super) struct Fit {
    pub(super) log_density: f64,
    /// As [`Glance::promise`].
    pub(super) promise: f64,
    pub(super) rate: f64,
    pub(super) background: f64,
    pub(super) misfit: f64,
    /// (rate, weight), weights within the fit.
    pub(super) rates: Vec<(f64, f64)>,
}

/// A square at first sight.
pub(super) struct Glance {
    /// µg/m3 for a gram a second from its middle.
    response: Vec<f64>,
    /// ln likelihood if each reading may have the value that suits it best of those that the square's places give: some
    /// place in it may be so good, none is much better. Says which squares deserve a closer look.
    pub(super) promise: f64,
}

pub(super) struct Judge<'a> {
    pub(super) readings: &'a [Reading],
    pub(super) hours: &'a [Meteorology],
    pub(super) search: &'a Search,
    /// Where each hour's wind blows to.
    pub(super) downwind: Vec<[f64; 2]>,
    /// ln likelihoods are divided by this where no source explains the readings well.
    pub(super) temper: f64,
}

impl Judge<'_> {
    /// Plumes of a square's size, one for each hour.
    pub(super) fn tables(&self, side_m: f64) -> Vec<PlumeTable> {
        let outlet = Outlet {
            height_m: self.search.height_m,
            exhaust: None,
            // An even square of this side has this standard deviation.
            initial_y_m: side_m / 12_f64.sqrt(),
            initial_z_m: 0.0,
        };
        let table =
            |air: &Meteorology| PlumeTable::new(&Release::new(outlet, self.search.fate, air), self.search.inlet_m);
        self.hours.par_iter().map(table).collect()
    }

    /// µg/m3 for a gram a second, in the order of the readings.
    pub(super) fn response(&self, at: [f64; 2], tables: &[PlumeTable]) -> Vec<f64> {
        let of = |r: &Reading| {
            let [east, north] = self.downwind[r.hour];
            let d = [r.at[0] - at[0], r.at[1] - at[1]];
            let (along, across) = (d[0] * east + d[1] * north, d[1] * east - d[0] * north);
            1e6 * f64::from(tables[r.hour].unit(along as f32, across as f32))
        };
        self.readings.iter().map(of).collect()
    }

    /// About the most that a gram a second from anywhere in a square gives a reading: from its near side, as close to the
    /// axis as the square reaches.
    fn most_from(&self, reading: &Reading, at: [f64; 2], tables: &[PlumeTable], side_m: f64) -> f64 {
        let [east, north] = self.downwind[reading.hour];
        let d = [reading.at[0] - at[0], reading.at[1] - at[1]];
        let (along, across) = (d[0] * east + d[1] * north, d[1] * east - d[0] * north);
        let reach = 0.5 * side_m * (east.abs() + north.abs());
        if along + reach <= 0.0 {
            return 0.0;
        }
        let (near, aside) = ((along - reach).max(0.2 * side_m), (across.abs() - reach).max(0.0));
        1e6 * f64::from(tables[reading.hour].unit(near as f32, aside as f32))
    }

    pub(super) fn error(&self, true_value: f64) -> f64 {
        self.error_of(true_value, self.search.relative_error)
    }

    fn error_of(&self, true_value: f64, share: f64) -> f64 {
        (share * true_value).hypot(self.search.floor_ug_m3)
    }

    /// ln likelihood and squared misfit.
    pub(super) fn likelihood(&self, response: &[f64], rate: f64, background: f64, share: f64) -> (f64, f64) {
        let values = self.readings.iter().zip(response).map(|(r, unit)| (r.conc_ug_m3, *unit));
        self.likelihood_of(values, rate, background, share)
    }

    /// Of (reading, response) pairs.
    fn likelihood_of(
        &self,
        values: impl Iterator<Item = (f64, f64)>,
        rate: f64,
        background: f64,
        share: f64,
    ) -> (f64, f64) {
        let (share2, floor2) = (share * share, self.search.floor_ug_m3 * self.search.floor_ug_m3);
        let (mut logs, mut squares, mut product) = (0.0, 0.0, 1.0_f64);
        for (reading, unit) in values {
            let expected = rate * unit + background;
            let variance = share2 * expected * expected + floor2;
            squares += (reading - expected) * (reading - expected) / variance;
            // One logarithm for many readings.
            product *= variance;
            if !(1e-200..1e200).contains(&product) {
                logs += product.ln();
                product = 1.0;
            }
        }
        (-0.5 * (logs + product.ln() + squares), squares)
    }

    /// Strength and background that fit, reweighted by the errors that they imply.
    pub(super) fn best(&self, response: &[f64]) -> (f64, f64) {
        let share = self.search.relative_error;
        let (mut rate, mut background) = (0.0, 0.0);
        let floor2 = self.search.floor_ug_m3 * self.search.floor_ug_m3;
        let mut expected: Vec<f64> = self.readings.iter().map(|r| r.conc_ug_m3).collect();
        for _ in 0..3 {
            let [mut aa, mut ab, mut bb, mut ay, mut by] = [0.0; 5];
            for ((reading, unit), e) in self.readings.iter().zip(response).zip(&expected) {
                let w = 1.0 / (share * share * e * e + floor2);
                aa += w * unit * unit;
                ab += w * unit;
                bb += w;
                ay += w * unit * reading.conc_ug_m3;
                by += w * reading.conc_ug_m3;
            }
            let det = aa * bb - ab * ab;
            (rate, background) = if det > 1e-12 * aa * bb {
                ((ay * bb - by * ab) / det, (by * aa - ay * ab) / det)
            } else {
                (0.0, by / bb)
            };
            if rate <= 0.0 {
                (rate, background) = (0.0, (by / bb).max(0.0));
            } else if background < 0.0 {
                (rate, background) = ((ay / aa).max(0.0), 0.0);
            }
            for (e, unit) in expected.iter_mut().zip(response) {
                *e = rate * unit + background;
            }
        }
        (rate, background)
    }

    pub(super) fn glance(&self, at: [f64; 2], tables: &[PlumeTable], side_m: f64) -> Glance {
        let response = self.response(at, tables);
        let half = 0.5 * side_m;
        let corners = [[-half, -half], [half, -half], [-half, half], [half, half]];
        let corners = corners.map(|[dx, dy]| self.response([at[0] + dx, at[1] + dy], tables));
        let range_of = |i: usize| {
            let on_axis = self.most_from(&self.readings[i], at, tables, side_m);
            let values = corners.iter().map(|c| c[i]).chain([on_axis]);
            values.fold([response[i]; 2], |[least, most], value| [value.min(least), value.max(most)])
        };
        let ranges: Vec<[f64; 2]> = (0..response.len()).map(range_of).collect();
        let (rate, background) = self.best(&response);
        let share = self.search.relative_error;
        let promise_of = |rate: f64| {
            let pairs = self.readings.iter().zip(&ranges).map(|(reading, [least, most])| {
                // What suits the reading best of what the square's places give.
                let wanted = (reading.conc_ug_m3 - background) / rate.max(LOWEST_G_S);
                (reading.conc_ug_m3, wanted.max(*least).min(*most))
            });
            self.likelihood_of(pairs, rate, background, share).0
        };
        let step = (HIGHEST_G_S / LOWEST_G_S).powf(1.0 / GLANCES as f64);
        let tried = (0..=GLANCES).map(|i| LOWEST_G_S * step.powf(i as f64)).chain([rate]);
        let promise = tried.map(promise_of).fold(f64::NEG_INFINITY, f64::max);
        Glance { response, promise: promise / self.temper }
    }

    /// A square that promises too little for its strengths to matter: how well the best one does.
    pub(super) fn poor_fit(&self, glance: Glance) -> Fit {
        let (rate, background) = self.best(&glance.response);
        let (log, misfit) = self.likelihood(&glance.response, rate, background, self.search.relative_error);
        Fit { log_density: log / self.temper, promise: glance.promise, rate, background, misfit, rates: Vec::new() }
    }

    pub(super) fn fit(&self, glance: Glance) -> Fit {
        let Glance { response, promise } = glance;
        let (rate, background) = self.best(&response);
        let share = self.search.relative_error;
        // What no plume reaches from here is the same for every strength.
        let pairs: Vec<(f64, f64)> = self.readings.iter().zip(&response).map(|(r, u)| (r.conc_ug_m3, *u)).collect();
        let (reached, others): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(_, unit)| *unit > 0.0);
        let even = self.best(&vec![0.0; response.len()]).1;
        if reached.is_empty() {
            let (log, misfit) = self.likelihood(&response, 0.0, even, share);
            return Fit { log_density: log / self.temper, promise, rate, background: even, misfit, rates: Vec::new() };
        }
        // The strength integrated out, every power of ten as likely as another: in fine steps about the best, in coarse
        // ones over the rest, where a weak source goes unseen and an even background explains as much.
        let step = 2.0 * RATE_SPREAD / (RATES - 1) as f64;
        let coarse_step = (HIGHEST_G_S / LOWEST_G_S).ln() / COARSE as f64;
        let near = |q: f64| rate > 0.0 && (q / rate).ln().abs() <= RATE_SPREAD;
        let fine = (0..RATES)
            .filter(|_| rate > 0.0)
            .map(|i| (rate * (i as f64).mul_add(step, -RATE_SPREAD).exp(), background, step));
        let coarse = (0..COARSE)
            .map(|i| LOWEST_G_S * ((i as f64 + 0.5) * coarse_step).exp())
            .filter(|q| !near(*q))
            .map(|q| (q, if q < rate || rate <= 0.0 { even } else { background }, coarse_step));
        let [of_best, of_even] = [background, even].map(|b| self.likelihood_of(others.iter().copied(), 0.0, b, share));
        let tried: Vec<(f64, f64, f64, f64)> = fine
            .chain(coarse)
            .map(|(q, base, width)| {
                let (log, squares) = self.likelihood_of(reached.iter().copied(), q, base, share);
                let other = if base == background { of_best } else { of_even };
                (q, (log + other.0) / self.temper, squares + other.1, width)
            })
            .collect();
        let top = tried.iter().map(|t| t.1).fold(f64::NEG_INFINITY, f64::max);
        let misfit = tried.iter().map(|t| t.2).fold(f64::INFINITY, f64::min);
        let rates: Vec<(f64, f64)> = tried.iter().map(|t| (t.0, (t.1 - top).exp() * t.3)).collect();
        let mass = rates.iter().map(|r| r.1).sum::<f64>() / (HIGHEST_G_S / LOWEST_G_S).ln();
        Fit { log_density: top + mass.ln(), promise, rate, background, misfit, rates }
    }
}
