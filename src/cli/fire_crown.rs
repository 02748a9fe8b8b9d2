//! The trees' crowns as `--crown` writes them.

use crate::sim::fire::crown::Crown;
use crate::sim::fire::error::FireError;

/// From "base=2,density=0.1,foliar=100": metres, kg/m³, per cent.
///
/// # Errors
/// [`FireError::BadArgument`] when one is missing or not a number, [`FireError::OutOfRange`] when not possible.
pub fn parse(text: &str) -> Result<Crown, FireError> {
    let value = |name: &str| {
        text.split(',')
            .filter_map(|part| part.split_once('='))
            .find(|(key, _)| key.trim() == name)
            .and_then(|(_, v)| v.trim().parse::<f64>().ok())
            .ok_or_else(|| FireError::BadArgument { text: text.to_owned(), example: "base=2,density=0.1,foliar=100" })
    };
    let crown = Crown {
        base_height_m: value("base")?,
        bulk_density_kg_m3: value("density")?,
        foliar_moisture: value("foliar")? / 100.0,
    };
    FireError::require("canopy", crown.base_height_m, 0.0, 100.0)?;
    FireError::require("canopy", crown.bulk_density_kg_m3, 0.0, 5.0)?;
    FireError::require("live-moisture", crown.foliar_moisture, 0.2, 4.0)?;
    Ok(crown)
}
