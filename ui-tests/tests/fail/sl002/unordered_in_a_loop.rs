use futures::StreamExt;
use futures::stream::FuturesUnordered;
use shortlease::{Db, Error, Sqlite, handler};

#[handler]
async fn call_tools(db: &Db<Sqlite>, ids: Vec<i64>) -> Result<(), Error> {
    let mut counts = FuturesUnordered::new();
    for id in ids {
        counts.push(async move {
            let mut session = db.session();
            let query = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM calls WHERE tool = $1");
            session.lease(async |conn| query.bind(id).fetch_one(conn).await).await
        });
    }
    loop {
        let Some(count) = counts.next().await else { return Ok(()) };
        report(count?).await;
    }
}

async fn report(_count: i64) {}

fn main() {}
