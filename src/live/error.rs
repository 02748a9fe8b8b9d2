//! What can go wrong between us and those who measure.

use std::path::PathBuf;

use super::decode::MappingError;
use super::fault::ConfigFault;
use crate::base::message::{Message, ToMessage};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LiveError {
    #[error("the address is not understood; write it like mqtt://host:1883 or mqtts://host:8883: {url}")]
    BadAddress { url: String },
    #[error("a password must not stand in a file; take it out and give it when asked: {url}")]
    PasswordInFile { url: String },
    #[error("nobody answers there; check the name, the network and that it runs ({}): {host}", reason.key)]
    Unreachable { reason: Message, host: String },
    #[error(
        "its certificate was signed by an authority that is not trusted here; give the right CA certificate: {host}"
    )]
    UnknownAuthority { host: String },
    #[error("its certificate has expired or is not valid yet; renew it, or set the clock: {host}")]
    Expired { host: String },
    #[error("its certificate is for another name; use the name that stands in it: {host}")]
    WrongHost { host: String },
    #[error("the user name or the password is wrong: {host}")]
    WrongPassword { host: String },
    #[error("the encrypted connection failed: {reason}: {host}")]
    Tls { reason: String, host: String },
    #[error("it broke the rules of its protocol: {reason}: {host}")]
    Protocol { reason: String, host: String },
    #[error("the CA certificate cannot be read; it must be a PEM file: {reason}: {path}")]
    BadAuthority { reason: String, path: PathBuf },
    #[error("no certificates of authorities were found on this machine; name a CA file")]
    NoAuthorities,
    #[error("cannot be read ({}): {path}", reason.key)]
    File { reason: Message, path: PathBuf },
    #[error("the sensor file is not understood ({fault:?}); correct it: {path}")]
    BadConfig { fault: ConfigFault, path: PathBuf },
    #[error("the address must begin with https:// or http://: {url}")]
    BadWebAddress { url: String },
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl LiveError {
    /// Whether trying again later can help without anybody changing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Protocol { .. } | Self::Tls { .. } | Self::File { .. })
    }
}

impl ToMessage for LiveError {
    fn to_message(&self) -> Message {
        let plain = |key: &str, host: &str| Message::new(key).with("host", host);
        match self {
            Self::BadAddress { url } => Message::new("sensor-bad-address").with("url", url.as_str()),
            Self::PasswordInFile { url } => Message::new("sensor-password-in-file").with("url", url.as_str()),
            Self::Unreachable { reason, host } => plain("sensor-unreachable", host).with("reason", reason.clone()),
            Self::UnknownAuthority { host } => plain("sensor-unknown-authority", host),
            Self::Expired { host } => plain("sensor-expired", host),
            Self::WrongHost { host } => plain("sensor-wrong-host", host),
            Self::WrongPassword { host } => plain("sensor-wrong-password", host),
            Self::Tls { reason, host } => plain("sensor-tls", host).with("reason", reason.as_str()),
            Self::Protocol { reason, host } => plain("sensor-protocol", host).with("reason", reason.as_str()),
            Self::BadAuthority { reason, path } => {
                Message::new("sensor-bad-authority").with("reason", reason.as_str()).with("path", path.as_path())
            }
            Self::NoAuthorities => Message::new("sensor-no-authorities"),
            Self::File { reason, path } => {
                Message::new("sensor-file").with("reason", reason.clone()).with("path", path.as_path())
            }
            Self::BadConfig { fault, path } => {
                Message::new("sensor-bad-config").with("fault", fault.message()).with("path", path.as_path())
            }
            Self::BadWebAddress { url } => Message::new("sensor-bad-web-address").with("url", url.as_str()),
            Self::Mapping(error) => match error {
                MappingError::BadPath(text) => Message::new("sensor-bad-path").with("text", text.as_str()),
                MappingError::BadTopic(text) => Message::new("sensor-bad-topic").with("text", text.as_str()),
                MappingError::NoValues(text) => Message::new("sensor-no-values").with("text", text.as_str()),
            },
        }
    }
}
