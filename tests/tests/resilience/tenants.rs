//! Tenants whose schemas have types and tables of one name that differ.

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use sqlx::postgres::PgPoolOptions;

#[derive(Clone, Copy, Debug, PartialEq, sqlx::Type)]
#[sqlx(type_name = "status", rename_all = "lowercase")]
enum Status {
    Open,
    Closed,
}

#[handler]
async fn add(db: &mut Session<Postgres>, status: Status) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("INSERT INTO items (status) VALUES ($1)").bind(status).execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn all(db: &mut Session<Postgres>) -> Result<Vec<Status>, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT status FROM items").fetch_all(conn).await)
        .await
}

/// A table of other columns by the same name.
#[handler]
async fn notes(db: &mut Session<Postgres>) -> Result<usize, Error> {
    db.lease(async |conn| Ok(sqlx::query("SELECT * FROM notes").fetch_all(conn).await?.len())).await
}

async fn with_tenants(connections: u32) -> Db<Postgres> {
    let database = PostgresDatabase::new().await;
    let db = database.builder().max_connections(connections).connect_lazy().unwrap();
    add_tenants(&db).await;
    db
}

async fn add_tenants(db: &Db<Postgres>) {
    // In another order, so that the numbers of the labels differ too.
    for (tenant, labels, columns) in
        [("a", "'open', 'closed'", "n int"), ("b", "'closed', 'open'", "m text, n int")]
    {
        let schema = format!(
            "CREATE SCHEMA {tenant}; CREATE TYPE {tenant}.status AS ENUM ({labels});
             CREATE TABLE {tenant}.items (status {tenant}.status);
             CREATE TABLE {tenant}.notes ({columns}); INSERT INTO {tenant}.notes DEFAULT VALUES"
        );
        db.session().execute(sqlx::raw_sql(sqlx::AssertSqlSafe(schema))).await.unwrap();
    }
}

#[tokio::test]
async fn types_of_one_name_are_each_tenants_own() {
    let db = with_tenants(1).await;
    for round in 1..=10 {
        for (tenant, status) in [("a", Status::Open), ("b", Status::Closed)] {
            add(&mut db.session().tenant(tenant), status).await.unwrap();
            let all = all(&mut db.session().tenant(tenant)).await.unwrap();
            assert_eq!(all, vec![status; round], "{tenant}");
            assert_eq!(notes(&mut db.session().tenant(tenant)).await.unwrap(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_they_are_on_several_connections() {
    let db = with_tenants(4).await;
    let tasks = (0..8).map(|nth| {
        let db = db.clone();
        tokio::spawn(async move {
            let (tenant, status) = [("a", Status::Open), ("b", Status::Closed)][nth % 2];
            for _ in 0..20 {
                add(&mut db.session().tenant(tenant), status).await.unwrap();
                let all = all(&mut db.session().tenant(tenant)).await.unwrap();
                assert!(all.iter().all(|each| *each == status), "{tenant}: {all:?}");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[handler]
async fn notes_and_sleep(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT * FROM notes").fetch_all(&mut *conn).await?;
        sqlx::query("SELECT pg_sleep(600)").execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn so_do_those_of_a_lease_that_was_dropped() {
    let database = PostgresDatabase::new().await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
    let db = Db::builder_from_pool(pool.clone()).connect_lazy().unwrap();
    add_tenants(&db).await;
    let public = "CREATE TABLE notes (t text)";
    db.session().execute(sqlx::raw_sql(public)).await.unwrap();
    let mut session = db.session().tenant("a");
    let mut dropped = Box::pin(notes_and_sleep(&mut session));
    let sleeps = wait::until("the statement", async || {
        database.sessions().await.iter().any(|session| session.query.contains("pg_sleep"))
    });
    tokio::select! {
        ended = &mut dropped => panic!("{ended:?}"),
        () = sleeps => drop(dropped),
    }
    let notes = sqlx::query("SELECT * FROM notes").fetch_all(&pool).await.unwrap();
    assert!(notes.is_empty());
}

/// Others have those of no tenant by the same names.
#[tokio::test]
async fn types_of_a_tenant_stay_off_a_pool_that_others_use() {
    let database = PostgresDatabase::new().await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
    let db = Db::builder_from_pool(pool.clone()).connect_lazy().unwrap();
    add_tenants(&db).await;
    let public =
        "CREATE TYPE status AS ENUM ('open', 'closed'); CREATE TABLE items (status status)";
    db.session().execute(sqlx::raw_sql(public)).await.unwrap();
    for _ in 0..2 {
        add(&mut db.session().tenant("a"), Status::Open).await.unwrap();
        add(&mut db.session(), Status::Closed).await.unwrap();
        let insert = sqlx::query("INSERT INTO items (status) VALUES ($1)").bind(Status::Open);
        insert.execute(&pool).await.unwrap();
    }
    assert_eq!(all(&mut db.session().tenant("a")).await.unwrap(), [Status::Open; 2]);
    assert_eq!(all(&mut db.session()).await.unwrap().len(), 4);
}
