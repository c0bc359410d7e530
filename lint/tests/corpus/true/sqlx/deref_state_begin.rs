// The state derefs to the pool, so begin() is called on the state itself.
use sqlx::PgPool;
use std::ops::Deref;

pub struct Backend {
    pool: PgPool,
    pub ocr: Ocr,
}

impl Deref for Backend {
    type Target = PgPool;

    fn deref(&self) -> &PgPool {
        &self.pool
    }
}

pub async fn scan(backend: &Backend, page: i64) -> anyhow::Result<String> {
    let mut tx = backend.begin().await?;
    let image: Vec<u8> = sqlx::query_scalar("SELECT image FROM pages WHERE id = $1")
        .bind(page)
        .fetch_one(&mut *tx)
        .await?;
    let text = backend.ocr.read(image).await?; //~ SA001
    sqlx::query("UPDATE pages SET text = $1 WHERE id = $2")
        .bind(&text)
        .bind(page)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(text)
}

pub struct Ocr(reqwest::Client);

impl Ocr {
    pub async fn read(&self, image: Vec<u8>) -> anyhow::Result<String> {
        Ok(self.0.post("http://ocr").body(image).send().await?.text().await?)
    }
}
