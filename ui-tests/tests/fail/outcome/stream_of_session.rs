use futures::TryStreamExt;
use shortlease::{Error, Session, Sqlite};

async fn urls(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    Ok(db.fetch(sqlx::query_scalar("SELECT url FROM tools")).try_collect().await?)
}

fn main() {}
