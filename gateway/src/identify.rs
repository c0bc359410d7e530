//! From a token to its caller.

use shortlease::{Session, handler};

use crate::app::App;
use crate::caller::{Caller, Grants};
use crate::database::Database;
use crate::error::Error;
use crate::secret::Token;
use crate::store::tokens::{self, Credential};

/// Finds out who has a token, and what that team may call. One read, for which a token waits that was not good lately.
///
/// # Errors
///
/// [`Error::Unauthenticated`] for a token that is not one, that is unknown, wrong or over; [`Error::TooManyTokens`];
/// [`Error::Lease`].
///
/// # Cancel safety
///
/// Safe: nothing is left behind.
#[handler]
pub async fn identify<DB: Database>(
    db: &mut Session<DB>,
    app: &App<DB>,
    token: &str,
) -> Result<Caller, Error> {
    let token = Token::parse(token).ok_or(Error::Unauthenticated)?;
    let _turn = app.lookups.turn(&token).await?;
    let id = token.id.clone();
    let credential = db.lease(async |conn| tokens::credential(conn, id).await).await?;
    let is_good = |kept: &Credential| token.matches(&kept.hashed()) && !kept.is_expired();
    let credential = credential.filter(is_good);
    app.lookups.note(&token, credential.is_some());
    let credential = credential.ok_or(Error::Unauthenticated)?;
    Ok(Caller {
        grants: Grants::parse(credential.grants()),
        expires_at: credential.expires_at,
        team: credential.team.into(),
        token: token.id.into(),
    })
}
