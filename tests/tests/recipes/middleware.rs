use axum::Router;
use axum::extract::{Extension, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use shortlease::{Db, Error, Postgres, Session, handler};

#[derive(Clone)]
struct User {
    id: i64,
}

/// Leases, ends its lease, gives the session up, and only then calls what is inside.
#[handler]
async fn authenticate(
    mut db: Session<Postgres>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let header = request.headers().get("authorization");
    let token = header.and_then(|token| token.to_str().ok()).unwrap_or_default().to_owned();
    let user = sqlx::query_scalar("SELECT user_id FROM tokens WHERE hash = sha256($1::bytea)");
    let user = db.fetch_optional(user.bind(token.into_bytes())).await?;
    drop(db);
    let Some(id) = user else { return Ok(StatusCode::UNAUTHORIZED.into_response()) };
    request.extensions_mut().insert(User { id });
    Ok(next.run(request).await)
}

#[handler]
async fn greet(
    mut db: Session<Postgres>,
    Extension(user): Extension<User>,
) -> Result<String, Error> {
    let name: String = db
        .fetch_one(sqlx::query_scalar("SELECT name FROM users WHERE id = $1").bind(user.id))
        .await?;
    Ok(format!("Hello, {name}"))
}

pub(crate) fn routes(db: Db<Postgres>) -> Router {
    Router::new()
        .route("/", get(greet))
        .layer(from_fn_with_state(db.clone(), authenticate))
        .with_state(db)
}

// Tests.

use tokio::net::TcpListener;

use crate::remote::database;

#[tokio::test]
async fn both_use_the_only_connection_in_turn() {
    let schema = "CREATE TABLE users (id bigint, name text); INSERT INTO users VALUES (1, 'Ada');
        CREATE TABLE tokens (user_id bigint, hash bytea);
        INSERT INTO tokens VALUES (1, sha256('secret'))";
    let (_scratch, db) = database(schema).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, routes(db)).await.unwrap() });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let greeted = client.get(&url).header("authorization", "secret").send().await.unwrap();
    assert_eq!(greeted.text().await.unwrap(), "Hello, Ada");
    assert_eq!(client.get(&url).send().await.unwrap().status(), 401);
}
