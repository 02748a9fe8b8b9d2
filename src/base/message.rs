//! What the core says to people: a key and its arguments, turned into a sentence by `text`.

use serde::{Deserialize, Serialize};

/// One argument of a [`Message`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Arg {
    Text(String),
    Integer(i64),
    Real(f64),
    /// A name that data bring in both languages.
    Both {
        vi: String,
        en: String,
    },
    /// A message inside a message: the reason why, for instance.
    Message(Box<Message>),
}

/// A sentence that has not been put into a language yet. `key` names an entry of `assets/lang/*.ftl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub key: String,
    pub args: Vec<(String, Arg)>,
}

impl Message {
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), args: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.args.push((name.to_owned(), value.into()));
        self
    }
}

/// Errors that can be told to a user say which sentence tells them.
pub trait ToMessage {
    fn to_message(&self) -> Message;
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<&std::path::Path> for Arg {
    fn from(value: &std::path::Path) -> Self {
        Self::Text(value.display().to_string())
    }
}
impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}
impl From<usize> for Arg {
    fn from(value: usize) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}
impl From<f64> for Arg {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}
impl From<Message> for Arg {
    fn from(value: Message) -> Self {
        Self::Message(Box::new(value))
    }
}
