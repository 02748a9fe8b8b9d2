//! An evacuation in a few sentences, with what it assumes.

use super::evacuation::Evacuation;
use crate::base::message::Message;
use crate::sim::traffic::demand::table::EvacuationRow;

/// `span_s`: how long was looked at; `fire`: whether one was given.
#[must_use]
pub fn sentences(found: &Evacuation, assumed: &EvacuationRow, span_s: f64, fire: bool) -> Vec<Message> {
    let mut told = vec![
        Message::new("evacuation-who")
            .with("name", found.commune.as_str())
            .with("persons", found.persons.round())
            .with("vehicles", found.trips.len()),
    ];
    for share in [0.5, 0.9, 1.0] {
        let percent = (share * 100.0_f64).round();
        told.push(match found.out_at_s(share) {
            Some(s) => Message::new("evacuation-out").with("percent", percent).with("minutes", (s / 60.0).round()),
            None => Message::new("evacuation-never-out").with("percent", percent).with("hours", span_s / 3600.0),
        });
    }
    if fire {
        told.push(match found.closed.first() {
            Some(first) => Message::new("evacuation-closed")
                .with("links", found.closed.len())
                .with("minutes", (first.1 / 60.0).round()),
            None => Message::new("evacuation-none-closed"),
        });
    }
    if found.loaded.stranded > 0 {
        told.push(Message::new("vehicles-stranded").with("vehicles", found.loaded.stranded));
    }
    if let Some(first) = found.loaded.gridlocks.first() {
        let held: u32 = found.loaded.gridlocks.iter().map(|g| g.vehicles).sum();
        let message = Message::new("vehicles-gridlock").with("circles", found.loaded.gridlocks.len());
        told.push(message.with("vehicles", held).with("seconds", first.seen_s));
    }
    told.push(who_leaves(assumed));
    told
}

/// What is assumed of those who leave.
#[must_use]
pub fn who_leaves(assumed: &EvacuationRow) -> Message {
    Message::new("evacuation-assumed")
        .with("motorbike", assumed.persons_on_a_motorbike)
        .with("car", assumed.persons_in_a_car)
        .with("percent", assumed.share_by_motorbike * 100.0)
        .with("minutes", assumed.most_set_out_min)
        .with("news", assumed.news_min)
}
