//! Opens the database.

use std::time::Duration;

use shortlease::{Builder, Db, Error};
use sqlx::migrate::Migrator;

use crate::database::Database;
use crate::settings::{PoolerMode, Settings};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Opens the database by the settings, and brings its tables up to date. Several gateways may do so at once.
///
/// # Errors
///
/// [`Error::Setting`] if the processes do not fit the server, [`Error::Connect`], [`Error::Migrate`].
///
/// # Cancel safety
///
/// Dropped, a migration under way is rolled back.
pub async fn open<DB: Database>(settings: &Settings, pool: u32) -> Result<Db<DB>, Error> {
    let db = builder(settings, pool).connect().await?;
    migrate(&db, settings).await?;
    Ok(db)
}

/// Opens the database without a connection, for a process that has to answer its client first.
///
/// # Errors
///
/// [`Error::Setting`].
pub fn open_lazy<DB: Database>(settings: &Settings, pool: u32) -> Result<Db<DB>, Error> {
    builder(settings, pool).connect_lazy()
}

/// Brings the tables up to date, past PgBouncer if there is one.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::Migrate`]; [`Error::Setting`] behind a pooler if the server's own address is not known.
///
/// # Cancel safety
///
/// Dropped, a migration under way is rolled back.
pub async fn migrate<DB: Database>(db: &Db<DB>, settings: &Settings) -> Result<(), Error> {
    let Some(direct) = &settings.direct_database_url else {
        return db.migrate(&MIGRATIONS).await;
    };
    let direct =
        Db::<DB>::builder(direct.reveal()).name("migrations").max_connections(1).connect().await?;
    direct.migrate(&MIGRATIONS).await?;
    let _ = direct.close(Duration::from_secs(1)).await;
    Ok(())
}

fn builder<DB: Database>(settings: &Settings, pool: u32) -> Builder<DB> {
    let mut builder = Db::<DB>::builder(settings.database_url())
        .name("gateway")
        .application_name("shortlease-gateway")
        .max_connections(pool)
        .acquire_timeout(settings.acquire_timeout);
    if let Some(pooler) = settings.pooler.into() {
        builder = builder.pooler(pooler);
    }
    match settings.processes {
        // Behind a pooler the sessions are the pooler's.
        Some(processes) if settings.pooler == PoolerMode::None => builder.instances(processes),
        _ => builder,
    }
}
