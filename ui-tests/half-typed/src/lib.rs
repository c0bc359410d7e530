//! What half-typed code is about.
#![allow(dead_code, unused, private_interfaces)]

pub use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

pub struct Tool {
    pub url: String,
}

#[leased]
pub async fn load(conn: &mut Conn<Sqlite>) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)
}

pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

