//! Readings to a broker, for others or to try one out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::super::backoff::Backoff;
use super::super::error::LiveError;
use super::super::fault;
use super::link::{Ended, Handle, Happened, Link, LinkOptions};
use crate::base::digest::Digest;

/// Keeps a connection up on a thread of its own and sends what it is given.
pub struct Publisher {
    shared: Arc<Shared>,
}

struct Shared {
    stop: AtomicBool,
    delivered: AtomicU64,
    handle: Mutex<Option<Handle>>,
    trouble: Mutex<Option<LiveError>>,
    /// Trying again would not help.
    refused: AtomicBool,
}

impl Publisher {
    /// # Errors
    /// When there is no thread.
    pub fn start(options: LinkOptions) -> Result<Self, LiveError> {
        let host = options.address.host.clone();
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            delivered: AtomicU64::new(0),
            handle: Mutex::new(None),
            trouble: Mutex::new(None),
            refused: AtomicBool::new(false),
        });
        let own = shared.clone();
        std::thread::Builder::new()
            .name("publish".to_owned())
            .spawn(move || own.run(&options))
            .map_err(|e| LiveError::Unreachable { reason: fault::of_network(&e), host })?;
        Ok(Self { shared })
    }

    /// Sends a message; false while there is no connection.
    #[must_use]
    pub fn send(&self, topic: &str, payload: Vec<u8>, qos: u8) -> bool {
        let handle = lock(&self.shared.handle).clone();
        handle.is_some_and(|h| h.publish(topic, payload, qos))
    }

    #[must_use]
    pub fn is_connected(&self) -> bool {
        lock(&self.shared.handle).is_some()
    }

    /// Messages that the broker has confirmed (QoS 1 and 2).
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.shared.delivered.load(Ordering::Relaxed)
    }

    /// What went wrong last, and whether it was given up.
    #[must_use]
    pub fn trouble(&self) -> Option<(LiveError, bool)> {
        lock(&self.shared.trouble).clone().map(|e| (e, self.shared.refused.load(Ordering::Relaxed)))
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(handle) = lock(&self.shared.handle).take() {
            handle.close();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn run(&self, options: &LinkOptions) {
        let mut backoff = Backoff::new(Digest::of(options.client_id.as_bytes()).value());
        while !self.stop.load(Ordering::Relaxed) {
            let ended = Link::new(options).map_or_else(Ended::Error, |link| self.connection(link, &mut backoff));
            *lock(&self.handle) = None;
            if let Ended::Error(error) = ended {
                let refused = !error.may_pass();
                *lock(&self.trouble) = Some(error);
                self.refused.store(refused, Ordering::Relaxed);
                if refused {
                    return;
                }
            }
            if !self.stop.load(Ordering::Relaxed) {
                std::thread::sleep(backoff.next_wait());
            }
        }
    }

    fn connection(&self, mut link: Link, backoff: &mut Backoff) -> Ended {
        loop {
            match link.wait() {
                Ok(Happened::Connected) => {
                    backoff.reset();
                    *lock(&self.trouble) = None;
                    *lock(&self.handle) = Some(link.handle());
                }
                Ok(Happened::Delivered) => {
                    self.delivered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(_) => {}
                Err(ended) => return ended,
            }
            if self.stop.load(Ordering::Relaxed) && lock(&self.handle).is_none() {
                link.handle().close();
            }
        }
    }
}
