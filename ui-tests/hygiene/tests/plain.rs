//! The same for handlers of the plain kind, which know shortlease by its own name only.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

extern crate lease as shortlease;

use shortlease::{Conn, Db, Error, Session, Sqlite, Tx, handler, leased};

// What an expansion could mean by mistake, in values, as its types are all paths.
#[allow(dead_code)]
mod here {
    pub fn check() {}
    pub fn call() {}
    pub fn ended() {}
}
#[allow(unused_imports)]
use here::{call, check, ended};

#[leased]
async fn name(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[leased]
async fn add(tx: &mut Tx<Sqlite>, name: &str) -> Result<i64, sqlx::Error> {
    let added = sqlx::query("INSERT INTO tools (name) VALUES ($1)").bind(name).execute(tx).await?;
    Ok(added.last_insert_rowid())
}

#[handler]
async fn ends_in_a_borrow(db: &mut Session<Sqlite>, id: i64) -> Result<String, Error> {
    let first = db.lease(async |conn| name(conn, id).await).await?;
    db.lease(async |lending| {
        let ids = [id];
        name(&mut *lending, *ids.iter().min().unwrap_or(&id)).await
    })
    .await
    .map(|second| first + &second)
}

/// Two in one expression, in a condition, in a scrutinee, a loop, a closure and a block.
#[handler]
async fn everywhere(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let both = format_both(
        &db.lease(async |conn| name(conn, 1).await).await?,
        &db.lease(async |conn| name(conn, 1).await).await?,
    );
    if db.lease(async |conn| name(conn, 1).await).await? == both {
        return Ok(both);
    }
    let added = match db.transaction(async |tx| add(tx, &both).await).await {
        Ok(id) => db.lease(async |conn| name(conn, id).await).await?,
        Err(error) => return Err(error),
    };
    for id in 1..2 {
        while db.lease(async |conn| name(conn, id).await).await?.is_empty() {}
    }
    let mut again = async || db.lease(async |conn| name(conn, 1).await).await;
    let again = again().await?;
    let block = async { db.lease(async |conn| name(conn, 1).await).await }.await?;
    Ok([added, again, block].concat())
}

fn format_both(one: &str, other: &str) -> String {
    [one, other].concat()
}

#[tokio::test]
async fn the_expansions_run() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let schema = "CREATE TABLE tools (id INTEGER PRIMARY KEY, name TEXT); \
        INSERT INTO tools VALUES (1, 'saw')";
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();
    let mut session = db.session();
    let all = tokio::spawn(async move {
        (ends_in_a_borrow(&mut session, 1).await.unwrap(), everywhere(&mut session).await.unwrap())
    });
    assert_eq!(all.await.unwrap(), ("sawsaw".to_owned(), "sawsawsawsaw".to_owned()));
}
