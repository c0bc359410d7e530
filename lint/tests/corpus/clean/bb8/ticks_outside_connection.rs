// The interval ticks with no connection, and each tick takes one.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use std::time::Duration;
use tokio_postgres::NoTls;

pub async fn reap(pool: Pool<PostgresConnectionManager<NoTls>>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(30));
    loop {
        ticks.tick().await;
        let conn = match pool.get().await {
            Ok(conn) => conn,
            Err(error) => {
                tracing::warn!(%error, "no connection");
                continue;
            }
        };
        if let Err(error) = conn.execute("DELETE FROM locks WHERE expires < now()", &[]).await {
            tracing::warn!(%error, "not reaped");
        }
    }
}
