// A leased function that awaits what its caller hands in.
use shortlease::{Conn, Sqlite, leased};

#[leased]
pub async fn with<T>(conn: &mut Conn<Sqlite>, work: impl AsyncFnOnce(&mut Conn<Sqlite>) -> T) -> T {
    work(conn).await
}

fn main() {}
