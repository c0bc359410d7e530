//! The page at `/`, which needs no network: everything it loads is in this program.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

/// The page shows figures and loads nothing from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let (html, css, script) = ("text/html", "text/css", "text/javascript");
    Router::new()
        .route("/", file(html, include_str!("../../page/index.html")))
        .route("/page/page.css", file(css, include_str!("../../page/page.css")))
        .route("/page/page.js", file(script, include_str!("../../page/page.js")))
        .route("/page/uplot.css", file(css, include_str!("../../page/uplot/uPlot.min.css")))
        .route("/page/uplot.js", file(script, include_str!("../../page/uplot/uPlot.iife.min.js")))
}

fn file<S: Clone + Send + Sync + 'static>(
    kind: &'static str,
    text: &'static str,
) -> MethodRouter<S> {
    get(async move || {
        let headers = [
            (CONTENT_TYPE, format!("{kind}; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ];
        (headers, text).into_response()
    })
}
