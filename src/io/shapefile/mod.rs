//! ESRI Shapefile (ESRI 1998, "Shapefile Technical Description") and its dBASE III table, read and written by
//! ourselves: reading runs on all cores and keeps the table's raw bytes, from which the text encoding is detected;
//! writing gives the same bytes each time.

mod dbf_cells;
mod dbf_columns;
mod dbf_fields;
pub(crate) mod dbf_read;
pub(crate) mod dbf_write;
pub(crate) mod lies;
pub(crate) mod shp_read;
pub(crate) mod shp_write;
