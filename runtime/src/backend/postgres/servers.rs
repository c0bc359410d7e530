//! The servers that a URL names, in the order in which they are tried.

use std::io;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Postgres, Row};
use tokio::time::timeout;

use crate::Error;
use crate::backend::admin_conn::AdminConn;
use crate::backend::open;
use crate::credentials::CredentialsSource;
use crate::error::NotWanted;

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
    ReadOnly,
    Primary,
    Standby,
    /// Any other, if no standby answers.
    PreferStandby,
}

impl Target {
    const ALL: [(&str, Target); 6] = [
        ("any", Target::Any),
        ("read-write", Target::ReadWrite),
        ("read-only", Target::ReadOnly),
        ("primary", Target::Primary),
        ("standby", Target::Standby),
        ("prefer-standby", Target::PreferStandby),
    ];

    /// Returns how often all hosts are tried.
    pub(super) fn rounds(self) -> u32 {
        if self == Target::PreferStandby { 2 } else { 1 }
    }

    /// Returns the question that a session which is wanted answers with `t`, and what is wrong with another. `None` if
    /// any is wanted.
    fn question(self) -> Option<(&'static str, &'static str)> {
        match self {
            Target::Any => None,
            Target::ReadWrite => {
                Some(("SELECT current_setting('transaction_read_only') = 'off'", "takes no writes"))
            }
            Target::ReadOnly => {
                Some(("SELECT current_setting('transaction_read_only') = 'on'", "takes writes"))
            }
            Target::Primary => Some(("SELECT NOT pg_is_in_recovery()", "is a standby")),
            Target::Standby | Target::PreferStandby => {
                Some(("SELECT pg_is_in_recovery()", "is not a standby"))
            }
        }
    }
}

/// All servers of a handle.
pub(super) struct Servers {
    pub(super) servers: Vec<Server>,
    pub(super) target: Target,
    /// The time that each may take, if there are several.
    pub(super) share: Duration,
}

impl Servers {
    /// Connects to the first server that answers and has the session that is wanted. Returns its number too.
    pub(super) async fn open(
        &self,
        options: fn(&Server) -> &PgConnectOptions,
        credentials: Option<&CredentialsSource>,
    ) -> Result<(usize, PgConnection), sqlx::Error> {
        match self.open_first(self.target, options, credentials).await {
            Err(error) if self.target == Target::PreferStandby && !refuses_login(&error) => {
                self.open_first(Target::Any, options, credentials).await
            }
            opened => opened,
        }
    }

    async fn open_first(
        &self,
        target: Target,
        options: fn(&Server) -> &PgConnectOptions,
        credentials: Option<&CredentialsSource>,
    ) -> Result<(usize, PgConnection), sqlx::Error> {
        let mut failed = io::Error::from(io::ErrorKind::NotFound).into();
        for (nth, server) in self.servers.iter().enumerate() {
            let opened = open_at(options(server), target, credentials);
            let opened = match self.servers.len() {
                1 => opened.await,
                _ => timeout(self.share, opened).await.unwrap_or_else(|_| Err(no_answer())),
            };
            match opened {
                Ok(connection) => return Ok((nth, connection)),
                Err(error) if refuses_login(&error) => return Err(error),
                Err(error) => {
                    let host = address(options(server));
                    tracing::debug!(%error, host, "this host is passed over");
                    failed = error;
                }
            }
        }
        Err(failed)
    }

    pub(super) fn get(&self, nth: usize) -> &Server {
        &self.servers[nth]
    }

    /// Returns the server to connect to now, which has just answered.
    pub(super) async fn choose(
        &self,
        credentials: Option<&CredentialsSource>,
    ) -> Result<&Server, sqlx::Error> {
        let (nth, connection) = self.open(|server| &server.unlimited, credentials).await?;
        let _ = connection.close().await;
        Ok(&self.servers[nth])
    }
}

/// Returns `true` if the way to the server is a socket in the file system.
pub(super) fn uses_socket_file(options: &PgConnectOptions) -> bool {
    options.get_socket().is_some() || options.get_host().starts_with('/')
}

async fn open_at(
    options: &PgConnectOptions,
    target: Target,
    credentials: Option<&CredentialsSource>,
) -> Result<PgConnection, sqlx::Error> {
    let mut connection = open::open(options, credentials).await?;
    let Some((question, otherwise)) = target.question() else { return Ok(connection) };
    // In one message: a statement with a name takes two round trips.
    let answer = sqlx::raw_sql(question).fetch_one(&mut connection).await?;
    if answer.try_get(0)? {
        return Ok(connection);
    }
    let _ = connection.close().await;
    Err(NotWanted { host: address(options), otherwise }.into())
}

/// All hosts have the same passwords.
fn refuses_login(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.code().is_some_and(|code| code.starts_with("28")))
}

fn no_answer() -> sqlx::Error {
    let reason = "no answer within this host's share of `connect_timeout`";
    io::Error::new(io::ErrorKind::TimedOut, reason).into()
}

/// Returns the host and its port.
fn address(options: &PgConnectOptions) -> String {
    format!("{}:{}", options.get_host(), options.get_port())
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
            Some(("target_session_attrs", name)) => {
                let known = Target::ALL.into_iter().find(|known| known.0 == name);
                target = known.ok_or_else(unknown_target)?.1;
            }
            _ => others.push(pair),
        }
    }
    let mark = if others.is_empty() { "" } else { "?" };
    Ok((format!("{base}{mark}{}", others.join("&")), target))
}

fn unknown_target() -> Error {
    let known = Target::ALL.map(|(name, _)| format!("`{name}`")).join(", ");
    Error::setting("url", format!("has another `target_session_attrs` than {known}"))
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
            (
                "postgresql://a,b?target_session_attrs=prefer-standby",
                &["postgresql://a", "postgresql://b"],
                Target::PreferStandby,
            ),
            ("postgres:///app?host=/run/a,b", &["postgres:///app?host=/run/a,b"], Target::Any),
        ] {
            let (read, read_target) = read(url).unwrap();
            assert_eq!(
                (read, read_target),
                (urls.iter().map(ToString::to_string).collect(), target)
            );
        }
        let error = read("postgres://u:hunter2@a/app?target_session_attrs=master").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
