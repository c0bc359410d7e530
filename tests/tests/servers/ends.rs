//! How servers end: with their client, with their parent, when they are told to.

use std::future::pending;
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, kill_process};
use shortlease::lifecycle::{self, CancellationToken, Reason};
use shortlease::{Db, Error, Session, Sqlite, handler};
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::child::{StdioServer, send_signal, server};
use crate::client::scratch;

/// Calls a tool that holds a transaction.
async fn holding(scratch: &PostgresDatabase, mut server: StdioServer) -> StdioServer {
    server.initialize().await;
    server.begin("hold").await;
    wait::until("a transaction", async || {
        scratch.sessions().await.iter().any(|session| session.query.contains("pg_sleep"))
    })
    .await;
    server
}

async fn no_sessions(scratch: &PostgresDatabase) {
    wait::until("no sessions", async || scratch.sessions().await.is_empty()).await;
}

#[tokio::test]
async fn an_orphan_ends_database_first() {
    let scratch = scratch().await;
    // Its input stays open: this process has the other end.
    let mut server = holding(&scratch, StdioServer::start_by_shell(&scratch.url())).await;
    let killed = Instant::now();
    server.signal(Signal::KILL);
    server.gone().await;
    let lived = killed.elapsed();
    println!("an orphan lived for {lived:.1?}");
    assert!(lived < Duration::from_secs(2), "{lived:?}");
    no_sessions(&scratch).await;
}

#[tokio::test]
async fn a_client_that_closes_its_end_in_a_call_ends_the_server() {
    let scratch = scratch().await;
    let mut server = holding(&scratch, StdioServer::start(&scratch.url())).await;
    drop(server.stdin.take());
    assert_eq!(server.status().await.code(), Some(0));
    no_sessions(&scratch).await;
}

#[tokio::test]
async fn sigterm_ends_a_server_whose_input_stays_open() {
    let scratch = scratch().await;
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = holding(&scratch, StdioServer::start(&scratch.url())).await;
        server.signal(signal);
        assert_eq!(server.status().await.code(), Some(0));
        no_sessions(&scratch).await;
    }
}

#[tokio::test]
async fn sigterm_before_the_handshake_ends_it_too() {
    let scratch = scratch().await;
    let mut server = StdioServer::start(&scratch.url());
    // Its answer to a ping says that it has begun, and knows signals.
    server.request("ping").await;
    server.signal(Signal::TERM);
    assert_eq!(server.status().await.code(), Some(0));
}

/// By a server that sends the signals to itself, at the earliest moments at which a client could.
#[tokio::test]
async fn no_signal_comes_too_early() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").connect_lazy().unwrap();
    let told = || kill_process(getpid(), Signal::TERM).expect("it is ours");
    // Each time, as what is polled first may be random.
    for _ in 0..20 {
        let serve = async |stop: CancellationToken| {
            told();
            stop.cancelled().await;
            told();
            pending::<Result<(), String>>().await
        };
        let server = lifecycle::shutdown(&db).drain_within(wait::LIMIT * 2);
        let ended = timeout(wait::LIMIT, server.serve(serve)).await;
        let ended = ended.expect("both signals are heard");
        assert_eq!((ended.reason, ended.drained), (Reason::Signal, false));
    }

    // One that comes while the database waits for a lease ends that.
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_lease(wait::LIMIT * 2).connect_lazy();
    let db = db.unwrap();
    let held = tokio::spawn(hold(db.session()));
    wait::until("a lease", async || !db.leases().is_empty()).await;
    let serve = async |stop: CancellationToken| {
        told();
        stop.cancelled().await;
        Ok::<(), String>(())
    };
    let server = lifecycle::shutdown(&db).close_within(wait::LIMIT * 2);
    let ended = timeout(wait::LIMIT, async {
        tokio::join!(server.serve(serve), async {
            wait::until("the close", async || db.is_closed()).await;
            told();
        })
        .0
    });
    let ended = ended.await.expect("the signal is heard");
    assert_eq!((ended.reason, ended.drained), (Reason::Signal, true));
    held.abort();
}

/// Holds a connection until it is dropped.
#[handler]
async fn hold(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.unchecked("it holds the connection", async |_| pending::<Result<(), Error>>().await)
            .await
    })
    .await
}

/// The test process starts a shell, which starts the test process again, and is killed.
#[tokio::test]
async fn an_orphan_drains_nothing() {
    const IN_CHILD: &str = "SHORTLEASE_IN_CHILD";
    if std::env::var_os(IN_CHILD).is_some() {
        let db = Db::<Sqlite>::builder("sqlite::memory:").connect_lazy().unwrap();
        let server = lifecycle::shutdown(&db).with_orphan_watch().drain_within(wait::LIMIT * 2);
        let serve = async |stop: CancellationToken| {
            eprintln!("{}", getpid().as_raw_pid());
            stop.cancelled().await;
            eprintln!("draining");
            pending::<Result<(), String>>().await
        };
        let ended = server.serve(serve).await;
        return eprintln!("{:?} {}", ended.reason, ended.drained);
    }
    let mut shell = Command::new("/bin/sh")
        .args(["-c", r#""$0" --exact --nocapture ends::an_orphan_drains_nothing & wait"#])
        .arg(std::env::current_exe().unwrap())
        .env(IN_CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(shell.stderr.take().unwrap()).lines();
    let mut said = async || timeout(wait::LIMIT, said.next_line()).await.unwrap().unwrap().unwrap();
    let server = Pid::from_raw(said().await.parse().unwrap()).unwrap();
    kill_process(server, Signal::TERM).unwrap();
    assert_eq!(said().await, "draining");
    shell.kill().await.unwrap();
    assert_eq!(said().await, "Orphaned false");
}

#[tokio::test]
async fn sigterm_under_load_loses_no_request() {
    let scratch = scratch().await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut process =
        server(&scratch.url()).args(["http", &address.to_string()]).spawn().expect("the server");
    let url = format!("http://{address}/");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    wait::until("the server", async || client.get(&url).send().await.is_ok()).await;

    let answered = Arc::new(AtomicI64::new(0));
    let mut load = JoinSet::new();
    for _ in 0..8 {
        let (client, url, answered) = (client.clone(), url.clone(), answered.clone());
        load.spawn(async move {
            // Until it accepts no more.
            while let Ok(response) = client.get(&url).send().await {
                assert_eq!(response.status(), 200);
                assert_eq!(response.text().await.expect("a whole answer"), "recorded");
                answered.fetch_add(1, Relaxed);
            }
        });
    }
    wait::until("a load", async || answered.load(Relaxed) > 100).await;
    send_signal(&process, Signal::TERM);
    load.join_all().await;
    let status = timeout(wait::LIMIT, process.wait()).await.expect("an end in time");
    assert_eq!(status.unwrap().code(), Some(0));
    no_sessions(&scratch).await;
    let db = scratch.builder().connect().await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM records");
    let recorded: i64 = db.session().fetch_one(count).await.unwrap();
    let answered = answered.load(Relaxed);
    assert_eq!(recorded, answered + 1, "every answer is a record, and every record an answer");
}
