//! SL002: leases that a loop leaves half done while it awaits something else.

/// Tells whether a name is that of a stream adapter or a collection that polls futures only when it is polled itself.
pub(crate) fn is_buffer(name: &str) -> bool {
    [
        "buffered", "buffer_unordered", "try_buffered", "try_buffer_unordered", "FuturesUnordered",
        "FuturesOrdered",
    ]
    .contains(&name)
}

/// Tells whether a method puts a future into such a collection.
pub(crate) fn is_push(method: &str) -> bool {
    ["push", "push_back", "push_front"].contains(&method)
}

/// Tells whether a method polls such a stream for its next item only.
pub(crate) fn is_next(method: &str) -> bool {
    ["next", "try_next", "select_next_some"].contains(&method)
}

/// Tells whether a macro polls several futures until one of them is ready.
pub(crate) fn is_select(name: &str) -> bool {
    ["select", "select_biased"].contains(&name)
}

pub(crate) fn message(name: &str) -> String {
    format!(
        "SL002: this loop awaits something else while leases in `{name}` are half done\nhelp: run each in a task of its own: `JoinSet`, or `tokio::spawn`\nhelp: or finish them first: `.collect::<Vec<_>>().await`, `try_join_all(..).await`\nnote: nothing polls them meanwhile, so each keeps its connection"
    )
}
