//! The HTTP side: routes, and who may ask for which.

mod admin;
mod call;
mod guard;
mod health;
mod json;
mod lists;
mod live;
mod page;
mod problem;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};

use crate::app::App;
use crate::database::Database;
use crate::error::Error;
use crate::mcp;

/// All routes of a gateway.
pub fn router<DB: Database>(app: App<DB>) -> Router {
    Router::new()
        .merge(for_teams(&app))
        .merge(for_mcp(&app))
        .merge(for_the_operator(&app))
        .merge(for_all())
        .fallback(async || Error::NotFound("this address"))
        .layer(DefaultBodyLimit::max(app.settings.max_body))
        .layer(from_fn_with_state(app.clone(), guard::limit_time::<DB>))
        .layer(from_fn(guard::count))
        .with_state(app)
}

/// Routes that need a team's token.
fn for_teams<DB: Database>(app: &App<DB>) -> Router<App<DB>> {
    let call = Router::new()
        .route("/v1/tools/{tool}/call", post(call::call::<DB>))
        .route_layer(from_fn(guard::permit));
    Router::new()
        .merge(call)
        .route("/v1/login", post(call::login::<DB>))
        .route("/v1/tools", get(lists::tools::<DB>))
        .route("/v1/upstreams", get(lists::upstreams::<DB>))
        .route("/v1/tokens", get(lists::tokens::<DB>))
        .route("/v1/grants", get(lists::grants))
        .route("/v1/calls", get(lists::calls::<DB>))
        .route("/v1/audit", get(lists::audit::<DB>))
        .route_layer(from_fn_with_state(app.clone(), guard::authenticate::<DB>))
}

/// MCP, which needs a team's token too.
fn for_mcp<DB: Database>(app: &App<DB>) -> Router<App<DB>> {
    Router::new()
        .nest_service("/mcp", mcp::http(app))
        .route_layer(from_fn_with_state(app.clone(), guard::introduce::<DB>))
}

/// Routes that need the operator's token.
fn for_the_operator<DB: Database>(app: &App<DB>) -> Router<App<DB>> {
    Router::new()
        .route(
            "/v1/admin/teams/{team}",
            put(admin::add_team::<DB>).delete(admin::remove_team::<DB>),
        )
        .route("/v1/admin/teams/{team}/grants", put(admin::set_grants::<DB>))
        .route("/v1/admin/teams/{team}/tokens", post(admin::add_token::<DB>))
        .route("/v1/admin/tokens/{token}", delete(admin::remove_token::<DB>))
        .route(
            "/v1/admin/upstreams/{upstream}",
            put(admin::put_upstream::<DB>).delete(admin::remove_upstream::<DB>),
        )
        .route("/v1/admin/audit", get(lists::whole_audit::<DB>))
        .route("/v1/live", get(live::live::<DB>))
        .route("/debug/leases", get(health::leases::<DB>))
        .route_layer(from_fn_with_state(app.clone(), guard::admin::<DB>))
}

/// Routes that need no token. None of them waits for a connection.
fn for_all<DB: Database>() -> Router<App<DB>> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready::<DB>))
        .route("/metrics", get(health::metrics))
        .merge(page::routes())
}
