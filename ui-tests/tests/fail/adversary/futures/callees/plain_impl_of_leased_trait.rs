// A leased trait, implemented by a plain async method.
use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::{Mcp, remote};

#[leased]
pub trait Tool {
    async fn call(&self, conn: &mut Conn<Sqlite>) -> String;
}

impl Tool for Mcp {
    async fn call(&self, _conn: &mut Conn<Sqlite>) -> String {
        remote().await
    }
}

fn main() {}
