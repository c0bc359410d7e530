//! SL004: calls that are known to block the thread.

/// Tells whether a function blocks. `awaited` calls are left to the types.
pub(crate) fn is_function(path: &[&str], awaited: bool) -> bool {
    match path {
        [.., "thread", "sleep" | "sleep_ms" | "park" | "park_timeout" | "sleep_until"] => true,
        ["sleep"] => !awaited,
        [.., "block_on" | "block_in_place"] => true,
        // A scope waits for what it spawns.
        ["scope"] | [.., "thread" | "crossbeam" | "crossbeam_utils", "scope"] => !awaited,
        [
            ..,
            "rayon",
            "scope" | "scope_fifo" | "in_place_scope" | "in_place_scope_fifo" | "join",
        ] => true,
        [.., "JoinHandle" | "ScopedJoinHandle", "join"] => true,
        [.., "reqwest", "blocking", _] | [.., "reqwest", "blocking", _, _] => true,
        ["blocking", "get"] | ["blocking", "Client", _] => true,
        ["ureq", ..] => true,
        ["std", "net", "TcpStream" | "TcpListener" | "UdpSocket", ..] => true,
        [.., "TcpStream" | "UnixStream", "connect" | "connect_timeout"]
        | [.., "TcpListener" | "UdpSocket" | "UnixListener", "bind"] => !awaited,
        _ => false,
    }
}

/// Tells whether a method blocks. `of_command` ones are called on a `Command`.
pub(crate) fn is_method(
    method: &str,
    without_arguments: bool,
    awaited: bool,
    of_command: bool,
) -> bool {
    match method {
        "block_on" | "blocking_recv" | "blocking_send" | "blocking_lock" | "blocking_read"
        | "blocking_write" => true,
        // Of a thread: paths and strings are joined with something.
        "join" => without_arguments && !awaited,
        // Of a channel: what tokio's give is awaited.
        "recv" | "recv_timeout" => !awaited,
        "output" | "status" | "wait" | "wait_with_output" => of_command && !awaited,
        _ => false,
    }
}

/// Tells whether a call is known to wait for a timer, a lock, a channel or a task. Its await is refused by its type; this
/// only says why.
pub(crate) fn waits(name: &str) -> bool {
    [
        "sleep", "sleep_until", "tick", "yield_now", "lock", "read", "write", "acquire", "recv",
        "send", "changed", "notified", "cancelled", "join_next", "wait",
    ]
    .contains(&name)
}

/// Tells whether a call is known to run several futures at once. Its await is refused in the same way.
pub(crate) fn joins(name: &str) -> bool {
    ["join", "join3", "join_all", "try_join", "try_join3", "try_join_all"].contains(&name)
}

/// Tells whether a function runs its arguments on a thread of their own.
pub(crate) fn runs_elsewhere(path: &[&str]) -> bool {
    matches!(path, [.., "spawn_blocking"] | [.., "thread", "spawn"])
}

/// Tells whether a method does, of a runtime's handle, of `thread::Builder` or of a scope.
pub(crate) fn gives_away(method: &str) -> bool {
    matches!(method, "spawn_blocking" | "spawn" | "spawn_scoped")
}

/// Tells whether a function takes a future that others than its caller wait for.
pub(crate) fn spawns(name: &str) -> bool {
    matches!(name, "spawn" | "spawn_local" | "spawn_on")
}

pub(crate) fn message(call: &str) -> String {
    format!(
        "SL004: `{call}` blocks while a connection is held\nhelp: call it after the lease, or in `spawn_blocking`\nhelp: or allow it: `allow(SL004 = \"reason\")`"
    )
}
