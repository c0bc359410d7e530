//! Connections that are not what they were: plans that have changed, a primary that was demoted.

use futures_util::future::join_all;
use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::postgres::{PASSWORD, Server};
use shortlease_tests::scratch::builder;

const CONNECTIONS: u32 = 4;

#[handler]
async fn tools(db: &mut Session<Postgres>, pause: f64) -> Result<usize, Error> {
    db.lease(async |conn| {
        let query = sqlx::query("SELECT tools.*, pg_sleep($1) FROM tools").bind(pause);
        Ok(query.fetch_all(conn).await?.len())
    })
    .await
}

#[handler]
async fn add_tool(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO tools VALUES (1) RETURNING *").fetch_one(tx).await?;
        Ok(())
    })
    .await
}

#[derive(Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "mood", rename_all = "lowercase")]
enum Mood {
    Fine,
}

#[handler]
async fn add_mood(db: &mut Session<Postgres>, pause: f64) -> Result<(), Error> {
    db.lease(async |conn| {
        let query = sqlx::query("INSERT INTO moods SELECT $1 FROM pg_sleep($2)");
        query.bind(Mood::Fine).bind(pause).execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn refused(db: &mut Session<Postgres>) -> Result<i32, Error> {
    db.lease(async |conn| {
        // 0A000 too, and about nothing that is old.
        let locked = sqlx::query("SELECT CASE WHEN true THEN generate_series(1, 2) END")
            .execute(&mut *conn)
            .await;
        assert_eq!(locked.unwrap_err().as_database_error().unwrap().code().unwrap(), "0A000");
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn).await
    })
    .await
}

/// Uses as many connections at once as there are.
async fn warm(db: &Db<Postgres>) {
    let mut sessions: Vec<_> = (0..CONNECTIONS).map(|_| db.session()).collect();
    for warmed in join_all(sessions.iter_mut().map(|session| tools(session, 0.3))).await {
        warmed.unwrap();
    }
    assert_eq!(db.status().idle, CONNECTIONS);
}

async fn with_tools(name: &str) -> Db<Postgres> {
    let builder = builder(name).await.1.max_connections(CONNECTIONS);
    let db = builder.connect_lazy().unwrap();
    let table = "CREATE TABLE tools (id int); INSERT INTO tools VALUES (1)";
    db.session().execute(sqlx::raw_sql(table)).await.unwrap();
    db
}

#[tokio::test]
async fn a_plan_that_has_changed_fails_once() {
    let db = with_tools("outdated_plan").await;
    warm(&db).await;
    let added = sqlx::raw_sql("ALTER TABLE tools ADD COLUMN name text");
    db.session().execute(added).await.unwrap();
    let mut failed = 0;
    for _ in 0..100 {
        failed += usize::from(tools(&mut db.session(), 0.0).await.is_err());
    }
    // All others are let go of at the first.
    assert_eq!(failed, 1);
}

#[tokio::test]
async fn so_does_one_in_a_transaction() {
    let db = with_tools("outdated_transaction").await;
    add_tool(&mut db.session()).await.unwrap();
    let added = sqlx::raw_sql("ALTER TABLE tools ADD COLUMN name text");
    db.session().execute(added).await.unwrap();
    let mut failed = 0;
    for _ in 0..20 {
        failed += usize::from(add_tool(&mut db.session()).await.is_err());
    }
    assert_eq!(failed, 1);
}

/// `sqlx` keeps the number of the type, which it sends with the value.
#[tokio::test]
async fn so_does_a_type_that_was_made_anew() {
    let db = with_tools("outdated_type").await;
    let make = "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE moods (m mood)";
    db.session().execute(sqlx::raw_sql(make)).await.unwrap();
    let mut sessions: Vec<_> = (0..CONNECTIONS).map(|_| db.session()).collect();
    for warmed in join_all(sessions.iter_mut().map(|session| add_mood(session, 0.3))).await {
        warmed.unwrap();
    }
    let anew = sqlx::raw_sql(
        "DROP TABLE moods; DROP TYPE mood;
         CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE moods (m mood)",
    );
    db.session().execute(anew).await.unwrap();
    let mut failed = Vec::new();
    for _ in 0..50 {
        failed.extend(add_mood(&mut db.session(), 0.0).await.err());
    }
    assert!(failed.len() == 1, "{failed:?}");
    assert!(failed[0].to_string().contains("cache lookup failed for type"), "{failed:?}");
}

#[tokio::test]
async fn connections_that_were_in_use_go_too() {
    let db = with_tools("outdated_used").await;
    warm(&db).await;
    let added = sqlx::raw_sql("ALTER TABLE tools ADD COLUMN name text");
    let mut using = db.session();
    let using = tokio::spawn(async move {
        let slow = sqlx::query("SELECT pg_sleep(0.5)");
        using.execute(slow).await.unwrap();
    });
    shortlease_tests::handlers::in_query(&db, 1).await;
    db.session().execute(added).await.unwrap();
    tools(&mut db.session(), 0.0).await.unwrap_err();
    using.await.unwrap();
    let mut sessions: Vec<_> = (0..CONNECTIONS).map(|_| db.session()).collect();
    for used in join_all(sessions.iter_mut().map(|session| tools(session, 0.1))).await {
        used.unwrap();
    }
}

#[tokio::test]
async fn what_is_not_supported_is_not_outdated() {
    let db = with_tools("outdated_not").await;
    let pid = refused(&mut db.session()).await.unwrap();
    assert_eq!(refused(&mut db.session()).await.unwrap(), pid);
}

#[tokio::test]
async fn over_a_pool_of_sqlx_too() {
    let (_, url) = {
        let database = shortlease_tests::scratch::PostgresDatabase::named("outdated_over").await;
        (database.server(), database.url())
    };
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy(&url).unwrap();
    let db = Db::builder_from_pool(pool).connect_lazy().unwrap();
    let table = "CREATE TABLE tools (id int); INSERT INTO tools VALUES (1)";
    db.session().execute(sqlx::raw_sql(table)).await.unwrap();
    tools(&mut db.session(), 0.0).await.unwrap();
    let added = sqlx::raw_sql("ALTER TABLE tools ADD COLUMN name text");
    db.session().execute(added).await.unwrap();
    tools(&mut db.session(), 0.0).await.unwrap_err();
    tools(&mut db.session(), 0.0).await.unwrap();
}

#[tokio::test]
async fn a_demoted_primary_fails_once() {
    let server = Server::start().await;
    let builder = Db::<Postgres>::builder(server.url()).max_connections(CONNECTIONS);
    let db = builder.connect_lazy().unwrap();
    let table = "CREATE TABLE tools (id int); INSERT INTO tools VALUES (1)";
    db.session().execute(sqlx::raw_sql(table)).await.unwrap();
    warm(&db).await;
    // Sessions that are open take no more writes. New ones do, as those of the new primary would.
    let demote = "ALTER SYSTEM SET default_transaction_read_only = on";
    let mut admin = server.admin().await;
    for statement in [demote, "SELECT pg_reload_conf()"] {
        sqlx::query(statement).execute(&mut admin).await.unwrap();
    }
    let mut admin = loop {
        let mut admin = server.admin().await;
        let shown = sqlx::query_scalar("SHOW transaction_read_only");
        let read_only: String = shown.fetch_one(&mut admin).await.unwrap();
        if read_only == "on" {
            break admin;
        }
    };
    let promote = "BEGIN READ WRITE; \
                   ALTER ROLE postgres SET default_transaction_read_only = off; COMMIT";
    sqlx::raw_sql(promote).execute(&mut admin).await.unwrap();
    let mut failed = 0;
    for _ in 0..50 {
        match add_tool(&mut db.session()).await {
            Ok(()) => {}
            Err(Error::Database(error)) => {
                assert_eq!(error.as_database_error().unwrap().code().unwrap(), "25006");
                failed += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(failed, 1);
}

#[tokio::test]
async fn nor_does_one_in_a_session_that_is_to_read_only() {
    let (_server, builder) = builder("outdated_read_only").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    let pid = async || {
        let pid = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
        db.session().fetch_one(pid).await.unwrap()
    };
    let before = pid().await;
    let mut reader = db.session().setting("transaction_read_only", "on");
    let refused = reader.execute("CREATE TABLE never (id int)").await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "25006");
    assert_eq!(pid().await, before);
}

/// A handle that is meant for a replica keeps its connections.
#[tokio::test]
async fn a_write_on_a_replica_costs_no_connection() {
    let (server, _) = builder("outdated_replica").await;
    let mut admin = server.admin().await;
    let roles = "CREATE ROLE replica LOGIN SUPERUSER PASSWORD 'secret'; \
                 ALTER ROLE replica SET default_transaction_read_only = on";
    sqlx::raw_sql(roles).execute(&mut admin).await.unwrap();
    let url = server.url_for("replica", PASSWORD, "outdated_replica");
    let db = Db::<Postgres>::builder(url).max_connections(1).connect_lazy().unwrap();
    let pid = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
    let before = db.session().fetch_one(pid).await.unwrap();
    let write = sqlx::raw_sql("CREATE TABLE never (id int)");
    db.session().execute(write).await.unwrap_err();
    let pid = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
    assert_eq!(db.session().fetch_one(pid).await.unwrap(), before);
}

#[handler]
async fn write_read_only(db: &mut Session<Postgres>, set: &'static str) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::raw_sql(set).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO tools VALUES (2)").execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn nor_does_one_in_a_transaction_that_made_itself_read_only() {
    let db = with_tools("outdated_own_will").await;
    warm(&db).await;
    for set in ["SET TRANSACTION READ ONLY", "SET LOCAL transaction_read_only = on"] {
        let refused = write_read_only(&mut db.session(), set).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "25006");
        assert_eq!(db.status().idle, CONNECTIONS, "{set}");
    }
    add_tool(&mut db.session()).await.unwrap();
}
