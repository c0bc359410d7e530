//! Handlers that many tests call, and waits for what they do.

use shortlease::{Backend, Db, Error, Postgres, Session, handler};

use crate::wait;

/// Holds a lease while the server sleeps.
#[handler]
pub async fn sleep(db: &mut Session<Postgres>, seconds: f64) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT pg_sleep($1)").bind(seconds).execute(conn).await?;
        Ok(())
    })
    .await
}

/// Holds a transaction while the server sleeps.
#[handler]
pub async fn sleep_in_transaction(db: &mut Session<Postgres>, seconds: f64) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("SELECT pg_sleep($1)").bind(seconds).execute(tx).await?;
        Ok(())
    })
    .await
}

/// Writes a row into `notes` and holds the transaction while the server sleeps.
#[handler]
pub async fn note_and_sleep(db: &mut Session<Postgres>, seconds: f64) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        sqlx::query("SELECT pg_sleep($1)").bind(seconds).execute(tx).await?;
        Ok(())
    })
    .await
}

/// Creates the table that [`note_and_sleep`] writes into.
///
/// # Panics
/// If the table cannot be created.
pub async fn create_notes(db: &Db<Postgres>) {
    let table = sqlx::raw_sql("CREATE TABLE notes (id bigint)");
    db.session().execute(table).await.expect("no such table yet");
}

/// Counts the committed rows of `notes`.
///
/// # Panics
/// If there is no such table.
pub async fn notes(db: &Db<Postgres>) -> i64 {
    let notes = sqlx::query_scalar("SELECT count(*) FROM notes");
    db.session().fetch_one(notes).await.expect("a table of notes")
}

/// Waits until exactly so many leases are open with a statement running.
///
/// # Panics
/// After [`wait::LIMIT`].
pub async fn in_query<DB: Backend>(db: &Db<DB>, leases: usize) {
    wait::until("leases in a query", async || {
        db.leases().iter().filter(|lease| lease.in_query).count() == leases
    })
    .await;
}
