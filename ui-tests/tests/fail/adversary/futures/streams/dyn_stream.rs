// A remote stream as `dyn DbStream`.
use std::pin::Pin;

use futures::stream;
use shortlease::{DbStream};
use shortlease_ui_tests::remote;

fn answers() -> Pin<Box<dyn DbStream<Item = String>>> {
    Box::pin(stream::once(remote()))
}

fn main() {}
