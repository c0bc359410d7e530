//! Servers of a process of their own: `server stdio` and `server mcp ADDRESS`, MCP servers, and `server http ADDRESS`.
//! `DATABASE_URL` says where the database is. With `ONE_CONNECTION` they have one, and are busy at once.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use shortlease::rmcp::serve_stdio;
use shortlease::{Db, Error, Postgres, Session, handler, lifecycle};
use shortlease_tests::mcp::Tools;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let settings = Db::<Postgres>::builder(url).idle_timeout(Duration::from_millis(200));
    let settings = match std::env::var_os("ONE_CONNECTION") {
        Some(_) => settings.max_connections(1).acquire_timeout(Duration::from_millis(300)),
        None => settings.max_connections(4),
    };
    let db = settings.connect_lazy()?;
    match arguments.next().as_deref() {
        Some("stdio") => serve_stdio(Tools::new(db.clone(), Arc::default()), &db).await.exit(),
        Some("http") => serve_http(&db, arguments.next().expect("an address")).await,
        Some("mcp") => serve_mcp(&db, arguments.next().expect("an address")).await,
        other => panic!("server stdio, or server mcp|http ADDRESS, not {other:?}"),
    }
}

async fn serve_http(db: &Db<Postgres>, address: String) -> ! {
    serve(db, address, Router::new().route("/", get(record)).with_state(db.clone())).await
}

/// As the documentation of the module `rmcp` shows it.
async fn serve_mcp(db: &Db<Postgres>, address: String) -> ! {
    let tools = Tools::new(db.clone(), Arc::default());
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false);
    let sessions = Arc::new(NeverSessionManager::default());
    let mcp = StreamableHttpService::new(move || Ok(tools.clone()), sessions, config);
    serve(db, address, Router::new().nest_service("/mcp", mcp)).await
}

async fn serve(db: &Db<Postgres>, address: String, routes: Router) -> ! {
    lifecycle::shutdown(db)
        .serve(async |stop| {
            let listener = TcpListener::bind(address).await?;
            axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
        })
        .await
        .exit()
}

/// Takes a moment.
#[handler]
async fn record(mut db: Session<Postgres>) -> Result<String, Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO records VALUES ('by http')").execute(tx).await?;
        sqlx::query("SELECT pg_sleep(0.02)").execute(tx).await?;
        Ok("recorded".to_owned())
    })
    .await
}
