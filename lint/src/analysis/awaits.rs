//! The kind of thing that an unknown call waits for, by the names and types of its parts.

use ustr::Ustr;

use crate::findings::Waits;
use crate::types::Type;

/// Classifies a method of a type that is not of the workspace.
pub(super) fn method(ty: &Type, name: &str, args: usize, receiver: &str) -> Waits {
    let named = type_name(ty);
    match (named, name) {
        ("Mutex" | "RwLock" | "Semaphore" | "Notify" | "Barrier" | "RwLockReadGuard", _) => {
            return Waits::Lock;
        }
        ("Sender" | "UnboundedSender" | "Receiver" | "UnboundedReceiver", _) => {
            return Waits::Channel;
        }
        ("JoinHandle" | "JoinSet" | "TaskTracker", _) => return Waits::Join,
        ("Interval" | "Sleep", _) => return Waits::Sleep,
        ("Client" | "HttpClient" | "RequestBuilder" | "ClientWithMiddleware", _) => {
            return Waits::Http;
        }
        _ => {}
    }
    let receiver = receiver.to_ascii_lowercase();
    let about = |words: &[&str]| words.iter().any(|word| receiver.contains(word));
    match name {
        "lock" | "lock_owned" | "acquire_owned" | "acquire_many" | "acquire_many_owned"
        | "notified" | "read_owned" | "write_owned" => Waits::Lock,
        "read" | "write" | "wait" | "acquire" if args == 0 => Waits::Lock,
        "recv" | "recv_async" | "changed" | "cancelled" | "recv_many" | "send_async"
        | "reserve" => Waits::Channel,
        "send" if args == 1 && about(&["tx", "sender", "chan", "queue", "events", "bus"]) => {
            Waits::Channel
        }
        "join_next" => Waits::Join,
        "tick" => Waits::Sleep,
        "send" | "text" | "json" | "bytes" | "chunk"
            if args == 0
                && about(&[
                    "http", "reqwest", ".get(", ".post(", ".put(", ".patch(", "resp", ".header(",
                    ".json(", ".delete(", "bearer", ".request(",
                ]) =>
        {
            Waits::Http
        }
        _ if about(&["http", "reqwest"]) => Waits::Http,
        "send" | "publish" | "notify" | "call" | "call_tool" | "send_mail" | "send_email"
        | "upload" | "request" | "invoke" | "put_object" | "enqueue" => Waits::Service,
        _ if about(&[
            "client", "redis", "s3", "mailer", "smtp", "nats", "kafka", "stripe", "api",
        ]) =>
        {
            Waits::Service
        }
        _ => Waits::Unknown,
    }
}

/// Classifies a function by its path.
pub(super) fn function(path: &[Ustr]) -> Waits {
    let last = path.last().map_or("", Ustr::as_str);
    let within = |word: &str| path.iter().any(|name| name.as_str() == word);
    match last {
        "sleep" | "sleep_until" | "delay_for" | "interval" | "timer" => Waits::Sleep,
        // Other tasks of the thread run first.
        "yield_now" | "spawn_blocking" => Waits::Join,
        _ if within("reqwest") || within("surf") || within("hyper") || within("isahc") => {
            Waits::Http
        }
        _ => Waits::Unknown,
    }
}

/// Classifies a variable that is awaited by itself.
pub(super) fn variable(ty: &Type, name: &str) -> Waits {
    match type_name(ty) {
        "JoinHandle" => Waits::Join,
        "Receiver" => Waits::Channel,
        "Sleep" => Waits::Sleep,
        _ if name.contains("handle") || name.contains("task") => Waits::Join,
        _ if name == "rx" || name.ends_with("_rx") => Waits::Channel,
        _ => Waits::Unknown,
    }
}

fn type_name(ty: &Type) -> &'static str {
    match ty {
        Type::Ref(inner) => type_name(inner),
        Type::External { name, args } => match (name.as_str(), args.first()) {
            ("Arc" | "Rc" | "Box" | "State" | "Data" | "Extension", Some(inner)) => {
                type_name(inner)
            }
            _ => name.as_str(),
        },
        _ => "",
    }
}

/// Returns true for a function that blocks its thread, by the path it resolves to.
pub(super) fn blocking_function(path: &[Ustr]) -> bool {
    let names: Vec<&str> = path.iter().map(Ustr::as_str).collect();
    match names.as_slice() {
        ["std", "thread", "sleep" | "park" | "park_timeout"] | ["thread", "sleep" | "park"] => true,
        ["std", "fs", ..] => names.len() > 2,
        ["std", "net", "TcpStream" | "TcpListener" | "UdpSocket", ..] => true,
        ["reqwest", "blocking", ..] | ["ureq", ..] | ["minreq", ..] => names.len() > 1,
        ["bcrypt", "hash" | "verify" | "hash_with_result"] => true,
        ["futures" | "futures_executor" | "pollster", .., "block_on"] => true,
        _ => matches!(names.last(), Some(&"block_on")),
    }
}

/// Returns true for a method that blocks its thread.
pub(super) fn blocking_method(ty: &Type, name: &str, receiver: &str) -> bool {
    match name {
        "block_on" | "blocking_recv" | "blocking_send" | "blocking_lock" | "blocking_read"
        | "blocking_write" => true,
        "output" | "status" | "wait_with_output" => {
            receiver.contains("Command::new") && !receiver.contains("tokio")
        }
        "hash_password" | "verify_password" => true,
        "call" | "send_string" | "send_json" => receiver.contains("ureq::"),
        "send" => receiver.contains("blocking::") || type_name(ty) == "BlockingClient",
        _ => false,
    }
}
