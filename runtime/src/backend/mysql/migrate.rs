use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{Executor, MySqlConnection};
use tokio::time::Instant;

use super::super::migration::{lock_key, without_lock};
use super::limits::seconds;
use crate::Error;

/// Runs the pending migrations, one instance at a time. `sqlx` waits for the lock without an end.
pub(super) async fn migrate(
    connection: &mut MySqlConnection,
    migrator: &Migrator,
    limit: Duration,
) -> Result<(), Error> {
    // `sqlx` goes on after its COMMIT, in no transaction.
    connection.execute("SET SESSION completion_type = 0").await?;
    if !migrator.locking {
        return Ok(migrator.run_direct(None, connection, false).await?);
    }
    let database: Option<String> =
        sqlx::query_scalar("SELECT DATABASE()").fetch_one(&mut *connection).await?;
    let Some(database) = database else {
        return Err(Error::setting("url", "names no database to migrate; add it to the URL"));
    };
    let name = format!("{:x}", lock_key(&database));
    lock(connection, &name, limit).await?;
    let migrated = without_lock(migrator).run_direct(None, &mut *connection, false).await;
    let unlocked = sqlx::query("DO RELEASE_LOCK(?)").bind(&name).execute(connection).await;
    migrated?;
    unlocked?;
    Ok(())
}

async fn lock(connection: &mut MySqlConnection, name: &str, limit: Duration) -> Result<(), Error> {
    let began = Instant::now();
    let seconds = if limit.is_zero() { 0 } else { seconds(limit) };
    let lock = sqlx::query_scalar("SELECT GET_LOCK(?, ?)").bind(name).bind(seconds);
    let locked: Option<i64> = lock.fetch_one(&mut *connection).await?;
    if locked == Some(1) {
        return Ok(());
    }
    let holder = sqlx::query_scalar("SELECT CAST(IS_USED_LOCK(?) AS UNSIGNED)").bind(name);
    let holder: Option<u64> = holder.fetch_one(connection).await?;
    let holder = match holder {
        Some(id) => format!("connection {id}"),
        None => "a connection that has just ended".to_owned(),
    };
    Err(Error::MigrationLocked { waited: began.elapsed(), holder })
}
