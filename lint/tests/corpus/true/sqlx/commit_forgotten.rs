// The commit at the end was forgotten, so the writes are lost.
use sqlx::{Pool, Sqlite};

pub struct Notes {
    pool: Pool<Sqlite>,
}

impl Notes {
    pub async fn replace_all(&self, notes: &[String]) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?; //~ SA005
        sqlx::query("DELETE FROM notes").execute(&mut *tx).await?;
        for note in notes {
            sqlx::query("INSERT INTO notes (text) VALUES (?1)")
                .bind(note)
                .execute(&mut *tx)
                .await?;
        }
        Ok(())
    }
}
