//! What the recipes call over a network, and the databases of their tests.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use shortlease::{Db, Postgres};
use shortlease_tests::scratch::PostgresDatabase;

/// A language model.
pub(crate) struct Model;

impl Model {
    pub(crate) async fn improve(&self, text: &str) -> String {
        tokio::task::yield_now().await;
        format!("{text}, improved")
    }
}

/// A mail server. It refuses addresses without an `@`.
#[derive(Default)]
pub(crate) struct Mailer {
    pub(crate) sent: Mutex<Vec<String>>,
}

#[derive(Debug)]
pub(crate) struct Refused;

impl Mailer {
    /// Sends a mail. The key tells the receiver which one it is if it comes twice.
    pub(crate) async fn send(&self, to: &str, key: i64) -> Result<(), Refused> {
        tokio::task::yield_now().await;
        let at = to.find('@').ok_or(Refused)?;
        self.sent.lock().unwrap().push(format!("{key}: {}", &to[at..]));
        Ok(())
    }
}

/// A bank. It charges a key once.
#[derive(Default)]
pub(crate) struct Bank {
    pub(crate) charged: AtomicUsize,
}

impl Bank {
    pub(crate) async fn charge(&self, key: &str, cents: i64) -> Result<String, Refused> {
        tokio::task::yield_now().await;
        if cents > 1_000 {
            return Err(Refused);
        }
        self.charged.fetch_add(1, Ordering::SeqCst);
        Ok(format!("receipt of {key} for {cents}"))
    }
}

/// An empty database with that schema, and one connection to it.
pub(crate) async fn database(schema: &'static str) -> (PostgresDatabase, Db<Postgres>) {
    let scratch = PostgresDatabase::new().await;
    let db = scratch.builder().max_connections(1).connect().await.unwrap();
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();
    (scratch, db)
}

pub(crate) async fn number(db: &Db<Postgres>, query: &'static str) -> i64 {
    db.session().fetch_one(sqlx::query_scalar(query)).await.unwrap()
}
