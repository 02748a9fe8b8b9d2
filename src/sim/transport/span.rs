//! The part of a row in which there is anything, in whole blocks: what lies outside costs nothing.

use std::ops::Range;

use super::real::Real;

/// Cells that are looked at together: where the air of all their faces comes from equally far, its cells lie side by side
/// too.
pub const BLOCK: usize = 16;

/// From block to block of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from: usize,
    to: usize,
}

impl Span {
    pub const NONE: Self = Self { from: usize::MAX, to: 0 };

    /// A whole row of `n` cells.
    #[must_use]
    pub fn whole(n: usize) -> Self {
        Self { from: 0, to: n.div_ceil(BLOCK) }
    }

    /// The block of a cell.
    #[must_use]
    pub fn around(cell: usize) -> Self {
        Self { from: cell / BLOCK, to: cell / BLOCK + 1 }
    }

    /// Where a row has anything.
    #[must_use]
    #[inline]
    pub fn of<T: Real>(row: &[T]) -> Self {
        let holds = |piece: &[T]| piece.iter().fold(0, |any, c| any | u8::from(*c > T::ZERO)) > 0;
        let Some(from) = row.chunks(BLOCK).position(holds) else { return Self::NONE };
        let behind = row.len().div_ceil(BLOCK) - 1;
        let back = row.chunks(BLOCK).rev().position(holds).unwrap_or(behind - from);
        Self { from, to: behind + 1 - back }
    }

    #[must_use]
    #[inline]
    pub fn is_none(self) -> bool {
        self.from >= self.to
    }

    #[must_use]
    #[inline]
    pub fn and(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// As far as what is in it may come in a row of `n` cells: so many cells towards its end and towards its begin.
    #[must_use]
    #[inline]
    pub fn reaching(self, [on, back]: [usize; 2], n: usize) -> Self {
        if self.is_none() {
            return self;
        }
        let blocks = |cells: usize| cells.div_ceil(BLOCK);
        Self { from: self.from.saturating_sub(blocks(back)), to: (self.to + blocks(on)).min(blocks(n)) }
    }

    /// With the block after it.
    #[must_use]
    #[inline]
    pub fn and_one_more(self) -> Self {
        if self.is_none() { self } else { Self { to: self.to + 1, ..self } }
    }

    /// Its cells, in a row of `n`.
    #[must_use]
    #[inline]
    pub fn cells(self, n: usize) -> Range<usize> {
        if self.is_none() { 0..0 } else { self.from * BLOCK..n.min(self.to * BLOCK) }
    }

    /// The first cell of each block.
    #[inline]
    pub fn starts(self) -> impl Iterator<Item = usize> {
        (self.from..self.to).map(|block| block * BLOCK)
    }
}

/// 0 in all of a row that is not one of `cells`.
#[inline]
pub fn clear_around<T: Real>(row: &mut [T], cells: &Range<usize>) {
    row[..cells.start].fill(T::ZERO);
    row[cells.end..].fill(T::ZERO);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_holds_what_is_in_a_row_and_no_block_more() {
        let mut row = [0.0_f32; 100];
        assert!(Span::of(&row).is_none() && Span::of(&row).cells(100).is_empty());
        row[17] = 1.0;
        assert_eq!(Span::of(&row).cells(100), 16..32);
        row[99] = 1.0;
        assert_eq!(Span::of(&row).cells(100), 16..100);
        assert_eq!(Span::of(&row).starts().collect::<Vec<_>>(), [16, 32, 48, 64, 80, 96]);
        row[0] = 1.0;
        assert_eq!(Span::of(&row), Span::whole(100));
        let some = Span { from: 2, to: 3 };
        assert_eq!(some.reaching([1, 17], 100).cells(100), 0..64);
        assert_eq!(some.reaching([900, 0], 100).cells(100), 32..100);
        assert_eq!(some.and(Span::NONE), some);
        assert!(Span::NONE.reaching([3, 3], 100).is_none());
        let mut row = [1.0_f32; 100];
        clear_around(&mut row, &some.cells(100));
        assert_eq!(Span::of(&row), some);
    }
}
