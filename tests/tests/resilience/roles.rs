//! Logins that set a role of their own, and sessions with settings of their own.

use std::time::Duration;

use shortlease::{Db, Postgres};
use shortlease_tests::handlers::sleep;
use shortlease_tests::postgres::{PASSWORD, Server};
use shortlease_tests::wait;
use sqlx::postgres::PgPoolOptions;

/// Drops a lease in the middle of a statement. Its connection comes back, with its statement cancelled.
async fn is_recovered(server: &Server, db: &Db<Postgres>, kept: impl AsyncFn() -> bool) {
    let mut session = db.session();
    let dropped = tokio::time::timeout(Duration::from_millis(200), sleep(&mut session, 600.0));
    assert!(dropped.await.is_err());
    wait::until("the recovery", async || db.status().recovering == 0 && kept().await).await;
    let sessions = server.sessions("postgres").await;
    let running = |session: &&shortlease_tests::postgres::Activity| {
        session.query.contains("pg_sleep") && session.state.as_deref() == Some("active")
    };
    assert!(sessions.iter().find(running).is_none(), "{sessions:?}");
}

#[tokio::test]
async fn a_login_that_sets_its_role_is_served_and_cancelled() {
    let server = Server::start().await;
    let mut admin = server.admin().await;
    let roles = "CREATE ROLE owner NOLOGIN; CREATE ROLE login LOGIN PASSWORD 'secret';
                 GRANT owner TO login; ALTER ROLE login SET role = owner";
    sqlx::raw_sql(roles).execute(&mut admin).await.unwrap();
    let url = server.url_for("login", PASSWORD, "postgres");
    let db = Db::<Postgres>::builder(url).max_connections(1).instances(1).connect().await.unwrap();
    let role = sqlx::query_scalar::<_, String>("SELECT current_user::text");
    assert_eq!(db.session().fetch_one(role).await.unwrap(), "owner");
    is_recovered(&server, &db, async || db.status().idle == 1).await;
    // It is still its role.
    let role = sqlx::query_scalar::<_, String>("SELECT current_user::text");
    assert_eq!(db.session().fetch_one(role).await.unwrap(), "owner");
}

#[tokio::test]
async fn a_transaction_is_recognised_whatever_its_session_prints_and_tracks() {
    let server = Server::start().await;
    let mut admin = server.admin().await;
    let roles = "CREATE ROLE german LOGIN PASSWORD 'secret'; CREATE ROLE quiet LOGIN SUPERUSER PASSWORD 'secret';
                 ALTER ROLE german SET datestyle = 'German, DMY'; ALTER ROLE german SET timezone = 'Asia/Tokyo';
                 ALTER ROLE quiet SET track_activities = off";
    sqlx::raw_sql(roles).execute(&mut admin).await.unwrap();
    for role in ["german", "quiet"] {
        let url = server.url_for(role, PASSWORD, "postgres");
        let pool = PgPoolOptions::new().max_connections(1).connect_lazy(&url).unwrap();
        let db = Db::builder_from_pool(pool.clone()).connect_lazy().unwrap();
        let pid = || sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
        let before = db.session().fetch_one(pid()).await.unwrap();
        is_recovered(&server, &db, async || true).await;
        assert_eq!(db.session().fetch_one(pid()).await.unwrap(), before, "{role}");
    }
}

#[tokio::test]
#[should_panic(expected = "`unchecked` needs a reason")]
async fn unchecked_code_needs_a_reason_at_run_time_too() {
    let server = Server::shared().await;
    let db = Db::<Postgres>::builder(server.url()).connect_lazy().unwrap();
    unnamed(&mut db.session(), "").await.unwrap();
}

#[shortlease::handler]
async fn unnamed(
    db: &mut shortlease::Session<Postgres>,
    reason: &'static str,
) -> Result<(), shortlease::Error> {
    db.lease(async |conn| {
        conn.unchecked(reason, async |_| ()).await;
        Ok(())
    })
    .await
}
