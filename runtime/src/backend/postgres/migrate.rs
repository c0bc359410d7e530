use std::time::Duration;

use sqlx::PgConnection;
use sqlx::migrate::Migrator;
use tokio::time::{Instant, sleep};

use super::super::migration::{lock_key, without_lock};
use crate::Error;

/// The pause between two tries to get the lock.
const PAUSE: Duration = Duration::from_millis(100);

const HOLDER: &str = "
    SELECT format('process %s, %s', l.pid, coalesce(nullif(a.application_name, ''), 'without a name'))
    FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND (l.classid::bigint << 32 | l.objid::bigint) = $1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Runs the pending migrations, one instance at a time.
///
/// `sqlx` waits for the lock in a statement. Such a statement has a snapshot, which `CREATE INDEX
/// CONCURRENTLY` waits for: a deadlock. It also goes on after its client has gone.
pub(super) async fn migrate(
    connection: &mut PgConnection,
    migrator: &Migrator,
    limit: Duration,
) -> Result<(), Error> {
    if !migrator.locking {
        return Ok(migrator.run_direct(None, connection, false).await?);
    }
    let key = key(connection).await?;
    lock(connection, key, limit).await?;
    let unlocked = without_lock(migrator);
    let migrated = unlocked.run_direct(None, &mut *connection, false).await;
    let unlock = sqlx::query("SELECT pg_advisory_unlock($1)").bind(key);
    let unlocked = unlock.execute(connection).await;
    migrated?;
    unlocked?;
    Ok(())
}

async fn key(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let database: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(connection).await?;
    Ok(lock_key(&database))
}

async fn lock(connection: &mut PgConnection, key: i64, limit: Duration) -> Result<(), Error> {
    let began = Instant::now();
    loop {
        let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key);
        if lock.fetch_one(&mut *connection).await? {
            return Ok(());
        }
        if began.elapsed() >= limit {
            let holder = sqlx::query_scalar(HOLDER).bind(key).fetch_optional(connection).await?;
            let holder = holder.unwrap_or_else(|| "a process that has just ended".to_owned());
            return Err(Error::MigrationLocked { waited: began.elapsed(), holder });
        }
        sleep(PAUSE).await;
    }
}
