use shortlease::{Session, Sqlite, handler};

#[handler]
fn count(_db: &mut Session<Sqlite>) -> i64 {
    0
}

fn main() {
    let _ = count;
}
