//! Where a history is: a file, or a database server named by a connection string.

use std::path::Path;

use super::contract::{History, HistoryError};
use super::keeper::{Opener, in_file};
use super::postgres::PostgresHistory;
use super::sqlite::SqliteHistory;

/// Whether the words name a server ("postgres://…", "host=… dbname=…") and not a file.
#[must_use]
pub fn is_server(place: &str) -> bool {
    place.starts_with("postgres://")
        || place.starts_with("postgresql://")
        || place.split_whitespace().any(|word| word.starts_with("host=") || word.starts_with("dbname="))
}

/// How the history at a place is opened to be written.
#[must_use]
pub fn opener(place: &str) -> Opener {
    if !is_server(place) {
        return in_file(Path::new(place));
    }
    let parameters = place.to_owned();
    Box::new(move || PostgresHistory::connect(&parameters).map(|h| (Box::new(h) as Box<dyn History>, None)))
}

/// Opens the history at a place to look things up.
///
/// # Errors
/// When it is not there or does not answer.
pub fn open_to_read(place: &str) -> Result<Box<dyn History>, HistoryError> {
    if is_server(place) {
        return Ok(Box::new(PostgresHistory::connect(place)?));
    }
    Ok(Box::new(SqliteHistory::open_to_read(Path::new(place))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_told_from_files() {
        for server in ["postgres://duty@db/island", "postgresql://db", "host=db dbname=island", "dbname=island"] {
            assert!(is_server(server), "{server}");
        }
        for file in ["history.db", "/data/host=1.db", "C:\\h.db"] {
            assert!(!is_server(file), "{file}");
        }
    }
}
