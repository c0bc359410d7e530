// A boxed leased trait, implemented by hand.
use std::pin::Pin;

use shortlease::{Conn, DbFuture, Sqlite, leased};
use shortlease_ui_tests::{Mcp, remote};

#[leased(boxed)]
pub trait Tool {
    async fn call(&self, conn: &mut Conn<Sqlite>) -> String;
}

impl Tool for Mcp {
    fn call<'a>(
        &'a self,
        _conn: &'a mut Conn<Sqlite>,
    ) -> Pin<Box<dyn DbFuture<Output = String> + Send + 'a>> {
        Box::pin(remote())
    }
}

fn main() {}
