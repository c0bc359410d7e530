// A pool stream's rows go one by one through a closure that calls out.
use futures::TryStreamExt;
use sqlx::PgPool;

pub async fn forward(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    sqlx::query_scalar::<_, String>("SELECT body FROM outbox")
        .fetch(pool)
        .map_err(anyhow::Error::from)
        .try_for_each(|body| async move {
            http.post("http://sink").body(body).send().await?; //~ SA007
            Ok(())
        })
        .await
}
