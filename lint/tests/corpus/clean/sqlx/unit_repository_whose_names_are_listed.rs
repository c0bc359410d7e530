// The methods of a repository have the names of the library's, and are given the transaction.
use sqlx::{PgConnection, PgPool};

pub struct Carts;

impl Carts {
    async fn load(&self, conn: &mut PgConnection, id: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT total FROM carts WHERE id = $1").bind(id).fetch_one(conn).await
    }

    async fn save(&self, conn: &mut PgConnection, id: i64, total: i64) -> sqlx::Result<()> {
        let save = sqlx::query("UPDATE carts SET total = $1 WHERE id = $2");
        save.bind(total).bind(id).execute(conn).await.map(drop)
    }
}

pub async fn total(pool: &PgPool, id: i64) -> sqlx::Result<i64> {
    let mut tx = pool.begin().await?;
    let total = Carts.load(&mut tx, id).await?;
    if total == 0 {
        return Ok(0);
    }
    Carts.save(&mut tx, id, total + 1).await?;
    tx.commit().await?;
    Ok(total)
}
