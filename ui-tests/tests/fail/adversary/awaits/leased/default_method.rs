// The remote call in the default body of a leased trait.
use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::remote;

#[leased]
pub trait Tool {
    async fn call(&self, _conn: &mut Conn<Sqlite>) -> String {
        remote().await
    }
}

fn main() {}
