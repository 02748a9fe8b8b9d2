//! How long to wait before trying again.
//!
//! A broker that restarts is back within seconds, so for the first minutes it is asked every few of them; one that stays
//! away is asked ever more rarely, up to once a minute. Waits are stretched at random, so that a hundred programs do not
//! come back at the same moment (Brooker 2015, Exponential backoff and jitter).

use std::time::Duration;

use crate::base::rng::KeyedRng;

const FIRST_S: f64 = 1.0;
/// While the trouble is young.
const PATIENT_S: f64 = 3.0;
const LONGEST_S: f64 = 60.0;
/// Tries of the first phase: some two minutes.
const PATIENT_TRIES: u32 = 40;
/// A wait is stretched by up to this share.
const JITTER: f64 = 0.4;

#[derive(Debug, Clone)]
pub struct Backoff {
    rng: KeyedRng,
    draws: u64,
    tries: u32,
}

impl Backoff {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: KeyedRng::new(seed, 0x6261_636b), draws: 0, tries: 0 }
    }

    /// It worked: the next trouble is a new one.
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    /// How long to wait now; never less than a second.
    pub fn next_wait(&mut self) -> Duration {
        let base = if self.tries < PATIENT_TRIES {
            (FIRST_S * 2_f64.powi(self.tries.min(8).cast_signed())).min(PATIENT_S)
        } else {
            (PATIENT_S * 2_f64.powi((self.tries - PATIENT_TRIES + 1).min(8).cast_signed())).min(LONGEST_S)
        };
        self.tries += 1;
        self.draws += 1;
        let stretched = base * self.rng.range(0, self.draws, 1.0, 1.0 + JITTER);
        Duration::from_secs_f64(stretched.min(LONGEST_S))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_one_second_to_a_minute_and_are_spread() {
        let mut backoff = Backoff::new(1);
        let waits: Vec<f64> = (0..60).map(|_| backoff.next_wait().as_secs_f64()).collect();
        assert!((1.0..1.5).contains(&waits[0]), "{waits:?}");
        assert!(waits[..40].iter().all(|w| *w < 5.0));
        assert!(waits[50..].iter().all(|w| *w > 50.0 && *w <= 60.0));
        assert!(waits[2] != waits[3]);
        assert!(waits.iter().all(|w| *w >= 1.0));
        backoff.reset();
        assert!(backoff.next_wait().as_secs_f64() < 1.5);
    }

    #[test]
    fn two_programs_do_not_wait_alike() {
        assert_ne!(Backoff::new(1).next_wait(), Backoff::new(2).next_wait());
    }
}
