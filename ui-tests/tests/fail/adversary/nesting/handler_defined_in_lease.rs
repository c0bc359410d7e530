// A handler defined in a lease and called there.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn outer(db: &mut Session<Sqlite>, other: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |_conn| {
        mod inner {
            use shortlease::{Error, Session, Sqlite, handler};
            use shortlease_ui_tests::remote;

            #[handler]
            pub async fn inner(other: &mut Session<Sqlite>) -> Result<String, Error> {
                other.lease(async |_conn| Ok(())).await?;
                Ok(remote().await)
            }
        }
        Ok(inner::inner(other).await?)
    })
    .await
}

fn main() {}
