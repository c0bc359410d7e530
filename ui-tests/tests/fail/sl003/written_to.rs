use shortlease::{Error, Session, Sqlite, handler};

struct Stats {
    calls: i64,
}

macro_rules! calls {
    ($stats:expr) => {
        $stats.calls
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, stats: &mut Stats) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("UPDATE tools SET uses = uses + 1").execute(tx).await?;
        calls!(stats) += 1;
        Ok(())
    })
    .await
}

fn main() {}
