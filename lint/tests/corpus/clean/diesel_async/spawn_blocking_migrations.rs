// Migrations run in a blocking task before the pool exists.
use diesel::{Connection, PgConnection};
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

pub async fn open(url: String) -> anyhow::Result<Pool<AsyncPgConnection>> {
    let target = url.clone();
    tokio::task::spawn_blocking(move || {
        let mut conn = PgConnection::establish(&target)?;
        conn.run_pending_migrations(MIGRATIONS).map_err(|error| anyhow::anyhow!("{error}"))?;
        anyhow::Ok(())
    })
    .await??;
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
    Ok(Pool::builder(manager).max_size(8).build()?)
}
