//! What is wrong with an expression, and where.

use crate::base::message::{Message, ToMessage};

/// Places are counted in letters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExprError {
    #[error("letter {at}: {found:?} is not expected here; correct the expression")]
    Unexpected { at: usize, found: String },
    #[error("the expression ends too early; write it to its end")]
    Unfinished,
    #[error("no field {name:?}; the layer has {known}")]
    UnknownField { name: String, known: String },
    #[error("no function {name:?}; there are {known}")]
    UnknownFunction { name: String, known: String },
    #[error("{name} takes {wanted} values")]
    Arguments { name: String, wanted: String },
    #[error("the expression is nested too deeply; write it in parts")]
    TooDeep,
}

impl ToMessage for ExprError {
    fn to_message(&self) -> Message {
        match self {
            Self::Unexpected { at, found } => {
                Message::new("analysis-expr-unexpected").with("at", *at).with("found", found.as_str())
            }
            Self::Unfinished => Message::new("analysis-expr-unfinished"),
            Self::UnknownField { name, known } => {
                Message::new("analysis-expr-no-field").with("name", name.as_str()).with("known", known.as_str())
            }
            Self::UnknownFunction { name, known } => {
                Message::new("analysis-expr-no-function").with("name", name.as_str()).with("known", known.as_str())
            }
            Self::Arguments { name, wanted } => {
                Message::new("analysis-expr-arguments").with("name", name.as_str()).with("wanted", wanted.as_str())
            }
            Self::TooDeep => Message::new("analysis-expr-too-deep"),
        }
    }
}
