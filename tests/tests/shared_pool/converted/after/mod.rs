//! A small service on a pool of sqlx. `cargo shortlease fix` makes `after` of it.

pub(crate) mod errors;
mod store;
pub(crate) mod tools;

use sqlx::{Acquire, SqlitePool, SqliteTransaction};

use super::Model;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct App {
    db: shortlease::Db<shortlease::Sqlite>,
    pool: SqlitePool,
    model: Model,
}

impl App {
    pub(crate) fn new(pool: SqlitePool, model: Model) -> App {
        App {
            db: shortlease::Db::builder_from_pool(pool.clone())
                .connect_lazy()
                .expect("a pool that can be shared"),
            pool,
            model,
        }
    }

    pub(crate) fn connections(&self) -> u32 {
        self.pool.size()
    }

    /// Reads, calls, writes: the transaction is open meanwhile.
    #[shortlease::handler]
    pub(crate) async fn call(&self, id: i64) -> Result<String, Error> {
        let mut db = self.db.session();
        let url = db.lease(async |tx| store::url(tx, id).await).await?;
        let output = self.model.improve(&url).await;
        let calls = db
            .transaction(async |tx| {
                store::record(tx, id, &output).await?;
                store::count_use(tx, id).await?;
                store::calls(tx, id).await
            })
            .await?;
        Ok(format!("{output} ({calls})"))
    }

    /// Finds nothing wrong here, but shares a helper with the function above.
    #[shortlease::handler]
    pub(crate) async fn calls(&self, id: i64) -> Result<i64, Error> {
        let mut db = self.db.session();
        db.lease(async |conn| store::calls(conn, id).await).await
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
        store::record(&mut *tx, id, "begun").await?;
        noted(&mut tx, id).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lends its pool.
    pub(crate) async fn shout(&self, id: i64) -> Result<String, Error> {
        shout(&self.db, &self.model, id).await
    }
}

/// Others call the service by this.
pub(crate) trait First {
    async fn first(&self) -> Result<String, Error>;
}

impl First for App {
    #[shortlease::handler]
    async fn first(&self) -> Result<String, Error> {
        let mut db = self.db.session();
        let url = db.lease(async |conn| store::url(conn, 1).await).await?;
        Ok(self.model.improve(&url).await)
    }
}

/// Begins a savepoint, and stays for that.
async fn noted(tx: &mut SqliteTransaction<'_>, id: i64) -> Result<(), Error> {
    tx.begin().await?.commit().await?;
    store::note(&mut **tx, id).await?;
    store::note(&mut **tx, id).await
}

/// Passes on the pool that it is given.
async fn shout(
    pool: &shortlease::Db<shortlease::Sqlite>,
    model: &Model,
    id: i64,
) -> Result<String, Error> {
    Ok(improved(id, pool.clone(), model).await?.to_uppercase())
}

/// Takes its connection from the pool that it is given.
#[shortlease::handler]
async fn improved(
    id: i64,
    pool: shortlease::Db<shortlease::Sqlite>,
    model: &Model,
) -> Result<String, Error> {
    let mut db = pool.session();
    let url = db.lease(async |conn| store::url(conn, id).await).await?;
    Ok(model.improve(&url).await)
}

/// Reads twice on one connection, which then waits for the model.
#[shortlease::handler]
pub(crate) async fn describe(app: &App, id: i64) -> Result<String, shortlease::Error> {
    let mut db = app.db.session();
    let (url, tools) = db
        .lease(async |conn| {
            let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
                .bind(id)
                .fetch_one(conn)
                .await?;
            let tools: i64 =
                sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?;
            Ok((url, tools))
        })
        .await?;
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

#[shortlease::handler]
async fn improved_title(app: &App, id: i64) -> sqlx::Result<String> {
    let mut db = app.db.session();
    let url: String = db
        .lease(async |conn| {
            sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
        })
        .await?;
    Ok(app.model.improve(&url).await)
}
