#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres")),
    expect(dead_code, reason = "SQLite asks for no password")
)]

use std::fmt;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};

/// A password, and the user that it is for if it is not the one of the URL.
#[derive(Clone)]
pub struct Credentials {
    pub(crate) user: Option<String>,
    pub(crate) password: String,
}

impl Credentials {
    /// A password for the user of the URL.
    pub fn password(password: impl Into<String>) -> Self {
        Credentials { user: None, password: password.into() }
    }

    /// Names the user, as stores of secrets that make one for each lease do.
    ///
    /// On PostgreSQL, a user may see and cancel the sessions of another only with `pg_read_all_stats` and
    /// `pg_signal_backend`, or as a member of it. Without them, a statement that a lease leaves behind ends with its
    /// connection, and not before.
    #[must_use]
    pub fn user(self, user: impl Into<String>) -> Self {
        Credentials { user: Some(user.into()), ..self }
    }
}

/// Without the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

type Ask = dyn Fn() -> BoxFuture<'static, Result<Credentials, BoxError>> + Send + Sync;

/// Gives the credentials of each new connection.
#[derive(Clone)]
pub(crate) struct CredentialsSource(Arc<Ask>);

impl CredentialsSource {
    pub(crate) fn new<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Credentials, BoxError>> + Send + 'static,
    {
        CredentialsSource(Arc::new(move || ask().boxed()))
    }

    pub(crate) async fn ask(&self) -> Result<Credentials, sqlx::Error> {
        (self.0)().await.map_err(sqlx::Error::Configuration)
    }
}

impl fmt::Debug for CredentialsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("asked")
    }
}
