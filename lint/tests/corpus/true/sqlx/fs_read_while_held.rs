// A template file is read from disk, blocking, while the connection is out.
use sqlx::PgPool;
use std::path::PathBuf;

pub struct Letters {
    templates: PathBuf,
    pool: PgPool,
}

impl Letters {
    pub async fn render(&self, customer: i64, name: &str) -> anyhow::Result<String> {
        let mut conn = self.pool.acquire().await?;
        let salutation: String =
            sqlx::query_scalar("SELECT salutation FROM customers WHERE id = $1")
                .bind(customer)
                .fetch_one(&mut *conn)
                .await?;
        let template = std::fs::read_to_string(self.templates.join(name))?; //~ SA004
        let text = template.replace("{{salutation}}", &salutation);
        sqlx::query("INSERT INTO letters (customer, text) VALUES ($1, $2)")
            .bind(customer)
            .bind(&text)
            .execute(&mut *conn)
            .await?;
        Ok(text)
    }
}
