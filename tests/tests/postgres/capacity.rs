//! Whether all instances together fit the server, found out at connect.

use std::fs;
use std::pin::pin;
use std::time::Duration;

use shortlease::{Builder, Db, Error, Postgres};
use shortlease_tests::postgres::{PASSWORD, Server, USER};
use shortlease_tests::wait;
use sqlx::migrate::Migrator;

/// As a role without privileges, on a server for 40 sessions, 3 of them reserved.
async fn server() -> (Server, String) {
    let server = Server::builder().setting("max_connections", "40").start().await;
    server.create_database("budget").await;
    let url = server.url_for(USER, PASSWORD, "budget");
    (server, url)
}

fn refused(connected: Result<Db<Postgres>, Error>) -> String {
    match connected {
        Err(error @ Error::Setting { setting: "max_connections", .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let (server, url) = server().await;
    let builder = |instances: u32| -> Builder<Postgres> {
        Db::builder(url.clone()).max_connections(8).instances(instances)
    };
    // 12 sessions each.
    builder(3).connect().await.unwrap();
    let text = refused(builder(4).connect().await);
    assert!(text.contains("up to 48 sessions: 4 instances of 12"), "{text}");
    assert!(text.contains("room for 37 only"), "{text}");
    assert!(text.contains("`max_connections` is 40, and 3 of them are reserved"), "{text}");
    assert!(text.ends_with("5 would fit"), "{text}");
    assert!(!text.contains(PASSWORD));

    let mut admin = server.admin().await;
    let limit = "ALTER DATABASE budget CONNECTION LIMIT 20";
    sqlx::query(limit).execute(&mut admin).await.unwrap();
    let text = refused(builder(2).connect().await);
    assert!(text.contains("database \"budget\" has a connection limit of 20"), "{text}");
    let limit = "ALTER ROLE app CONNECTION LIMIT 7";
    sqlx::query(limit).execute(&mut admin).await.unwrap();
    let text = refused(builder(1).connect().await);
    assert!(text.contains("role \"app\" has a connection limit of 7"), "{text}");
    // Not said how many there are: only a warning.
    Db::<Postgres>::builder(url.clone()).max_connections(8).connect().await.unwrap();
}

#[tokio::test]
async fn migrations_stay_within_the_bound() {
    let server = Server::shared().await;
    let url = server.create_database("budget_migrations").await;
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("0001_slow.sql"), "SELECT pg_sleep(600)").unwrap();
    let slow = Migrator::new(directory.path()).await.unwrap();
    // Two sessions: a quarter more than one, rounded up.
    let limit = Duration::from_secs(1);
    let db = Db::<Postgres>::builder(url).max_connections(1).migration_lock_timeout(limit);
    let db = db.connect_lazy().unwrap();
    let one = || sqlx::query_scalar::<_, i32>("SELECT 1");
    assert_eq!(db.session().fetch_one(one()).await.unwrap(), 1);
    {
        let mut first = pin!(db.migrate(&slow));
        let two = async || server.sessions("budget_migrations").await.len() == 2;
        tokio::select! {
            ended = &mut first => panic!("not so soon: {ended:?}"),
            () = wait::until("two sessions", two) => {}
        }
        tokio::select! {
            ended = &mut first => panic!("not so soon: {ended:?}"),
            third = tokio::time::timeout(wait::LIMIT, db.migrate(&slow)) => match third {
                Ok(Err(error @ Error::Connect(_))) => {
                    let taken = "all sessions that the setting `max_connections` allows";
                    assert!(error.to_string().contains(taken), "{error}");
                }
                other => panic!("a third session: {other:?}"),
            }
        }
    }
    assert_eq!(db.session().fetch_one(one()).await.unwrap(), 1);
}

/// Goes on when it is cancelled: its connection cannot be recovered, and is closed after 5 s.
const STUBBORN: &str = "DO $$ BEGIN
        PERFORM pg_sleep(600);
    EXCEPTION WHEN query_canceled THEN
        PERFORM pg_sleep(600);
    END $$";

#[tokio::test]
async fn the_bound_holds_while_nothing_can_be_recovered() {
    let (server, url) = server().await;
    let db = Db::<Postgres>::builder(url).max_connections(4).connect_lazy().unwrap();
    let rounds = async {
        let (mut rounds, mut most) = (0, 0);
        // On a busy server, the fifth may take longer to connect than eight rounds.
        while rounds < 8 || most < 5 {
            let mut sessions: Vec<_> = (0..8).map(|_| db.session()).collect();
            let cut = sessions.iter_mut().map(|session| {
                let limit = Duration::from_millis(100);
                tokio::time::timeout(limit, session.execute(sqlx::raw_sql(STUBBORN)))
            });
            assert!(futures_util::future::join_all(cut).await.iter().all(Result::is_err));
            assert!(db.leases().is_empty());
            most = most.max(server.sessions("budget").await.len());
            rounds += 1;
        }
        most
    };
    let most = tokio::time::timeout(wait::LIMIT, rounds).await.expect("a fifth session");
    // Four, one more for recovery, and one that cancels; and on a busy server some that were closed
    // and have not left yet. Without the bound it is eight times four.
    assert!(most <= 10, "{most} sessions");
    // Those that could not be recovered are ended on the server too.
    wait::until("the end of all of them", async || {
        let sessions = server.sessions("budget").await;
        sessions.iter().all(|s| s.state.as_deref() == Some("idle"))
    })
    .await;
    let one = sqlx::query_scalar::<_, i32>("SELECT 1");
    assert_eq!(db.session().fetch_one(one).await.unwrap(), 1);
}
