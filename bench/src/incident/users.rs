//! The users: each calls a tool, waits for the answer, and calls the next. Beside them some log in, and a monitor asks
//! for the server's health.

mod client;
mod probe;
mod quantiles;
mod record;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use super::answers::Distribution;
use super::child;
use client::Client;
use probe::Probe;
use record::Recorder;
pub(super) use record::{Said, Second, Totals};

/// Logins come so often.
const LOGIN: Duration = Duration::from_millis(100);
/// The monitor asks so often.
const HEALTH: Duration = Duration::from_millis(500);
/// A user whose call was not served waits so long before the next.
const PAUSE: Duration = Duration::from_secs(1);
/// A user waits so long for an answer: longer than any server does for a connection and the backend.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the users do.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The servers, which the users share evenly
    #[arg(long, value_delimiter = ',')]
    pub(super) servers: Vec<SocketAddr>,
    /// Users
    #[arg(long)]
    pub(super) users: u64,
    /// How long they go on
    #[arg(long)]
    pub(super) length_ms: u64,
    /// Over which the users come
    #[arg(long)]
    pub(super) arrival_ms: u64,
    /// How long nothing counts yet
    #[arg(long)]
    pub(super) warm_up_ms: u64,
    /// The file to write each call and its outcome to
    #[arg(long)]
    pub(super) ledger: PathBuf,
    #[command(flatten)]
    pub(super) distribution: Distribution,
}

/// Calls until the time is over, and says every second how it goes.
///
/// # Errors
/// If the ledger cannot be written.
pub async fn call(options: Options) -> io::Result<()> {
    tokio::select! {
        called = run(options) => called,
        () = child::orphaned() => Ok(()),
    }
}

async fn run(options: Options) -> io::Result<()> {
    let start = Instant::now();
    let end = start + Duration::from_millis(options.length_ms);
    let warm_up = Duration::from_millis(options.warm_up_ms);
    let arrival = Duration::from_millis(options.arrival_ms);
    let client = Client::new(options.distribution.scaled(PATIENCE));
    let recorder = Arc::new(Recorder::new(start, warm_up));
    let mut users = JoinSet::new();
    for nth in 0..options.users {
        let user = User {
            nth,
            server: server(&options.servers, nth),
            client: client.clone(),
            distribution: options.distribution,
            recorder: Arc::clone(&recorder),
        };
        let share = nth as f64 / options.users as f64;
        users.spawn(user.live(start + arrival.mul_f64(share), end));
    }
    let login = {
        let (client, servers) = (client.clone(), options.servers.clone());
        Probe::start(LOGIN, end, move |nth| {
            let (client, server) = (client.clone(), server(&servers, nth));
            async move { client.login(server, nth).await }
        })
    };
    let health = {
        let (client, servers) = (client.clone(), options.servers.clone());
        Probe::start(HEALTH, end, move |nth| {
            let (client, server) = (client.clone(), server(&servers, nth));
            async move { client.health(server).await }
        })
    };
    report(&recorder, end).await;
    users.join_all().await;
    let (login, health) = (login.end().await, health.end().await);
    recorder.write_ledger(&options.ledger)?;
    child::say(&Said::End(Box::new(recorder.totals(login, health))));
    Ok(())
}

async fn report(recorder: &Recorder, end: Instant) {
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    seconds.tick().await;
    loop {
        tokio::select! {
            _ = seconds.tick() => child::say(&Said::Second(recorder.second())),
            () = sleep_until(end) => return,
        }
    }
}

fn server(servers: &[SocketAddr], nth: u64) -> SocketAddr {
    servers[usize::try_from(nth).unwrap_or(0) % servers.len()]
}

/// The most calls that one user makes, so that calls have numbers of their own.
const CALLS: u64 = 1 << 24;

struct User {
    nth: u64,
    server: SocketAddr,
    client: Client,
    distribution: Distribution,
    recorder: Arc<Recorder>,
}

impl User {
    async fn live(self, start: Instant, end: Instant) {
        sleep_until(start).await;
        for number in self.nth * CALLS.. {
            let began = Instant::now();
            if began >= end {
                return;
            }
            let call = self.distribution.call(number);
            let tool = call.tool();
            let answer = self.client.call(self.server, self.nth, &tool, number);
            let outcome = tokio::select! {
                outcome = answer => outcome,
                () = sleep_until(end) => return self.recorder.cut(number),
            };
            self.recorder.record(number, outcome, began.elapsed(), call.takes);
            if !outcome.is_served() {
                sleep(self.distribution.scaled(PAUSE)).await;
            }
        }
    }
}
