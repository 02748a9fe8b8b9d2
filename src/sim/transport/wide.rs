//! The same step compiled for 256-bit registers, taken where the processor has them: the same operations in the same
//! order, so the same bits, in little more than half the time (BENCHMARKS.md).

use super::real::Real;
use super::tile::{self, Place, Reads, Scratch};

/// Does a piece of work compiled for wide registers. For loops over slices in a closure that is marked to be inlined
/// always: what is not inlined stays as it is.
#[inline]
pub fn widely<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just said that it knows the instructions; the function is otherwise a safe one.
        #[expect(unsafe_code, reason = "calling a safe function that is compiled for more than the least processor")]
        return unsafe { widely_avx2(work) };
    }
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn widely_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// As [`tile::step`].
pub fn step<T: Real>(reads: Reads<'_, T>, place: Place, scratch: &mut Scratch<T>, to: &mut [T]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: as above.
        #[expect(unsafe_code, reason = "calling a safe function that is compiled for more than the least processor")]
        return unsafe { step_avx2(reads, place, scratch, to) };
    }
    tile::step(reads, place, scratch, to)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn step_avx2<T: Real>(reads: Reads<'_, T>, place: Place, scratch: &mut Scratch<T>, to: &mut [T]) -> bool {
    tile::step(reads, place, scratch, to)
}

/// As [`tile::step_twice`].
pub fn step_twice<T: Real>(reads: Reads<'_, T>, place: Place, scratch: &mut Scratch<T>, to: &mut [T]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: as above.
        #[expect(unsafe_code, reason = "calling a safe function that is compiled for more than the least processor")]
        return unsafe { twice_avx2(reads, place, scratch, to) };
    }
    tile::step_twice(reads, place, scratch, to)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn twice_avx2<T: Real>(reads: Reads<'_, T>, place: Place, scratch: &mut Scratch<T>, to: &mut [T]) -> bool {
    tile::step_twice(reads, place, scratch, to)
}
