//! The demo team, its token and its upstream.

use std::net::SocketAddr;

use shortlease::{Session, handler};

use crate::app::App;
use crate::database::Database;
use crate::error::Error;
use crate::headers::Headers;
use crate::ids::now_ms;
use crate::registry::{self, Kind, Registration};
use crate::secret::Token;
use crate::store::{teams, tokens};

/// The team and the upstream.
pub(crate) const NAME: &str = "demo";

/// How long the demo's token lasts.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Registers the demo upstream, and returns a token for its team.
///
/// # Errors
///
/// [`Error`].
///
/// # Cancel safety
///
/// Dropped, the demo may lack a team or a tool. The next start adds them.
pub async fn prepare<DB: Database>(app: &App<DB>, upstream: SocketAddr) -> Result<String, Error> {
    let mut db = app.db.session();
    let url = format!("http://{upstream}/mcp");
    let headers = Headers::default();
    let registration =
        Registration { kind: Kind::Mcp, url, headers, cache_s: 0, tools: Vec::new() };
    registry::register(&mut db, app, NAME.to_owned(), registration).await?;
    add_team(&mut db).await
}

#[handler]
async fn add_team<DB: Database>(db: &mut Session<DB>) -> Result<String, Error> {
    let token = Token::generate();
    let new = tokens::New {
        id: token.id.clone(),
        team: NAME.to_owned(),
        label: "first run".to_owned(),
        hashed: token.hashed(),
        expires_at: Some(now_ms() + DAY_MS),
        login_of: None,
    };
    db.transaction(async |tx| {
        teams::add(tx, NAME.to_owned()).await?;
        teams::set_grants(tx, NAME.to_owned(), vec![format!("{NAME}__*")]).await?;
        tokens::add(tx, new).await
    })
    .await?;
    Ok(token.reveal())
}
