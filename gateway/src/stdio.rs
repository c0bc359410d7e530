//! MCP over stdin and stdout, for one client.

use std::time::Duration;

use shortlease::lifecycle::Ended;
use shortlease::rmcp::serve_stdio;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::App;
use crate::database::Database;
use crate::gateway::{StartError, assemble};
use crate::mcp::Mcp;
use crate::open;
use crate::secret::Token;
use crate::settings::Settings;

/// How long a database that is away is left alone before its tables are looked at again.
const RETRY: Duration = Duration::from_secs(1);

/// Serves one client until it closes stdin, its process ends, or this one is told to end. A database that is away is an
/// answer of a tool, not a handshake that hangs: it is connected to by the first call.
///
/// # Errors
///
/// [`StartError`] for flags that cannot work.
///
/// # Cancel safety
///
/// Dropped, calls under way are dropped too.
pub async fn serve<DB: Database>(settings: Settings) -> Result<Ended, StartError> {
    let pool = settings.pool().map_err(StartError::Setting)?;
    let missing = "set GATEWAY_TOKEN to the token of the client's team";
    let token = settings.token.as_ref().map(|token| token.reveal().to_owned());
    let token = token.ok_or_else(|| StartError::Setting(missing.to_owned()))?;
    if Token::parse(&token).is_none() {
        let reason =
            "GATEWAY_TOKEN is not a token: it has the form that `gateway` showed when it was made";
        return Err(StartError::Setting(reason.to_owned()));
    }
    let db = open::open_lazy::<DB>(&settings, pool)?;
    let app = assemble(settings, db, "", None, CancellationToken::new())?;
    let migrating = tokio::spawn(migrate(app.clone()));
    let ended = serve_stdio(Mcp::stdio(app.clone(), token), &app.db).await;
    migrating.abort();
    app.shared.get(&app.db.session()).quit().await;
    Ok(ended)
}

/// Brings the tables up to date as soon as the database is there.
async fn migrate<DB: Database>(app: App<DB>) {
    while let Err(error) = open::migrate(&app.db, &app.settings).await {
        warn!(%error, "the database cannot be prepared yet");
        tokio::time::sleep(RETRY).await;
    }
}
