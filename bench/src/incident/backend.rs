//! The remote side: a process that answers late, badly or never, and beside it one that accepts and hangs.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::answers::{Answer, Distribution};
use super::child;

/// Where the backends listen.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Addresses {
    pub(super) answering: SocketAddr,
    pub(super) hanging: SocketAddr,
}

/// What a tool is called with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Arguments {
    /// The number of the call, which decides the answer.
    pub(super) call: u64,
}

/// Serves until the process that started this one has ended.
///
/// # Errors
/// If there is no port.
pub async fn serve(distribution: Distribution) -> io::Result<()> {
    let answering = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let hanging = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    child::say(&Addresses { answering: answering.local_addr()?, hanging: hanging.local_addr()? });
    let router = Router::new().route("/", post(answer)).with_state(distribution);
    tokio::select! {
        served = async { axum::serve(answering, router).await } => served,
        hung = hang(hanging) => hung,
        () = child::orphaned() => Ok(()),
    }
}

async fn answer(
    State(distribution): State<Distribution>,
    Json(arguments): Json<Arguments>,
) -> Result<Json<Arguments>, StatusCode> {
    let call = distribution.call(arguments.call);
    match call.answer {
        Answer::Never | Answer::Hangs => pending().await,
        Answer::Fails | Answer::Succeeds => sleep(call.takes).await,
    }
    match call.answer {
        Answer::Fails => Err(StatusCode::INTERNAL_SERVER_ERROR),
        _ => Ok(Json(arguments)),
    }
}

/// Accepts, and does nothing else.
async fn hang(listener: TcpListener) -> io::Result<()> {
    let mut held = Vec::new();
    loop {
        held.push(listener.accept().await?);
    }
}
