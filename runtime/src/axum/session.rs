use std::sync::Arc;

use axum_core::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use crate::request::RequestSession;
use crate::{Backend, Db, Error, Session};

/// The session of the request, which takes no connection until it leases. See [the module](crate::axum).
impl<DB: Backend, S: Sync> FromRequestParts<S> for Session<DB>
where
    Db<DB>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let db = Db::from_ref(state);
        let sessions = parts.extensions.get_or_insert_default::<RequestSessions<DB>>();
        let (session_use, scope) =
            session_of(sessions, &db).begin_use().ok_or(Error::SessionInUse)?;
        Ok(Session::of_request(db.pool, session_use, scope))
    }
}

/// For a state that is shared: `Arc<App>` yields the database that `App` yields.
impl<DB: Backend, S> FromRef<Arc<S>> for Db<DB>
where
    Db<DB>: FromRef<S>,
{
    fn from_ref(state: &Arc<S>) -> Self {
        Db::from_ref(&**state)
    }
}

/// The sessions of one request: one for each handle, and few requests have two.
type RequestSessions<DB> = Vec<(Db<DB>, Arc<RequestSession>)>;

fn session_of<'s, DB: Backend>(
    sessions: &'s mut RequestSessions<DB>,
    db: &Db<DB>,
) -> &'s Arc<RequestSession> {
    let known = sessions.iter().position(|(other, _)| Arc::ptr_eq(&other.pool, &db.pool));
    let at = known.unwrap_or_else(|| {
        sessions.push((db.clone(), Arc::default()));
        sessions.len() - 1
    });
    &sessions[at].1
}
