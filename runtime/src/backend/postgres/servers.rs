//! The servers that a URL names, in the order in which they are tried.

use std::io;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Postgres};
use tokio::time::timeout;

use crate::Error;
use crate::backend::admin_conn::AdminConn;
use crate::backend::open;
use crate::credentials::CredentialsSource;

/// One server.
pub(super) struct Server {
    pub(super) options: PgConnectOptions,
    /// Without the limits of a lease.
    pub(super) unlimited: PgConnectOptions,
    pub(super) admin: AdminConn<Postgres>,
}

/// The session that is wanted, as `target_session_attrs` of libpq names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Target {
    #[default]
    Any,
    ReadWrite,
}

/// All servers of a handle.
pub(super) struct Servers {
    pub(super) servers: Vec<Server>,
    pub(super) target: Target,
    /// The time that each may take, if there are several.
    pub(super) share: Duration,
}

/// Answered with `t` by a session that takes writes.
const TAKES_WRITES: &str = "SELECT current_setting('transaction_read_only') = 'off'";

impl Servers {
    /// Connects to the first server that answers and has the session that is wanted. Returns its number too.
    pub(super) async fn open(
        &self,
        options: fn(&Server) -> &PgConnectOptions,
        credentials: Option<&CredentialsSource>,
    ) -> Result<(usize, PgConnection), sqlx::Error> {
        let mut failed = io::Error::from(io::ErrorKind::NotFound).into();
        for (nth, server) in self.servers.iter().enumerate() {
            let opened = self.open_at(options(server), credentials);
            let opened = match self.servers.len() {
                1 => opened.await,
                _ => timeout(self.share, opened).await.unwrap_or_else(|_| Err(no_answer())),
            };
            match opened {
                Ok(connection) => return Ok((nth, connection)),
                Err(error) if refuses_login(&error) => return Err(error),
                Err(error) => {
                    tracing::debug!(%error, host = options(server).get_host(), "this host is passed over");
                    failed = error;
                }
            }
        }
        Err(failed)
    }

    async fn open_at(
        &self,
        options: &PgConnectOptions,
        credentials: Option<&CredentialsSource>,
    ) -> Result<PgConnection, sqlx::Error> {
        let mut connection = open::open(options, credentials).await?;
        if self.target == Target::ReadWrite {
            let takes_writes: bool =
                sqlx::query_scalar(TAKES_WRITES).fetch_one(&mut connection).await?;
            if !takes_writes {
                let _ = connection.close().await;
                return Err(takes_no_writes(options.get_host()));
            }
        }
        Ok(connection)
    }

    pub(super) fn get(&self, nth: usize) -> &Server {
        &self.servers[nth]
    }

    /// Returns the server to connect to now.
    pub(super) async fn choose(
        &self,
        credentials: Option<&CredentialsSource>,
    ) -> Result<&Server, sqlx::Error> {
        if let ([only], Target::Any) = (&self.servers[..], self.target) {
            return Ok(only);
        }
        let (nth, connection) = self.open(|server| &server.unlimited, credentials).await?;
        let _ = connection.close().await;
        Ok(&self.servers[nth])
    }
}

/// All hosts have the same passwords.
fn refuses_login(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().is_some_and(|code| code.starts_with("28")))
}

fn no_answer() -> sqlx::Error {
    let reason = "no answer within this host's share of `connect_timeout`";
    io::Error::new(io::ErrorKind::TimedOut, reason).into()
}

/// Counts as a server that may take writes soon.
fn takes_no_writes(host: &str) -> sqlx::Error {
    let reason = format!("`{host}` takes no writes, and `target_session_attrs` is `read-write`");
    io::Error::new(io::ErrorKind::ConnectionRefused, reason).into()
}

/// Reads a URL as libpq does: `postgres://app@a:5432,b:5432/app?target_session_attrs=read-write`. Returns the URL of each
/// host.
pub(super) fn read(url: &str) -> Result<(Vec<String>, Target), Error> {
    let (url, target) = without_target(url)?;
    let Some((scheme, rest)) = url.split_once("://") else { return Ok((vec![url], target)) };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    let urls = hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}"));
    Ok((urls.collect(), target))
}

/// Takes `target_session_attrs` out of a URL.
fn without_target(url: &str) -> Result<(String, Target), Error> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), Target::Any)) };
    let mut target = Target::Any;
    let mut others = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("target_session_attrs", "any")) => target = Target::Any,
            Some(("target_session_attrs", "read-write")) => target = Target::ReadWrite,
            Some(("target_session_attrs", _)) => {
                let reason = "has another `target_session_attrs` than `any` and `read-write`";
                return Err(Error::setting("url", reason));
            }
            _ => others.push(pair),
        }
    }
    let mark = if others.is_empty() { "" } else { "?" };
    Ok((format!("{base}{mark}{}", others.join("&")), target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        for (url, urls, target) in [
            ("postgres://a/app", &["postgres://a/app"][..], Target::Any),
            (
                "postgres://u:p%40@a:1,b,[::1]:2/app?sslmode=require&target_session_attrs=read-write",
                &[
                    "postgres://u:p%40@a:1/app?sslmode=require",
                    "postgres://u:p%40@b/app?sslmode=require",
                    "postgres://u:p%40@[::1]:2/app?sslmode=require",
                ],
                Target::ReadWrite,
            ),
            (
                "postgresql://a,b?target_session_attrs=any",
                &["postgresql://a", "postgresql://b"],
                Target::Any,
            ),
            ("postgres:///app?host=/run/a,b", &["postgres:///app?host=/run/a,b"], Target::Any),
        ] {
            let (read, read_target) = read(url).unwrap();
            assert_eq!(
                (read, read_target),
                (urls.iter().map(ToString::to_string).collect(), target)
            );
        }
        let error = read("postgres://u:hunter2@a/app?target_session_attrs=standby").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
