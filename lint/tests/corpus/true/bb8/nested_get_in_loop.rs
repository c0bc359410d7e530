// Each pass of the loop takes a second connection while the outer one is held.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type PgPool = Pool<PostgresConnectionManager<NoTls>>;

pub async fn recount(pool: &PgPool) -> anyhow::Result<()> {
    let conn = pool.get().await?;
    for row in conn.query("SELECT id FROM forums", &[]).await? {
        let forum: i64 = row.get(0);
        let counter = pool.get().await?; //~ SA002
        counter
            .execute("UPDATE forums SET posts = (SELECT count(*) FROM posts WHERE forum = $1) WHERE id = $1", &[&forum])
            .await?;
    }
    Ok(())
}
