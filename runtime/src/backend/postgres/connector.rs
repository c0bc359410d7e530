use std::sync::Arc;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::postgres::PgConnectOptions;

use super::admin;
use super::cancel_token::{CancelToken, select_token_of_transaction};
use super::servers::{Server, Servers, Target};
use super::tls::TlsWarning;
use super::{setting, time_limit};
use crate::Error;
use crate::backend::admin_conn::AdminConn;
use crate::backend::driver::Sessions;
use crate::backend::open;
use crate::credentials::CredentialsSource;
use crate::settings::{Pooler, Settings};

#[derive(Clone)]
pub struct Connector {
    pub(super) servers: Arc<Servers>,
    pub(super) credentials: Option<CredentialsSource>,
    pub(super) pooler: Option<Pooler>,
    pub(super) tls: Arc<TlsWarning>,
    /// The part of the message which begins a transaction that sets its limits and asks for its token, if others
    /// use the sessions too.
    pub(super) transaction_settings: Option<Arc<TransactionSettings>>,
}

/// A part of the message that begins a transaction.
pub(super) struct TransactionSettings {
    pub(super) sql: String,
    /// It holds values of settings, which may be secret.
    pub(super) has_values: bool,
}

impl Connector {
    /// The options of a connection without the limits of a lease, which have just worked.
    pub(super) async fn unlimited_options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        let credentials = self.credentials.as_ref();
        let server = self.servers.choose(credentials).await?;
        open::with_credentials(&server.unlimited, credentials).await
    }

    /// The connection that cancels and terminates what the token names.
    pub(super) fn admin(&self, token: &CancelToken) -> &AdminConn<Postgres> {
        &self.servers.get(token.server()).admin
    }

    /// Makes a connector from the options of each server.
    pub(super) fn new(
        servers: Vec<PgConnectOptions>,
        target: Target,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Self, Error> {
        let tries =
            u32::try_from(servers.len()).unwrap_or(u32::MAX).saturating_mul(target.rounds());
        let share = settings.connect_timeout / tries;
        let mut transaction_settings = None;
        let with_limits = |options| {
            let (server, limits) = server(options, settings, sessions)?;
            transaction_settings = limits;
            Ok(server)
        };
        let servers = servers.into_iter().map(with_limits).collect::<Result<_, Error>>()?;
        Ok(Connector {
            servers: Arc::new(Servers { servers, target, share }),
            credentials: settings.credentials.clone(),
            pooler: settings.pooler,
            tls: Arc::default(),
            transaction_settings,
        })
    }
}

/// Makes the options of a server with the limits of a lease, or what sets these in the message that begins a transaction.
fn server(
    unlimited: PgConnectOptions,
    settings: &Settings,
    sessions: Sessions,
) -> Result<(Server, Option<Arc<TransactionSettings>>), Error> {
    let unlimited = match (&settings.application_name, unlimited.get_application_name()) {
        (Some(name), _) => unlimited.application_name(name),
        (None, Some(_)) => unlimited,
        (None, None) => unlimited.application_name("shortlease"),
    };
    if settings.application_name.as_ref().is_some_and(|name| name.contains('\0')) {
        return Err(Error::setting("application_name", "contains a zero byte; leave it out"));
    }
    let list = settings.setting.iter();
    let set_local = list.clone().map(|(name, value)| setting::set_local(name, value));
    let set_local = set_local.collect::<Result<String, Error>>()?;
    let unlimited = match settings.pooler {
        None if !set_local.is_empty() => unlimited.options(list),
        _ => unlimited,
    };
    // The server's own limit: it ends what a dead client left running.
    let milliseconds = |limit: Duration| limit.as_millis().clamp(1, i32::MAX as u128).to_string();
    let statement_timeout = milliseconds(settings.statement_timeout());
    let mut limits = Vec::new();
    if sessions.limit_idle_transactions {
        let limit = milliseconds(settings.idle_in_transaction_timeout());
        limits.push(("idle_in_transaction_session_timeout", limit));
    }
    let unlimited = match settings.pooler {
        None => unlimited,
        Some(pooler) => {
            if unlimited.get_options().is_some() {
                return Err(Error::setting(
                    "url",
                    "sets `options`, which poolers refuse; set them for the role instead",
                ));
            }
            // PgBouncer refuses startup parameters that it does not know.
            let unlimited = unlimited.extra_float_digits(None);
            match pooler {
                Pooler::Transaction => unlimited.statement_cache_capacity(0),
                Pooler::TransactionWithPreparedStatements => unlimited,
            }
        }
    };
    // Others would find a setting on a session that they use too.
    let (options, transaction_settings) = if sessions.are_shared {
        let has_values = !set_local.is_empty();
        let mut sql = set_local;
        for (name, limit) in limits {
            sql.push_str(&format!("; SET LOCAL {name} TO {limit}"));
        }
        sql.push_str("; ");
        let session_stays = settings.pooler.is_none();
        sql.push_str(&select_token_of_transaction(session_stays, &statement_timeout));
        (unlimited.clone(), Some(Arc::new(TransactionSettings { sql, has_values })))
    } else {
        limits.push((time_limit::OURS, statement_timeout));
        (unlimited.clone().options(limits), None)
    };
    let admin = admin::admin_conn(unlimited.clone(), settings.credentials.clone());
    Ok((Server { options, unlimited, admin }, transaction_settings))
}
