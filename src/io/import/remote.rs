//! Sources on a network: PostGIS, WFS, OGC API Features. Only ever read when the user names one; then its worker may reach
//! that one and nothing else.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A source that is no file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteSource {
    pub kind: RemoteKind,
    /// What GDAL opens; may hold a password and is never shown or kept.
    connection: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RemoteKind {
    PostGis,
    Wfs,
    OgcApiFeatures,
}

/// Without passwords: what is logged is read by others.
impl std::fmt::Debug for RemoteSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteSource").field("kind", &self.kind).field("shown", &self.shown()).finish_non_exhaustive()
    }
}

impl RemoteKind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PostGis => "postgis",
            Self::Wfs => "wfs",
            Self::OgcApiFeatures => "ogc-api",
        }
    }
}

impl RemoteSource {
    /// `PG:dbname=… host=…`, `postgresql://user@host/db`, `WFS:https://…`, `OAPIF:https://…`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        let http = |rest: &str| ["http://", "https://"].iter().any(|p| rest.to_ascii_lowercase().starts_with(p));
        let (kind, connection) = if is("PG:") {
            (RemoteKind::PostGis, format!("PG:{}", &text[3..]))
        } else if is("postgresql://") || is("postgres://") {
            (RemoteKind::PostGis, text.replacen("postgres://", "postgresql://", 1))
        } else if is("WFS:") && http(&text[4..]) {
            (RemoteKind::Wfs, format!("WFS:{}", &text[4..]))
        } else if is("OAPIF:") && http(&text[6..]) {
            (RemoteKind::OgcApiFeatures, format!("OAPIF:{}", &text[6..]))
        } else {
            return None;
        };
        Some(Self { kind, connection })
    }

    pub(super) fn connection(&self) -> &Path {
        Path::new(&self.connection)
    }

    /// As it may be shown and kept: without passwords.
    #[must_use]
    pub fn shown(&self) -> PathBuf {
        let mut shown = self.connection.clone();
        if let Some(after) = shown.find("://").map(|at| at + 3) {
            let end = shown[after..].find(['/', '?', '#']).map_or(shown.len(), |at| after + at);
            if let Some(at) = shown[after..end].rfind('@').map(|at| after + at)
                && let Some(colon) = shown[after..at].find(':').map(|c| after + c)
            {
                shown.replace_range(colon + 1..at, MASK);
            }
        }
        // As key and value, bare, quoted or in a query.
        for key in ["password", "passwd", "pwd", "token", "apikey", "api_key", "key"] {
            mask_value(&mut shown, key);
        }
        shown.into()
    }

    /// The machine that is asked over HTTP; PostgreSQL's own protocol goes nowhere else by itself.
    pub(super) fn http_host(&self) -> Option<&str> {
        if self.kind == RemoteKind::PostGis {
            return None;
        }
        let authority = self.connection.split_once("://")?.1.split(['/', '?', '#']).next()?;
        let host = authority.rsplit('@').next()?;
        match host.strip_prefix('[') {
            Some(v6) => v6.split(']').next(),
            None => host.split(':').next(),
        }
    }

    /// GDAL's drivers that are needed: the first opens, the others read what comes.
    pub(in crate::io) fn drivers(&self) -> &'static [&'static str] {
        match self.kind {
            RemoteKind::PostGis => &["PostgreSQL"],
            RemoteKind::Wfs => &["WFS", "GML", "GeoJSON"],
            RemoteKind::OgcApiFeatures => &["OAPIF", "GeoJSON", "GML"],
        }
    }
}

const MASK: &str = "***";

/// Where the closing quote is; a backslash takes the meaning from the sign behind it.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut taken = false;
    text.char_indices().find_map(|(at, c)| {
        let ends = c == '\'' && !taken;
        taken = c == '\\' && !taken;
        ends.then_some(at)
    })
}

fn mask_value(text: &mut String, key: &str) {
    let mut from = 0;
    while let Some(at) = text[from..].to_ascii_lowercase().find(&format!("{key}=")).map(|at| from + at) {
        let start = at + key.len() + 1;
        let whole_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let value = &text[start..];
        let end = match value.strip_prefix('\'') {
            Some(quoted) => end_of_quoted(quoted).map_or(value.len(), |n| n + 2),
            None => value.find([' ', '&', '#']).unwrap_or(value.len()),
        };
        if whole_word {
            text.replace_range(start..start + end, MASK);
            from = start + MASK.len();
        } else {
            from = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        RemoteSource::parse(text).unwrap().shown().display().to_string()
    }

    #[test]
    fn passwords_are_never_shown() {
        assert_eq!(shown("PG:dbname=gis password=secret host=db"), "PG:dbname=gis password=*** host=db");
        assert_eq!(shown("PG:dbname=gis password='a b' host=db"), "PG:dbname=gis password=*** host=db");
        assert_eq!(shown("postgres://an:se:cret@db:5432/gis"), "postgresql://an:***@db:5432/gis");
        assert_eq!(shown("WFS:https://a:b@h/wfs?token=xyz&x=1"), "WFS:https://a:***@h/wfs?token=***&x=1");
        assert_eq!(shown(r"PG:password='a\'b' host=db"), "PG:password=*** host=db");
        assert_eq!(shown("pg:dbname=monkey=1"), "PG:dbname=monkey=1");
    }

    #[test]
    fn files_are_no_sources_of_this_kind() {
        for text in ["a.shp", "WFS:file:///etc/passwd", "/vsicurl/http://x", "OAPIF:x", "http://x/y.geojson", "PGx"] {
            assert_eq!(RemoteSource::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_host_is_what_the_address_says() {
        let host = |text: &str| RemoteSource::parse(text).unwrap().http_host().map(str::to_owned);
        assert_eq!(host("WFS:http://u:p@gis.example.vn:8080/wfs").as_deref(), Some("gis.example.vn"));
        assert_eq!(host("OAPIF:https://[::1]:99/api").as_deref(), Some("::1"));
        assert_eq!(host("PG:host=db"), None);
    }
}
