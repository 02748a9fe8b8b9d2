//! Looks things up in the history on a thread of its own, so that the picture keeps moving meanwhile.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::live_chart::Curve;
use super::live_field::StationField;
use super::live_seen::Seen;
use crate::live::board::StreamNow;

/// What is asked for. Of several questions of one kind only the newest is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Chart,
    Past,
    Field,
    Seen,
}

pub(super) enum Answer {
    Chart(Vec<Curve>),
    /// The map as it was, by stream.
    Past(Vec<StreamNow>),
    Field(Option<StationField>),
    Seen(Option<Seen>),
}

type Work = Box<dyn FnOnce() -> Answer + Send>;

struct Question {
    slot: Slot,
    number: u64,
    work: Work,
}

pub(super) struct Reader {
    questions: Sender<Question>,
    /// In a lock only so that a session can be shared between threads.
    answers: Mutex<Receiver<(Slot, u64, Option<Answer>)>>,
    /// The newest question of each kind that is not answered yet.
    open: BTreeMap<Slot, u64>,
    asked: u64,
}

impl Reader {
    /// # Errors
    /// When there is no thread.
    pub(super) fn start() -> std::io::Result<Self> {
        let (questions, incoming) = channel();
        let (outgoing, answers) = channel();
        std::thread::Builder::new().name("live-reader".to_owned()).spawn(move || run(&incoming, &outgoing))?;
        Ok(Self { questions, answers: Mutex::new(answers), open: BTreeMap::new(), asked: 0 })
    }

    pub(super) fn ask(&mut self, slot: Slot, work: impl FnOnce() -> Answer + Send + 'static) {
        self.asked += 1;
        let question = Question { slot, number: self.asked, work: Box::new(work) };
        if self.questions.send(question).is_ok() {
            self.open.insert(slot, self.asked);
        }
    }

    /// Whether an answer is still to come.
    pub(super) fn is_busy(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn is_asking(&self, slot: Slot) -> bool {
        self.open.contains_key(&slot)
    }

    /// The answers that have come, but for those to questions that were asked anew since.
    pub(super) fn take(&mut self) -> Vec<Answer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while let Ok((slot, number, answer)) = answers.try_recv() {
            if self.open.get(&slot) == Some(&number) {
                self.open.remove(&slot);
                taken.extend(answer);
            }
        }
        taken
    }
}

fn run(incoming: &Receiver<Question>, outgoing: &Sender<(Slot, u64, Option<Answer>)>) {
    while let Ok(first) = incoming.recv() {
        let mut newest = BTreeMap::from([(first.slot, first)]);
        while let Ok(next) = incoming.try_recv() {
            newest.insert(next.slot, next);
        }
        for (slot, question) in newest {
            // A panic in one answer must not end the others.
            let answer = catch_unwind(AssertUnwindSafe(question.work)).ok();
            if outgoing.send((slot, question.number, answer)).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn of_many_questions_the_newest_is_answered_and_a_panic_harms_no_other() {
        let mut reader = Reader::start().unwrap();
        reader.ask(Slot::Seen, || panic!("as asked"));
        for i in 0..50 {
            reader.ask(Slot::Past, move || {
                std::thread::sleep(Duration::from_millis(2));
                Answer::Past(vec![StreamNow::default(); i])
            });
        }
        let (began, mut answers) = (Instant::now(), Vec::new());
        while reader.is_busy() && began.elapsed() < Duration::from_secs(10) {
            answers.extend(reader.take());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(matches!(answers.as_slice(), [Answer::Past(streams)] if streams.len() == 49));
    }
}
