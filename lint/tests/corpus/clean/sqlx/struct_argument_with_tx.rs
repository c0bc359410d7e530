// The transaction goes into calls inside a struct, a tuple and a builder.
use sqlx::{PgConnection, PgPool};

pub struct Params<'t> {
    conn: &'t mut PgConnection,
    id: i64,
}

pub async fn touch(params: Params<'_>) -> sqlx::Result<()> {
    sqlx::query("UPDATE items SET touched = now() WHERE id = $1")
        .bind(params.id)
        .execute(params.conn)
        .await?;
    Ok(())
}

pub async fn log((conn, text): (&mut PgConnection, &str)) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO log (text) VALUES ($1)").bind(text).execute(conn).await?;
    Ok(())
}

pub struct Insert<'t> {
    conn: &'t mut PgConnection,
    name: String,
}

impl<'t> Insert<'t> {
    pub fn into(conn: &'t mut PgConnection) -> Self {
        Self { conn, name: String::new() }
    }

    pub fn name(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    pub async fn run(self) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO items (name) VALUES ($1)")
            .bind(self.name)
            .execute(self.conn)
            .await?;
        Ok(())
    }
}

pub async fn all(pool: &PgPool, id: i64) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    touch(Params { conn: &mut tx, id }).await?;
    log((&mut tx, "touched")).await?;
    Insert::into(&mut tx).name("new").run().await?;
    tx.commit().await
}
