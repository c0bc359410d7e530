//! A gateway from its start to its stop.

use std::io;
use std::net::SocketAddr;

use shortlease::{Db, Remote};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use crate::app::{App, Parts};
use crate::database::Database;
use crate::ids::random_hex;
use crate::lookups::Lookups;
use crate::metrics::{prometheus, sum_up_regularly};
use crate::prune::prune_regularly;
use crate::readiness::Readiness;
use crate::secret::AdminToken;
use crate::serve::serve;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::upstream::{Limits, Policy, Upstreams};
use crate::{demo, first_run, http, open};

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A flag has a value that cannot work.
    #[error("{0}")]
    Setting(String),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] shortlease::Error),
    /// Redis has no such address.
    #[error("REDIS_URL: {0}")]
    Redis(#[from] ::redis::RedisError),
    /// The HTTP client cannot be made.
    #[error("the HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// The address cannot be served on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The demo does not start.
    #[error("the demo upstream: {0}")]
    Demo(#[from] io::Error),
}

/// A gateway that serves.
pub struct Gateway<DB: Database> {
    /// The state that its requests share.
    pub app: App<DB>,
    /// The address that it serves on.
    pub address: SocketAddr,
    /// The operator's token.
    pub admin_token: String,
    /// A token of the demo's team, if there is a demo.
    pub demo_token: Option<String>,
    serving: JoinHandle<()>,
}

impl<DB: Database> Gateway<DB> {
    /// Opens the database and serves.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    ///
    /// # Cancel safety
    ///
    /// Dropped, nothing serves.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        prometheus();
        let pool = settings.pool().map_err(StartError::Setting)?;
        let db = open::open::<DB>(&settings, pool).await?;
        let address = settings.listen;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let demo_address = match settings.has_demo() {
            true => Some(demo::start(stop.clone()).await?),
            false => None,
        };
        let admin_token = admin_token(&settings);
        let app = assemble(settings, db, &admin_token, demo_address, stop.clone())?;
        let demo_token = match demo_address {
            Some(upstream) => {
                Some(first_run::prepare(&app, upstream).await.map_err(StartError::first_run)?)
            }
            None => None,
        };
        tokio::spawn(prune_regularly(app.clone()));
        tokio::spawn(sum_up_regularly(stop.clone()));
        let (router, limit) = (http::router(app.clone()), app.settings.read_timeout);
        let serving = tokio::spawn(serve(listener, router, limit, stop));
        info!(%address, pool, "serving");
        Ok(Gateway { app, address, admin_token, demo_token, serving })
    }

    /// Serves until the token is cancelled: then takes no more requests, lets those under way end, records
    /// the calls whose clients have gone, and says goodbye to Redis. The database stays open.
    ///
    /// # Errors
    ///
    /// If serving has panicked.
    ///
    /// # Cancel safety
    ///
    /// Dropped, requests under way go on until the database is closed.
    pub async fn serve(self, stop: CancellationToken) -> io::Result<()> {
        let Gateway { app, mut serving, .. } = self;
        let ended = tokio::select! {
            ended = &mut serving => Some(ended),
            () = stop.cancelled() => None,
        };
        app.stop.cancel();
        let ended = match ended {
            Some(ended) => ended,
            None => serving.await,
        };
        app.records.close();
        app.records.wait().await;
        app.shared.get(&app.db.session()).quit().await;
        ended.map_err(io::Error::other)
    }
}

impl StartError {
    fn first_run(error: crate::error::Error) -> Self {
        match error {
            crate::error::Error::Lease(error) => StartError::Database(error),
            error => StartError::Setting(format!("the demo upstream: {error}")),
        }
    }
}

/// Puts together what requests share.
///
/// # Errors
///
/// [`StartError`].
pub fn assemble<DB: Database>(
    settings: Settings,
    db: Db<DB>,
    admin_token: &str,
    demo: Option<SocketAddr>,
    stop: CancellationToken,
) -> Result<App<DB>, StartError> {
    let limits = Limits { timeout: settings.upstream_timeout, answer_bytes: settings.max_body };
    let policy = Policy::new(settings.allow_private, demo);
    let shared = match &settings.redis_url {
        Some(url) => Shared::redis(url.reveal())?,
        None => Shared::memory(),
    };
    let parts = Parts {
        upstreams: Remote::new(Upstreams::new(policy, limits)?),
        shared: Remote::new(shared),
        admin: AdminToken::new(admin_token),
        lookups: Lookups::new(db.status().max, settings.acquire_timeout),
        settings,
        stop,
        records: TaskTracker::new(),
        readiness: Readiness::assume(true),
    };
    Ok(App::new(db, parts))
}

fn admin_token(settings: &Settings) -> String {
    let set = settings.admin_token.as_ref().map(|token| token.reveal().to_owned());
    set.unwrap_or_else(random_hex::<16>)
}
