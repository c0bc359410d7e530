use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use tracing::dispatcher::{Dispatch, has_been_set, with_default};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, level_filters::LevelFilter};

/// A statement whose text is a secret. `sqlx` logs the text of each when its future is dropped, at its end or half
/// way.
pub(super) struct Unlogged<F>(Option<F>);

impl<F> Unlogged<F> {
    pub(super) fn new(statement: F) -> Self {
        Unlogged(Some(statement))
    }
}

impl<F: Future + Unpin> Future for Unlogged<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        in_silence(|| {
            let statement = self.0.as_mut().expect("a statement that has not ended");
            let answer = Pin::new(statement).poll(cx);
            if answer.is_ready() {
                self.0 = None;
            }
            answer
        })
    }
}

impl<F> Drop for Unlogged<F> {
    fn drop(&mut self) {
        if let Some(statement) = self.0.take() {
            in_silence(|| drop(statement));
        }
    }
}

/// Hides what is logged meanwhile from the subscriber.
fn in_silence<T>(run: impl FnOnce() -> T) -> T {
    static SILENCE: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Silence));
    // Without a subscriber, ours would be the first, and end the way of all events to the crate `log`.
    if has_been_set() { with_default(&SILENCE, run) } else { run() }
}

/// Takes no events. `NoSubscriber` is not known to `tracing`, so a call site that is met in silence first would be
/// off for ever.
struct Silence;

impl Subscriber for Silence {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::never()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
