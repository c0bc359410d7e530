use shortlease::{Conn, Sqlite, leased};

#[leased]
fn count(_conn: &mut Conn<Sqlite>) -> i64 {
    0
}

fn main() {
    let _ = count;
}
