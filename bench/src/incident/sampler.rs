//! What the database, the servers and the machine do, every 250 ms.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::usage::{Usage, tree};

const EVERY: Duration = Duration::from_millis(250);

/// A server that is too busy to say how many wait is asked again at the next sample.
const PATIENCE: Duration = Duration::from_millis(200);

/// One look at everything.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sample {
    /// Seconds since the start.
    pub at: f64,
    /// The sessions of the database.
    #[serde(flatten)]
    pub sessions: Sessions,
    /// Requests that wait for a connection; none if a server did not say.
    pub waiting: Option<u64>,
    /// Memory of the servers, in bytes.
    pub memory: u64,
}

/// The sessions of a database, by `pg_stat_activity`.
#[derive(Clone, Copy, Debug, Default, Serialize, sqlx::FromRow)]
pub(super) struct Sessions {
    /// All of them.
    pub connections: i64,
    /// Those that run a statement.
    pub active: i64,
    /// Those in a transaction that waits for its client.
    pub idle_in_transaction: i64,
    /// Those of them that have waited for more than 100 ms.
    pub idle_over_100ms: i64,
    /// The age of the oldest transaction, in seconds.
    pub oldest: f64,
    /// The mean age of the transactions that wait for their clients, in seconds.
    pub mean_hold: f64,
}

const SESSIONS: &str = "
SELECT count(*) AS connections,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE idle) AS idle_in_transaction,
       count(*) FILTER (WHERE idle AND since > interval '100 ms') AS idle_over_100ms,
       coalesce(extract(epoch FROM max(age)), 0)::float8 AS oldest,
       coalesce(extract(epoch FROM avg(age) FILTER (WHERE idle)), 0)::float8 AS mean_hold
FROM (
    SELECT state, state LIKE 'idle in transaction%' AS idle,
           clock_timestamp() - state_change AS since, clock_timestamp() - xact_start AS age
    FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
      AND pid <> pg_backend_pid()
) AS sessions";

/// Takes samples until it is told to stop.
pub(super) struct Sampler {
    stop: oneshot::Sender<()>,
    samples: JoinHandle<sqlx::Result<(Vec<Sample>, Seconds)>>,
}

/// Processor time, in seconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Seconds {
    /// Of the time sampled.
    pub elapsed: f64,
    /// Of the servers.
    pub servers: f64,
    /// Of PostgreSQL, the sampler's own session included.
    pub database: f64,
}

/// What is sampled.
pub(super) struct Subject {
    /// The database, past any pooler.
    pub(super) database: String,
    pub(super) servers: Vec<(i32, SocketAddr)>,
}

impl Sampler {
    pub(super) async fn start(subject: Subject) -> sqlx::Result<Sampler> {
        let options: PgConnectOptions = subject.database.parse()?;
        let connection = options.application_name("sampler").connect().await?;
        let (stop, stopped) = oneshot::channel();
        let samples = tokio::spawn(sample(subject, connection, stopped));
        Ok(Sampler { stop, samples })
    }

    /// Returns what was sampled until `end`, in seconds: then the users leave, all at once, and their calls are cut.
    pub(super) async fn stop(self, end: f64) -> sqlx::Result<(Vec<Sample>, Seconds)> {
        // Fails only if the sampler has failed, which the next line tells.
        let _ = self.stop.send(());
        let (mut samples, seconds) = self.samples.await.expect("sampling does not panic")?;
        samples.retain(|sample| sample.at < end);
        Ok((samples, seconds))
    }
}

async fn sample(
    subject: Subject,
    mut connection: PgConnection,
    mut stopped: oneshot::Receiver<()>,
) -> sqlx::Result<(Vec<Sample>, Seconds)> {
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    let client = client.expect("no TLS that could be missing");
    let postmaster: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
    let postmaster = Usage::of(postmaster).map_or(0, |usage| usage.parent);
    let pids: Vec<i32> = subject.servers.iter().map(|(pid, _)| *pid).collect();
    let before = (Usage::sum(&pids).processor, tree(postmaster).processor);
    let start = Instant::now();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut samples = Vec::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut stopped => break,
        }
        let at = start.elapsed().as_secs_f64();
        let sessions = sqlx::query_as(SESSIONS).fetch_one(&mut connection).await?;
        let waiting = waiting(&client, &subject.servers).await;
        let memory = Usage::sum(&pids).memory;
        samples.push(Sample { at, sessions, waiting, memory });
    }
    let seconds = Seconds {
        elapsed: start.elapsed().as_secs_f64(),
        servers: Usage::sum(&pids).processor - before.0,
        database: tree(postmaster).processor - before.1,
    };
    Ok((samples, seconds))
}

/// Asks every server how many of its requests wait.
async fn waiting(client: &reqwest::Client, servers: &[(i32, SocketAddr)]) -> Option<u64> {
    let mut total = 0;
    for (_, address) in servers {
        let answer = client.get(format!("http://{address}/waiting")).send().await.ok()?;
        total += answer.text().await.ok()?.trim().parse::<u64>().ok()?;
    }
    Some(total)
}
