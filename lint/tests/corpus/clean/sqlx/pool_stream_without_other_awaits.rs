// A pool stream is read without any other await in its loop.
use futures::TryStreamExt;
use sqlx::{PgPool, Row};
use std::collections::BTreeMap;

pub async fn histogram(pool: &PgPool) -> sqlx::Result<BTreeMap<i32, usize>> {
    let mut rows = sqlx::query("SELECT length(body) AS n FROM docs").fetch(pool);
    let mut bins = BTreeMap::new();
    while let Some(row) = rows.try_next().await? {
        *bins.entry(row.try_get::<i32, _>("n")? / 100).or_default() += 1;
    }
    Ok(bins)
}
