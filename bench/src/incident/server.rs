//! The gateway's call path, written in three ways that differ in one thing: how long they hold a connection.

mod by_hand;
mod failure;
mod held;
mod leased;
mod options;
mod plain;
mod remote;
mod request;
mod statements;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::child;
pub use options::{Options, Style};
use plain::Plain;
use remote::Remote;

/// Serves until the process that started this one has ended.
///
/// # Errors
/// If there is no port, or the database cannot be reached.
pub async fn serve(options: Options) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let router = router(&options).await.map_err(io::Error::other)?;
    child::say(&Listening { address: listener.local_addr()? });
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served,
        () = child::orphaned() => Ok(()),
    }
}

/// Says where the server listens.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Listening {
    pub(super) address: SocketAddr,
}

async fn router(options: &Options) -> Result<Router, shortlease::Error> {
    let remote = Remote::new(Duration::from_millis(options.patience_ms));
    Ok(match options.style {
        Style::Held => held::router(Plain::connect(options, remote).await?),
        Style::ByHand => by_hand::router(Plain::connect(options, remote).await?),
        Style::Leased => leased::router(options, remote).await?,
    })
}
