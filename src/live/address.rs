//! Whom to talk to: a scheme, a host, a port, perhaps a user's name; never a password.

use super::error::LiveError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub secure: bool,
    pub host: String,
    pub port: u16,
    pub username: Option<String>,
    /// A password that somebody typed into the address. It is used and never written down.
    pub password: Option<String>,
}

impl Address {
    /// Reads "mqtt://host:1883" and "mqtts://user@host".
    ///
    /// # Errors
    /// [`LiveError::BadAddress`].
    pub fn mqtt(url: &str) -> Result<Self, LiveError> {
        let bad = || LiveError::BadAddress { url: without_password(url) };
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        let secure = match scheme {
            "mqtt" | "tcp" => false,
            "mqtts" | "ssl" | "tls" => true,
            _ => return Err(bad()),
        };
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(u, p)| (Some(u), p));
        let (username, password) = match user {
            Some(user) => {
                let (name, word) = user.split_once(':').map_or((user, None), |(n, w)| (n, Some(w.to_owned())));
                (Some(name.to_owned()), word)
            }
            None => (None, None),
        };
        let place = place.trim_end_matches('/');
        let (host, port) = match place.rsplit_once(':') {
            // An IPv6 address is written in brackets.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| bad())?),
            _ => (place, if secure { 8883 } else { 1883 }),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || host.contains(['/', ' ', '?']) {
            return Err(bad());
        }
        Ok(Self { secure, host, port, username, password })
    }
}

/// An address as it may be shown and logged.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, place)) => format!("{scheme}://{}@{place}", user.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

/// Whether a password stands in an address.
#[must_use]
pub fn has_password(url: &str) -> bool {
    without_password(url) != url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let a = Address::mqtt("mqtts://duty@broker.example").unwrap();
        assert_eq!(
            (a.secure, a.host.as_str(), a.port, a.username.as_deref()),
            (true, "broker.example", 8883, Some("duty"))
        );
        let a = Address::mqtt("mqtt://[::1]:1884/").unwrap();
        assert_eq!((a.secure, a.host.as_str(), a.port), (false, "::1", 1884));
        for bad in ["broker", "http://x", "mqtt://", "mqtt://x:notaport", "mqtt://x/y"] {
            assert!(Address::mqtt(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_never_shown() {
        assert_eq!(without_password("mqtt://a:secret@b:1"), "mqtt://a@b:1");
        assert!(has_password("mqtt://a:secret@b:1") && !has_password("mqtt://a@b:1"));
        let error = Address::mqtt("ftp://a:secret@b").unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
