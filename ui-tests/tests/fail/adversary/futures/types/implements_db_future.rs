// `DbFuture` for a future of my own.
use std::pin::Pin;
use std::task::{Context, Poll};

use shortlease::DbFuture;

pub struct Wrapped<F>(pub Pin<Box<F>>);
impl<F: Future> Future for Wrapped<F> {
    type Output = F::Output;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.0.as_mut().poll(cx)
    }
}
impl<F: Future> DbFuture for Wrapped<F> {}

fn main() {}
