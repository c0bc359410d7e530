// Two handlers on one session, at the same time.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn inner(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |_conn| Ok(())).await
}

async fn outer(db: &mut Session<Sqlite>) {
    let (first, second) = (inner(db), inner(db));
    let _ = futures::future::join(first, second).await;
}

fn main() {
    let _ = outer;
}
