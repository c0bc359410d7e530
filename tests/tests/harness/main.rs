//! Tests of the test support itself, against the real things.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use shortlease_tests::counts::{Counts, Messages};
use shortlease_tests::pgbouncer::{self, PgBouncer};
use shortlease_tests::postgres::{self, Server};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::wait;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn number(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(connection).await.expect(query)
}

mod server {
    use super::*;

    #[tokio::test]
    async fn starts_with_the_settings_asked_for() {
        let server = Server::builder().setting("max_connections", "20").start().await;
        let mut connection = PgConnection::connect(&server.url()).await.unwrap();
        let setting: String =
            sqlx::query_scalar("SHOW max_connections").fetch_one(&mut connection).await.unwrap();
        assert_eq!(setting, "20");
    }

    #[tokio::test]
    async fn databases_are_separate() {
        let server = Server::shared().await;
        let left = server.create_database("separate_left").await;
        let right = server.create_database("separate_right").await;
        let mut left = PgConnection::connect(&left).await.unwrap();
        let mut right = PgConnection::connect(&right).await.unwrap();
        sqlx::query("CREATE TABLE only_left ()").execute(&mut left).await.unwrap();
        let missing = sqlx::query("SELECT FROM only_left").execute(&mut right).await.unwrap_err();
        assert_eq!(missing.into_database_error().unwrap().code().unwrap(), "42P01");
    }

    #[tokio::test]
    async fn a_wrong_password_is_refused() {
        let server = Server::shared().await;
        server.create_database("passwords").await;
        let connect = async |password| {
            PgConnection::connect(&server.url_for(postgres::USER, password, "passwords")).await
        };
        let refused = connect("wrong").await.unwrap_err();
        assert_eq!(refused.into_database_error().unwrap().code().unwrap(), "28P01");
        let mut user = connect(postgres::PASSWORD).await.unwrap();
        sqlx::query("CREATE TABLE own ()").execute(&mut user).await.unwrap();
    }

    #[tokio::test]
    async fn sessions_are_listed() {
        let server = Server::shared().await;
        let url = server.create_database("listed").await;
        assert!(server.sessions("listed").await.is_empty());
        let url = format!("{url}?application_name=one");
        let mut session = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql("BEGIN").execute(&mut session).await.unwrap();
        let listed = server.sessions("listed").await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].application_name, "one");
        assert_eq!(listed[0].state.as_deref(), Some("idle in transaction"));
        assert_eq!(listed[0].query, "BEGIN");
        session.close().await.unwrap();
        wait::until("the session's end", async || server.sessions("listed").await.is_empty()).await;
    }

    #[tokio::test]
    async fn survives_a_kill_and_a_restart() {
        let mut server = Server::start().await;
        let url = server.create_database("survivor").await;
        let mut before = PgConnection::connect(&url).await.unwrap();
        sqlx::query("CREATE TABLE kept AS SELECT 1::int8 AS n").execute(&mut before).await.unwrap();

        server.kill_9().await;
        // A backend sees that the postmaster is gone when it next waits.
        wait::until("the backend's end", async || before.ping().await.is_err()).await;
        PgConnection::connect(&url).await.unwrap_err();

        server.restart().await;
        let mut after = PgConnection::connect(&url).await.unwrap();
        assert_eq!(number(&mut after, "SELECT n FROM kept").await, 1);

        server.stop().await;
        let told = after.ping().await.unwrap_err();
        assert_eq!(told.into_database_error().unwrap().code().unwrap(), "57P01");
    }

    const HOLD: &str = "SHORTLEASE_TESTS_HOLD";

    /// Not a test of its own: run by the one below, in a process that is then killed.
    #[tokio::test]
    #[ignore = "waits to be killed"]
    async fn holder() {
        if std::env::var_os(HOLD).is_none() {
            return;
        }
        let server = Server::shared().await;
        println!("\nlistening on {}", server.address());
        std::future::pending().await
    }

    #[tokio::test]
    async fn ends_with_the_test_process() {
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "server::holder", "--ignored", "--nocapture"])
            .env(HOLD, "yes")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let address: SocketAddr = BufReader::new(holder.stdout.take().unwrap())
            .lines()
            .find_map(|line| line.unwrap().strip_prefix("listening on ")?.parse().ok())
            .expect("the holder's server");
        TcpStream::connect(address).unwrap();

        holder.kill().unwrap();
        holder.wait().unwrap();
        wait::until("the server's end", async || TcpStream::connect(address).is_err()).await;
    }
}

mod proxy {
    use super::*;

    /// A proxy in front of the shared server, and the URL of a new database through it.
    async fn before(database: &str) -> (Proxy, String) {
        let server = Server::shared().await;
        let url = server.create_database(database).await;
        let proxy = Proxy::start(server.address());
        let url = proxy.url(&url);
        (proxy, url)
    }

    async fn connect(url: &str) -> PgConnection {
        PgConnection::connect(url).await.unwrap()
    }

    #[tokio::test]
    async fn rewrites_urls() {
        let proxy = Proxy::start("127.0.0.1:1".parse().unwrap());
        let here = proxy.address();
        for (given, rewritten) in [
            ("postgres://host/db", format!("postgres://{here}/db")),
            ("postgres://a:b@host:1/db?x=y", format!("postgres://a:b@{here}/db?x=y")),
            ("postgres://a@[::1]:1", format!("postgres://a@{here}")),
        ] {
            assert_eq!(proxy.url(given), rewritten);
        }
    }

    #[tokio::test]
    async fn counts_what_a_connection_sends() {
        let (proxy, url) = before("counted").await;
        assert_eq!(proxy.counts(), Counts::default());

        // With TLS compiled in, `sqlx` would ask for it first.
        let mut connection = connect(&format!("{url}?sslmode=disable")).await;
        let opened = proxy.counts();
        assert_eq!(opened.connections, 1);
        assert_eq!(opened.round_trips, 1);
        assert_eq!(opened.messages, Messages { startup: 1, ..Messages::default() });

        for _ in 0..3 {
            sqlx::raw_sql("SELECT 1").execute(&mut connection).await.unwrap();
        }
        let simple = proxy.counts() - opened;
        assert_eq!(simple.round_trips, 3);
        assert_eq!(simple.messages, Messages { query: 3, ..Messages::default() });
        assert_eq!(simple.connections, 0);
        // Type, length, text and its end.
        assert_eq!(simple.to_server.bytes, 3 * (1 + 4 + 8 + 1));

        let query = "SELECT 40::int8 + $1";
        let sum = async |connection: &mut PgConnection| {
            let before = proxy.counts();
            sqlx::query(query).bind(2_i64).execute(connection).await.unwrap();
            proxy.counts() - before
        };
        let first = sum(&mut connection).await;
        assert_eq!(first.round_trips, 2);
        let second = sum(&mut connection).await;
        assert_eq!(second.round_trips, 1);
        assert_eq!(first.messages.parse, 1);
        assert_eq!(second.messages.parse, 0);
        assert_eq!((second.messages.bind, second.messages.execute), (1, 1));

        let before = proxy.counts();
        connection.close().await.unwrap();
        wait::until("a goodbye", async || (proxy.counts() - before).messages.terminate == 1).await;
    }

    #[tokio::test]
    async fn counts_nothing_where_nothing_is_sent() {
        let (proxy, url) = before("silent").await;
        let mut connection = connect(&url).await;
        connection.ping().await.unwrap();
        let before = proxy.counts();
        Server::shared().await.sessions("silent").await;
        assert_eq!(proxy.counts(), before);
    }

    #[tokio::test]
    async fn counts_passwords_and_long_answers() {
        let server = Server::shared().await;
        let (proxy, _) = before("passworded").await;
        let url = server.url_for(postgres::USER, postgres::PASSWORD, "passworded");
        let mut connection = connect(&proxy.url(&url)).await;
        // SCRAM: the client's first and final message.
        assert_eq!(proxy.counts().messages.password, 2);
        let before = proxy.counts();
        let text: String = sqlx::query_scalar("SELECT repeat('Z', 1000000)")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(text.len(), 1_000_000);
        let spent = proxy.counts() - before;
        assert_eq!(spent.round_trips, 2);
        assert!(spent.to_client.bytes > 1_000_000);
    }

    #[tokio::test]
    async fn delays_both_directions() {
        let (proxy, url) = before("delayed").await;
        let mut connection = connect(&url).await;
        proxy.delay(Duration::from_millis(50));
        let start = Instant::now();
        connection.ping().await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(100));
    }

    #[tokio::test]
    async fn delays_chunks_side_by_side() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(server.local_addr().unwrap());
        let mut client = tokio::net::TcpStream::connect(proxy.address()).await.unwrap();
        let (mut server, _) = server.accept().await.unwrap();
        let delay = Duration::from_millis(500);
        proxy.delay(delay);
        let start = Instant::now();
        for byte in 0..100 {
            client.write_all(&[byte]).await.unwrap();
            let counted = async || proxy.counts().to_server.chunks == u64::from(byte) + 1;
            wait::until("a chunk of its own", counted).await;
        }
        let mut bytes = [0; 100];
        server.read_exact(&mut bytes).await.unwrap();
        assert!(bytes.into_iter().eq(0..100));
        let taken = start.elapsed();
        assert!(taken >= delay);
        // One after the other they take a hundred delays; side by side a little more than one.
        assert!(taken < 50 * delay, "{taken:?}");
    }

    #[tokio::test]
    async fn freezes_and_thaws() {
        let (proxy, url) = before("paused").await;
        let mut old = connect(&url).await;
        proxy.pause();
        let before = proxy.counts();
        let (ping, new) = tokio::join!(
            async {
                let mut ping = Box::pin(old.ping());
                let waited = tokio::time::timeout(Duration::from_millis(200), &mut ping).await;
                assert!(waited.is_err(), "an answer came through a proxy that is paused");
                proxy.resume();
                ping.await
            },
            connect(&url),
        );
        ping.unwrap();
        let spent = proxy.counts() - before;
        assert_eq!((spent.connections, spent.round_trips), (1, 2));
        new.close().await.unwrap();
    }

    #[tokio::test]
    async fn resets_connections() {
        let (proxy, url) = before("reset").await;
        let mut connection = connect(&url).await;
        let mut waiting = connect(&url).await;
        let query = tokio::spawn(async move {
            sqlx::raw_sql("SELECT pg_sleep(600)").execute(&mut waiting).await.map(drop)
        });
        let server = Server::shared().await;
        wait::until("the query", async || {
            let sessions = server.sessions("reset").await;
            sessions.iter().any(|s| s.state.as_deref() == Some("active"))
        })
        .await;

        proxy.reset().await;
        let reset = |error: sqlx::Error| match error {
            sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
            _ => false,
        };
        assert!(reset(query.await.unwrap().unwrap_err()));
        assert!(reset(connection.ping().await.unwrap_err()));
        connect(&url).await.ping().await.unwrap();
    }

    #[tokio::test]
    async fn refuses_and_accepts() {
        let (proxy, url) = before("refused").await;
        let mut old = connect(&url).await;
        proxy.refuse().await;
        for _ in 0..3 {
            let refused = TcpStream::connect(proxy.address()).unwrap_err();
            assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
            old.ping().await.unwrap();
        }
        proxy.accept().await;
        connect(&url).await.ping().await.unwrap();
        old.ping().await.unwrap();
    }

    /// A process that starts has a copy of each socket until its `exec`.
    #[tokio::test]
    async fn refuses_while_processes_start() {
        // Nothing comes through, so no server is needed.
        let proxy = Proxy::start(([127, 0, 0, 1], 1).into());
        let starts = std::thread::spawn(|| {
            for _ in 0..300 {
                assert!(Command::new("true").status().unwrap().success());
            }
        });
        while !starts.is_finished() {
            proxy.refuse().await;
            let refused = TcpStream::connect(proxy.address()).unwrap_err();
            assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
            proxy.accept().await;
        }
        starts.join().unwrap();
    }

    #[tokio::test]
    async fn passes_on_that_the_server_died() {
        let mut server = Server::start().await;
        let proxy = Proxy::start(server.address());
        let url = proxy.url(&server.url());
        let mut connection = connect(&url).await;
        server.kill_9().await;
        wait::until("the backend's end", async || connection.ping().await.is_err()).await;
        PgConnection::connect(&url).await.unwrap_err();
        server.restart().await;
        connect(&url).await.ping().await.unwrap();
    }
}

mod pool {
    use super::*;

    /// sqlx's named statements need PgBouncer 1.21.
    async fn connect(url: &str) -> PgConnection {
        let options: PgConnectOptions = url.parse().unwrap();
        PgConnection::connect_with(&options.statement_cache_capacity(0)).await.unwrap()
    }

    async fn backend(connection: &mut PgConnection) -> i32 {
        let row = sqlx::raw_sql("SELECT pg_backend_pid()").fetch_one(connection).await.unwrap();
        row.get(0)
    }

    #[tokio::test]
    async fn lends_one_session_to_many_clients() {
        let server = Server::shared().await;
        server.create_database("bounced").await;
        let bouncer = PgBouncer::start(server, &[("default_pool_size", "1")]).await;
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(connect(&bouncer.url("bounced")).await);
        }
        let first = backend(&mut clients[0]).await;
        for client in &mut clients {
            assert_eq!(backend(client).await, first);
        }
        assert_eq!(server.sessions("bounced").await.len(), 1);

        let pools = bouncer.admin("SHOW POOLS").await;
        let pool = pools.iter().find(|pool| pool["database"] == "bounced").unwrap();
        assert_eq!(pool["pool_mode"], "transaction");
        assert_eq!(pool["cl_active"], "3");
    }

    #[tokio::test]
    async fn keeps_a_session_where_told_to() {
        let server = Server::shared().await;
        server.create_database("session_bounced").await;
        let bouncer = PgBouncer::start(server, &[("pool_mode", "session")]).await;
        let mut left = connect(&bouncer.url("session_bounced")).await;
        let mut right = connect(&bouncer.url("session_bounced")).await;
        assert_ne!(backend(&mut left).await, backend(&mut right).await);
    }

    #[tokio::test]
    async fn knows_the_roles_passwords() {
        let server = Server::shared().await;
        server.create_database("role_bounced").await;
        let bouncer = PgBouncer::start(server, &[]).await;
        let url = bouncer.url("role_bounced").replace(postgres::SUPERUSER, postgres::USER);
        assert!(backend(&mut connect(&url).await).await > 0);
    }

    #[tokio::test]
    async fn dies_when_killed() {
        let server = Server::shared().await;
        let url = server.create_database("unbounced").await;
        let mut bouncer = PgBouncer::start(server, &[]).await;
        let mut client = connect(&bouncer.url("unbounced")).await;
        backend(&mut client).await;
        bouncer.kill_9().await;
        client.ping().await.unwrap_err();
        TcpStream::connect(bouncer.address()).unwrap_err();
        PgConnection::connect(&url).await.unwrap().ping().await.unwrap();
    }

    #[test]
    fn has_a_version() {
        assert!(pgbouncer::version() >= (1, 0));
    }

    #[tokio::test]
    async fn keeps_prepared_statements_where_recent() {
        let server = Server::shared().await;
        server.create_database("prepared_bounced").await;
        let kept = [("default_pool_size", "1"), ("max_prepared_statements", "10")];
        let bouncer = PgBouncer::start_recent(server, &kept).await;
        let mut left = PgConnection::connect(&bouncer.url("prepared_bounced")).await.unwrap();
        let mut right = PgConnection::connect(&bouncer.url("prepared_bounced")).await.unwrap();
        for _ in 0..2 {
            // The first statement of both has the same name.
            assert_eq!(number(&mut left, "SELECT 1::int8").await, 1);
            assert_eq!(number(&mut right, "SELECT 2::int8").await, 2);
        }
    }
}
