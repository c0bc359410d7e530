// A connection made of one of `sqlx`, to swap it for the leased one.
use shortlease::{Conn, Sqlite};

pub fn build(raw: sqlx::SqliteConnection) -> Conn<Sqlite> {
    raw.into()
}

fn main() {}
