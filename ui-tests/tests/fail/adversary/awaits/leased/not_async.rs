// The attribute on a function that is not async and returns an async block.
use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::remote;

#[leased]
fn ask(_conn: &mut Conn<Sqlite>) -> impl Future<Output = String> {
    async { remote().await }
}

fn main() {}
