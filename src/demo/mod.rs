//! Floor 5: the generator of the demonstration data.
