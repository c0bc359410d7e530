// A leased function, generic over the future it awaits.
use shortlease::{Conn, Sqlite, leased};

#[leased]
pub async fn with<F: Future + Send>(_conn: &mut Conn<Sqlite>, future: F) -> F::Output {
    future.await
}

fn main() {}
