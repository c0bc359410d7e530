// A layer reads the tenant in a block of its own, and calls the inner service without a connection.
use axum::extract::Request;
use axum::response::Response;
use futures::future::BoxFuture;
use sqlx::PgPool;

pub struct TenantService<S> {
    inner: S,
    pool: PgPool,
}

impl<S> TenantService<S>
where
    S: tower::Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: From<sqlx::Error>,
{
    fn handle(&mut self, mut request: Request) -> BoxFuture<'static, Result<Response, S::Error>> {
        let pool = self.pool.clone();
        let mut inner = self.inner.clone();
        Box::pin(async move {
            let tenant: i64 = {
                let mut conn = pool.acquire().await?;
                sqlx::query("SET search_path TO tenants").execute(&mut *conn).await?;
                sqlx::query_scalar("SELECT id FROM hosts WHERE name = $1")
                    .bind(request.uri().host())
                    .fetch_one(&mut *conn)
                    .await?
            };
            request.extensions_mut().insert(tenant);
            inner.call(request).await
        })
    }
}
