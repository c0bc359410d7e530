// A layer reads the tenant with a connection that it keeps while the rest of the service runs.
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use futures::future::BoxFuture;
use sqlx::PgPool;
use tower::Service;

#[derive(Clone)]
pub struct TenantService<S> {
    inner: S,
    pool: PgPool,
}

impl<S> Service<Request> for TenantService<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: From<sqlx::Error>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let pool = self.pool.clone();
        let mut inner = self.inner.clone();
        Box::pin(async move {
            let mut conn = pool.acquire().await?;
            let tenant: i64 = sqlx::query_scalar("SELECT id FROM tenants WHERE host = $1")
                .bind(request.uri().host())
                .fetch_one(&mut *conn)
                .await?;
            request.extensions_mut().insert(tenant);
            inner.call(request).await //~ SA001
        })
    }
}
