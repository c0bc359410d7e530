use shortlease::{Error, Session, Sqlite, handler};

macro_rules! logged {
    ($work:expr) => {{
        println!("begins");
        $work
    }};
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    logged!(db.lease(async |_conn| Ok(1)).await)
}

fn main() {}
