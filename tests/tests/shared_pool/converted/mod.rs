//! A small service before and after `cargo shortlease fix`: the tests of both are the same.

#[allow(unused_imports, reason = "the conversion leaves them to `cargo fix`")]
mod after;
mod before;

use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::time::timeout;

const SCHEMA: &str = "
    CREATE TABLE tools (id integer PRIMARY KEY, url text NOT NULL, uses integer NOT NULL);
    INSERT INTO tools VALUES (1, 'http://a', 0);
    CREATE TABLE calls (tool_id integer, output text);";

/// A language model. It waits for the pool's one connection.
pub(crate) struct Model {
    pool: SqlitePool,
    limit: Duration,
}

impl Model {
    pub(crate) async fn improve(&self, text: &str) -> String {
        let free = timeout(self.limit, self.pool.acquire()).await.is_ok();
        format!("{text}, improved: {free}")
    }
}

async fn pool() -> (tempfile::TempDir, SqlitePool) {
    let folder = tempfile::tempdir().unwrap();
    let options =
        SqliteConnectOptions::new().filename(folder.path().join("db")).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(&pool).await.unwrap();
    (folder, pool)
}

macro_rules! tests {
    ($name:ident, $service:ident, $free:literal, $limit:expr) => {
        mod $name {
            use std::sync::Arc;

            use axum::extract::{Path, State};
            use rmcp::handler::server::wrapper::Parameters;
            use service::errors::AppError;
            use service::tools::{self, Tool, Tools};

            use super::{Duration, Model, pool, $service as service};

            async fn tools() -> (tempfile::TempDir, Tools) {
                let (folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                (folder, Tools { app: Arc::new(app) })
            }

            #[tokio::test]
            async fn a_tool_of_rmcp_has_the_same_errors() {
                let (_folder, tools) = tools().await;
                let output = tools.call(Parameters(Tool { id: 1 })).await.unwrap();
                assert_eq!(output, format!("http://a, improved: {} (1)", $free));
                let missing = sqlx::Error::RowNotFound.to_string();
                let error = tools.call(Parameters(Tool { id: 2 })).await.unwrap_err();
                assert_eq!(error.message, missing);
                let error = tools.link(Parameters(Tool { id: 2 })).await.unwrap_err();
                assert_eq!(error.message, missing);
            }

            #[tokio::test]
            async fn a_route_ends_in_the_error_of_an_alias() {
                let (_folder, state) = tools().await;
                let text = tools::improve(State(state.clone()), Path(1)).await.unwrap();
                assert_eq!(text, format!("http://a, improved: {}", $free));
                let text = tools::improve_twice(State(state.clone()), Path(1)).await.unwrap();
                assert_eq!(text, format!("http://a, improved: {0}, improved: {0}", $free));
                let missing = tools::improve(State(state.clone()), Path(2)).await;
                let missing_too = tools::improve_twice(State(state), Path(2)).await;
                for missing in [missing, missing_too] {
                    assert!(
                        matches!(missing, Err(AppError::Database(sqlx::Error::RowNotFound))),
                        "{missing:?}"
                    );
                }
            }

            #[tokio::test]
            async fn a_call_is_recorded() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                let output = app.call(1).await.unwrap();
                assert_eq!(output, format!("http://a, improved: {} (1)", $free));
                assert_eq!(app.calls(1).await.unwrap(), 1);
                assert_eq!(app.connections(), 1);
            }

            #[tokio::test]
            async fn a_call_of_an_unknown_tool_fails() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                assert!(app.call(2).await.is_err());
                assert_eq!(app.calls(2).await.unwrap(), 0);
            }

            #[tokio::test]
            async fn a_tool_is_described() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                let text = service::describe(&app, 1).await.unwrap();
                assert_eq!(text, format!("http://a, improved: {}, one of 1", $free));
            }

            #[tokio::test]
            async fn a_helper_is_shared_with_a_function_that_stays() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                assert!(app.count_use(1).await.unwrap());
                assert!(app.note(1).await.unwrap());
                assert_eq!(app.calls(1).await.unwrap(), 7);
            }

            #[tokio::test]
            async fn an_error_of_sqlx_stays_one() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                assert!(service::title(&app, 1).await.unwrap().is_some());
                assert_eq!(service::title(&app, 2).await.unwrap(), None);
            }

            #[tokio::test]
            async fn a_pool_is_passed_on() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                let text = app.shout(1).await.unwrap();
                assert_eq!(text, format!("http://a, improved: {}", $free).to_uppercase());
            }

            #[tokio::test]
            async fn a_trait_is_implemented() {
                let (_folder, pool) = pool().await;
                let app = service::App::new(pool.clone(), Model { pool, limit: $limit });
                let text = service::First::first(&app).await.unwrap();
                assert_eq!(text, format!("http://a, improved: {}", $free));
            }
        }
    };
}

// The connection is held meanwhile, so that no limit is long enough.
tests!(on_a_pool, before, false, Duration::from_millis(20));
tests!(with_leases, after, true, Duration::from_secs(30));
