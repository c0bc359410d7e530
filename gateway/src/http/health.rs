//! Addresses for machines. Nothing here waits for a connection.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::App;
use crate::database::Database;
use crate::metrics::prometheus;

/// `GET /healthz`: the process is alive.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: requests are welcome. A busy pool is no reason to send them elsewhere; a database that cannot be
/// reached, or a stop under way, is.
pub(super) async fn ready<DB: Database>(State(app): State<App<DB>>) -> (StatusCode, Json<Value>) {
    app.readiness.ask(&app.db, app.settings.acquire_timeout);
    let ready = app.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ready": ready,
        "stopping": app.stop.is_cancelled(),
        "database_answers": app.readiness.database_answers(),
    });
    (status, Json(body))
}

/// `GET /metrics`, for Prometheus.
pub(super) async fn metrics() -> impl IntoResponse {
    let prometheus = prometheus();
    prometheus.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], prometheus.render())
}

/// `GET /debug/leases`: who holds a connection, and for how long.
pub(super) async fn leases<DB: Database>(State(app): State<App<DB>>) -> Json<Value> {
    Json(leases_of(&app))
}

/// The open leases as JSON.
pub(super) fn leases_of<DB: Database>(app: &App<DB>) -> Value {
    let lease = |lease: shortlease::LeaseInfo| {
        json!({
            "site": lease.site.to_string(),
            "age_ms": lease.age.as_secs_f64() * 1000.0,
            "in_query": lease.in_query,
        })
    };
    app.db.leases().into_iter().map(lease).collect()
}
