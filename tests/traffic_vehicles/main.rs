//! Traffic vehicle by vehicle: the day against kinematic-wave theory, what must never happen on the road, and the
//! command line.

mod command;
mod meso;
mod micro;
