//! Why a file or a machine cannot be used, in words that can be put into a language: places by line and column, and never the parser's
//! or the system's own English where there is a sentence of ours.

use std::io::{Error, ErrorKind};

use ron::error::{Error as Syntax, SpannedError};

use crate::base::message::Message;

/// What the parser or the system says beyond our own sentences is cut to so many letters.
const TECHNICAL: usize = 60;

/// Why a file of sensors was not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigFault {
    Syntax {
        line: usize,
        column: usize,
        what: Message,
    },
    /// Of a newer program.
    TooNew {
        found: u32,
    },
    TooLarge {
        bytes: u64,
    },
    /// A station without a usable name or place.
    Station {
        id: String,
    },
    /// A stream of an unknown quantity or without a rhythm.
    Stream {
        name: String,
    },
}

impl ConfigFault {
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Self::Syntax { line, column, what } => Message::new("sensor-fault-syntax")
                .with("line", *line)
                .with("column", *column)
                .with("what", what.clone()),
            Self::TooNew { found } => Message::new("sensor-fault-too-new").with("found", *found as usize),
            Self::TooLarge { bytes } => {
                Message::new("sensor-fault-too-large").with("megabytes", *bytes as f64 / 1_048_576.0)
            }
            Self::Station { id } => Message::new("sensor-fault-station").with("id", id.as_str()),
            Self::Stream { name } => Message::new("sensor-fault-stream").with("name", name.as_str()),
        }
    }
}

impl From<&SpannedError> for ConfigFault {
    fn from(error: &SpannedError) -> Self {
        let start = error.span.start;
        Self::Syntax { line: start.line, column: start.col, what: syntax(&error.code) }
    }
}

fn syntax(code: &Syntax) -> Message {
    let known = |names: &[&str]| names.join(", ");
    match code {
        Syntax::NoSuchStructField { expected, found, .. } => {
            Message::new("sensor-syntax-field").with("found", found.as_str()).with("known", known(expected))
        }
        Syntax::NoSuchEnumVariant { expected, found, .. } => {
            Message::new("sensor-syntax-choice").with("found", found.as_str()).with("known", known(expected))
        }
        Syntax::MissingStructField { field, .. } => Message::new("sensor-syntax-missing").with("field", *field),
        Syntax::DuplicateStructField { field, .. } => Message::new("sensor-syntax-twice").with("field", *field),
        Syntax::ExpectedInteger | Syntax::ExpectedFloat | Syntax::IntegerOutOfBounds => {
            Message::new("sensor-syntax-number")
        }
        Syntax::ExpectedString | Syntax::ExpectedStringEnd => Message::new("sensor-syntax-text"),
        Syntax::ExpectedBoolean => Message::new("sensor-syntax-boolean"),
        Syntax::ExpectedOption => Message::new("sensor-syntax-option"),
        Syntax::Eof => Message::new("sensor-syntax-end"),
        Syntax::ExpectedComma
        | Syntax::ExpectedArrayEnd
        | Syntax::ExpectedStructLikeEnd
        | Syntax::ExpectedOptionEnd
        | Syntax::ExpectedMapEnd => Message::new("sensor-syntax-close"),
        Syntax::ExpectedArray => Message::new("sensor-syntax-list"),
        Syntax::ExpectedStructLike | Syntax::ExpectedNamedStructLike(_) => Message::new("sensor-syntax-bracket"),
        Syntax::ExpectedMapColon => Message::new("sensor-syntax-colon"),
        Syntax::TrailingCharacters => Message::new("sensor-syntax-trailing"),
        Syntax::UnexpectedChar(c) => Message::new("sensor-syntax-char").with("found", c.to_string()),
        Syntax::InvalidValueForType { found, .. } => {
            Message::new("sensor-syntax-kind").with("found", technical(found).as_str())
        }
        other => Message::new("sensor-syntax-other").with("technical", technical(&other.to_string())),
    }
}

/// Why the system does not give a file.
#[must_use]
pub fn of_file(error: &Error) -> Message {
    match error.kind() {
        ErrorKind::NotFound => Message::new("sensor-file-missing"),
        ErrorKind::PermissionDenied => Message::new("sensor-file-denied"),
        ErrorKind::IsADirectory => Message::new("sensor-file-folder"),
        ErrorKind::InvalidData => Message::new("sensor-file-not-text"),
        ErrorKind::StorageFull => Message::new("sensor-file-disk-full"),
        _ => Message::new("sensor-file-other").with("technical", technical(&error.to_string())),
    }
}

/// Why the network does not reach a machine, or lost it.
#[must_use]
pub fn of_network(error: &Error) -> Message {
    let key = match error.kind() {
        ErrorKind::ConnectionRefused => "sensor-net-refused",
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => "sensor-net-closed",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "sensor-net-slow",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "sensor-net-no-way",
        // The system's resolver has no kind of its own.
        _ if error.to_string().contains("lookup address") => "sensor-net-no-name",
        _ => return Message::new("sensor-file-other").with("technical", technical(&error.to_string())),
    };
    Message::new(key)
}

fn technical(text: &str) -> String {
    let mut short: String = text.lines().next().unwrap_or_default().chars().take(TECHNICAL).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sensor::SensorConfig;

    fn fault(text: &str) -> (usize, usize, String) {
        let error = ron::from_str::<SensorConfig>(text).unwrap_err();
        match ConfigFault::from(&error) {
            ConfigFault::Syntax { line, column, what } => (line, column, what.key),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_common_slip_has_a_sentence_and_a_place() {
        for (text, line, key) in [
            (
                "(version: 1,\n stations: [(id: \"A\", kind: Ear, at: (104.0, 10.2))], sources: [])",
                2,
                "sensor-syntax-choice",
            ),
            ("(version: 1,\n\n statoins: [], sources: [])", 3, "sensor-syntax-field"),
            ("(version: 1)", 1, "sensor-syntax-missing"),
            ("(version: \"x\", sources: [])", 1, "sensor-syntax-number"),
            ("(version: 1, sources: [", 1, "sensor-syntax-end"),
            ("(version: 1, stations: [(id: KK, kind: Air, at: (1.0, 2.0))], sources: [])", 1, "sensor-syntax-text"),
            ("(version: 1, version: 1, sources: [])", 1, "sensor-syntax-twice"),
            ("(version: 1 sources: [])", 1, "sensor-syntax-close"),
            ("(version: 1, sources: []) more", 1, "sensor-syntax-trailing"),
        ] {
            let (at, column, found) = fault(text);
            assert_eq!((at, found.as_str()), (line, key), "{text}");
            assert!(column > 0);
        }
    }

    #[test]
    fn the_systems_own_words_are_kept_short() {
        assert_eq!(of_file(&Error::from(ErrorKind::NotFound)).key, "sensor-file-missing");
        let long = Error::other("word ".repeat(100));
        assert!(of_file(&long).args.iter().any(|(_, a)| format!("{a:?}").len() < 100));
    }

    #[test]
    fn what_the_network_says_has_a_sentence_of_ours() {
        let refused = std::net::TcpStream::connect("127.0.0.1:1").unwrap_err();
        assert_eq!(of_network(&refused).key, "sensor-net-refused");
        let unknown = std::net::TcpStream::connect("no-such-machine.invalid:1").unwrap_err();
        assert_eq!(of_network(&unknown).key, "sensor-net-no-name");
        assert_eq!(of_network(&ErrorKind::UnexpectedEof.into()).key, "sensor-net-closed");
        assert_eq!(of_network(&Error::other("odd")).key, "sensor-file-other");
    }
}
