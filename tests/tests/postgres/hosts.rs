//! URLs with several hosts, and the session that is wanted.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::postgres::Server;
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use sqlx::AssertSqlSafe;
use tokio::time::timeout;

/// A port that nobody listens on.
const NOBODY: &str = "127.0.0.1:1";

/// The URL of a database with another host before its own.
fn after(host: &str, database: &PostgresDatabase, target: &str) -> String {
    let own = database.server().address().to_string();
    let url = database.url().replace(&own, &format!("{host},{own}"));
    format!("{url}{}target_session_attrs={target}", if url.contains('?') { '&' } else { '?' })
}

#[handler]
async fn sleep(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| Ok(sqlx::query("SELECT pg_sleep(600)").execute(conn).await?)).await?;
    Ok(())
}

async fn pid(db: &Db<Postgres>) -> i32 {
    db.session().fetch_one(sqlx::query_scalar("SELECT pg_backend_pid()")).await.unwrap()
}

#[tokio::test]
async fn the_first_host_that_answers_is_used_and_asked_to_cancel() {
    let database = PostgresDatabase::new().await;
    let url = after(NOBODY, &database, "any");
    let db = Db::<Postgres>::builder(url).max_connections(1).connect().await.unwrap();
    let first = pid(&db).await;
    let mut session = db.session();
    let asleep = async || {
        let sessions = database.server().sessions(database.name()).await;
        sessions.iter().any(|session| {
            session.query.contains("pg_sleep") && session.state.as_deref() == Some("active")
        })
    };
    let sleeping = async {
        tokio::select! {
            slept = sleep(&mut session) => panic!("{slept:?}"),
            () = wait::until("the statement", &asleep) => {}
        }
    };
    sleeping.await;
    wait::until("its end", async || !asleep().await && db.status().idle == 1).await;
    assert_eq!(pid(&db).await, first, "the connection came back");
}

#[tokio::test]
async fn a_host_that_says_nothing_has_its_share_of_the_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let database = PostgresDatabase::new().await;
    let url = after(&silent.local_addr().unwrap().to_string(), &database, "any");
    let db = Db::<Postgres>::builder(url).connect_timeout(Duration::from_secs(2));
    let db = db.acquire_timeout(wait::LIMIT).connect_lazy().unwrap();
    timeout(wait::LIMIT, pid(&db)).await.expect("the second host is reached");
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_passed_over() {
    let database = PostgresDatabase::new().await;
    let url = after(NOBODY, &database, "read-write");
    let read_only = |is: &str| {
        let set =
            format!("ALTER DATABASE {} SET default_transaction_read_only = {is}", database.name());
        async {
            let mut admin = database.server().admin().await;
            sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut admin).await.unwrap();
        }
    };
    read_only("on").await;
    let error = Db::<Postgres>::builder(&url).connect().await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("takes no writes"), "{shown}");
    Db::<Postgres>::builder(url.replace("read-write", "any")).connect().await.unwrap();
    read_only("off").await;
    Db::<Postgres>::builder(&url).connect().await.unwrap();
}

#[tokio::test]
async fn the_server_that_is_asked_for_is_found_in_any_order() {
    let primary = Server::builder().replicated().start().await;
    let mut standby = Server::builder().standby_of(&primary).start().await;
    let (first, second) = (primary.address(), standby.address());
    let connect = async |hosts: [SocketAddr; 2], target: &str| {
        let [one, other] = hosts;
        let url = format!("postgres://postgres@{one},{other}/postgres");
        Db::<Postgres>::connect(&format!("{url}?target_session_attrs={target}")).await
    };
    let port = async |hosts, target| {
        let db = connect(hosts, target).await.unwrap();
        let port = sqlx::query_scalar::<_, i32>("SELECT inet_server_port()");
        u16::try_from(db.session().fetch_one(port).await.unwrap()).unwrap()
    };
    for hosts in [[first, second], [second, first]] {
        assert_eq!(port(hosts, "any").await, hosts[0].port());
        for target in ["primary", "read-write"] {
            assert_eq!(port(hosts, target).await, first.port(), "{target}");
        }
        for target in ["standby", "read-only", "prefer-standby"] {
            assert_eq!(port(hosts, target).await, second.port(), "{target}");
        }
    }
    standby.stop().await;
    assert_eq!(port([first, second], "prefer-standby").await, first.port());
    let error = connect([second, first], "standby").await.unwrap_err();
    let shown = error.to_string();
    let asks = "no host that answers is what `target_session_attrs` in the setting `url` asks for";
    assert!(shown.contains(asks), "{shown}");
    assert!(shown.contains(&format!("`{first}` is not a standby")), "{shown}");
}

#[tokio::test]
async fn a_pooler_chooses_the_server_itself() {
    let database = PostgresDatabase::new().await;
    let builder = Db::<Postgres>::builder(after(NOBODY, &database, "any"));
    let error = builder.pooler(shortlease::Pooler::Transaction).connect_lazy().unwrap_err();
    assert!(error.to_string().contains("several hosts"), "{error}");
}
