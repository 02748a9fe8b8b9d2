//! Floor 4: files in and out: the only users of gdal, shapefile and rusqlite.
