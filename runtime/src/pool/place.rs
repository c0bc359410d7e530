use std::marker::PhantomData;
use std::time::Instant;

use deadpool::managed::{self, Metrics, Object, RecycleResult};
use tokio::sync::OwnedSemaphorePermit;

use crate::Backend;
use crate::raw::Raw;
use crate::settings::Settings;
use crate::telemetry::{Counted, Telemetry};

/// What deadpool counts: a place for one connection. It may be empty, as connecting happens outside
/// of deadpool, in a task that a waiter's cancellation does not touch.
pub(crate) struct Place<DB: Backend> {
    pub(crate) idle: Option<Idle<DB>>,
    pub(crate) seat: Option<Seat>,
    pub(super) turn: Option<Turn>,
}

/// To write, where a database has one writer: a pool has one. Transactions wait for it in the queue,
/// as with a connection they would keep that from those who only read. It goes with a place, so
/// whoever takes the place back from somebody who has forgotten it has both.
pub(super) struct Turn;

pub(crate) type Slot<DB> = Object<Places<DB>>;

/// One session's share of what the server is asked for, from before its connect to after its end.
/// A slot is free at once when its lease is dropped; its seat is not, or a storm of cancellations
/// would become one of connections.
pub(crate) type Seat = OwnedSemaphorePermit;

/// A connection and how to reach its other end.
pub(crate) struct Link<DB: Backend> {
    pub(crate) raw: Raw<DB>,
    pub(crate) peer: Option<DB::Peer>,
    pub(crate) retire_at: Instant,
}

/// A connection known to be clean.
pub(crate) struct Idle<DB: Backend> {
    pub(crate) link: Link<DB>,
    /// Since when nobody used it.
    since: Instant,
    /// When it last answered.
    pub(crate) heard: Instant,
    /// Once it lies in the pool: what goes from one lease to the next is not idle.
    counted: Option<Counted>,
}

impl<DB: Backend> Idle<DB> {
    pub(crate) fn new(link: Link<DB>, heard: Instant) -> Self {
        Idle { link, since: heard, heard, counted: None }
    }

    /// When nobody has used it for too long.
    pub(super) fn unused_at(&self, settings: &Settings) -> Instant {
        self.since + settings.idle_timeout
    }

    /// When it is to be asked for a sign of life.
    pub(super) fn silent_at(&self, settings: &Settings) -> Option<Instant> {
        settings.keepalive.map(|after| self.heard + after)
    }

    pub(super) fn count(&mut self, telemetry: &Telemetry) {
        self.counted.get_or_insert_with(|| Counted::new(telemetry.meters().idle.clone()));
    }
}

pub(crate) struct Places<DB>(PhantomData<fn() -> DB>);

impl<DB> Default for Places<DB> {
    fn default() -> Self {
        Places(PhantomData)
    }
}

impl<DB: Backend> managed::Manager for Places<DB> {
    // Boxed: a slot changes hands many times.
    type Type = Box<Place<DB>>;
    type Error = std::convert::Infallible;

    async fn create(&self) -> Result<Box<Place<DB>>, Self::Error> {
        Ok(Box::new(Place { idle: None, seat: None, turn: None }))
    }

    async fn recycle(&self, _: &mut Box<Place<DB>>, _: &Metrics) -> RecycleResult<Self::Error> {
        Ok(())
    }
}
