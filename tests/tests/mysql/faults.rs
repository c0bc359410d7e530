//! Whatever happens to MariaDB or on the way to it: what was reported as done is there, what was reported as
//! failed is not, and when the fault is over the pool is as before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use shortlease::{Db, Error, MySql, Session, handler};
use shortlease_tests::mysql::Server;
use shortlease_tests::proxy::Proxy;
use shortlease_tests::wait;
use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;

const CONNECTIONS: u32 = 4;

#[derive(Clone, Copy, Debug)]
enum Fault {
    ServerKilled,
    SessionsKilled,
    ConnectionsCut,
    NetworkPaused,
}

/// The fate of two rows, as far as their client knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    Committed,
    Failed,
    /// Dropped on the way, or cut at COMMIT.
    Nothing,
}

#[handler]
async fn write(db: &mut Session<MySql>, n: i64) -> Result<(), Error> {
    db.transaction(async |tx| {
        for part in [1, 2] {
            let insert = sqlx::query("INSERT INTO entries VALUES (?, ?)").bind(n).bind(part);
            insert.execute(&mut *tx).await?;
        }
        Ok(())
    })
    .await
}

/// Clients that write until they are told to stop, and drop each fifth write half way.
struct Load {
    clients: JoinSet<Vec<(i64, Known)>>,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicI64>,
    failed: Arc<AtomicI64>,
}

impl Load {
    fn start(db: &Db<MySql>, next: &Arc<AtomicI64>) -> Load {
        let (stop, done, failed) = Default::default();
        let mut load = Load { clients: JoinSet::new(), stop, done, failed };
        for _ in 0..2 * CONNECTIONS {
            let (db, next) = (db.clone(), Arc::clone(next));
            let (stop, done) = (Arc::clone(&load.stop), Arc::clone(&load.done));
            let failed = Arc::clone(&load.failed);
            load.clients.spawn(async move {
                let mut ledger = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let mut session = db.session();
                    let patience = Duration::from_millis(match n % 5 {
                        0 => n as u64 % 7,
                        _ => 30_000,
                    });
                    let known = match tokio::time::timeout(patience, write(&mut session, n)).await {
                        Ok(Ok(())) => Known::Committed,
                        Ok(Err(Error::CommitUnknown { .. })) | Err(_) => Known::Nothing,
                        Ok(Err(_)) => Known::Failed,
                    };
                    let counted = match known {
                        Known::Committed => &done,
                        Known::Failed | Known::Nothing => &failed,
                    };
                    counted.fetch_add(1, Ordering::Relaxed);
                    ledger.push((n, known));
                }
                ledger
            });
        }
        load
    }

    /// Waits for so many more writes that succeed.
    async fn goes_on(&self, writes: i64) {
        let before = self.done.load(Ordering::Relaxed);
        let more = async || self.done.load(Ordering::Relaxed) >= before + writes;
        wait::until("writes", more).await;
    }

    async fn stop(self) -> Vec<(i64, Known)> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

async fn strike(fault: Fault, server: &mut Server, proxy: &Proxy, load: &Load) {
    match fault {
        Fault::ServerKilled => server.restart().await,
        Fault::SessionsKilled => {
            let mut admin = server.admin().await;
            for session in server.sessions("scratch").await {
                // It may have ended by itself.
                let _ = sqlx::raw_sql(AssertSqlSafe(format!("KILL {session}")))
                    .execute(&mut admin)
                    .await;
            }
        }
        Fault::ConnectionsCut => proxy.reset().await,
        Fault::NetworkPaused => {
            proxy.pause();
            let before = load.failed.load(Ordering::Relaxed);
            // Those that are impatient give up.
            let noticed = async || load.failed.load(Ordering::Relaxed) > before;
            wait::until("the pause to be noticed", noticed).await;
            proxy.resume();
        }
    }
}

/// All connections, held at once.
async fn is_whole(db: &Db<MySql>) {
    wait::until("all connections", async || {
        let mut held = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let db = db.clone();
            held.spawn(async move {
                db.session().execute(sqlx::query("SELECT SLEEP(0.05)")).await.is_ok()
            });
        }
        held.join_all().await.into_iter().all(|ok| ok)
    })
    .await;
    assert!(db.leases().is_empty());
    wait::until("the end of recovery", async || db.status().recovering == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_under_load_lose_nothing() {
    let mut server = Server::start(&[]).await;
    let entries = "CREATE DATABASE scratch; \
                   CREATE TABLE scratch.entries (n BIGINT, part BIGINT, PRIMARY KEY (n, part))";
    server.execute(entries).await;
    let proxy = Proxy::start(server.address());
    let url = proxy.url(&server.url("scratch"));
    let builder = Db::<MySql>::builder(url).max_connections(CONNECTIONS);
    let builder = builder.acquire_timeout(Duration::from_secs(2));
    let db = builder.max_lease(Duration::from_secs(2)).connect().await.unwrap();
    let next = Arc::new(AtomicI64::new(0));
    let mut ledger = BTreeMap::new();
    for fault in [
        Fault::SessionsKilled,
        Fault::ServerKilled,
        Fault::ConnectionsCut,
        Fault::NetworkPaused,
        Fault::ServerKilled,
        Fault::SessionsKilled,
    ] {
        let load = Load::start(&db, &next);
        load.goes_on(20).await;
        strike(fault, &mut server, &proxy, &load).await;
        load.goes_on(50).await;
        ledger.extend(load.stop().await);
        is_whole(&db).await;
        let busy = server.flavor().open_transactions("scratch");
        wait::until("the end of all transactions", async || server.number(&*busy).await == 0).await;
    }
    let rows = sqlx::query_as::<_, (i64, i64)>("SELECT n, COUNT(*) FROM entries GROUP BY n");
    let rows: BTreeMap<i64, i64> =
        db.session().fetch_all(rows).await.unwrap().into_iter().collect();
    for (n, known) in &ledger {
        let parts = rows.get(n).copied().unwrap_or_default();
        let allowed: &[i64] = match known {
            Known::Committed => &[2],
            Known::Failed => &[0],
            Known::Nothing => &[0, 2],
        };
        assert!(allowed.contains(&parts), "{n} is {known:?}, with {parts} of 2 rows");
    }
    let counted = |what| ledger.values().filter(|known| **known == what).count();
    println!(
        "{} committed, {} failed, {} unknown",
        counted(Known::Committed),
        counted(Known::Failed),
        counted(Known::Nothing)
    );
    assert!(counted(Known::Failed) > 0 && counted(Known::Nothing) > 0);
}
