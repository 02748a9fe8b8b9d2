//! What can be wrong with a day's inputs.

use crate::base::message::{Message, ToMessage};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MesoError {
    #[error("the network has no links; check the layer or the filter")]
    NoLinks,
    #[error("link {link}: {what} is {value}, which is not possible; correct it")]
    BadLink { link: u64, what: &'static str, value: f64 },
    #[error("trip {row}: {what} is {value}, which is not possible; correct it")]
    BadTrip { row: usize, what: &'static str, value: f64 },
    #[error("trip {row}: no way leads from node {from} to node {to}; connect them or remove the trip")]
    Unconnected { row: usize, from: u64, to: u64 },
    #[error("there is no node {node} to leave by")]
    NoExit { node: u64 },
}

impl ToMessage for MesoError {
    fn to_message(&self) -> Message {
        let about = |key: &str, what: &str, value: f64| {
            Message::new(key).with("what", Message::new(&format!("vehicles-what-{what}"))).with("value", value)
        };
        match self {
            Self::NoLinks => Message::new("vehicles-no-links"),
            Self::BadLink { link, what, value } => {
                about("vehicles-bad-link", what, *value).with("link", link.to_string())
            }
            Self::BadTrip { row, what, value } => about("vehicles-bad-trip", what, *value).with("row", *row),
            Self::Unconnected { row, from, to } => Message::new("vehicles-not-connected")
                .with("row", *row)
                .with("from", from.to_string())
                .with("to", to.to_string()),
            Self::NoExit { node } => Message::new("vehicles-no-exit").with("node", node.to_string()),
        }
    }
}
