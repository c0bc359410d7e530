use shortlease::{Error, Session, Sqlite, handler};
use sqlx::SqlitePool;

struct App {
    pool: SqlitePool,
}

async fn audit(pool: &SqlitePool) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO audit VALUES ('deleted')").execute(pool).await?;
    Ok(())
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, app: &App) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        audit(&app.pool).await?;
        Ok(())
    })
    .await
}

fn main() {}
