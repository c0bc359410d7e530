//! One way, from an empty database to the comparison of what users were told with what is in it.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;
use tempfile::TempDir;

use super::answers::{Distribution, PATIENCE};
use super::backend::Addresses;
use super::child::Process;
use super::database::{self, Comparison};
use super::files;
use super::outcome::Ledger;
use super::progress::Progress;
use super::sampler::{Sample, Sampler, Seconds, Subject};
use super::server::{Listening, Style};
use super::users::{Said, Second, Totals};
use super::way::Way;

/// PostgreSQL ends the session of a transaction that waits for its client for so long, as it did in the incident.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(20);

/// Users that keep the machine busy when the backend answers at once.
const BUSY: u64 = 64;

/// How long the machine is measured.
const MEASURE: Duration = Duration::from_secs(20);

/// As `sqlx::Pool` has it.
const PLAIN_ACQUIRE: Duration = Duration::from_secs(30);

/// What the ways have in common.
#[derive(Clone, Debug)]
pub(super) struct Load {
    pub(super) users: u64,
    pub(super) pool: u32,
    /// Of each way, with its warm-up.
    pub(super) length: Duration,
    /// Over which the users come.
    pub(super) arrival: Duration,
    pub(super) warm_up: Duration,
    pub(super) distribution: Distribution,
}

/// What one way came to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Run {
    pub(super) way: Way,
    /// Seconds from the start to where figures count.
    pub(super) warm_up: f64,
    pub(super) seconds: Vec<Second>,
    pub(super) samples: Vec<Sample>,
    pub(super) totals: Totals,
    pub(super) comparison: Comparison,
    pub(super) processor: Seconds,
}

/// The parts that all ways share: this program, which is also the servers, the backend and the users; and PostgreSQL.
pub(super) struct World {
    program: PathBuf,
    server: Server,
    files: TempDir,
}

impl World {
    pub(super) async fn start(program: PathBuf, distribution: &Distribution) -> io::Result<World> {
        let idle = distribution.scaled(IDLE_IN_TRANSACTION).as_millis().to_string();
        let server = Server::builder()
            .setting("idle_in_transaction_session_timeout", &idle)
            .setting("max_connections", "200")
            .setting("shared_buffers", "256MB")
            .start()
            .await;
        Ok(World { program, server, files: tempfile::tempdir()? })
    }

    /// Does the work in one way; `name` is that of its database.
    pub(super) async fn run(
        &self,
        way: Way,
        name: &str,
        load: &Load,
        progress: &Progress,
    ) -> io::Result<Run> {
        let mut backend = self.start_backend(&load.distribution)?;
        let database = self.server.create_database(name).await;
        let addresses: Addresses = backend.hear().await?;
        database::fill(&database, load.users, addresses).await.map_err(io::Error::other)?;
        let pooler = match way.is_pooled() {
            true => Some(self.start_pooler(load.pool).await),
            false => None,
        };
        let url = pooler.as_ref().map_or(database.clone(), |pooler| pooler.url(name));
        let servers = self.start_servers(way, &url, load).await?;
        let subject = Subject {
            database: database.clone(),
            servers: servers.iter().map(|(server, at)| (server.pid(), at.address)).collect(),
        };
        let ledger = self.files.path().join(name);
        let mut users = self.start_users(load, &servers, &ledger)?;
        let sampler = Sampler::start(subject).await.map_err(io::Error::other)?;
        let mut seconds = Vec::new();
        let totals = loop {
            match users.hear().await? {
                Said::Second(second) => {
                    progress.advance(&second);
                    seconds.push(second);
                }
                Said::End(totals) => break *totals,
            }
        };
        let end = load.length.as_secs_f64();
        let (samples, processor) = sampler.stop(end).await.map_err(io::Error::other)?;
        for (server, _) in servers {
            server.end().await;
        }
        backend.end().await;
        let ledger: Ledger = serde_json::from_reader(BufReader::new(File::open(ledger)?))?;
        let comparison = database::compare(&database, &ledger).await.map_err(io::Error::other)?;
        let warm_up = load.warm_up.as_secs_f64();
        Ok(Run { way, warm_up, seconds, samples, totals, comparison, processor })
    }

    /// Measures how many calls per second the machine does when the backend answers at once.
    pub(super) async fn measure(&self, pool: u32, length: Duration) -> io::Result<f64> {
        let length = MEASURE.min(length);
        let distribution = Distribution { seed: 1, speed: 1.0, steady_ms: Some(0) };
        let (arrival, warm_up) = (Duration::ZERO, length / 3);
        let load = Load { users: BUSY, pool, length, arrival, warm_up, distribution };
        let progress = Progress::start("the machine", length);
        let run = self.run(Way::Shortlease, "machine", &load, &progress).await?;
        progress.finish();
        Ok(run.totals.rate())
    }

    async fn start_pooler(&self, pool: u32) -> PgBouncer {
        let pool = pool.to_string();
        let settings = [
            ("default_pool_size", pool.as_str()),
            ("max_client_conn", "1000"),
            ("max_prepared_statements", "100"),
        ];
        PgBouncer::start_recent(&self.server, &settings).await
    }

    fn start_backend(&self, distribution: &Distribution) -> io::Result<Process> {
        let mut arguments = vec!["backend".to_owned()];
        arguments.extend(distribution.arguments());
        Process::start(&self.program, &arguments)
    }

    async fn start_servers(
        &self,
        way: Way,
        url: &str,
        load: &Load,
    ) -> io::Result<Vec<(Process, Listening)>> {
        let instances = way.instances().max(files::servers(load.users)?);
        let patience = load.distribution.scaled(PATIENCE);
        let mut arguments = vec![
            "server".to_owned(),
            format!("--style={}", way.style()),
            format!("--database={url}"),
            format!("--pool={}", load.pool.div_ceil(instances)),
            format!("--patience-ms={}", patience.as_millis()),
            format!("--instances={instances}"),
        ];
        if way.is_pooled() {
            arguments.push("--pgbouncer".to_owned());
        }
        if way.style() != Style::Leased {
            let limit = load.distribution.scaled(PLAIN_ACQUIRE);
            arguments.push(format!("--acquire-ms={}", limit.as_millis()));
        }
        let mut servers = Vec::new();
        for _ in 0..instances {
            let mut server = Process::start(&self.program, &arguments)?;
            let listening = server.hear().await?;
            servers.push((server, listening));
        }
        Ok(servers)
    }

    fn start_users(
        &self,
        load: &Load,
        servers: &[(Process, Listening)],
        ledger: &std::path::Path,
    ) -> io::Result<Process> {
        let servers: Vec<_> = servers.iter().map(|(_, at)| at.address.to_string()).collect();
        let mut arguments = vec![
            "users".to_owned(),
            format!("--servers={}", servers.join(",")),
            format!("--users={}", load.users),
            format!("--length-ms={}", load.length.as_millis()),
            format!("--arrival-ms={}", load.arrival.as_millis()),
            format!("--warm-up-ms={}", load.warm_up.as_millis()),
            format!("--ledger={}", ledger.display()),
        ];
        arguments.extend(load.distribution.arguments());
        Process::start(&self.program, &arguments)
    }
}
