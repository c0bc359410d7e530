use shortlease::{Conn, Error, Postgres, Session, handler, leased};

use crate::remote::Model;

/// In a lease or in a transaction, because `Tx` derefs to `Conn`.
#[leased]
async fn load_url(conn: &mut Conn<Postgres>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[leased]
async fn record(conn: &mut Conn<Postgres>, id: i64, output: &str) -> Result<(), sqlx::Error> {
    let insert = sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)");
    insert.bind(id).bind(output).execute(conn).await?;
    Ok(())
}

#[leased]
async fn count_use(conn: &mut Conn<Postgres>, id: i64) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1");
    update.bind(id).execute(conn).await?;
    Ok(())
}

#[handler]
pub(crate) async fn call_tool(
    db: &mut Session<Postgres>,
    model: &Model,
    id: i64,
) -> Result<String, Error> {
    let url = db.lease(async |conn| load_url(conn, id).await).await?;
    let output = model.improve(&url).await; // no connection is held
    db.transaction(async |tx| {
        record(tx, id, &output).await?;
        count_use(tx, id).await
    })
    .await?;
    Ok(output)
}
