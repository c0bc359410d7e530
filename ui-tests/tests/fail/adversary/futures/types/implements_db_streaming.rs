// `DbStream` for a stream of my own.
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{BoxStream, Stream};
use shortlease::DbStream;

pub struct Wrapped<T>(pub BoxStream<'static, T>);
impl<T> Stream for Wrapped<T> {
    type Item = T;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.as_mut().poll_next(cx)
    }
}
impl<T> DbStream for Wrapped<T> {}

fn main() {}
