//! A server of tools that behaves as badly as it is told to.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// All that it can do.
pub(crate) const TOOLS: [&str; 7] =
    ["answer", "wait", "hang", "break", "refuse", "babble", "flood"];

#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) url: String,
    calls: Arc<AtomicUsize>,
    abandoned: Arc<AtomicUsize>,
    released: watch::Sender<bool>,
    credential: Arc<Mutex<Option<String>>>,
}

impl Backend {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let backend = Backend {
            url,
            calls: Arc::default(),
            abandoned: Arc::default(),
            released: watch::Sender::new(false),
            credential: Arc::default(),
        };
        let count = async |State(backend): State<Backend>| backend.calls().to_string();
        let router = Router::new()
            .route("/{tool}", axum::routing::post(answer))
            .route("/calls", axum::routing::get(count))
            .with_state(backend.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        backend
    }

    /// How many calls have arrived.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many calls of `wait` ended before they were released.
    pub(crate) fn abandoned(&self) -> usize {
        self.abandoned.load(Ordering::SeqCst)
    }

    /// The header `x-credential` of the last call.
    pub(crate) fn credential(&self) -> Option<String> {
        self.credential.lock().unwrap().clone()
    }

    /// Lets all calls of `wait` go on.
    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }
}

/// Counts a call that is dropped.
struct Waiting(Option<Arc<AtomicUsize>>);

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(abandoned) = &self.0 {
            abandoned.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn answer(
    State(backend): State<Backend>,
    Path(tool): Path<String>,
    headers: HeaderMap,
) -> Response {
    backend.calls.fetch_add(1, Ordering::SeqCst);
    let credential = headers.get("x-credential").map(|value| value.to_str().unwrap().to_owned());
    *backend.credential.lock().unwrap() = credential;
    match tool.as_str() {
        "wait" => {
            let mut waiting = Waiting(Some(Arc::clone(&backend.abandoned)));
            let mut released = backend.released.subscribe();
            released.wait_for(|released| *released).await.expect("a backend");
            waiting.0 = None;
        }
        "hang" => std::future::pending().await,
        "break" => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "refuse" => {
            return (StatusCode::BAD_REQUEST, axum::Json(json!("not like this"))).into_response();
        }
        "babble" => return Html("<h1>It works!</h1>").into_response(),
        "flood" => return axum::Json("x".repeat(3 << 20)).into_response(),
        _ => {}
    }
    axum::Json(json!({ "answer": tool })).into_response()
}
