//! What can go wrong while the demonstration data is made.

use std::path::PathBuf;

use crate::base::message::{Message, ToMessage};
use crate::io::export::ExportError;
use crate::live::error::LiveError;

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the built-in source {name} cannot be read: {reason}")]
    Source { name: &'static str, reason: String },
    #[error("no way over land from {from} to {to}")]
    NoRoute { from: String, to: String },
    #[error("cannot make or clear: {source}: {path}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Live(#[from] LiveError),
}

impl ToMessage for DemoError {
    fn to_message(&self) -> Message {
        match self {
            Self::Source { name, reason } => {
                Message::new("demo-source-unreadable").with("name", *name).with("reason", reason.as_str())
            }
            Self::NoRoute { from, to } => {
                Message::new("demo-no-route").with("from", from.as_str()).with("to", to.as_str())
            }
            Self::Export(error) => error.to_message(),
            Self::Live(error) => error.to_message(),
            Self::Folder { path, source } => {
                Message::new("demo-folder").with("path", path.as_path()).with("reason", source.to_string())
            }
        }
    }
}
