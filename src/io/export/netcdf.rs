//! Fields over time as NetCDF, in the classic format with 64-bit offsets (CDF-2): a header and big-endian arrays, which
//! every NetCDF library, GDAL and QGIS read. Names and units follow the CF conventions.

use std::path::Path;

use super::ExportError;
use crate::geo::grid::{Grid, GridSpec};
use crate::io::crs;
use crate::io::staging::write_bytes;

/// One quantity, a grid a moment; all of the same cells. Missing cells are NaN.
#[derive(Debug)]
pub struct NetcdfField<'a> {
    /// Letters, digits and underscores.
    pub name: &'a str,
    pub unit: &'a str,
    pub title: &'a str,
    pub grids: Vec<&'a Grid<f32>>,
}

/// What the fields have in common.
#[derive(Debug, Clone, Copy)]
pub struct NetcdfAbout<'a> {
    /// Seconds since the start, one for each grid of a field.
    pub times_s: &'a [f64],
    /// The start, as ISO 8601 in UTC without the letter: `2026-03-20 02:30:00`.
    pub start_utc: &'a str,
    /// How the numbers came about: measured, simulated.
    pub source: &'a str,
}

/// # Errors
/// [`ExportError`]: fields that do not belong together, or a file that cannot be written; the target is then as before.
pub fn write_netcdf(fields: &[NetcdfField<'_>], about: NetcdfAbout<'_>, path: &Path) -> Result<(), ExportError> {
    let spec = fields.iter().find_map(|f| f.grids.first()).map(|g| &g.spec);
    let spec = spec.ok_or_else(|| ExportError::write(path, "no field"))?;
    let belongs = |f: &NetcdfField<'_>| f.grids.len() == about.times_s.len() && f.grids.iter().all(|g| g.spec == *spec);
    if !fields.iter().all(belongs) {
        return Err(ExportError::write(path, "fields of different cells or moments"));
    }
    let wkt = crs::spatial_ref(&spec.crs).map_err(ExportError::crs(path))?.to_wkt();
    let wkt = wkt.map_err(|e| ExportError::write(path, e))?;
    let bytes = Layout::of(fields, about, spec, &wkt).bytes();
    write_bytes(&bytes, path).map_err(|e| ExportError::write(path, e))
}

const CHAR: u32 = 2;
const INT: u32 = 4;
const FLOAT: u32 = 5;
const DOUBLE: u32 = 6;
/// Dimensions by number.
const TIME: u32 = 0;
const Y: u32 = 1;
const X: u32 = 2;

/// A variable: its header but for where it begins, and its values.
struct Variable {
    name: String,
    dimensions: Vec<u32>,
    attributes: Vec<u8>,
    kind: u32,
    values: Vec<u8>,
}

struct Layout {
    lengths: [(&'static str, usize); 3],
    attributes: Vec<u8>,
    variables: Vec<Variable>,
}

fn word(to: &mut Vec<u8>, value: u32) {
    to.extend(value.to_be_bytes());
}

/// Length, letters, zeros up to a multiple of four bytes.
fn text(to: &mut Vec<u8>, value: &str) {
    word(to, value.len() as u32);
    to.extend(value.as_bytes());
    to.resize(to.len().next_multiple_of(4), 0);
}

/// A list of attributes that are texts, and of ones that are single numbers.
fn attributes(texts: &[(&str, &str)], missing: Option<f32>) -> Vec<u8> {
    let mut list = Vec::new();
    word(&mut list, 0x0c);
    word(&mut list, texts.len() as u32 + u32::from(missing.is_some()));
    for (name, value) in texts {
        text(&mut list, name);
        word(&mut list, CHAR);
        text(&mut list, value);
    }
    if let Some(value) = missing {
        text(&mut list, "_FillValue");
        word(&mut list, FLOAT);
        word(&mut list, 1);
        list.extend(value.to_be_bytes());
    }
    list
}

impl Layout {
    fn of(fields: &[NetcdfField<'_>], about: NetcdfAbout<'_>, spec: &GridSpec, wkt: &str) -> Self {
        let doubles = |values: &mut dyn Iterator<Item = f64>| values.flat_map(f64::to_be_bytes).collect::<Vec<u8>>();
        let axis = |name: &str, dimension: u32, texts: &[(&str, &str)], values: Vec<u8>| Variable {
            name: name.to_owned(),
            dimensions: vec![dimension],
            attributes: attributes(texts, None),
            kind: DOUBLE,
            values,
        };
        let since = format!("seconds since {}", about.start_utc);
        let t = spec.transform.map(|v| v.to_string()).join(" ");
        let metres = |name: &'static str, axis: &'static str| [("standard_name", name), ("axis", axis), ("units", "m")];
        let mut variables = vec![
            axis(
                "time",
                TIME,
                &[("standard_name", "time"), ("axis", "T"), ("calendar", "standard"), ("units", &since)],
                doubles(&mut about.times_s.iter().copied()),
            ),
            axis(
                "y",
                Y,
                &metres("projection_y_coordinate", "Y"),
                doubles(&mut (0..spec.rows).map(|row| spec.centre(0, row)[1])),
            ),
            axis(
                "x",
                X,
                &metres("projection_x_coordinate", "X"),
                doubles(&mut (0..spec.cols).map(|col| spec.centre(col, 0)[0])),
            ),
            Variable {
                name: "crs".to_owned(),
                dimensions: Vec::new(),
                attributes: attributes(&[("crs_wkt", wkt), ("spatial_ref", wkt), ("GeoTransform", &t)], None),
                kind: INT,
                values: vec![0; 4],
            },
        ];
        variables.extend(fields.iter().map(|field| Variable {
            name: field.name.to_owned(),
            dimensions: vec![TIME, Y, X],
            attributes: attributes(
                &[("long_name", field.title), ("units", field.unit), ("grid_mapping", "crs")],
                Some(f32::NAN),
            ),
            kind: FLOAT,
            values: field.grids.iter().flat_map(|g| &g.cells).flat_map(|v| v.to_be_bytes()).collect(),
        }));
        Self {
            lengths: [("time", about.times_s.len()), ("y", spec.rows), ("x", spec.cols)],
            attributes: attributes(&[("Conventions", "CF-1.8"), ("source", about.source)], None),
            variables,
        }
    }

    /// The header with every variable's beginning, given where the first one begins.
    fn header(&self, mut begin: u64) -> Vec<u8> {
        let mut head = b"CDF\x02".to_vec();
        word(&mut head, 0);
        word(&mut head, 0x0a);
        word(&mut head, self.lengths.len() as u32);
        for (name, length) in self.lengths {
            text(&mut head, name);
            word(&mut head, length as u32);
        }
        head.extend(&self.attributes);
        word(&mut head, 0x0b);
        word(&mut head, self.variables.len() as u32);
        for variable in &self.variables {
            text(&mut head, &variable.name);
            word(&mut head, variable.dimensions.len() as u32);
            variable.dimensions.iter().for_each(|d| word(&mut head, *d));
            head.extend(&variable.attributes);
            word(&mut head, variable.kind);
            // The format lets a size that does not fit be the greatest number: readers work it out from the dimensions.
            word(&mut head, u32::try_from(variable.values.len()).unwrap_or(u32::MAX));
            head.extend(begin.to_be_bytes());
            begin += variable.values.len() as u64;
        }
        head
    }

    fn bytes(&self) -> Vec<u8> {
        // The header is as long whatever the beginnings are; all values are whole multiples of four bytes.
        let mut file = self.header(self.header(0).len() as u64);
        self.variables.iter().for_each(|v| file.extend(&v.values));
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::crs::Crs;

    /// Reads back what the format's grammar says: no library of our own knows it.
    #[test]
    fn values_stand_where_the_header_says() {
        let spec = GridSpec::north_up(Crs::VN2000_TM3_104_30, 440_000.0, 1_130_000.0, 100.0, 3, 2);
        let grids: Vec<Grid<f32>> = (0..2_u8)
            .map(|t| Grid { spec: spec.clone(), cells: (0..6_u8).map(|i| f32::from(10 * t + i)).collect() })
            .collect();
        let field = NetcdfField { name: "c", unit: "µg m-3", title: "a title", grids: grids.iter().collect() };
        let about = NetcdfAbout { times_s: &[0.0, 3600.0], start_utc: "2026-03-20 02:30:00", source: "simulated" };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.nc");
        write_netcdf(&[field], about, &path).unwrap();
        let file = std::fs::read(&path).unwrap();
        assert_eq!(&file[..8], b"CDF\x02\0\0\0\0");
        // The last variable's header: its name, three dimensions, attributes; kind, size and beginning stand at its end.
        let begin_of_data = file.len() - 12 * 4;
        let header_end = file.len() - 12 * 4 - 4 - 8 * (2 + 2 + 3);
        let beginning = u64::from_be_bytes(file[header_end - 8..header_end].try_into().unwrap());
        assert_eq!(beginning, begin_of_data as u64);
        let size = u32::from_be_bytes(file[header_end - 12..header_end - 8].try_into().unwrap());
        assert_eq!(size, 12 * 4);
        let values: Vec<f32> =
            file[begin_of_data..].chunks(4).map(|b| f32::from_be_bytes(b.try_into().unwrap())).collect();
        assert_eq!(values, [0., 1., 2., 3., 4., 5., 10., 11., 12., 13., 14., 15.]);
        let other = Grid { spec: GridSpec { cols: 2, rows: 3, ..spec }, cells: vec![0.0; 6] };
        let wrong = NetcdfField { name: "c", unit: "1", title: "", grids: vec![&grids[0], &other] };
        assert!(write_netcdf(&[wrong], about, &path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), file, "the file is as it was");
    }
}
