//! Code on a pool of sqlx, and what becomes of it. Each pair does the same.

mod begin;
mod both;
mod connection;
mod ends;
mod executor;
mod extractor;
mod repository;
mod table;

use shortlease::{Db, Postgres};
use shortlease_tests::scratch::PostgresDatabase;
use sqlx::PgPool;

use crate::remote::{database, number};

const SCHEMA: &str = "
    CREATE TABLE tools (id bigint PRIMARY KEY, url text NOT NULL, uses bigint NOT NULL);
    INSERT INTO tools VALUES (1, 'http://a', 0);
    CREATE TABLE calls (tool_id bigint, output text);";

/// A database, a handle on it, and a pool of sqlx's.
async fn both() -> (PostgresDatabase, Db<Postgres>, PgPool) {
    let (scratch, db) = database(SCHEMA).await;
    let pool = PgPool::connect(&scratch.url()).await.unwrap();
    (scratch, db, pool)
}

/// Two calls were recorded and counted.
async fn assert_two_calls(db: &Db<Postgres>) {
    assert_eq!(
        number(db, "SELECT count(*) FROM calls WHERE output = 'http://a, improved'").await,
        2
    );
    assert_eq!(number(db, "SELECT uses FROM tools").await, 2);
}
