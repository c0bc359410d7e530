//! Handlers as they should be: clippy has nothing to say.

use shortlease::{Conn, Db, Error, Postgres, Session, Sqlite, Tx, handler, leased};

#[derive(sqlx::FromRow)]
struct Tool {
    id: i64,
    url: String,
}

async fn open() -> Result<Db<Postgres>, Error> {
    let db =
        Db::<Postgres>::builder("postgres://localhost/tools").max_connections(4).connect().await?;
    db.migrate(&sqlx::migrate::Migrator::DEFAULT).await?;
    Ok(db)
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: i64) -> Result<String, Error> {
    let tool = db.lease(async |conn| load(conn, id).await).await?;
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool_id) VALUES ($1)")
            .bind(tool.id)
            .execute(&mut *tx)
            .await?;
        tx.savepoint(async |tx| bump(tx, id).await).await?;
        let mut rows = sqlx::query_as::<_, Tool>("SELECT id, url FROM tools").fetch(tx);
        while let Some(tool) = rows.try_next().await? {
            println!("{}", tool.url);
        }
        Ok(())
    })
    .await?;
    db.execute(sqlx::query("DELETE FROM calls")).await?;
    Ok(tool.url)
}

#[leased]
async fn load(conn: &mut Conn<Sqlite>, id: i64) -> Result<Tool, sqlx::Error> {
    sqlx::query_as("SELECT id, url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[leased(boxed)]
async fn bump(tx: &mut Tx<Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id).execute(tx).await?;
    Ok(())
}
