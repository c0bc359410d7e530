//! Clients that come, wait, give up and try again.

use std::time::Duration;

use shortlease::{Db, Error, Postgres};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

use super::call::call;

/// How often a client tries.
const TRIES: usize = 3;

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    /// By [`Error::Busy`].
    Refused,
    /// Its client is gone.
    GivenUp,
}

/// An attempt that is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    /// When the client came first.
    pub(super) arrived: Instant,
    began: Instant,
    pub(super) at: Instant,
    pub(super) outcome: Outcome,
}

impl Ended {
    /// From when the client came, with attempts before this.
    pub(super) fn took(&self) -> Duration {
        self.at - self.arrived
    }

    /// From the beginning of this attempt.
    pub(super) fn waited(&self) -> Duration {
        self.at - self.began
    }
}

/// Measures the calls per second of so many clients who call one after the other.
pub(super) async fn saturate(
    db: &Db<Postgres>,
    clients: usize,
    length: Duration,
) -> Result<f64, Error> {
    let start = Instant::now();
    let (counts, end) = (start + length / 4, start + length);
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let db = db.clone();
        tasks.spawn(async move {
            let mut calls = 0_u32;
            loop {
                match timeout_at(end, call(&mut db.session(), 1)).await {
                    Ok(Ok(())) => calls += u32::from(Instant::now() >= counts),
                    Ok(Err(Error::Busy(_))) => {}
                    Ok(Err(error)) => return Err(error),
                    Err(_) => return Ok(calls),
                }
            }
        });
    }
    let calls = tasks.join_all().await.into_iter().sum::<Result<u32, Error>>()?;
    Ok(f64::from(calls) / (end - counts).as_secs_f64())
}

/// All attempts of clients that come at a rate, whatever becomes of those before.
pub(super) struct Attempts {
    db: Db<Postgres>,
    patience: Duration,
    clients: JoinSet<Result<Vec<Ended>, Error>>,
}

impl Attempts {
    pub(super) fn new(db: &Db<Postgres>, patience: Duration) -> Attempts {
        Attempts { db: db.clone(), patience, clients: JoinSet::new() }
    }

    /// Lets clients come until `end`.
    pub(super) async fn arrive(&mut self, per_second: f64, end: Instant) {
        let mut arrivals = interval(Duration::from_secs_f64(1.0 / per_second));
        arrivals.set_missed_tick_behavior(MissedTickBehavior::Burst);
        while let Ok(arrived) = timeout_at(end, arrivals.tick()).await {
            self.clients.spawn(attend(self.db.clone(), self.patience, arrived));
        }
    }

    /// Waits for the last.
    pub(super) async fn end(self) -> Result<Vec<Ended>, Error> {
        let ended = self.clients.join_all().await;
        Ok(ended.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// One client, until it has an answer or no patience is left.
async fn attend(
    db: Db<Postgres>,
    patience: Duration,
    arrived: Instant,
) -> Result<Vec<Ended>, Error> {
    let mut attempts = Vec::new();
    for _ in 0..TRIES {
        let began = Instant::now();
        let outcome = match timeout(patience, call(&mut db.session(), 1)).await {
            Ok(Ok(())) => Outcome::Succeeded,
            Ok(Err(Error::Busy(_))) => Outcome::Refused,
            Ok(Err(error)) => return Err(error),
            Err(_) => Outcome::GivenUp,
        };
        attempts.push(Ended { arrived, began, at: Instant::now(), outcome });
        if outcome != Outcome::GivenUp {
            break;
        }
    }
    Ok(attempts)
}
