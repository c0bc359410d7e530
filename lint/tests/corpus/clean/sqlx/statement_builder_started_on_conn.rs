// A statement builder of the code base is started on the connection and gives a running statement.
use sqlx::PgConnection;

pub struct CopyStatement {
    sql: &'static str,
    name: &'static str,
}

pub struct Running<'c> {
    copy: sqlx::postgres::PgCopyIn<&'c mut PgConnection>,
    name: &'static str,
}

impl CopyStatement {
    pub fn new(sql: &'static str) -> Self {
        Self { sql, name: "" }
    }

    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub async fn start(self, conn: &mut PgConnection) -> sqlx::Result<Running<'_>> {
        let copy = conn.copy_in_raw(self.sql).await?;
        Ok(Running { copy, name: self.name })
    }
}

impl Running<'_> {
    pub async fn send(mut self, bytes: &[u8]) -> sqlx::Result<u64> {
        self.copy.send(bytes).await?;
        tracing::debug!(name = self.name, "copied");
        self.copy.finish().await
    }
}

pub struct ReadsDal<'s> {
    storage: &'s mut PgConnection,
}

impl ReadsDal<'_> {
    pub async fn insert(&mut self, keys: &[[u8; 32]]) -> sqlx::Result<u64> {
        let copy = CopyStatement::new("COPY reads (key) FROM STDIN")
            .named("insert_reads")
            .start(self.storage)
            .await?;
        let mut buffer = String::new();
        for key in keys {
            buffer.push_str(&format!("{key:02x?}\n"));
        }
        copy.send(buffer.as_bytes()).await
    }
}
