//! For axum 0.8: [`Session`](crate::Session) is an extractor, and [`Error`](crate::Error) a response.
//!
//! A session holds no connection, so a client that uploads slowly costs the pool nothing, wherever the session stands among
//! the extractors. An extractor of your own that leases from the request's session stands before it: two cannot use it at
//! once. The state of the router has a [`Db`](crate::Db): it is one, or has a
//! `FromRef` that yields one. Import from shortlease by name: after `use shortlease::*`, the name `axum` would mean this module.
//!
//! ```
//! use axum::extract::{Path, Request};
//! use axum::http::StatusCode;
//! use axum::middleware::{Next, from_fn_with_state};
//! use axum::response::{IntoResponse, Response};
//! use axum::{Router, routing::post};
//! use shortlease::{Db, Error, Session, Sqlite, handler};
//!
//! #[handler]
//! async fn rename(
//!     mut db: Session<Sqlite>,
//!     Path(id): Path<i64>,
//!     name: String,
//! ) -> Result<StatusCode, Error> {
//!     db.execute(sqlx::query("UPDATE tools SET name = $1 WHERE id = $2").bind(name).bind(id)).await?;
//!     Ok(StatusCode::NO_CONTENT)
//! }
//!
//! #[handler]
//! async fn authenticate(
//!     mut db: Session<Sqlite>,
//!     request: Request,
//!     next: Next,
//! ) -> Result<Response, Error> {
//!     let token = request.headers().get("authorization").map_or(&b""[..], |value| value.as_bytes());
//!     let query = sqlx::query_scalar::<_, i64>("SELECT user FROM tokens WHERE token = $1");
//!     let user = db.fetch_optional(query.bind(token)).await?;
//!     // The handler's turn: one request has one session.
//!     drop(db);
//!     match user {
//!         Some(_) => Ok(next.run(request).await),
//!         None => Ok(StatusCode::UNAUTHORIZED.into_response()),
//!     }
//! }
//!
//! fn routes(db: Db<Sqlite>) -> Router {
//!     Router::new()
//!         .route("/tools/{id}", post(rename))
//!         .layer(from_fn_with_state(db.clone(), authenticate))
//!         .with_state(db)
//! }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! # let _ = routes(Db::builder("sqlite::memory:").connect_lazy()?);
//! # Ok(())
//! # }
//! ```
//!
//! # A state with more in it
//!
//! ```
//! use axum::Router;
//! use axum::extract::{FromRef, State};
//! use axum::routing::get;
//! use shortlease::{Db, Error, Session, Sqlite, handler};
//!
//! #[derive(Clone)]
//! struct App {
//!     db: Db<Sqlite>,
//!     greeting: &'static str,
//! }
//!
//! impl FromRef<App> for Db<Sqlite> {
//!     fn from_ref(app: &App) -> Self {
//!         app.db.clone()
//!     }
//! }
//!
//! #[handler]
//! async fn greet(mut db: Session<Sqlite>, State(app): State<App>) -> Result<String, Error> {
//!     let name: String = db.fetch_one(sqlx::query_scalar("SELECT name FROM users")).await?;
//!     Ok(format!("{}, {name}", app.greeting))
//! }
//!
//! fn routes(app: App) -> Router {
//!     Router::new().route("/", get(greet)).with_state(app)
//! }
//! ```
//!
//! With `Arc<App>` as the state, the same `FromRef<App>` is all that is needed. axum's `#[debug_handler]` takes the first
//! `State<..>` of a handler for the state of the router. If there is none, name it: `#[debug_handler(state = App)]`, or
//! `#[debug_handler(state = Db<Sqlite>)]`. It stands below `#[handler]`.
//!
//! # One request, one session
//!
//! A middleware that extracts the session drops it before it calls `next.run(request)`. The next extractor then gets
//! the same session, with the [tenant](crate::Session::tenant) and the settings that the middleware has set. An extractor that finds
//! it in use is rejected with [`Error::SessionInUse`](crate::Error::SessionInUse): two sessions could hold two connections, and
//! requests could wait for each other.
//!
//! # Answers
//!
//! An [`Error`](crate::Error) becomes a problem document (RFC 9457) with [`code`](crate::Error::code),
//! [`public_message`](crate::Error::public_message) and [`retry_after`](crate::Error::retry_after), the latter also as
//! the header `Retry-After`. It is logged whole, and nothing more of it reaches the client.
//!
//! A `fetch_one` that finds no row is a 500, because nothing tells here if the client asked for what is not there. If it
//! did, take `fetch_optional`:
//!
//! ```
//! use axum::extract::Path;
//! use axum::http::StatusCode;
//! use axum::response::{IntoResponse, Response};
//! use shortlease::{Error, Session, Sqlite, handler};
//!
//! #[handler]
//! async fn url(mut db: Session<Sqlite>, Path(id): Path<i64>) -> Result<Response, Error> {
//!     let query = sqlx::query_scalar::<_, String>("SELECT url FROM tools WHERE id = $1");
//!     let url = db.fetch_optional(query.bind(id)).await?;
//!     Ok(url.ok_or(StatusCode::NOT_FOUND).into_response())
//! }
//! ```

mod response;
mod session;
