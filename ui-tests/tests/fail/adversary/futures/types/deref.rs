// A remote future that derefs to a database future.
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use shortlease::{DbFuture, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Guise(BoxFuture<'static, String>, Box<dyn DbFuture<Output = ()> + Send>);
impl Deref for Guise {
    type Target = dyn DbFuture<Output = ()> + Send;
    fn deref(&self) -> &Self::Target {
        &*self.1
    }
}
impl Future for Guise {
    type Output = String;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<String> {
        self.0.as_mut().poll(cx)
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let guise = Guise(Box::pin(remote()), Box::new(std::future::ready(())));
    db.lease(async |_conn| Ok(guise.await)).await
}

fn main() {}
