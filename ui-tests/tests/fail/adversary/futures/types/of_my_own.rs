// A future of my own around a remote one.
use std::pin::Pin;
use std::task::{Context, Poll};

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Wrapped<F>(Pin<Box<F>>);
impl<F: Future> Future for Wrapped<F> {
    type Output = F::Output;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(cx)
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |_conn| Ok(Wrapped(Box::pin(remote())).await)).await
}

fn main() {}
