// What a macro hands in is called as the connection is, and is another variable.
use shortlease::{Error, Session, Sqlite, handler};

struct Mine;

macro_rules! handlers {
    ($mine:ident) => {
        #[handler]
        async fn call_tool(db: &mut Session<Sqlite>, $mine: Mine) -> Result<i64, Error> {
            let _ = &$mine;
            db.lease(async |conn| sqlx::query_scalar("SELECT 7").fetch_one($mine).await).await
        }
    };
}

handlers!(conn);

fn main() {}
