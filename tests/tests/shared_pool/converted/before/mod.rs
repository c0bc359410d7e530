//! A small service on a pool of sqlx. `cargo shortlease fix` makes `after` of it.

pub(crate) mod errors;
mod store;
pub(crate) mod tools;

use sqlx::{Acquire, SqlitePool, SqliteTransaction};

use super::Model;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct App {
    pool: SqlitePool,
    model: Model,
}

impl App {
    pub(crate) fn new(pool: SqlitePool, model: Model) -> App {
        App { pool, model }
    }

    pub(crate) fn connections(&self) -> u32 {
        self.pool.size()
    }

    /// Reads, calls, writes: the transaction is open meanwhile.
    pub(crate) async fn call(&self, id: i64) -> Result<String, Error> {
        let mut tx = self.pool.begin().await?;
        let url = store::url(&mut tx, id).await?;
        let output = self.model.improve(&url).await;
        store::record(&mut tx, id, &output).await?;
        store::count_use(&mut *tx, id).await?;
        let calls = store::calls(&mut tx, id).await?;
        tx.commit().await?;
        Ok(format!("{output} ({calls})"))
    }

    /// Finds nothing wrong here, but shares a helper with the function above.
    pub(crate) async fn calls(&self, id: i64) -> Result<i64, Error> {
        let mut conn = self.pool.acquire().await?;
        store::calls(&mut conn, id).await
    }

    /// Stays on the pool of sqlx, and shares a helper with the first function.
    pub(crate) async fn count_use(&self, id: i64) -> Result<bool, Error> {
        let Ok(mut tx) = self.pool.begin().await else { return Ok(false) };
        store::count_use(&mut *tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Stays too, and shares helpers that take a connection.
    pub(crate) async fn note(&self, id: i64) -> Result<bool, Error> {
        let Ok(mut tx) = self.pool.begin().await else { return Ok(false) };
        store::record(&mut tx, id, "begun").await?;
        noted(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lends its pool.
    pub(crate) async fn shout(&self, id: i64) -> Result<String, Error> {
        shout(&self.pool, &self.model, id).await
    }
}

/// Others call the service by this.
pub(crate) trait First {
    async fn first(&self) -> Result<String, Error>;
}

impl First for App {
    async fn first(&self) -> Result<String, Error> {
        let mut conn = self.pool.acquire().await?;
        let url = store::url(&mut conn, 1).await?;
        Ok(self.model.improve(&url).await)
    }
}

/// Begins a savepoint, and stays for that.
async fn noted(tx: &mut SqliteTransaction<'_>, id: i64) -> Result<(), Error> {
    tx.begin().await?.commit().await?;
    store::note(tx, id).await?;
    store::note(&mut *tx, id).await
}

/// Passes on the pool that it is given.
async fn shout(pool: &SqlitePool, model: &Model, id: i64) -> Result<String, Error> {
    Ok(improved(id, pool.clone(), model).await?.to_uppercase())
}

/// Takes its connection from the pool that it is given.
async fn improved(id: i64, pool: SqlitePool, model: &Model) -> Result<String, Error> {
    let mut conn = pool.acquire().await?;
    let url = store::url(&mut conn, id).await?;
    Ok(model.improve(&url).await)
}

/// Reads twice on one connection, which then waits for the model.
pub(crate) async fn describe(app: &App, id: i64) -> Result<String, sqlx::Error> {
    let mut conn = app.pool.acquire().await?;
    let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *conn)
        .await?;
    let tools: i64 = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(&mut *conn).await?;
    let text = app.model.improve(&url).await;
    Ok(format!("{text}, one of {tools}"))
}

/// Matches on the error of sqlx.
pub(crate) async fn title(app: &App, id: i64) -> Result<Option<String>, sqlx::Error> {
    match improved_title(app, id).await {
        Err(sqlx::Error::RowNotFound) => Ok(None),
        title => title.map(Some),
    }
}

async fn improved_title(app: &App, id: i64) -> sqlx::Result<String> {
    let mut conn = app.pool.acquire().await?;
    let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *conn)
        .await?;
    Ok(app.model.improve(&url).await)
}
