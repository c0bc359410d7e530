//! `Session` as an extractor.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, State};
use axum::routing::{get, post};
use shortlease::{Db, Error, Session, Sqlite, Status, handler};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;

/// The state of a router that has more than a database.
#[derive(Clone)]
struct App {
    db: Db<Sqlite>,
    prefix: &'static str,
}

impl FromRef<App> for Db<Sqlite> {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

#[handler]
async fn store(
    mut db: Session<Sqlite>,
    State(App { prefix, .. }): State<App>,
    upload: String,
) -> Result<String, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT $1 || $2").bind(prefix).bind(upload)).await
}

/// Says when the server begins to read the body: it asks for it then.
const HEAD: &[u8] =
    b"POST /store HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 4\r\n\
    expect: 100-continue\r\n\r\n";

#[tokio::test]
async fn a_session_before_an_upload_takes_no_connection() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(1).connect().await.unwrap();
    let before = db.status();
    let app = App { db: db.clone(), prefix: "stored " };
    let routes = Router::new().route("/store", post(store)).with_state(app);
    let server = Server::start(routes).await;
    let mut upload = TcpStream::connect(server.address).await.unwrap();
    upload.write_all(HEAD).await.unwrap();
    let mut asked = [0; 25];
    upload.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");

    assert_eq!(db.status(), before);
    let Status { used: 0, idle: 0, .. } = before else { panic!("{before:?}") };
    let one: i64 = db.session().fetch_one(sqlx::query_scalar("SELECT 1")).await.unwrap();
    assert_eq!(one, 1, "the only connection is free");

    upload.write_all(b"this").await.unwrap();
    let mut answer = String::new();
    upload.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("stored this"), "{answer}");
}

/// A state that is not `Clone`.
struct Shared {
    db: Db<Sqlite>,
    prefix: String,
}

impl FromRef<Shared> for Db<Sqlite> {
    fn from_ref(shared: &Shared) -> Self {
        shared.db.clone()
    }
}

#[handler]
#[axum::debug_handler]
async fn shared(
    mut db: Session<Sqlite>,
    State(shared): State<Arc<Shared>>,
) -> Result<String, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT $1 || 'shared'").bind(&shared.prefix)).await
}

#[handler]
#[axum::debug_handler(state = Db<Sqlite>)]
async fn alone(mut db: Session<Sqlite>) -> Result<String, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT 'alone'")).await
}

#[tokio::test]
async fn a_shared_state_yields_the_database_of_what_it_shares() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let app = Arc::new(Shared { db: db.clone(), prefix: "it is ".to_owned() });
    let routes = Router::new().route("/shared", get(shared)).with_state(app);
    let alone = Router::new().route("/alone", get(alone)).with_state(db);
    let server = Server::start(routes.merge(alone)).await;
    assert_eq!(server.get("/shared").await.body, "it is shared");
    assert_eq!(server.get("/alone").await.body, "alone");
}
