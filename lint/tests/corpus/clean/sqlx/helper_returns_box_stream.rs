// A helper that is no future gives a stream which reads from the connection it was lent.
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use sqlx::{PgConnection, PgPool};

pub struct Order {
    pub id: i64,
}

fn open_orders(conn: &mut PgConnection, owner: i64) -> BoxStream<'_, Result<i64, sqlx::Error>> {
    sqlx::query_scalar("SELECT id FROM orders WHERE owner = $1").bind(owner).fetch(conn)
}

pub async fn orders(pool: &PgPool, owner: i64) -> Result<Vec<Order>, sqlx::Error> {
    let mut conn = pool.acquire().await?;
    let orders = open_orders(&mut conn, owner)
        .map(|id| id.map(|id| Order { id }))
        .try_collect()
        .await?;
    Ok(orders)
}
