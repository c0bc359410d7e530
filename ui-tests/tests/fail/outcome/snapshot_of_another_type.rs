use shortlease::{Db, Error, Sqlite, handler};

struct Store;

impl Store {
    async fn snapshot<T>(&mut self, of: impl AsyncFnOnce(&str) -> T) -> T {
        of("store").await
    }
}

#[handler]
async fn call_tool(db: &Db<Sqlite>) -> Result<usize, Error> {
    let mut store = Store;
    let len = store.snapshot(async |text| text.len()).await;
    let _: i64 = db.session().fetch_one(sqlx::query_scalar("SELECT 1")).await?;
    Ok(len)
}

fn main() {}
