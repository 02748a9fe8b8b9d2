//! The memory that a band of rows works in.

use super::gather::Cut;
use super::real::Real;
use super::span::Span;

/// Room for a band; one a thread.
pub(super) struct Room<T> {
    pub(super) c: Vec<T>,
    pub(super) q: Vec<T>,
    pub(super) h: Vec<T>,
    pub(super) out: Vec<T>,
    /// Where each row has anything, and each row that is to be written.
    pub(super) spans: Vec<Span>,
    pub(super) outs: Vec<Span>,
    pub(super) line: [Vec<T>; 3],
    pub(super) cuts: [Cut<T>; 2],
}

impl<T: Real> Room<T> {
    pub(super) fn new() -> Self {
        let line = Vec::new;
        Self {
            c: line(),
            q: line(),
            h: line(),
            out: line(),
            spans: Vec::new(),
            outs: Vec::new(),
            line: [line(), line(), line()],
            cuts: [Cut::new(0), Cut::new(0)],
        }
    }
}
