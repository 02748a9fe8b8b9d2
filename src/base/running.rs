//! A mean over the last hours that has hours read and hours foretold in it, as a limit of 8 or 24 hours is held against.

/// What a window of hours that ends in the future is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Window {
    /// Sum and number of the hours that were read.
    pub read_sum: f64,
    pub read: usize,
    /// And of those that are foretold.
    pub foretold_sum: f64,
    pub foretold: usize,
    hours: usize,
}

impl Window {
    /// The window of `hours` whose last one is the `lead`-th (1 and more) of `coming`, the hours after those that are
    /// `known`; both the oldest first.
    #[must_use]
    pub fn ending(known: &[Option<f64>], coming: &[Option<f64>], lead: usize, hours: usize) -> Self {
        let foretold = lead.min(hours);
        let from_known = known.len().saturating_sub(hours - foretold);
        let mut window = Self { hours, ..Self::default() };
        for value in known[from_known..].iter().flatten() {
            window.read_sum += value;
            window.read += 1;
        }
        for value in coming.iter().take(lead).skip(lead - foretold).flatten() {
            window.foretold_sum += value;
            window.foretold += 1;
        }
        window
    }

    /// Hours that have a value, read or foretold.
    #[must_use]
    pub fn count(&self) -> usize {
        self.read + self.foretold
    }

    /// Its mean; `None` where less than three quarters of it have a value: with fewer a mean is not held against a limit
    /// (Circular 10/2021/TT-BTNMT).
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let covered = self.count() > 0 && self.count() * 4 >= self.hours * 3;
        covered.then(|| (self.read_sum + self.foretold_sum) / self.count() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_read_give_way_to_hours_foretold() {
        let known = [Some(10.0), None, Some(20.0), Some(30.0)];
        let coming = [Some(40.0), Some(2.0), Some(6.0)];
        let window = Window::ending(&known, &coming, 1, 4);
        assert_eq!((window.read_sum, window.read, window.foretold_sum, window.foretold), (50.0, 2, 40.0, 1));
        assert_eq!(window.mean(), Some(30.0));
        assert_eq!(Window::ending(&known, &coming, 3, 2).mean(), Some(4.0));
        assert_eq!(Window::ending(&known[3..], &coming, 1, 4).mean(), None, "two hours of four");
        assert_eq!(Window::ending(&known, &[None], 1, 1).mean(), None);
        assert_eq!(Window::ending(&[], &coming, 2, 24).count(), 2);
    }
}
