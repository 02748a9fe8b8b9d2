//! Wind and moisture by the hour from a table.

use std::path::Path;

use super::error::FireError;
use super::landscape::Weather;
use super::rothermel::Moisture;

const MOISTURE: [&str; 5] = ["m_1h_pct", "m_10h_pct", "m_100h_pct", "m_live_herb_pct", "m_live_woody_pct"];

/// Reads the columns `time_h, wind_10m_mps, wind_from_deg, m_1h_pct, m_10h_pct, m_100h_pct, m_live_herb_pct,
/// m_live_woody_pct`, parted by commas, or by semicolons or tabs where the header has no comma. Where the table has no
/// moisture at all, `otherwise` holds for every hour.
///
/// # Errors
/// [`FireError::BadRow`] with the line and the column; what [`Weather::validate`] says of the whole.
pub fn parse(text: &str, path: &Path, otherwise: Option<Moisture>) -> Result<Vec<Weather>, FireError> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    let header = lines.next().map(|(_, l)| l.trim_start_matches('\u{feff}')).unwrap_or_default();
    let parted = [',', ';', '\t'].into_iter().find(|c| header.contains(*c)).unwrap_or(',');
    let columns: Vec<&str> = header.split(parted).map(str::trim).collect();
    let otherwise = otherwise.filter(|_| !MOISTURE.iter().any(|name| columns.contains(name)));
    let row = |(line, row): (usize, &str)| {
        let cells: Vec<&str> = row.split(parted).map(str::trim).collect();
        let real = |name: &str| {
            let cell = columns.iter().position(|c| *c == name).and_then(|i| cells.get(i));
            let value = cell.and_then(|t| t.parse::<f64>().ok()).filter(|v| v.is_finite());
            value.ok_or_else(|| FireError::BadRow { line: line + 1, what: name.to_owned(), path: path.to_owned() })
        };
        let moisture = if let Some(moisture) = otherwise {
            moisture
        } else {
            let [dead_1h, dead_10h, dead_100h, live_herb, live_woody] = MOISTURE.map(real);
            Moisture {
                dead_1h: dead_1h? / 100.0,
                dead_10h: dead_10h? / 100.0,
                dead_100h: dead_100h? / 100.0,
                live_herb: live_herb? / 100.0,
                live_woody: live_woody? / 100.0,
            }
        };
        Ok(Weather {
            start_s: real("time_h")? * 3600.0,
            wind_10m_mps: real("wind_10m_mps")?,
            wind_from_rad: real("wind_from_deg")?.to_radians(),
            moisture,
        })
    };
    let course = lines.map(row).collect::<Result<Vec<_>, _>>()?;
    Weather::validate(&course)?;
    Ok(course)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "time_h,wind_10m_mps,wind_from_deg,m_1h_pct,m_10h_pct,m_100h_pct,m_live_herb_pct,m_live_woody_pct";

    #[test]
    fn a_table_names_its_bad_row() {
        let good = format!("{HEADER}\n0,5,240,6,7,8,60,90\n1,6,250,6,7,8,60,90\n");
        let path = Path::new("w.csv");
        let course = parse(&good, path, None).unwrap();
        assert_eq!((course.len(), course[1].start_s, course[1].moisture.live_woody), (2, 3600.0, 0.9));
        let error = parse(&format!("{good}2,,1,1,1,1,1,1\n"), path, None).unwrap_err().to_string();
        assert!(error.contains("line 4") && error.contains("wind_10m_mps"), "{error}");
        assert!(parse(&good.replace("250", "NaN"), path, None).is_err());
        // Hours out of order, and none.
        assert!(parse(&good.replace("\n1,", "\n0,"), path, None).is_err());
        assert_eq!(parse(HEADER, path, None), Err(FireError::NoWeather));
    }

    #[test]
    fn moisture_may_come_from_elsewhere_and_columns_be_parted_by_semicolons() {
        let table = "time_h;wind_10m_mps;wind_from_deg\n0;5;240\n";
        let path = Path::new("w.csv");
        assert!(parse(table, path, None).unwrap_err().to_string().contains("m_1h_pct"));
        let moisture = Moisture { dead_1h: 0.06, dead_10h: 0.07, dead_100h: 0.08, live_herb: 0.6, live_woody: 0.9 };
        assert_eq!(parse(table, path, Some(moisture)).unwrap()[0].moisture, moisture);
    }
}
