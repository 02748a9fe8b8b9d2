//! Everything that is generated, in the order in which one thing rests on another.

use super::buildings::{self, Building};
use super::communes;
use super::drains::{self, Drainage};
use super::error::DemoError;
use super::landcover;
use super::parcels::{self, Parcel};
use super::pipes::{self, WaterSupply};
use super::plan::{self, Plan};
use super::points::{self, Light, Tree};
use super::roads::{self, Roads};
use super::sensors::{self, Sensors};
use super::source::{self, Commune, Land};
use super::terrain::{self, Ground};
use super::towns::{self, District};
use crate::geo::grid::Grid;

/// The seed of the data that ships with the program.
pub const SEED: u64 = 2026;

#[derive(Debug, Clone)]
pub struct Island {
    pub lands: Vec<Land>,
    pub communes: Vec<Commune>,
    /// 1-based index into `communes` for each 60 m cell.
    pub commune_of: Grid<u16>,
    pub ground: Ground,
    pub districts: Vec<District>,
    pub roads: Roads,
    pub parcels: Vec<Parcel>,
    pub buildings: Vec<Building>,
    pub plan: Plan,
    pub land_cover: Grid<u16>,
    pub water: WaterSupply,
    pub drainage: Drainage,
    pub lights: Vec<Light>,
    pub trees: Vec<Tree>,
    pub sensors: Sensors,
}

/// # Errors
/// [`DemoError`] when a built-in source or the road network does not come together.
pub fn generate(seed: u64) -> Result<Island, DemoError> {
    let lands = source::coast()?;
    let communes = source::communes()?;
    let ground = terrain::generate(seed, &lands);
    let home = Ground { land: own_land(&ground, &lands), ..ground.clone() };
    let commune_of = communes::assign(seed, &home, &communes);
    let mut free = towns::free_ground(&ground);
    let districts = towns::settle(seed, &ground, &mut free);
    let roads = roads::build(&districts, &ground, &free)?;
    let parcels: Vec<Parcel> =
        districts.iter().enumerate().flat_map(|(n, d)| parcels::divide(seed, n, d, &ground)).collect();
    let buildings = buildings::build(seed, &districts, &parcels);
    let plan = plan::make(seed, &home, &districts);
    let land_cover = landcover::classify(seed, &ground, &plan, &districts);
    let water = pipes::lay(seed, &districts, &roads, &parcels, &buildings);
    let drainage = drains::lay(&districts, &roads, &ground);
    let lights = points::lights(seed, &districts, &roads);
    let trees = points::trees(seed, &districts, &roads, &parcels, &ground);
    let sensors = sensors::place(seed, &districts, &roads, &ground);
    Ok(Island {
        lands,
        communes,
        commune_of,
        ground,
        districts,
        roads,
        parcels,
        buildings,
        plan,
        land_cover,
        water,
        drainage,
        lights,
        trees,
        sensors,
    })
}

/// The land cells less the foreign islands.
fn own_land(ground: &Ground, lands: &[Land]) -> Grid<bool> {
    let own: Vec<Land> = lands.iter().filter(|l| !l.foreign).cloned().collect();
    super::shore::land_mask(&ground.land.spec, &own)
}
