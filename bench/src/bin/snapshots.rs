//! Reads of one state beside a writer, in snapshots and in plain leases: how many are wrong, and how many a second.
//! `snapshots READS` prints them for each database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use shortlease::{Backend, Conn, Db, Error, Postgres, Session, Sqlite, Statement, handler, leased};
use shortlease_tests::postgres::Server;

const READERS: usize = 4;

/// The sum of both accounts, whatever is moved between them.
const SUM: i64 = 200;

macro_rules! handlers {
    ($name:ident, $database:ty) => {
        mod $name {
            use super::*;

            #[leased]
            async fn sum(conn: &mut Conn<$database>) -> Result<i64, sqlx::Error> {
                let one = "SELECT balance FROM accounts WHERE id = 1";
                let one: i64 = sqlx::query_scalar(one).fetch_one(&mut *conn).await?;
                let other = "SELECT balance FROM accounts WHERE id = 2";
                let other: i64 = sqlx::query_scalar(other).fetch_one(conn).await?;
                Ok(one + other)
            }

            #[handler]
            pub(super) async fn snapshot(mut db: Session<$database>) -> Result<i64, Error> {
                db.snapshot(async |conn| sum(conn).await).await
            }

            #[handler]
            pub(super) async fn lease(mut db: Session<$database>) -> Result<i64, Error> {
                db.lease(async |conn| sum(conn).await).await
            }

            #[handler]
            pub(super) async fn transfer(mut db: Session<$database>) -> Result<(), Error> {
                db.transaction(async |tx| {
                    let from = "UPDATE accounts SET balance = balance - 1 WHERE id = 1";
                    sqlx::query(from).execute(&mut *tx).await?;
                    let to = "UPDATE accounts SET balance = balance + 1 WHERE id = 2";
                    sqlx::query(to).execute(tx).await?;
                    Ok(())
                })
                .await
            }
        }
    };
}

handlers!(postgres, Postgres);
handlers!(sqlite, Sqlite);

/// Wrong sums, and sums a second.
async fn measure<DB, R, W>(
    db: &Db<DB>,
    reads: usize,
    read: impl Fn(Session<DB>) -> R + Copy + Send + 'static,
    transfer: impl Fn(Session<DB>) -> W + Send + 'static,
) -> (usize, f64)
where
    DB: Backend,
    R: Future<Output = Result<i64, Error>> + Send,
    W: Future<Output = Result<(), Error>> + Send,
{
    let (done, wrong) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writer = tokio::spawn({
        let (db, done) = (db.clone(), Arc::clone(&done));
        async move {
            while !done.load(Ordering::Relaxed) {
                transfer(db.session()).await.expect("a transfer");
            }
        }
    });
    let began = Instant::now();
    let readers = (0..READERS).map(|_| {
        let (db, wrong) = (db.clone(), Arc::clone(&wrong));
        tokio::spawn(async move {
            for _ in 0..reads / READERS {
                let sum = read(db.session()).await.expect("a sum");
                wrong.fetch_add(usize::from(sum != SUM), Ordering::Relaxed);
            }
        })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.expect("no panic");
    }
    let rate = reads as f64 / began.elapsed().as_secs_f64();
    done.store(true, Ordering::Relaxed);
    writer.await.expect("no panic");
    (wrong.load(Ordering::Relaxed), rate)
}

async fn create<DB: Backend>(db: &Db<DB>)
where
    sqlx::RawSql: Statement<DB, DB::Row>,
{
    let accounts = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance BIGINT);
                    INSERT INTO accounts VALUES (1, 100), (2, 100)";
    db.session().execute(sqlx::raw_sql(accounts)).await.expect("tables");
}

fn print(database: &str, reads: usize, leases: (usize, f64), snapshots: (usize, f64)) {
    let ratio = leases.1 / snapshots.1;
    println!(
        "{database}: of {reads} sums, wrong in leases {}, in snapshots {}",
        leases.0, snapshots.0
    );
    println!(
        "{database}: {:.0} a second in leases, {:.0} in snapshots, {ratio:.2}x",
        leases.1, snapshots.1
    );
}

#[tokio::main]
async fn main() {
    let reads = std::env::args().nth(1).map_or(Some(8_000), |reads| reads.parse().ok());
    let reads = reads.expect("snapshots READS");
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("accounts.db").display());
    let db = Db::<Sqlite>::connect(url).await.expect("a database");
    create(&db).await;
    let leases = measure(&db, reads, sqlite::lease, sqlite::transfer).await;
    let snapshots = measure(&db, reads, sqlite::snapshot, sqlite::transfer).await;
    print("SQLite", reads, leases, snapshots);
    let server = Server::start().await;
    let db = Db::<Postgres>::connect(server.url()).await.expect("a database");
    create(&db).await;
    let leases = measure(&db, reads, postgres::lease, postgres::transfer).await;
    let snapshots = measure(&db, reads, postgres::snapshot, postgres::transfer).await;
    print("PostgreSQL", reads, leases, snapshots);
}
