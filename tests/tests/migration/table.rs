//! The table of docs/migration.md: its right column, in code that runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use shortlease::{
    Builder, Conn, Db, EitherConn, Error, Isolation, Postgres, Session, Tx, TxOptions, handler,
    leased,
};
use shortlease_tests::scratch::PostgresDatabase;
use sqlx::{PgPool, QueryBuilder};

use super::both;
use crate::remote::number;

async fn open(url: &str, n: u32) -> Result<Db<Postgres>, Error> {
    Db::<Postgres>::builder(url).max_connections(n).connect().await
}

fn set(builder: Builder<Postgres>, n: u32, limit: Duration) -> Builder<Postgres> {
    builder
        .acquire_timeout(limit)
        .idle_timeout(limit)
        .max_lifetime(limit)
        .min_idle(n)
        .validate_after(limit)
        .setting("lock_timeout", "2s")
        .after_connect(|conn| {
            Box::pin(async move {
                sqlx::raw_sql("CREATE TEMP TABLE IF NOT EXISTS seen ()").execute(conn).await?;
                Ok(())
            })
        })
}

#[leased]
async fn url(conn: &mut Conn<Postgres>) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await
}

#[leased]
async fn use_one(tx: &mut Tx<Postgres>) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(&mut *tx).await?;
    count_use(tx).await
}

#[leased]
async fn count_use(conn: &mut impl EitherConn<Postgres>) -> sqlx::Result<()> {
    sqlx::query("UPDATE tools SET uses = uses + 1").execute(conn).await?;
    Ok(())
}

#[handler]
async fn on_a_lease(session: &mut Session<Postgres>) -> Result<(), shortlease::Error> {
    let query = sqlx::query_scalar::<_, String>("SELECT url FROM tools");
    let found = session.fetch_one(query).await?;
    let leased = session.lease(async |conn| url(conn).await).await?;
    assert_eq!(leased, found);
    session
        .lease(async |conn| {
            let query = sqlx::query_scalar::<_, String>("SELECT url FROM tools");
            let mut rows = query.fetch(conn);
            assert_eq!(rows.try_next().await?, Some(found));
            drop(rows);
            let mut builder = QueryBuilder::new("INSERT INTO calls (output) VALUES (");
            builder.push_bind("built").push(")");
            builder.build().execute(conn).await
        })
        .await?;
    session
        .lease(async |conn| {
            conn.unchecked("COPY", async |raw| -> sqlx::Result<u64> {
                let mut copy = raw.copy_in_raw("COPY calls (output) FROM STDIN").await?;
                copy.send("copied\n".as_bytes()).await?;
                copy.finish().await
            })
            .await
        })
        .await?;
    Ok(())
}

#[handler]
async fn in_a_transaction(session: &mut Session<Postgres>) -> Result<(), Error> {
    session
        .transaction(async |tx| {
            let failed: Result<(), Error> = tx
                .savepoint(async |sp| {
                    use_one(sp).await?;
                    Err(Error::Closed)
                })
                .await;
            assert!(failed.is_err());
            use_one(tx).await
        })
        .await?;
    let options = TxOptions::new().isolation(Isolation::Serializable);
    session.transaction_with(options, async |tx| use_one(tx).await).await?;
    let value = 3;
    let value = session
        .transaction(async |tx| {
            use_one(tx).await?;
            Ok(tx.rollback_with(value))
        })
        .await?;
    assert_eq!(value, 3);
    Ok(())
}

async fn of_the_process(db: &Db<Postgres>, pool: PgPool, limit: Duration) -> Result<(), Error> {
    db.ping(limit).await?;
    db.migrate(&sqlx::migrate!()).await?;
    drop(db.listen("new jobs", &["jobs"]).await?);
    db.dedicated("leader lock").await?.close().await?;
    let status = db.status();
    let (used, idle) = (status.used, status.idle);
    assert!(used + idle <= status.max);
    let (session, user) = (db.session(), "1");
    let mut session = session.setting("app.user_id", user);
    let seen = sqlx::query_scalar("SELECT current_setting('app.user_id')");
    assert_eq!(session.fetch_one::<String, _>(seen).await?, user);
    drop(Db::builder_from_pool(pool).connect().await?);
    let _ = db.close(limit).await;
    Ok(())
}

#[tokio::test]
async fn what_the_table_shows_works() {
    let (scratch, db, pool) = both().await;
    let limit = Duration::from_secs(60);
    // A number of connections is of sqlx's type.
    let empty = PostgresDatabase::new().await;
    let opened = open(&empty.url(), pool.options().get_max_connections()).await.unwrap();
    let set = set(scratch.builder(), pool.options().get_min_connections(), limit).connect().await;
    on_a_lease(&mut set.unwrap().session()).await.unwrap();
    in_a_transaction(&mut db.session()).await.unwrap();
    let mut tx = pool.begin().await.unwrap();
    count_use(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(number(&db, "SELECT uses FROM tools").await, 3);
    assert_eq!(number(&db, "SELECT count(*) FROM calls").await, 2);
    of_the_process(&opened, pool, limit).await.unwrap();
}

/// Each piece of code in the column `shortlease` is in this file.
#[test]
fn the_table_shows_what_is_here() {
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let page = fs::read_to_string(root.join("docs/migration.md")).expect("the page");
    let (_, table) = page.split_once("| sqlx | shortlease | more |\n").expect("the table");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let here = dense(include_str!("table.rs"));
    let mut missing = BTreeSet::new();
    for row in table.replace("\\|", "\u{0}").lines().skip(1) {
        let code = row.split('|').nth(2).expect("three columns").replace('\u{0}', "|");
        let spans = code.split('`').skip(1).step_by(2);
        let parts = spans.flat_map(|span| span.split("..").map(dense).collect::<Vec<_>>());
        missing.extend(parts.filter(|part| !here.contains(part)));
    }
    assert!(missing.is_empty(), "{missing:?}");
}
