//! Numbers on a grid with a border of ghost cells, row by row; a row that is the same everywhere is kept once.

use rayon::prelude::*;

use super::line::SPARE;
use super::real::Real;

/// Ghost cells on every side: as far as one step can look, and one to spare.
pub const GHOSTS: usize = 4;

/// Size of a grid; arrays are padded with [`GHOSTS`] on every side, not above and below. All levels of a row lie together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub cols: usize,
    pub rows: usize,
    /// The lowest first.
    pub levels: usize,
}

impl Shape {
    #[must_use]
    pub fn plane(cols: usize, rows: usize) -> Self {
        Self { cols, rows, levels: 1 }
    }

    /// Cells without the padding.
    #[must_use]
    pub fn count(self) -> usize {
        self.cols * self.rows * self.levels
    }

    /// Length of a padded row: whole cache lines, and room for loops that run a little beyond a row.
    #[must_use]
    pub fn stride(self) -> usize {
        (self.cols + 2 * GHOSTS + SPARE - GHOSTS).next_multiple_of(16)
    }

    #[must_use]
    pub fn padded_rows(self) -> usize {
        self.rows + 2 * GHOSTS
    }

    #[must_use]
    pub fn padded_len(self) -> usize {
        self.stride() * self.padded_rows() * self.levels
    }

    /// Index of a cell of the lowest level in a padded array; those above it follow a row's length apart.
    #[must_use]
    pub fn at(self, col: usize, row: usize) -> usize {
        (row + GHOSTS) * self.levels * self.stride() + col + GHOSTS
    }
}

/// A padded array of one number a cell (or a cell's west or north face).
#[derive(Debug, Clone)]
pub enum Rows<T> {
    Full {
        data: Vec<T>,
        stride: usize,
    },
    Same(Vec<T>),
    /// `edge` in the ghost rows and in the first and the last row of faces, `inner` between; alike at all levels.
    Edged {
        edge: Vec<T>,
        inner: Vec<T>,
        rows: usize,
        levels: usize,
    },
}

impl<T: Real> Rows<T> {
    #[must_use]
    pub fn full(data: Vec<T>, shape: Shape) -> Self {
        Self::Full { data, stride: shape.stride() }
    }

    /// One number everywhere.
    #[must_use]
    pub fn constant(value: T, shape: Shape) -> Self {
        Self::Same(vec![value; shape.stride()])
    }

    /// All that is kept: of a full array every padded row.
    #[must_use]
    pub fn all(&self) -> &[T] {
        match self {
            Self::Full { data, .. } => data,
            Self::Same(row) => row,
            Self::Edged { inner, .. } => inner,
        }
    }

    /// All that is kept, to be written: of a full array every padded row.
    pub fn all_mut(&mut self) -> &mut [T] {
        match self {
            Self::Full { data, .. } => data,
            Self::Same(row) => row,
            Self::Edged { inner, .. } => inner,
        }
    }

    /// A padded row, counted from the lowest level of the first ghost row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[T] {
        match self {
            Self::Full { data, stride } => &data[row * stride..(row + 1) * stride],
            Self::Same(row) => row,
            Self::Edged { edge, inner, rows, levels } => {
                if row >= (GHOSTS + 1) * levels && row < (GHOSTS + rows) * levels { inner } else { edge }
            }
        }
    }
}

/// How much a cell holds (its thickness: 1, a depth, a Jacobian), and one over it.
#[derive(Debug, Clone)]
pub struct Volume<T> {
    pub size: Rows<T>,
    pub inverse: Rows<T>,
}

impl<T: Real> Volume<T> {
    #[must_use]
    pub fn constant(value: T, shape: Shape) -> Self {
        Self { size: Rows::constant(value, shape), inverse: Rows::constant(T::ONE / value, shape) }
    }

    /// From a padded array; cells that are not part of the map have any positive number.
    #[must_use]
    pub fn full(data: Vec<T>, shape: Shape) -> Self {
        let inverse = data.par_iter().map(|v| T::ONE / *v).collect();
        Self { size: Rows::full(data, shape), inverse: Rows::full(inverse, shape) }
    }
}
