use shortlease::{Error, Session, Sqlite, handler};

macro_rules! twice {
    ($value:expr) => {
        format!("{0} {0}", $value)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(twice!(ask_backend().await))
    })
    .await
}

async fn ask_backend() -> String {
    "an answer".into()
}

fn main() {}
