// A checked query macro on the pool inside a transaction takes a second connection.
use sqlx::PgPool;

pub struct GroupRepo {
    db: PgPool,
}

impl GroupRepo {
    pub async fn join(&self, group: i64, user: i64) -> Result<(), sqlx::Error> {
        let mut tx = self.db.begin().await?;
        sqlx::query!("INSERT INTO memberships (grp, member) VALUES ($1, $2)", group, user)
            .execute(&mut *tx)
            .await?;
        let size = sqlx::query_scalar!("SELECT count(*) FROM memberships WHERE grp = $1", group)
            .fetch_one(&self.db)
            .await?; //~ SA002
        sqlx::query!("UPDATE groups SET size = $1 WHERE id = $2", size, group)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}
