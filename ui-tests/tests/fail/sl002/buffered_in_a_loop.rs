use futures::StreamExt;
use shortlease::{Db, Error, Session, Sqlite, handler};

#[handler]
async fn call_tools(db: &Db<Sqlite>, ids: Vec<i64>) -> Result<(), Error> {
    let mut tools = futures::stream::iter(ids)
        .map(|id| async move {
            let mut session: Session<Sqlite> = db.session();
            session
                .lease(async |conn| {
                    let query =
                        sqlx::query_scalar::<_, String>("SELECT url FROM tools WHERE id = $1");
                    query.bind(id).fetch_one(conn).await
                })
                .await
        })
        .buffer_unordered(8);
    while let Some(url) = tools.next().await {
        call(url?).await;
    }
    Ok(())
}

async fn call(_url: String) {}

fn main() {}
