//! A plane with a steady flow, stepped: the bare kernel.

use super::error::TransportError;
use super::field::Field;
use super::line::End;
use super::rates::{CellVelocity, Rates};
use super::real::Real;
use super::rows::Volume;
use super::tile::{Flow, Order};
use crate::base::cancel::{CancelToken, Cancelled};

/// dC/dt + div(uC) = div(K grad C) - kC on a plane of equal cells.
#[derive(Debug)]
pub struct Plane<T> {
    pub field: Field<T>,
    /// Equal parts of a step.
    pub sub_steps: usize,
    /// Largest share of a cell that leaves it in one direction in a sub-step.
    pub courant: f64,
    flow: Flow<T>,
    size: Volume<T>,
    end: End<T>,
    order: Order,
}

/// What is carried, and how.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    /// One number a cell, row by row from the north.
    pub initial: &'a [f32],
    /// Beyond open edges.
    pub inflow: f64,
    pub dt_s: f64,
    pub decay_per_s: f64,
}

impl<T: Real> Plane<T> {
    /// # Errors
    /// [`TransportError`]: what is wrong with the flow, the step or the concentrations.
    pub fn new(velocity: &CellVelocity<'_>, carried: &Carried<'_>) -> Result<Self, TransportError> {
        let Carried { initial, inflow, dt_s, decay_per_s } = *carried;
        TransportError::require("step", dt_s, 1e-9, 1e9)?;
        TransportError::require("decay", decay_per_s, 0.0, 1e9)?;
        TransportError::require("inflow", inflow, 0.0, 1e30)?;
        let takes_part = |cell: usize| velocity.active.is_none_or(|a| a[cell]);
        let count = |is: fn(f32) -> bool| initial.iter().enumerate().filter(|(i, c)| takes_part(*i) && is(**c)).count();
        let (negative, unknown) = (count(|c| c < 0.0), count(|c| !c.is_finite()));
        if unknown > 0 {
            return Err(TransportError::NotANumber { what: "concentration", cells: unknown });
        }
        if negative > 0 {
            return Err(TransportError::Negative { what: "concentration", cells: negative });
        }
        let rates = Rates::from_cells(velocity)?;
        let sub_steps = rates.sub_steps(dt_s)?;
        let part_s = dt_s / sub_steps as f64;
        let shape = velocity.shape;
        let cell = |col: usize, row: usize, _: usize| {
            let at = row * shape.cols + col;
            if takes_part(at) { T::from_f64(f64::from(initial[at])) } else { T::ZERO }
        };
        Ok(Self {
            field: Field::new(shape, T::from_f64(inflow), cell),
            sub_steps,
            courant: rates.courant(part_s),
            flow: rates.flow(part_s),
            size: Volume::constant(T::ONE, shape),
            end: End { remains: T::from_f64((-decay_per_s * part_s).exp()), floor: T::FLOOR },
            order: Order::EastWestFirst,
        })
    }

    /// One step.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn step(&mut self, cancel: &CancelToken) -> Result<(), Cancelled> {
        self.steps(1, cancel)
    }

    /// Many steps, in less time than one by one; the same bits.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn steps(&mut self, count: usize, cancel: &CancelToken) -> Result<(), Cancelled> {
        let all = count * self.sub_steps;
        for _ in 0..all / 2 {
            self.field.step_twice(&self.flow, &self.size, self.end, self.order, cancel)?;
        }
        if all % 2 == 1 {
            self.field.step(&self.flow, (&self.size, &self.size), self.end, self.order, cancel)?;
            self.order = self.order.next();
        }
        Ok(())
    }

    /// Sum of the concentrations; times a cell's area, what there is.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.field.mass(&self.size.size)
    }
}
