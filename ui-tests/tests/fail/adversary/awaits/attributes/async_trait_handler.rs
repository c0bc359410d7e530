// A handler that another attribute has turned into a boxed future.
use async_trait::async_trait;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{Mcp, remote};

#[async_trait]
trait Tool {
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<String, Error>;
}

#[async_trait]
impl Tool for Mcp {
    #[handler]
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<String, Error> {
        db.lease(async |_conn| Ok(remote().await)).await
    }
}

fn main() {}
