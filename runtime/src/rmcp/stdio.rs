use std::error::Error as StdError;

use rmcp::service::{RoleServer, ServerInitializeError, Service, ServiceExt};
use rmcp::transport::stdio_pipes;
use tokio_util::sync::CancellationToken;

use crate::lifecycle::{self, Ended};
use crate::{Backend, Db};

/// Serves one client over standard input and output, until the client is gone or the process is told to end, and then
/// closes the database.
///
/// It ends when standard input does, at SIGTERM and SIGINT, and when the process that started this one has died. Calls
/// that are under way then get the 5 s, or 2 s after a signal, that rmcp grants them; what is left of their
/// leases is rolled back. End `main` with [`Ended::exit`], as standard input may be something that a thread
/// of tokio's reads until it ends, which would keep the process alive.
///
/// Build the [`Db`] with [`connect_lazy`](crate::Builder::connect_lazy): a database that is down is then the answer of a
/// tool, and the client's handshake does not wait for it.
///
/// # Panics
///
/// Polled outside of a tokio runtime.
///
/// # Cancel safety
///
/// Dropped, it stops serving; the database is not closed.
pub async fn serve_stdio<S, DB>(service: S, db: &Db<DB>) -> Ended
where
    S: Service<RoleServer>,
    DB: Backend,
{
    lifecycle::shutdown(db).with_orphan_watch().serve(async |stop| serve(service, stop).await).await
}

async fn serve<S: Service<RoleServer>>(
    service: S,
    stop: CancellationToken,
) -> Result<(), Box<dyn StdError>> {
    match service.serve_with_ct(stdio_pipes(), stop).await {
        Ok(running) => {
            running.waiting().await?;
            Ok(())
        }
        // The client, or the signal, came before the handshake.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
