//! The figures of the page, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use super::health::leases_of;
use crate::app::App;
use crate::database::Database;
use crate::exposition::{cumulative, sums};
use crate::ids::now_ms;
use crate::metrics::{BOUNDS, prometheus};

/// How often the page is told.
const EVERY: Duration = Duration::from_millis(500);

/// `GET /v1/live`: a snapshot twice a second, until the page or the gateway ends. It takes no connection.
pub(super) async fn live<DB: Database>(
    State(app): State<App<DB>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stop = app.stop.clone();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let events = stream::unfold((app, ticks), async |(app, mut ticks)| {
        ticks.tick().await;
        let event = Event::default().data(snapshot(&app).to_string());
        Some((Ok(event), (app, ticks)))
    });
    Sse::new(events.take_until(stop.cancelled_owned())).keep_alive(KeepAlive::default())
}

/// The figures of this moment.
fn snapshot<DB: Database>(app: &App<DB>) -> Value {
    let text = prometheus().render();
    let histogram = |name| cumulative(&text, name, &BOUNDS);
    json!({
        "at": now_ms(),
        "pool": app.db.status(),
        "leases": leases_of(app),
        "bounds": BOUNDS,
        "wait": histogram("db_client_connection_wait_time"),
        "hold": histogram("db_client_connection_use_time"),
        "idle": histogram("shortlease_lease_idle_time"),
        "calls": sums(&text, "gateway_calls", "outcome"),
    })
}
