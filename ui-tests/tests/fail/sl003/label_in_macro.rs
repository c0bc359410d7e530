use shortlease::{Error, Session, Sqlite, handler};

macro_rules! leave {
    ($loop:lifetime) => {
        break $loop
    };
}

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut count: i64 = 0;
        'tools: loop {
            count += sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *conn).await?;
            if count > 2 {
                leave!('tools);
            }
        }
        Ok(count)
    })
    .await
}

fn main() {}
