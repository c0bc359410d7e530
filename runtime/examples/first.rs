//! The smallest program: a table, a handler, two leases. `cargo run -p shortlease --example first`

use std::time::Duration;

use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: i64) -> Result<String, Error> {
    // The connection is held for one query.
    let url = db.lease(async |conn| load_url(conn, id).await).await?;
    // No connection is held here. Move this line into the transaction below: it does not compile.
    let output = ask_backend(&url).await;
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls VALUES ($1, $2)").bind(id).bind(&output).execute(tx).await
    })
    .await?;
    Ok(output)
}

#[leased]
async fn load_url(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

async fn ask_backend(url: &str) -> String {
    tokio::time::sleep(Duration::from_millis(300)).await;
    format!("the answer of {url}")
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(4).connect().await?;
    let tables =
        "CREATE TABLE tools (id INTEGER, url TEXT); INSERT INTO tools VALUES (1, 'http://a');
                  CREATE TABLE calls (tool_id INTEGER, output TEXT)";
    db.session().execute(tables).await?;
    println!("{}", call_tool(&mut db.session(), 1).await?);
    println!("{:?}", db.status());
    Ok(())
}
