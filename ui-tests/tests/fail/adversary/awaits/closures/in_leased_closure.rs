// An async closure in a checked body.
use shortlease::{Conn, Error, LeasedFn, Sqlite, leased};
use shortlease_ui_tests::remote;

#[leased]
async fn call_tool(conn: &mut Conn<Sqlite>) -> Result<String, Error> {
    let body = #[leased] async |_: &mut Conn<Sqlite>| {
        let wait = async || remote().await;
        Ok::<_, Error>(wait().await)
    };
    body.call(conn).await
}

fn main() {}
