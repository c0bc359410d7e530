//! A handle that outlives the runtime it was made in.

use std::time::Duration;

use futures_util::FutureExt;
use shortlease::{Db, Error, Session, Sqlite, handler};
use shortlease_tests::wait;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[handler]
async fn for_ever(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        loop {
            sqlx::query("SELECT 1").execute(&mut *conn).await?;
        }
    })
    .await
}

#[test]
fn a_lease_that_nobody_polls_is_revoked_in_the_next_one_too() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("file.db").display());
    let builder = Db::<Sqlite>::builder(url).max_lease(Duration::from_millis(300));
    let first = runtime();
    let db = first.block_on(builder.connect()).unwrap();
    drop(first);
    runtime().block_on(async {
        let mut session = db.session();
        let mut forgotten = Box::pin(for_ever(&mut session));
        tokio::select! {
            biased;
            ended = &mut forgotten => panic!("it goes on: {ended:?}"),
            () = wait::until("a lease", async || db.leases().len() == 1) => {}
        }
        wait::until("its end", async || db.leases().is_empty()).await;
        assert!(matches!(forgotten.await, Err(Error::LeaseRevoked { .. })));
    });
}

#[test]
#[should_panic(expected = "no reactor running")]
fn a_lease_outside_of_any_panics() {
    let runtime = runtime();
    let db = runtime.block_on(Db::<Sqlite>::connect("sqlite::memory:")).unwrap();
    let _ = db.session().execute(sqlx::query("SELECT 1")).now_or_never();
}
