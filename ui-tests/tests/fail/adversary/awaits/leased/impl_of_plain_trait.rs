// The attribute on an implementation, with a remote call in it.
use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::{Mcp, remote};

#[leased]
pub trait Tool {
    async fn call(&self, conn: &mut Conn<Sqlite>) -> String;
}

#[leased]
impl Tool for Mcp {
    async fn call(&self, _conn: &mut Conn<Sqlite>) -> String {
        remote().await
    }
}

fn main() {}
