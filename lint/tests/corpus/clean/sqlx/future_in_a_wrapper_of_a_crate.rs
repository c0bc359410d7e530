// A function that is not async gives an instrumented future over the connection.
use sqlx::{PgConnection, PgPool};
use tracing::Instrument;
use tracing::instrument::Instrumented;

fn trades(conn: &mut PgConnection, owner: i64) -> Instrumented<impl Future<Output = Result<Vec<i64>, sqlx::Error>>> {
    sqlx::query_scalar("SELECT id FROM trades WHERE owner = $1")
        .bind(owner)
        .fetch_all(conn)
        .instrument(tracing::info_span!("trades"))
}

fn lent(conn: &mut PgConnection) -> Result<impl Future<Output = Result<i64, sqlx::Error>>, Refused> {
    Ok(async move { sqlx::query_scalar("SELECT count(*) FROM owners").fetch_one(conn).await })
}

pub async fn of(pool: &PgPool, owner: i64) -> anyhow::Result<usize> {
    let mut conn = pool.acquire().await?;
    let all = trades(&mut conn, owner).into_inner().await?;
    let owners = lent(&mut conn)?.await?;
    Ok(all.len() + usize::try_from(owners)?)
}
