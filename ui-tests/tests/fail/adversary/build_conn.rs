// A connection built by hand, to swap it for the leased one.
use shortlease::{Conn, Sqlite};

pub fn build(raw: sqlx::SqliteConnection) -> Conn<Sqlite> {
    Conn { raw }
}

fn main() {}
