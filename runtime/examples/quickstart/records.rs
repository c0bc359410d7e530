//! What is in the database, read without the code that wrote it.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

/// How many calls are recorded with the answer that is theirs.
pub(crate) async fn count(file: &Path) -> Result<i64, sqlx::Error> {
    let mut conn = SqliteConnectOptions::new().filename(file).connect().await?;
    let count = sqlx::query_scalar(
        "SELECT count(*) FROM calls JOIN tools ON tools.id = tool_id \
         WHERE output = name || ' answers call ' || number",
    )
    .fetch_one(&mut conn)
    .await?;
    conn.close().await?;
    Ok(count)
}
