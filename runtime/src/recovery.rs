use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sqlx::Connection;
use tokio::time::timeout;

use crate::Backend;
use crate::held::Held;
use crate::pool::{Dirt, Idle, Link, Pool, Seat};

/// How long a connection left in the middle of something may take to come back, and its session to
/// end where it does not.
pub(crate) const RECOVERY: Duration = Duration::from_secs(5);

/// Brings a connection that was left in the middle of something back, to its place where it is waited
/// for there, or ends its session.
pub(crate) fn recover<DB: Backend>(
    pool: &Arc<Pool<DB>>,
    mut link: Link<DB>,
    seat: Option<Seat>,
    place: Option<Held<DB>>,
    dirt: Dirt,
) {
    let counted = Counted::new(pool);
    // Dropped with its runtime: the socket closes, and the server rolls back.
    pool.spawn(async move {
        let pool = &counted.0;
        match timeout(RECOVERY, bring_back(pool, &mut link, dirt)).await {
            Ok(Ok(())) => {
                pool.telemetry.meters().recovered.increment(1);
                let Some(mut place) = place else { return pool.adopt(link, seat) };
                (place.idle, place.seat) = (Some(Idle::new(link, Instant::now())), seat);
                return drop(place);
            }
            Ok(Err(error)) => tracing::debug!(%error, "connection not recovered, closing it"),
            Err(_) => tracing::debug!("connection not recovered within 5 s, closing it"),
        }
        pool.telemetry.meters().discarded.increment(1);
        if let Some(peer) = link.peer.filter(|_| dirt.in_flight) {
            let _ = timeout(RECOVERY, DB::terminate(&pool.connector, &peer)).await;
        }
        // Only then is its place free.
        drop((link.raw, seat));
        drop(place);
    });
}

async fn bring_back<DB: Backend>(
    pool: &Pool<DB>,
    link: &mut Link<DB>,
    dirt: Dirt,
) -> Result<(), sqlx::Error> {
    if dirt.in_flight {
        if link.raw.should_flush() {
            // Part of a statement was never sent, and must not be now.
            return Err(sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into()));
        }
        let drained = timeout(pool.mode.cancel_after(), DB::drain(&mut link.raw)).await;
        match (drained, &link.peer) {
            (Ok(drained), _) => drained?,
            // It waits for a session of the pooler: nothing runs that could be stopped. PgBouncer
            // does not notice that who waits has gone, so closing it would not shorten the queue.
            (Err(_), None) => {}
            (Err(_), Some(peer)) => {
                if !DB::cancel(&pool.connector, peer).await? {
                    return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()));
                }
            }
        }
    }
    pool.mode.reset::<DB>(&mut link.raw, link.peer.as_ref(), dirt.touched).await
}

/// Counted from the drop of its lease, whether or not a runtime ever gets to it.
struct Counted<DB: Backend>(Arc<Pool<DB>>);

impl<DB: Backend> Counted<DB> {
    fn new(pool: &Arc<Pool<DB>>) -> Self {
        pool.recovering.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(pool))
    }
}

impl<DB: Backend> Drop for Counted<DB> {
    fn drop(&mut self) {
        self.0.recovering.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Closes a connection politely, in the background.
pub(crate) fn retire<DB: Backend>(pool: &Pool<DB>, link: Link<DB>, seat: Option<Seat>) {
    pool.spawn(async move {
        let _ = timeout(RECOVERY, link.raw.close()).await;
        drop(seat);
    });
}

/// Ends a session whose connection is out of reach.
pub(crate) fn terminate<DB: Backend>(pool: &Arc<Pool<DB>>, peer: DB::Peer, seat: Option<Seat>) {
    let pool = Arc::clone(pool);
    pool.clone().spawn(async move {
        match timeout(RECOVERY, DB::terminate(&pool.connector, &peer)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a revoked session may still be open"),
            Err(_) => tracing::warn!("a revoked session may still be open: no answer in 5 s"),
        }
        drop(seat);
    });
}
