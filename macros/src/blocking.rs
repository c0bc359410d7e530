//! Reads calls as far as SL004 needs: which are known to block the thread.

use syn::{Expr, ExprCall, ExprMethodCall, Path};

/// The name of a blocking function, where the call is one. `awaited` calls are left to the types.
pub(crate) fn call(call: &ExprCall, awaited: bool) -> Option<String> {
    let Expr::Path(function) = &*call.func else { return None };
    let names: Vec<String> =
        function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let blocks = match names.as_slice() {
        [.., "thread", "sleep" | "sleep_ms" | "park" | "park_timeout" | "sleep_until"] => true,
        ["sleep"] => !awaited,
        [.., "block_on" | "block_in_place"] => true,
        [.., "reqwest", "blocking", _] | [.., "reqwest", "blocking", _, _] => true,
        ["blocking", "get"] | ["blocking", "Client", _] => true,
        ["ureq", ..] => true,
        ["std", "net", "TcpStream" | "TcpListener" | "UdpSocket", ..] => true,
        [.., "TcpStream" | "UnixStream", "connect" | "connect_timeout"]
        | [.., "TcpListener" | "UdpSocket" | "UnixListener", "bind"] => !awaited,
        _ => false,
    };
    blocks.then(|| written(&function.path))
}

/// Whether a call gives its closure a thread of its own, where blocking is what it is for.
pub(crate) fn runs_elsewhere(call: &ExprCall) -> bool {
    let Expr::Path(function) = &*call.func else { return false };
    let mut names = function.path.segments.iter().rev().map(|segment| &segment.ident);
    let Some(last) = names.next() else { return false };
    last == "spawn_blocking"
        || (last == "spawn" && names.next().is_some_and(|module| module == "thread"))
}

/// As [`runs_elsewhere`], for methods: of a runtime's handle, of `thread::Builder` and of a scope.
pub(crate) fn gives_away(call: &ExprMethodCall) -> bool {
    ["spawn_blocking", "spawn", "spawn_scoped"].iter().any(|name| call.method == name)
}

/// As [`call`], for methods.
pub(crate) fn method(call: &ExprMethodCall, awaited: bool) -> Option<String> {
    let method = call.method.to_string();
    let blocks = match method.as_str() {
        "block_on" | "blocking_recv" | "blocking_send" | "blocking_lock" | "blocking_read"
        | "blocking_write" => true,
        // A thread's; paths and strings join with something.
        "join" => call.args.is_empty() && !awaited,
        "output" | "status" | "wait" | "wait_with_output" => {
            !awaited && starts_command(&call.receiver)
        }
        _ => false,
    };
    blocks.then_some(method)
}

/// `Command::new(..).arg(..)`.
fn starts_command(receiver: &Expr) -> bool {
    match receiver {
        Expr::MethodCall(call) => starts_command(&call.receiver),
        Expr::Try(node) => starts_command(&node.expr),
        Expr::Paren(paren) => starts_command(&paren.expr),
        Expr::Call(call) => matches!(&*call.func, Expr::Path(function)
            if function.path.segments.iter().rev().nth(1).is_some_and(|name| name.ident == "Command")),
        _ => false,
    }
}

fn written(path: &Path) -> String {
    let names: Vec<String> = path.segments.iter().map(|name| name.ident.to_string()).collect();
    names.join("::")
}
