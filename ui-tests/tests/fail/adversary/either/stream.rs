use futures::TryStreamExt;
use shortlease::{EitherConn, Sqlite, leased};

#[leased]
async fn first(conn: &mut impl EitherConn<Sqlite>) -> Result<Option<i64>, sqlx::Error> {
    let mut ids = sqlx::query_scalar("SELECT id FROM tools").fetch(conn);
    ids.try_next().await
}

fn main() {}
