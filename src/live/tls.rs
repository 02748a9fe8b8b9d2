//! Encrypted connections: whom to trust, and what it means when trust fails.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};

use super::error::LiveError;
use super::fault;

/// Where Linux systems keep the authorities that everybody trusts.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The certificates of a PEM file.
///
/// # Errors
/// [`LiveError::BadAuthority`] when there is none in it.
pub fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, LiveError> {
    let bad = |reason: String| LiveError::BadAuthority { reason, path: path.to_owned() };
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(path)
        .map_err(|e| bad(e.to_string()))?
        .collect::<Result<_, _>>()
        .map_err(|e| bad(e.to_string()))?;
    if found.is_empty() { Err(bad("no certificate in it".to_owned())) } else { Ok(found) }
}

/// The system's bundle, or the one that `SSL_CERT_FILE` names.
///
/// # Errors
/// [`LiveError::NoAuthorities`].
pub fn system_bundle() -> Result<PathBuf, LiveError> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    named.into_iter().chain(BUNDLES.iter().map(PathBuf::from)).find(|p| p.is_file()).ok_or(LiveError::NoAuthorities)
}

/// A client that trusts one authority, or those of the system.
///
/// # Errors
/// When the certificates cannot be read.
pub fn client(ca: Option<&Path>) -> Result<Arc<ClientConfig>, LiveError> {
    let path = match ca {
        Some(path) => path.to_owned(),
        None => system_bundle()?,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(authorities(&path)?);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| LiveError::Tls { reason: e.to_string(), host: String::new() })?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// What a failed handshake means.
#[must_use]
pub fn explain(error: &rustls::Error, host: &str) -> LiveError {
    let host = host.to_owned();
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => LiveError::Expired { host },
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                LiveError::WrongHost { host }
            }
            CertificateError::UnknownIssuer | CertificateError::BadSignature => LiveError::UnknownAuthority { host },
            other => LiveError::Tls { reason: other.to_string(), host },
        },
        other => LiveError::Tls { reason: other.to_string(), host },
    }
}

/// What an error of a connection means, looking for one of TLS inside it.
#[must_use]
pub fn explain_io(error: &std::io::Error, host: &str) -> LiveError {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    inner.map_or_else(
        || LiveError::Unreachable { reason: fault::of_network(error), host: host.to_owned() },
        |tls| explain(tls, host),
    )
}
