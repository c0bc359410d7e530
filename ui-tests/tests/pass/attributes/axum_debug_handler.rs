//! axum's `#[debug_handler]` below `#[handler]` and above it, asked over a real socket. Above, it copies the
//! body of what returns a single type into a function without attributes: see
//! fail/sl010/debug_handler_above.rs.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, debug_handler};
use shortlease::{Db, Sqlite, handler};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct ApiError(shortlease::Error);

impl<E: Into<shortlease::Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        ApiError(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, self.0.to_string()).into_response()
    }
}

#[handler]
#[debug_handler]
async fn named(State(db): State<Db<Sqlite>>, Path(n): Path<i64>) -> Result<Json<i64>, ApiError> {
    let mut db = db.session();
    let doubled = db.lease(async |conn| double(conn, n).await).await?;
    tokio::task::yield_now().await;
    Ok(Json(doubled))
}

#[handler]
#[debug_handler]
async fn opaque(State(db): State<Db<Sqlite>>, Path(n): Path<i64>) -> Result<impl IntoResponse, ApiError> {
    let doubled = db.session().lease(async |conn| double(conn, n).await).await?;
    tokio::task::yield_now().await;
    Ok(Json(doubled))
}

#[debug_handler]
#[handler]
async fn above(State(db): State<Db<Sqlite>>, Path(n): Path<i64>) -> (StatusCode, Json<i64>) {
    let doubled = db.session().lease(async |conn| double(conn, n).await).await;
    tokio::task::yield_now().await;
    doubled.map_or((StatusCode::SERVICE_UNAVAILABLE, Json(0)), |doubled| (StatusCode::OK, Json(doubled)))
}

#[shortlease::leased]
async fn double(conn: &mut shortlease::Conn<Sqlite>, n: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT $1 * 2").bind(n).fetch_one(conn).await
}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let app = Router::new()
        .route("/named/{n}", get(named))
        .route("/opaque/{n}", get(opaque))
        .route("/above/{n}", get(above))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });

    for path in ["named", "opaque", "above"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET /{path}/21 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("42"), "{answer}");
    }
}
