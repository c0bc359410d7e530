// A leased function that another attribute has turned into a boxed future.
use async_trait::async_trait;
use shortlease::{Conn, Sqlite, leased};
use shortlease_ui_tests::{Mcp, remote};

#[async_trait]
trait Tool {
    async fn run(&self, conn: &mut Conn<Sqlite>) -> String;
}

#[async_trait]
impl Tool for Mcp {
    #[leased]
    async fn run(&self, _conn: &mut Conn<Sqlite>) -> String {
        remote().await
    }
}

fn main() {}
