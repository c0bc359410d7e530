//! From a token to its caller.

use shortlease::{Session, handler};

use crate::caller::{Caller, Grants};
use crate::database::Database;
use crate::error::Error;
use crate::secret::Token;
use crate::store::tokens;

/// Finds out who has a token, and what that team may call. One read.
///
/// # Errors
///
/// [`Error::Unauthenticated`] for a token that is not one, that is unknown, wrong or over.
///
/// # Cancel safety
///
/// Safe: nothing is left behind.
#[handler]
pub async fn identify<DB: Database>(db: &mut Session<DB>, token: &str) -> Result<Caller, Error> {
    let token = Token::parse(token).ok_or(Error::Unauthenticated)?;
    let id = token.id.clone();
    let credential = db.lease(async |conn| tokens::credential(conn, id).await).await?;
    let credential = credential.ok_or(Error::Unauthenticated)?;
    if !token.matches(&credential.hashed()) || credential.is_expired() {
        return Err(Error::Unauthenticated);
    }
    Ok(Caller {
        grants: Grants::parse(credential.grants()),
        expires_at: credential.expires_at,
        team: credential.team.into(),
        token: token.id.into(),
    })
}
