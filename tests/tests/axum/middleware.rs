//! Middleware and handler of one request share its session.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use shortlease::{Db, Error, Postgres, Session, Sqlite, handler};
use shortlease_tests::scratch::PostgresDatabase;
use tokio::task::JoinSet;

use crate::server::{Answer, Server};

#[derive(Clone)]
struct User(i64);

/// Leases, ends its lease, gives the session up, and then calls the handler.
#[handler]
async fn authenticate(
    mut db: Session<Sqlite>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let token = request.headers().get("authorization").map(|token| token.as_bytes().to_vec());
    let user = db
        .lease(async |conn| {
            let user = sqlx::query_scalar("SELECT user FROM tokens WHERE token = $1");
            user.bind(token).fetch_optional(conn).await
        })
        .await?;
    drop(db);
    let Some(user) = user else { return Ok(StatusCode::UNAUTHORIZED.into_response()) };
    request.extensions_mut().insert(User(user));
    Ok(next.run(request).await)
}

#[handler]
async fn visit(
    mut db: Session<Sqlite>,
    Extension(User(id)): Extension<User>,
) -> Result<String, Error> {
    db.transaction(async |tx| {
        let visits = "UPDATE users SET visits = visits + 1 WHERE id = $1 RETURNING visits";
        let visits: i64 = sqlx::query_scalar(visits).bind(id).fetch_one(tx).await?;
        Ok(format!("{id} for the {visits}. time"))
    })
    .await
}

async fn one_connection() -> Db<Sqlite> {
    let db = Db::builder("sqlite::memory:").max_connections(1).connect().await.unwrap();
    let schema = "CREATE TABLE tokens (token BLOB PRIMARY KEY, user INTEGER);
        CREATE TABLE users (id INTEGER PRIMARY KEY, visits INTEGER);
        INSERT INTO tokens VALUES (CAST('secret' AS BLOB), 7);
        INSERT INTO users VALUES (7, 0)";
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();
    db
}

#[tokio::test]
async fn many_requests_through_both_need_one_connection() {
    let db = one_connection().await;
    let routes = Router::new()
        .route("/", get(visit))
        .layer(from_fn_with_state(db.clone(), authenticate))
        .with_state(db);
    let server = Server::start(routes).await;
    assert_eq!(server.get("/").await.status, 401);
    let mut requests = JoinSet::new();
    for _ in 0..64 {
        requests.spawn(Answer::of(server.request("/").header("authorization", "secret")));
    }
    let answers = requests.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let mut visits: Vec<_> = answers.into_iter().map(|answer| answer.body).collect();
    visits.sort();
    visits.dedup();
    assert_eq!(visits.len(), 64);
}

/// Has its session while the handler runs.
async fn keep(db: Session<Sqlite>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    drop(db);
    response
}

async fn take(_: Session<Sqlite>) {}

async fn take_two(_: Session<Sqlite>, _: Session<Sqlite>) {}

fn assert_in_use(answer: &Answer) {
    assert_eq!((answer.status, answer.retry_after.as_deref()), (500, None));
    let problem = answer.problem();
    assert_eq!(problem["code"], "session_in_use");
    assert_eq!(problem["detail"], "This did not work. It has been logged.");
}

#[tokio::test]
async fn a_session_in_use_is_a_clear_rejection() {
    let db = one_connection().await;
    let kept = Router::new().route("/kept", get(take)).layer(from_fn_with_state(db.clone(), keep));
    let routes = Router::new()
        .route("/two", get(take_two))
        .route("/one", get(take))
        .merge(kept)
        .with_state(db);
    let server = Server::start(routes).await;
    assert_in_use(&server.get("/kept").await);
    assert_in_use(&server.get("/two").await);
    assert_eq!(server.get("/one").await.status, 200);
}

/// A middleware's own database is not the handler's.
#[tokio::test]
async fn each_database_has_its_session() {
    let (users, tools) = (one_connection().await, one_connection().await);
    let routes = Router::new()
        .route("/", get(take))
        .layer(from_fn_with_state(users, keep))
        .with_state(tools);
    assert_eq!(Server::start(routes).await.get("/").await.status, 200);
}

async fn set_tenant(db: Session<Postgres>, mut request: Request, next: Next) -> Response {
    let tenant = request.headers_mut().remove("tenant").expect("a tenant");
    drop(db.tenant(tenant.to_str().expect("text")));
    next.run(request).await
}

async fn tenant_name(mut db: Session<Postgres>) -> Result<String, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT name FROM info")).await
}

#[tokio::test]
async fn a_tenant_is_set_once_for_a_request() {
    let scratch = PostgresDatabase::new().await;
    let db = scratch.builder().connect().await.unwrap();
    let schema =
        "CREATE SCHEMA a; CREATE TABLE a.info (name text); INSERT INTO a.info VALUES ('of a');
        CREATE SCHEMA b; CREATE TABLE b.info (name text); INSERT INTO b.info VALUES ('of b')";
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();
    let routes = Router::new()
        .route("/", get(tenant_name))
        .layer(from_fn_with_state(db.clone(), set_tenant))
        .with_state(db);
    let server = Server::start(routes).await;
    for (tenant, name) in [("a", "of a"), ("b", "of b"), ("a", "of a")] {
        let answer = Answer::of(server.request("/").header("tenant", tenant)).await;
        assert_eq!((answer.status, &*answer.body), (200, name));
    }
}
