//! Settings that cannot work, and what is never printed.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shortlease::{Builder, Db, Error, Remote};
use shortlease_tests::wait;

use super::fixture::{Fixture, OpenLease};
use super::{Database, Scratch};

/// Told apart from anything else that may be printed.
pub(crate) const PASSWORD: &str = "hunter2-correct-horse";

/// Neither what is shown to users nor what is logged holds the password.
pub(crate) fn is_discreet(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        shown += &format!(" {error} {error:?}");
        source = error.source();
    }
    assert!(!shown.contains(PASSWORD), "{shown}");
    assert!(!shown.contains(&PASSWORD[..7]), "{shown}");
}

/// It does not connect, and says that this is about `setting`.
pub(crate) async fn is_refused(builder: Builder<Database>, setting: &str) -> Error {
    let debug = format!("{builder:?} {builder:#?}");
    assert!(!debug.contains(PASSWORD), "{debug}");
    let error = builder.connect().await.expect_err(setting);
    let message = error.to_string();
    assert!(message.contains(&format!("setting `{setting}`")), "{setting}: {message}");
    is_discreet(&error);
    error
}

#[tokio::test]
async fn zero_is_refused_where_it_cannot_work() {
    let fixture = Fixture::new().await;
    let settings = || fixture.scratch.builder();
    let zero = Duration::ZERO;
    for (setting, builder) in [
        ("max_connections", settings().max_connections(0)),
        ("max_connections", settings().max_connections(u32::MAX)),
        ("acquire_timeout", settings().acquire_timeout(zero)),
        ("connect_timeout", settings().connect_timeout(zero)),
        ("max_lease", settings().max_lease(zero)),
        ("max_lifetime", settings().max_lifetime(zero)),
    ] {
        let error = is_refused(builder, setting).await;
        assert!(matches!(error, Error::Setting { setting: named, .. } if named == setting));
    }
    assert!(settings().max_connections(0).connect_lazy().is_err(), "lazy or not");
    for works in [settings().idle_timeout(zero), settings().validate_after(zero)] {
        works.connect().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_no_url_of_this_database_is_refused() {
    for url in [
        String::new(),
        PASSWORD.to_owned(),
        format!("mssql://app:{PASSWORD}@localhost/app"),
        format!("app:{PASSWORD}@localhost"),
        format!("://app:{PASSWORD}@localhost"),
    ] {
        let error = is_refused(Db::builder(&url), "url").await;
        assert!(matches!(error, Error::Setting { setting: "url", .. }), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn nothing_prints_a_password() {
    fn shows(shown: &dyn Debug, name: &str) {
        let shown = format!("{shown:?} {shown:#?}");
        assert!(shown.contains(name), "{shown}");
        assert!(!shown.contains(PASSWORD), "{shown}");
    }
    let fixture = Fixture::new().await;
    let url = fixture.scratch.url();
    let separator = if url.contains('?') { '&' } else { '?' };
    shows(&Db::<Database>::builder(format!("{url}{separator}password={PASSWORD}")), "Builder");
    shows(&Remote::new(PASSWORD), "Remote");
    shows(&fixture.db, "Db");
    let session = fixture.db.session();
    shows(&session, "Session");
    shows(&Remote::new(PASSWORD).get(&session).len(), "21");
}

#[tokio::test]
async fn what_is_longer_than_time_is_as_good_as_never() {
    let fixture = Fixture::new().await;
    let settings = || fixture.scratch.builder();
    let most = Duration::MAX;
    for works in [
        settings().acquire_timeout(most),
        settings().connect_timeout(most),
        settings().max_lease(most),
        settings().statement_timeout(most),
        settings().idle_in_transaction_timeout(most),
        settings().validate_after(most),
        settings().max_lifetime(most),
        settings().max_dedicated(u32::MAX),
    ] {
        let db = works.connect().await.unwrap();
        db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
    }
}

#[tokio::test]
async fn nor_does_it_keep_the_pool_from_looking_after_itself() {
    for idle in [Builder::idle_timeout, Builder::keepalive] {
        let soon = Duration::from_millis(200);
        let fixture =
            Fixture::with(2, |settings| idle(settings.max_lease(soon), Duration::MAX)).await;
        drop(OpenLease::lease(&fixture.db).await);
        let forgotten = OpenLease::lease(&fixture.db).await;
        wait::until("its end", async || fixture.db.leases().is_empty()).await;
        drop(forgotten);
    }
}

#[tokio::test]
async fn each_new_connection_is_prepared_and_one_that_was_reset_is_again() {
    if !Scratch::SESSIONS_ARE_OWN {
        return;
    }
    let prepared = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&prepared);
    let fixture = Fixture::with(1, |settings| {
        settings.after_connect(move |conn| {
            count.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                let seen = "CREATE TEMPORARY TABLE IF NOT EXISTS seen (id BIGINT)";
                sqlx::raw_sql(seen).execute(conn).await?;
                Ok(())
            })
        })
    })
    .await;
    let seen = async || fixture.number("SELECT count(*) FROM seen").await;
    assert_eq!(seen().await, 0);
    let before = prepared.load(Ordering::Relaxed);
    assert_eq!(seen().await, 0);
    assert_eq!(prepared.load(Ordering::Relaxed), before, "a clean connection is as it was");
    drop(OpenLease::transaction(&fixture.db).await);
    // Where it cannot be reset, a new one is prepared.
    wait::until("the reset", async || fixture.db.status().recovering == 0).await;
    assert_eq!(seen().await, 0);
    assert_eq!(prepared.load(Ordering::Relaxed), before + 1);
}

/// Leases would be part of it.
#[tokio::test]
async fn a_connection_that_is_left_in_a_transaction_is_none() {
    let fixture = Fixture::new().await;
    let settings = fixture.scratch.builder().after_connect(|conn| {
        Box::pin(async move {
            sqlx::raw_sql("BEGIN").execute(conn).await?;
            Ok(())
        })
    });
    let error = settings.connect().await.unwrap_err();
    if Scratch::SESSIONS_ARE_OWN {
        assert!(error.to_string().contains("leaves a transaction open"), "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_cannot_be_prepared_is_none_and_those_of_others_are_not() {
    let fixture = Fixture::new().await;
    let settings = fixture.scratch.builder().after_connect(|conn| {
        Box::pin(async move {
            sqlx::raw_sql("SELECT nothing FROM nowhere").execute(conn).await?;
            Ok(())
        })
    });
    match settings.connect().await.unwrap_err() {
        Error::Connect(_) if Scratch::SESSIONS_ARE_OWN => {}
        Error::Setting { setting: "after_connect", .. } if !Scratch::SESSIONS_ARE_OWN => {}
        error => panic!("{error:?}"),
    }
}
