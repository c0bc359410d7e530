// Checked query macros on one transaction, and nothing else.
use sqlx::{PgConnection, PgPool};

struct Seat {
    id: i64,
    row: String,
}

async fn free_seats(conn: &mut PgConnection, show: i64) -> sqlx::Result<Vec<Seat>> {
    sqlx::query_as!(
        Seat,
        r#"SELECT id, row FROM seats WHERE show = $1 AND NOT taken FOR UPDATE"#,
        show
    )
    .fetch_all(conn)
    .await
}

pub async fn book(pool: &PgPool, show: i64, count: usize) -> sqlx::Result<Vec<String>> {
    let mut tx = pool.begin().await?;
    let seats = free_seats(&mut tx, show).await?;
    let mut rows = Vec::with_capacity(count);
    for seat in seats.into_iter().take(count) {
        sqlx::query!("UPDATE seats SET taken = true WHERE id = $1", seat.id)
            .execute(&mut *tx)
            .await?;
        rows.push(seat.row);
    }
    let total =
        sqlx::query_scalar!("SELECT count(*) FROM seats WHERE taken").fetch_one(&mut *tx).await?;
    tracing::debug!(?total, "seats taken");
    tx.commit().await?;
    Ok(rows)
}
