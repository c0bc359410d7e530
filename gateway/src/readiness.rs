//! Knows if the database answers, without waiting for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shortlease::{Db, Error, WaitPhase};

use crate::database::Database;

/// An answer older than this is asked for again.
const FRESH: Duration = Duration::from_secs(2);

/// The least time that the database has for an answer.
const LEAST: Duration = Duration::from_secs(2);

/// The last that the database said. It is asked only if somebody wants to know, so a gateway that idles holds no connection.
pub struct Readiness {
    answers: AtomicBool,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    at: Option<Instant>,
    /// A database that answers slowly is not asked twice at a time.
    waits: bool,
}

impl Readiness {
    /// A readiness that assumes this until the database has been asked.
    #[must_use]
    pub fn assume(answers: bool) -> Arc<Self> {
        Arc::new(Readiness { answers: AtomicBool::new(answers), asked: Mutex::default() })
    }

    /// Returns what the database said last.
    #[must_use]
    pub fn database_answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Asks the database in the background, if the last answer is not fresh. It waits up to `limit`, or 2 s if
    /// that is longer, for a connection, and again for the answer.
    pub fn ask<DB: Database>(self: &Arc<Self>, db: &Db<DB>, limit: Duration) {
        {
            let mut asked = self.asked();
            if asked.waits || asked.at.is_some_and(|at| at.elapsed() < FRESH) {
                return;
            }
            *asked = Asked { at: Some(Instant::now()), waits: true };
        }
        let (readiness, db) = (Arc::clone(self), db.clone());
        tokio::spawn(async move {
            let answers = match db.ping(limit.max(LEAST)).await {
                Ok(()) => true,
                // Connections that are in use work.
                Err(Error::Busy(busy)) => {
                    !matches!(busy.phase, WaitPhase::Connect | WaitPhase::Validate)
                }
                Err(_) => false,
            };
            readiness.answers.store(answers, Ordering::Relaxed);
            readiness.asked().waits = false;
        });
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
