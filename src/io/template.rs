//! Field mappings as files, so that an office sets them up once.

use std::path::{Path, PathBuf};

use super::staging::Staging;
use crate::base::message::{Message, ToMessage};
use crate::model::mapping::{MappingTemplate, TEMPLATE_VERSION};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("the template cannot be read ({detail}); check the path: {path}")]
    Unreadable { path: PathBuf, detail: String },
    #[error("no field template ({detail}); correct it: {path}")]
    Syntax { path: PathBuf, detail: String },
    #[error(
        "the template has version {found}, this program reads up to {TEMPLATE_VERSION}; update the program: {path}"
    )]
    TooNew { path: PathBuf, found: u32 },
    #[error("the template cannot be written ({detail}); check the folder: {path}")]
    Write { path: PathBuf, detail: String },
}

impl ToMessage for TemplateError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unreadable { path, detail } => {
                Message::new("io-template-unreadable").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::Syntax { path, detail } => {
                Message::new("io-template-syntax").with("detail", detail.as_str()).with("path", path.as_path())
            }
            Self::TooNew { path, found } => Message::new("io-template-too-new")
                .with("found", *found)
                .with("known", TEMPLATE_VERSION)
                .with("path", path.as_path()),
            Self::Write { path, detail } => {
                Message::new("io-export-failed").with("detail", detail.as_str()).with("path", path.as_path())
            }
        }
    }
}

/// A template is a page long; a larger file is something else.
const MOST_BYTES: u64 = 1 << 20;

/// # Errors
/// [`TemplateError`]: no such file, no template, or of a newer version.
pub fn read_template(path: &Path) -> Result<MappingTemplate, TemplateError> {
    let unreadable = |e: std::io::Error| TemplateError::Unreadable { path: path.to_owned(), detail: e.to_string() };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        return Err(TemplateError::Syntax { path: path.to_owned(), detail: format!("{length} B") });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let template: MappingTemplate = serde_json::from_str(&text)
        .map_err(|e| TemplateError::Syntax { path: path.to_owned(), detail: e.to_string() })?;
    if template.version > TEMPLATE_VERSION {
        return Err(TemplateError::TooNew { path: path.to_owned(), found: template.version });
    }
    Ok(template)
}

/// # Errors
/// [`TemplateError::Write`]; the file is then as it was before.
pub fn write_template(template: &MappingTemplate, path: &Path) -> Result<(), TemplateError> {
    let failed = |e: std::io::Error| TemplateError::Write { path: path.to_owned(), detail: e.to_string() };
    let text = serde_json::to_string_pretty(template).map_err(|e| failed(e.into()))?;
    let staging = Staging::beside(path).map_err(failed)?;
    std::fs::write(staging.path(), text + "\n").and_then(|()| staging.commit(&[])).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mapping::FieldPair;

    #[test]
    fn a_template_comes_back_and_others_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vilis.json");
        let fields = vec![FieldPair { source: "SHBANDO".into(), target: "SOTO".into() }];
        let template = MappingTemplate { version: TEMPLATE_VERSION, name: "ViLIS".into(), fields };
        write_template(&template, &path).unwrap();
        assert_eq!(read_template(&path), Ok(template));
        std::fs::write(&path, r#"{"version":99,"name":"x","fields":[]}"#).unwrap();
        assert!(matches!(read_template(&path), Err(TemplateError::TooNew { found: 99, .. })));
        std::fs::write(&path, "[").unwrap();
        assert!(matches!(read_template(&path), Err(TemplateError::Syntax { .. })));
        assert!(matches!(read_template(dir.path()), Err(TemplateError::Unreadable { .. })));
    }
}
