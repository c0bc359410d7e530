use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::credentials::{Credentials, CredentialsSource};

/// Connects, with the credentials of the moment if there are any to ask for.
pub(super) async fn open(
    options: &PgConnectOptions,
    credentials: Option<&CredentialsSource>,
) -> Result<PgConnection, sqlx::Error> {
    let Some(source) = credentials else { return options.connect().await };
    match open_with(options, source).await {
        // They may have changed in between.
        Err(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("28P01" | "28000")) =>
        {
            open_with(options, source).await
        }
        opened => opened,
    }
}

async fn open_with(
    options: &PgConnectOptions,
    source: &CredentialsSource,
) -> Result<PgConnection, sqlx::Error> {
    with_credentials(options, source).await?.connect().await
}

pub(super) async fn with_credentials(
    options: &PgConnectOptions,
    source: &CredentialsSource,
) -> Result<PgConnectOptions, sqlx::Error> {
    let Credentials { user, password } = source.ask().await?;
    let options = options.clone().password(&password);
    Ok(match user {
        Some(user) => options.username(&user),
        None => options,
    })
}
