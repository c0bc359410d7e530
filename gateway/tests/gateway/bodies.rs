//! Requests that are not what they should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use shortlease::Sqlite;
use shortlease_tests::seeded_rng::SeededRng;
use shortlease_tests::wait::LIMIT;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::fixture::{ADMIN, Fixture};

const INPUTS: usize = 600;

/// Texts that are not JSON, and values that are not JSON-RPC, each as it stands.
const WHOLE: [&str; 16] = [
    "",
    " ",
    "null",
    "[]",
    "[[]]",
    "{}",
    "0",
    "\"text\"",
    "{\"jsonrpc\":\"2.0\"}",
    "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"tools/list\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/list\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
    "{\"jsonrpc\":\"2.0\",\"id\":1e400,\"method\":\"ping\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
    "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"\\ud800\"}}",
];

fn call() -> Value {
    json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "demo__echo", "arguments": { "text": "hello" }, "_meta": {} },
    })
}

/// A value in the place of another.
fn replace(value: &mut Value, rng: &mut SeededRng) {
    let strange = [
        json!(null),
        json!(-1),
        json!(1.5e308),
        json!(u64::MAX),
        json!("x".repeat(5000)),
        json!("\0'\"; DROP TABLE calls; --"),
        json!([[[[[[]]]]]]),
        json!({ "$ref": "#" }),
    ];
    match value {
        Value::Object(map) if rng.below(5) > 0 && !map.is_empty() => {
            let nth = rng.below(map.len() as u64) as usize;
            let key = map.keys().nth(nth).expect("counted").clone();
            if rng.below(6) == 0 {
                map.remove(&key);
            } else {
                replace(&mut map[&key], rng);
            }
        }
        value => *value = strange[rng.below(strange.len() as u64) as usize].clone(),
    }
}

/// Bytes of a good call, some of them changed or cut.
fn damage(rng: &mut SeededRng) -> Vec<u8> {
    let mut bytes = call().to_string().into_bytes();
    for _ in 0..=rng.below(4) {
        let at = rng.below(bytes.len() as u64) as usize;
        match rng.below(3) {
            0 => bytes[at] = rng.below(256) as u8,
            1 => bytes.truncate(at.max(1)),
            _ => bytes.insert(at, b"{}[]\",:\\"[rng.below(8) as usize]),
        }
    }
    bytes
}

fn inputs() -> impl Iterator<Item = Vec<u8>> {
    let mut rng = SeededRng::new(14);
    let whole = WHOLE.map(|text| text.as_bytes().to_vec());
    let deep = "[".repeat(100_000).into_bytes();
    let others = (0..INPUTS).map(move |nth| {
        if nth % 2 == 0 {
            return damage(&mut rng);
        }
        let mut value = call();
        for _ in 0..=rng.below(3) {
            replace(&mut value, &mut rng);
        }
        value.to_string().into_bytes()
    });
    whole.into_iter().chain([deep]).chain(others)
}

#[tokio::test]
async fn malformed_json_rpc_crashes_nothing() {
    let panics = count_panics();
    let fixture = Fixture::new(&["--demo", "--rate-limit", "0"]).await;
    let token = fixture.gateway.demo_token.clone().unwrap();
    for (nth, input) in inputs().enumerate() {
        let request = fixture.request(&token, Method::POST, "/mcp");
        let request = request
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(input.clone());
        let answer = Fixture::<shortlease::Sqlite>::send(request).await;
        let shown = String::from_utf8_lossy(&input[..input.len().min(300)]).into_owned();
        assert!(!answer.status.is_server_error(), "{nth}: {shown}: {answer:?}");
    }
    assert_eq!(fixture.gateway.app.db.leases().len(), 0);
    assert_eq!(panics(), 0);
    fixture.call(&token, "demo__echo", json!({ "text": "still here" })).await.good();
}

/// Counts the panics of this thread, which the gateway's tasks run on too.
fn count_panics() -> impl Fn() -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, before) = (Arc::clone(&count), std::panic::take_hook());
    let this = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == this {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        before(panic);
    }));
    move || count.load(Ordering::SeqCst)
}

#[tokio::test]
async fn bodies_are_bounded() {
    let fixture = Fixture::new(&["--max-body", "10000", "--demo"]).await;
    let token = fixture.gateway.demo_token.clone().unwrap();
    let long = json!({ "text": "x".repeat(20_000) });
    let refused = fixture.call(&token, "demo__echo", long.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (413, "too_large"));
    let request = fixture.request(&token, Method::POST, "/mcp").json(&long);
    let request = request.header("accept", "application/json, text/event-stream");
    let refused = Fixture::<shortlease::Sqlite>::send(request).await;
    assert_eq!(refused.status.as_u16(), 413, "{refused:?}");
    fixture.call(&token, "demo__echo", json!({ "text": "short" })).await.good();
}

/// What a gateway says to a client that sends this and then nothing, until it ends the connection.
async fn answer_to_half(fixture: &Fixture<Sqlite>, half: &str) -> String {
    let mut stream = TcpStream::connect(fixture.gateway.address).await.unwrap();
    stream.write_all(half.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(LIMIT, stream.read_to_string(&mut answer)).await.expect("an end in time").unwrap();
    answer
}

#[tokio::test]
async fn a_request_that_does_not_end_is_given_up() {
    let fixture = Fixture::new(&["--read-timeout", "0.3", "--demo"]).await;
    let token = fixture.gateway.demo_token.clone().unwrap();
    for head in ["", "POST /v1/tools/demo__echo/call HTTP/1.1\r\nhost: localhost\r\n"] {
        assert_eq!(answer_to_half(&fixture, head).await, "", "{head}");
    }
    let body = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n\
             content-length: 100\r\n\r\n{{"
        )
    };
    let late = answer_to_half(&fixture, &body("/v1/tools/demo__echo/call")).await;
    assert!(late.starts_with("HTTP/1.1 400 "), "{late}");
    assert!(late.contains("it did not arrive in time"), "{late}");
    let late = answer_to_half(&fixture, &body("/mcp")).await;
    assert!(late.starts_with("HTTP/1.1 "), "{late}");
    // An answer may take longer, and one that goes on stays open.
    fixture.call(&token, "demo__wait", json!({ "seconds": 0.6 })).await.good();
    let mut live = fixture.request(ADMIN, Method::GET, "/v1/live").send().await.unwrap();
    for _ in 0..3 {
        assert!(timeout(LIMIT, live.chunk()).await.unwrap().unwrap().is_some());
    }
}

#[tokio::test]
async fn requests_that_cannot_be_carried_out_say_why() {
    let fixture = Fixture::new(&[]).await;
    let token = fixture.team("team", &["*"]).await;
    assert_eq!(fixture.call(&token, "a__b", json!([1])).await.code(), "invalid");
    assert_eq!(fixture.get(&token, "/nowhere").await.code(), "not_found");
    for (path, body) in [
        ("upstreams/Bad_Name", json!({ "kind": "http", "url": "http://a" })),
        ("upstreams/a", json!({ "kind": "ftp", "url": "http://a" })),
        ("upstreams/a", json!({ "kind": "http", "url": "127.0.0.1:9200" })),
        ("upstreams/a", json!({ "kind": "http" })),
        ("upstreams/a", json!({ "kind": "http", "url": "http://a", "tools": [{ "name": "" }] })),
        ("teams/UPPER", json!(null)),
        ("teams/team/grants", json!({ "tools": ["a b"] })),
        ("teams/team/grants", json!({ "tools": ["demo_echo"] })),
    ] {
        let answer = fixture.admin(Method::PUT, path, body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid"), "{path} {body}");
    }
    let none = fixture.admin(Method::PUT, "teams/none/grants", json!({ "tools": [] })).await;
    assert_eq!(none.code(), "not_found");
}
