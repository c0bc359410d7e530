use std::time::{Duration, Instant};

use sqlx::Connection;
use tokio::time::timeout;

use crate::Backend;
use crate::error::{Error, WaitPhase};
use crate::held::Held;
use crate::pool::{Idle, Link, Pool, Seat, Slot};
use crate::raw::Raw;
use crate::recovery::retire;

/// Puts a usable connection into the slot: the idle one if it still answers, else a new one.
pub(crate) async fn fill<DB: Backend>(
    pool: &Pool<DB>,
    mut held: Held<DB>,
) -> Result<Slot<DB>, Error> {
    if let Some(mut idle) = held.idle.take() {
        let seat = held.seat.take();
        if Instant::now() < idle.link.retire_at && validate(pool, &mut idle).await {
            (held.idle, held.seat) = (Some(idle), seat);
            return Ok(held.take());
        }
        retire(pool, idle.link, seat);
    }
    let (link, seat) = connect(pool).await?;
    (held.idle, held.seat) = (Some(Idle::new(link, Instant::now())), Some(seat));
    Ok(held.take())
}

/// Whether an idle connection answers.
pub(crate) async fn validate<DB: Backend>(pool: &Pool<DB>, idle: &mut Idle<DB>) -> bool {
    // Short enough that a connect fits into the rest of `acquire_timeout`.
    let limit = (pool.settings.acquire_timeout / 4).min(Duration::from_secs(5));
    let answered = matches!(timeout(limit, idle.link.raw.ping()).await, Ok(Ok(())));
    idle.heard = Instant::now();
    answered
}

/// Makes or borrows a connection that counts against the pool's sessions.
pub(crate) async fn connect<DB: Backend>(pool: &Pool<DB>) -> Result<(Link<DB>, Seat), Error> {
    let since = Instant::now();
    let connected = async {
        let seat = pool.seat().await?;
        pool.mode.check_connect()?;
        let (mut raw, peer) = match &pool.lender {
            None => make(pool).await?,
            Some(lender) => borrow(pool, lender).await.map_err(Error::Connect)?,
        };
        pool.mode.prepare::<DB>(&pool.connector, &mut raw).await?;
        let retire_at = Instant::now() + pool.settings.lifetime();
        Ok((Link { raw, peer, retire_at }, seat))
    };
    match &pool.lender {
        None => in_time(pool, connected).await,
        // Who asked for it has left with the same answer.
        Some(_) => timeout(pool.settings.acquire_timeout, connected)
            .await
            .unwrap_or_else(|_| Err(pool.busy(WaitPhase::SharedPool, since, None).into())),
    }
}

/// A connection and its peer.
type Met<DB> = (Raw<DB>, Option<<DB as Backend>::Peer>);

async fn make<DB: Backend>(pool: &Pool<DB>) -> Result<Met<DB>, Error> {
    let began = Instant::now();
    let (raw, peer) = DB::connect(&pool.connector).await?;
    pool.telemetry.meters().create_time.record(began.elapsed());
    Ok((Raw::Own(raw), peer))
}

async fn borrow<DB: Backend>(
    pool: &Pool<DB>,
    lender: &sqlx::Pool<DB>,
) -> Result<Met<DB>, sqlx::Error> {
    let mut raw = Raw::lent(lender).await?;
    let peer = DB::meet(&pool.connector, &mut raw).await?;
    Ok((raw, peer))
}

/// `connect_timeout` around whatever connects.
pub(crate) async fn in_time<DB: Backend, T>(
    pool: &Pool<DB>,
    connected: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match timeout(pool.settings.connect_timeout, connected).await {
        Ok(connected) => connected,
        Err(_) => Err(Error::Connect(sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            "no answer within `connect_timeout`",
        )))),
    }
}
