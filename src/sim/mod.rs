//! Floor 4: simulations.
