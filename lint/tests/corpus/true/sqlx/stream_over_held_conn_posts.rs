// A stream over a held connection is read while each row goes to a remote index.
use futures::TryStreamExt;
use sqlx::PgPool;

pub async fn reindex(pool: &PgPool, index: &Index) -> anyhow::Result<u64> {
    let mut conn = pool.acquire().await?;
    let mut rows =
        sqlx::query_as::<_, (i64, String)>("SELECT id, text FROM articles").fetch(&mut *conn);
    let mut n = 0;
    while let Some((id, text)) = rows.try_next().await? {
        index.put(id, &text).await?; //~ SA001
        n += 1;
    }
    Ok(n)
}

pub struct Index {
    http: reqwest::Client,
}

impl Index {
    pub async fn put(&self, id: i64, text: &str) -> reqwest::Result<()> {
        self.http.put(format!("http://index/{id}")).body(text.to_owned()).send().await?;
        Ok(())
    }
}
