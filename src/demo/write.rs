//! The island as files, in the formats in which technicians hand such data over.

use std::path::Path;

use super::error::DemoError;
use super::island::{Island, SEED};
use super::source::SITE;
use super::{cadastre, smoke, tables};
use crate::geo::crs::Crs;
use crate::io::encoding::TextEncoding;
use crate::io::export::{RasterOptions, VectorFormat, write_classes, write_features, write_raster};
use crate::model::table::FeatureTable;

/// Writes every layer into `folder`.
///
/// # Errors
/// [`DemoError`] when the folder or a file cannot be written.
pub fn all(island: &Island, folder: &Path) -> Result<(), DemoError> {
    std::fs::create_dir_all(folder).map_err(|source| DemoError::Folder { path: folder.to_owned(), source })?;
    let old = VectorFormat::Shapefile { encoding: TextEncoding::Tcvn3 };
    let utf8 = VectorFormat::Shapefile { encoding: TextEncoding::Utf8 };
    let package = |layer: &str| VectorFormat::GeoPackage { layer: layer.to_owned() };
    let put = |file: &str, table: &FeatureTable, format: &VectorFormat| {
        write_features(table, &SITE, &SITE, &folder.join(file), format)
    };
    write_raster(&island.ground.height, &folder.join("terrain.tif"), RasterOptions { decimals: Some(1) })?;
    write_classes(&island.land_cover, &folder.join("land-cover.tif"))?;

    put("parcels.shp", &cadastre::table(island), &old)?;
    put("water-mains.shp", &tables::mains(island), &old)?;
    put("roads.shp", &tables::roads(island), &old)?;
    put("buildings.shp", &tables::buildings(island), &old)?;
    put("street-lights.shp", &tables::lights(island), &old)?;
    put("trees.shp", &tables::trees(island), &old)?;
    put("valves.shp", &tables::valves(island), &utf8)?;
    put("hydrants.shp", &tables::hydrants(island), &utf8)?;
    put("meters.shp", &tables::meters(island), &utf8)?;

    let plan = folder.join("plan.gpkg");
    // Layers are added to a file that is there; the data shall be the same whatever was there before.
    if plan.exists() {
        std::fs::remove_file(&plan).map_err(|source| DemoError::Folder { path: plan.clone(), source })?;
    }
    put("plan.gpkg", &tables::plan(island), &package("quy_hoach"))?;
    put("drains.shp", &tables::drains(island), &utf8)?;
    put("manholes.shp", &tables::manholes(island), &utf8)?;

    let json = |file: &str, table: &FeatureTable| {
        write_features(table, &SITE, &Crs::WGS84, &folder.join(file), &VectorFormat::GeoJson)
    };
    json("coast.geojson", &tables::coast(island))?;
    json("communes.geojson", &tables::communes(island))?;
    json("places.geojson", &tables::places())?;
    let s = &island.sensors;
    for (file, list) in [
        ("air-stations.geojson", &s.air),
        ("sea-stations.geojson", &s.sea),
        ("wastewater-stations.geojson", &s.waste_water),
        ("water-stations.geojson", &s.drinking_water),
        ("cameras.geojson", &s.cameras),
        ("fire-watch.geojson", &s.fire_watch),
        ("wifi.geojson", &s.wifi),
    ] {
        json(file, &tables::sensors(list))?;
    }
    let smoke = folder.join("smoke.csv");
    std::fs::write(&smoke, smoke::table(SEED)?).map_err(|source| DemoError::Folder { path: smoke, source })?;
    Ok(())
}
