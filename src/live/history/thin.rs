//! A long series in few pieces that still show every peak.

use super::contract::Piece;

/// Gathers samples, in the order of time, into pieces of equal length.
pub(super) struct Thinner {
    from_ms: i64,
    step_ms: i64,
    slot: i64,
    pieces: Vec<Piece>,
}

impl Thinner {
    pub(super) fn new(from_ms: i64, to_ms: i64, most: usize) -> Self {
        let span = to_ms.saturating_sub(from_ms).max(1);
        let most = i64::try_from(most.max(1)).unwrap_or(i64::MAX);
        Self { from_ms, step_ms: (span / most + 1).max(1), slot: -1, pieces: Vec::new() }
    }

    pub(super) fn push(&mut self, time_ms: i64, low: f64, high: f64, count: u32) {
        let slot = (time_ms - self.from_ms) / self.step_ms;
        match self.pieces.last_mut() {
            Some(piece) if slot == self.slot => {
                piece.to_ms = time_ms;
                piece.low = piece.low.min(low);
                piece.high = piece.high.max(high);
                piece.count = piece.count.saturating_add(count);
            }
            _ => {
                self.slot = slot;
                self.pieces.push(Piece { from_ms: time_ms, to_ms: time_ms, low, high, count });
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Piece> {
        self.pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peak_is_lost_and_gaps_stay_gaps() {
        let mut thinner = Thinner::new(0, 999_999, 100);
        for i in (0..1_000_000).filter(|i| !(400_000..500_000).contains(i)) {
            let value = if i == 123_456 { 900.0 } else { f64::from(i % 7) };
            thinner.push(i64::from(i), value, value, 1);
        }
        let pieces = thinner.finish();
        assert!(pieces.len() <= 100);
        assert_eq!(pieces.iter().filter(|p| p.high == 900.0).count(), 1);
        assert_eq!(pieces.iter().map(|p| p.count).sum::<u32>(), 900_000);
        assert!(pieces.windows(2).any(|w| w[1].from_ms - w[0].to_ms > 90_000));
    }
}
