//! `sqlx::Pool`, as both plain ways use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Postgres};

use super::options::Options;
use super::remote::Remote;

#[derive(Clone)]
pub(super) struct Plain {
    pool: PgPool,
    waiting: Arc<AtomicUsize>,
    pub(super) remote: Remote,
}

impl Plain {
    pub(super) async fn connect(options: &Options, remote: Remote) -> sqlx::Result<Plain> {
        let mut pool = PgPoolOptions::new().max_connections(options.pool);
        if let Some(limit) = options.acquire_timeout() {
            pool = pool.acquire_timeout(limit);
        }
        let pool = pool.connect(&options.database).await?;
        Ok(Plain { pool, waiting: Arc::default(), remote })
    }

    /// As `Pool::acquire`, counted while it waits.
    pub(super) async fn acquire(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        let _waits = Waits::new(&self.waiting);
        self.pool.acquire().await
    }
}

/// Answers with the number of requests that wait for a connection.
pub(super) async fn waiting(State(app): State<Plain>) -> String {
    app.waiting.load(Ordering::Relaxed).to_string()
}

struct Waits<'a>(&'a AtomicUsize);

impl Waits<'_> {
    fn new(waiting: &AtomicUsize) -> Waits<'_> {
        waiting.fetch_add(1, Ordering::Relaxed);
        Waits(waiting)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
